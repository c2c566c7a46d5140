"""ForwardPass draws what the recording holds: bars are its probabilities, one weight changes pixels."""

from pathlib import Path

import numpy as np
import pytest
from altered import altered_copy

from nncore.recording import Recording
from studio.files import workspace
from studio.manim_adapter import FrameSink, run_scene
from studio.request import Request
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def digits() -> Path:
    return ensure_recording("digits")


def end_of(recording: Path, beat: str, **params: str):
    """(scene, frame) at the end of a beat."""
    request = Request(
        "ForwardPass",
        preset="preview",
        recordings=(("digits", str(recording)),),
        params=tuple(params.items()),
    )
    found = {}

    class End(FrameSink):
        def end_beat(self, at, draw):
            if at.name == beat:
                found["frame"] = draw().copy()
                found["bars"] = getattr(built[0], "bars", None) and built[0].bars.copy()

    built = []

    def make(renderer):
        built.append(request.build(renderer))
        return built[0]

    with workspace() as folder:
        run_scene(make, request.stage(), End(), folder)
    return built[0], found["frame"], found["bars"]


def test_bars_are_the_recorded_probabilities(digits):
    recording = Recording.open(digits)
    scene, _, bars = end_of(digits, "outputs_decide")
    lengths = np.array([bar[1].width for bar in bars])
    expected = recording.a(2, recording.n_steps)[scene.probe]
    assert np.allclose(lengths / lengths.max(), expected / expected.max(), atol=2e-3)
    assert expected.sum() == pytest.approx(1.0, abs=1e-5)


def test_one_changed_weight_changes_the_picture(digits, tmp_path):
    recording = Recording.open(digits)
    step = recording.n_steps
    old = float(recording.param("2.W", step)[2, 5])
    other = altered_copy(digits, tmp_path / "other", "param 2.W", step, (2, 5), old + 1.0)
    _, before, _ = end_of(digits, "connections")
    _, after, _ = end_of(other, "connections")
    assert np.abs(before.astype(int) - after).max() > 10


def test_another_digit_is_another_probe_with_its_own_numbers(digits):
    two, _, _ = end_of(digits, "outputs_decide")
    five, _, _ = end_of(digits, "outputs_decide", digit="5")
    assert five.rec.probe_y[five.probe] == 5
    assert [entry.value for entry in two.ledger] != [entry.value for entry in five.ledger]


def test_101632_connections_are_a_computed_fact(digits):
    scene, _, _ = end_of(digits, "connections")
    shown = {entry.text: entry.source for entry in scene.ledger}
    assert {"100,352", "1,280", "101,632"} <= shown.keys()
    assert all(shown[text]["kind"] == "fact" for text in ("100,352", "1,280", "101,632"))


def test_a_wrong_top_guess_is_a_bar_of_the_wrong_ones_colour(digits):
    scene, _, bars = end_of(digits, "before_training")
    best = int(Recording.open(digits).a(2, 0)[scene.probe].argmax())
    assert best != scene.settings["digit"]
    assert bars[best][1].get_fill_color().to_hex().lower() == scene.look.color("wrong").lower()
    scene, _, bars = end_of(digits, "outputs_decide")
    assert bars[scene.settings["digit"]][1].get_fill_color().to_hex().lower() == scene.look.color("output")
