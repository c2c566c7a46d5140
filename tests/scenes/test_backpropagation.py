"""Backpropagation shows the recording's own chain rule: its factors multiply, and the nudge agrees."""

from pathlib import Path

import numpy as np
import pytest
from altered import altered_copy

from nncore.facts import compute_fact
from nncore.recording import Recording
from scenes.kit.path_marks import answer
from studio.files import workspace
from studio.manim_adapter import FrameSink, run_scene
from studio.request import Request
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def digits() -> Path:
    return ensure_recording("digits")


def played(recording: Path, **params: str):
    """The scene after its last beat, drawn nowhere."""
    request = Request(
        "Backpropagation",
        preset="preview",
        recordings=(("digits", str(recording)),),
        params=tuple(params.items()),
    )
    with workspace() as folder:
        scene, _ = run_scene(request.build, request.stage(), FrameSink(), folder)
    return scene


@pytest.fixture(scope="module")
def scene(digits):
    return played(digits)


def values(scene, key: str) -> list[float]:
    return [entry.value for entry in scene.ledger if entry.source["key"] == key]


def test_the_shown_factors_multiply_to_the_shown_gradient(scene):
    (error,), (slope,) = values(scene, "neuron_error"), values(scene, "relu_slope")
    pixel = next(e.value for e in scene.ledger if e.source["kind"] == "probe_x")
    for gradient in values(scene, "weight_gradient"):
        assert gradient == pytest.approx(error * slope * pixel, rel=1e-6)


def test_what_the_outputs_send_back_adds_up(scene):
    parts = values(scene, "carried_error")
    assert len(parts) == 10
    assert sum(parts) == pytest.approx(values(scene, "neuron_error")[0], rel=1e-9)


def test_output_errors_are_probability_minus_truth(scene):
    recorded = scene.rec.a(2, 0)[scene.probe].astype(float)
    recorded[scene.y] -= 1
    shown = np.array(values(scene, "output_error")).reshape(-1, 10)
    assert np.allclose(shown, recorded, atol=1e-6)
    assert shown[0].sum() == pytest.approx(0, abs=1e-9)


def test_the_nudge_agrees_with_backpropagation_to_six_digits(scene):
    texts = {e.text for e in scene.ledger if e.source["key"] in ("difference_quotient",)}
    assert texts == {e.text for e in scene.ledger if e.source["key"] == "weight_gradient" and len(e.text) > 7}
    assert values(scene, "difference_quotient")[0] == pytest.approx(
        values(scene, "weight_gradient")[0], rel=1e-6
    )


def test_bars_are_as_long_as_the_errors_and_point_by_sign(scene):
    bars = scene.path.bars(np.array([0.0, 0.5, -1.0, *[0.25] * 7]), ["positive"] * 10)
    middle = scene.path.bar_room.center[0]
    assert bars[0].width < 1e-3
    assert bars[2].width == pytest.approx(2 * bars[1].width)
    assert bars[2].get_left()[0] < middle < bars[1].get_right()[0]


def test_the_chosen_weight_has_the_largest_gradient_of_grey_pixels(scene):
    gradient = np.abs(scene.gradients.params["1.W"])
    assert gradient[:, scene.x <= 0.8].max() == gradient[scene.row, scene.column]


def test_one_changed_weight_changes_the_numbers(scene, digits, tmp_path):
    row, column = scene.row, scene.column
    old = float(scene.rec.param("2.W", 0)[3, row])
    other = Recording.open(altered_copy(digits, tmp_path / "other", "param 2.W", 0, (3, row), old + 1.0))
    args = {"probe": scene.probe, "step": 0, "layer": 1, "row": row, "column": column}
    assert compute_fact(other, "weight_gradient", **args) != compute_fact(
        scene.rec, "weight_gradient", **args
    )


@pytest.mark.parametrize("digit", range(10))
def test_every_digit_has_a_weight_to_follow_whose_nudge_agrees(digits, digit):
    recording = Recording.open(digits)
    probe = int(np.flatnonzero(recording.probe_y == digit)[0])
    from nncore.backprop_facts import probe_gradients

    gradient = probe_gradients(recording, probe, 0).params["1.W"]
    row, column = (int(i) for i in np.unravel_index(np.abs(gradient).argmax(), gradient.shape))
    args = {"probe": probe, "step": 0, "layer": 1, "row": row, "column": column}
    measured = compute_fact(recording, "difference_quotient", nudge=1e-4, **args)
    assert measured == pytest.approx(compute_fact(recording, "weight_gradient", **args), rel=1e-6)


@pytest.mark.parametrize(
    ("gradient", "would", "so"), [("+0.153", "rise", "lower"), ("-0.153", "fall", "raise")]
)
def test_the_answer_follows_the_gradients_sign(scene, gradient, would, so):
    words, rule = answer(scene.look, scene.path, gradient)
    assert " ".join(line.text for line in words).endswith(f"the loss would {would}.")
    assert rule.text == f"So {so} it."
