"""Adam beside AdamW: each picture, colour, curve and number is what its recording says."""

import numpy as np
import pytest
from on_stage import at_beats
from side_runs import opened, runs

from nncore.decay_facts import input_sizes, unused_inputs_of


def pictures(scene):
    return {
        "rgba": [picture.rgba.copy() for picture in scene.pictures],
        "numbers": [number.text for number in scene.numbers],
        "curves": [[curve.line[-1] for curve in curves] for _, curves in scene.plots],
        "shown": {entry.text: (entry.recording, entry.source) for entry in scene.ledger},
    }


@pytest.fixture(scope="module")
def decay():
    return at_beats(
        "AdamVsAdamW", runs("AdamVsAdamW"), dict.fromkeys(("start", "train", "unused", "verdict"), pictures)
    )


def test_both_pictures_start_alike_and_equal_sizes_have_equal_colours(decay):
    assert np.array_equal(*decay["start"]["rgba"])
    assert len(set(decay["start"]["numbers"])) == 1
    assert not np.array_equal(*decay["train"]["rgba"])
    sizes = np.concatenate([input_sizes(rec, rec.n_steps) for rec in opened("AdamVsAdamW")])
    light = np.concatenate([rgba[..., :3].sum(axis=-1).ravel() for rgba in decay["train"]["rgba"]])
    order = np.argsort(sizes)
    assert (np.diff(light[order]) > -1e-5).all(), "brighter is larger, in one scale for both"


def test_the_colour_scale_ends_at_the_largest_size_of_both_runs(decay):
    largest = max(input_sizes(rec, int(step)).max() for rec in opened("AdamVsAdamW") for step in rec.steps)
    sources = [source for _, source in decay["verdict"]["shown"].values()]
    (end,) = [source for source in sources if source["key"] == "largest_input_size"]
    found = [input_sizes(rec, end["args"]["step"]).max() for rec in opened("AdamVsAdamW")]
    assert max(found) == largest
    assert f"{largest:.1f}" in decay["start"]["shown"]


def test_only_pixels_that_are_never_inked_stay_lit(decay):
    rec = opened("AdamVsAdamW")[0]
    for rgba in decay["unused"]["rgba"]:
        assert np.array_equal(rgba[..., 3].ravel() == 1, unused_inputs_of(rec))
    assert all((rgba[..., 3] == 1).all() for rgba in decay["verdict"]["rgba"])


def test_without_a_slope_adam_still_makes_a_full_step_and_adamw_only_decays(decay):
    adam, adamw = opened("AdamVsAdamW")
    sources = [source for _, source in decay["verdict"]["shown"].values() if source["kind"] == "param"]
    at = tuple(sources[0]["index"])
    assert unused_inputs_of(adam)[at[1]]
    assert all(tuple(source["index"]) == at for source in sources)
    start = adam.param("1.W", 0)[at]
    rate, decay_rate = adam.spec.learning_rate, adam.spec.l2
    assert abs(adam.param("1.W", 1)[at]) == pytest.approx(abs(start) - rate, rel=1e-4)
    assert adamw.param("1.W", 1)[at] == pytest.approx(start * (1 - rate * decay_rate), rel=1e-5)


def test_the_verdict_is_each_runs_own_accuracy(decay):
    for rec in opened("AdamVsAdamW"):
        text = f"{rec.evals('accuracy_test')[-1]:.1%}"
        assert decay["verdict"]["shown"][text][0] == rec.name
