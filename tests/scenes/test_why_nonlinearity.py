"""WhyNonlinearity multiplies the recorded matrices and draws both recorded boundaries."""

import numpy as np
import pytest
from altered import altered_copy
from on_stage import at_beats

from nncore.errors import BadInput
from nncore.facts import compute_fact
from nncore.recording import Recording
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def runs() -> dict[str, Recording]:
    return {name: Recording.open(ensure_recording(name)) for name in ("spirals_linear", "spirals")}


def stage(runs, looks, **options):
    return at_beats("WhyNonlinearity", {name: run.path for name, run in runs.items()}, looks, **options)


def bends(scores: np.ndarray) -> float:
    """The largest second difference along the rows: zero for a plane."""
    return float(np.abs(np.diff(scores, n=2, axis=1)).max() / np.ptp(scores))


def test_the_one_matrix_is_the_product_of_the_recorded_two(runs):
    shown = stage(runs, {"one_matrix": lambda s: (s.both.values, s.words[-1][0][-1].text)})
    matrix, text = shown["one_matrix"]
    rec = runs["spirals_linear"]
    one, two = (rec.param(f"{i}.W", rec.n_steps).astype(float) for i in (1, 2))
    assert np.allclose(matrix, two @ one, atol=1e-6)
    row = (two @ one)[np.abs(two @ one).max(axis=1).argmax()]
    assert text == "  ".join(f"{value:+.2f}" for value in row)


def test_a_linear_boundary_is_straight_and_a_relu_one_is_not(runs):
    flat, bent = stage(runs, {"bends": lambda s: [v.map.scores for v in s.views]})["bends"]
    assert bends(flat) < 1e-5
    assert bends(bent) > 0.01


def test_the_collapse_agrees_with_the_network_and_is_refused_for_relu(runs):
    rec = runs["spirals_linear"]
    assert compute_fact(rec, "collapse_gap", step=rec.n_steps) < 1e-12
    assert compute_fact(rec, "collapse_decimals", step=rec.n_steps) >= 12
    with pytest.raises(BadInput, match="layer 1 of spirals is not linear"):
        compute_fact(runs["spirals"], "collapsed_weight", step=0, layers=3, row=0, column=0)


def test_it_ends_with_both_recorded_accuracies(runs):
    texts = stage(runs, {"bends": lambda s: [score.text for score in s.scores]}, aspect="4:5")["bends"]
    assert texts == [f"{run.evals('accuracy_test')[-1]:.0%} right" for run in runs.values()]


def test_another_recording_has_other_numbers(runs, tmp_path):
    rec = runs["spirals_linear"]
    other = altered_copy(rec.path, tmp_path / "other", "param 1.W", rec.n_steps, (0, 0), 9.0)
    look = {"straight_line": lambda s: s.counters[0].text}
    changed = stage({**runs, "spirals_linear": Recording.open(other)}, look)["straight_line"]
    assert changed != stage(runs, look)["straight_line"]
