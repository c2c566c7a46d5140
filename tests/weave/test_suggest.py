"""Suggestions: the scene whose words a section says, with those words as the reason."""

from pathlib import Path

import pytest

from scenes.registry import SceneInfo
from studio.weave.check import check
from studio.weave.markers import find_markers
from studio.weave.suggest import apply, normal, suggest


def scene(name: str, *concept: str) -> SceneInfo:
    return SceneInfo(name, f"scenes.{name}", Path(name), name, 1, 1, "", concept)


SCENES = [
    scene("Softmax", "softmax", "probabilities"),
    scene("Backpropagation", "backpropagation", "chain rule", "gradient"),
    scene("GradientDescent", "gradient descent", "gradient", "learning rate"),
    scene("Initialisation", "initialisation", "starting weights"),
]
POST = """# Title

An introduction that says nothing much.

## From scores to chances

The softmax turns scores into probabilities. They sum to one.

Another paragraph.

## Who is to blame?

Back-propagation applies the chain rule, and the chain rule again.

```python
softmax(softmax(softmax))
```

## Gradient descent

Step by step, at the learning rate we chose.
"""


def test_each_section_gets_the_scene_whose_words_it_says():
    found = {suggestion.heading: suggestion.scene for suggestion in suggest(POST, SCENES)}
    assert found == {
        "From scores to chances": "Softmax",
        "Who is to blame?": "Backpropagation",
        "Gradient descent": "GradientDescent",
    }


def test_a_whole_draft_gets_the_clips_a_reader_would_choose():
    text = (Path(__file__).parent / "how-networks-learn.md").read_text(encoding="utf-8")
    found = {suggestion.heading: suggestion for suggestion in suggest(text)}
    assert {heading: each.scene for heading, each in found.items()} == {
        "A neuron is a weighted sum": "SingleNeuron",
        "Why the activation function matters": "WhyNonlinearity",
        "From pixels to a prediction": "ForwardPass",
        "Scores become probabilities": "Softmax",
        "How wrong was that?": "LossFunctions",
        "Backpropagation finds out who is to blame": "Backpropagation",
        "Gradient descent, one step at a time": "GradientDescent",
        "The landscape is real": "LossLandscape",
        "Round and round: the training loop": "TrainingLoop",
        "Better ways to walk": "Optimizers",
        "What can go wrong": "Overfitting",
        "What it has learned": "Embeddings",
    }
    assert "'probabilities'" in found["Scores become probabilities"].reason
    assert check(text) == []


def test_the_reason_is_in_the_sections_own_words():
    reasons = {suggestion.scene: suggestion.reason for suggestion in suggest(POST, SCENES)}
    assert "'chain rule' 2 times" in reasons["Backpropagation"]
    assert "in the heading" in reasons["GradientDescent"]


def test_applied_markers_stand_behind_the_paragraph_that_says_the_words():
    text = apply(POST, suggest(POST, SCENES))
    markers = find_markers(text)
    assert [marker.scene for marker in markers] == ["Softmax", "Backpropagation", "GradientDescent"]
    lines = text.splitlines()
    assert lines[markers[0].first - 2].startswith("The softmax turns")
    assert text.replace("\n<!-- nnreel: Softmax -->\n", "").count("Another paragraph.") == 1


def test_scenes_that_are_there_are_not_suggested_again():
    text = apply(POST, suggest(POST, SCENES))
    assert suggest(text, SCENES) == []


def test_code_suggests_nothing():
    assert suggest("# A\n\n```\nsoftmax probabilities softmax\n```\n", SCENES) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Initialisation", "initialization"),
        ("back-propagation", "back propagation"),
        ("Gradients", "gradient"),
    ],
)
def test_spellings_are_evened_out(one, other):
    assert normal(one) == normal(other)
