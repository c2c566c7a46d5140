"""Softmax draws the recorded scores, their exponentials and chances that fill exactly one whole."""

from itertools import pairwise

import numpy as np
import pytest
from altered import altered_copy
from on_stage import at_beats

from nncore.recording import Recording
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def recording() -> Recording:
    return Recording.open(ensure_recording("digits"))


def stage(recording, looks, **options):
    return at_beats("Softmax", {"digits": recording.path}, looks, **options)


def lengths(rows) -> np.ndarray:
    return np.array([rows.length(i) for i in range(len(rows.values))]) / rows.unit


def test_bars_are_scores_then_exponentials_then_chances(recording):
    seen = stage(
        recording,
        {
            "ten_scores": lambda s: (s.probe, s.step, lengths(s.scores)),
            "exponentials": lambda s: lengths(s.exps),
            "divide_by_sum": lambda s: lengths(s.chances),
        },
    )
    probe, step, scores = seen["ten_scores"]
    z = recording.z(2, step)[probe].astype(float)
    assert np.allclose(scores, np.abs(z), atol=1e-3)
    assert np.allclose(seen["exponentials"], np.exp(z), atol=1e-3)
    assert np.allclose(seen["divide_by_sum"], np.exp(z) / np.exp(z).sum(), atol=1e-3)


def test_a_score_below_zero_is_orange_and_to_the_left(recording):
    def sides(scene):
        rows = scene.scores
        colors = [bar.get_fill_color().to_hex().lower() for bar in rows.bars]
        return rows.values, colors, [bar.get_center()[0] - rows.zero for bar in rows.bars], scene.look

    values, colors, offsets, look = stage(recording, {"ten_scores": sides})["ten_scores"]
    assert (values < 0).any()
    for value, color, offset in zip(values, colors, offsets, strict=True):
        assert color == look.color("positive" if value >= 0 else "negative")
        assert np.sign(offset) == np.sign(value)


def test_ten_pieces_fill_the_whole_bar(recording):
    def pieces(scene):
        return scene.whole.room, [(p.get_left()[0], p.get_right()[0]) for p in scene.whole.pieces]

    room, ends = stage(recording, {"sum_to_one": pieces}, aspect="9:16")["sum_to_one"]
    assert ends[0][0] == pytest.approx(room.left, abs=0.03)
    assert ends[-1][1] == pytest.approx(room.right, abs=0.03)
    assert all(0 <= b[0] - a[1] < 0.05 for a, b in pairwise(ends))


def test_it_ends_with_the_last_recorded_chances_and_their_argmax(recording):
    def end(scene):
        return scene.probe, scene.chances.values, scene.chances.winner, scene.status_label.text

    look = {"training_decides": end}
    probe, chances, winner, status = stage(recording, look, params={"digit": 7})["training_decides"]
    recorded = recording.a(2, recording.n_steps)[probe]
    assert np.array_equal(chances, recorded.astype(float))
    assert winner == recorded.argmax() == 7
    assert status == f"training step {recording.n_steps:,}"


def test_another_recording_shows_other_scores(recording, tmp_path):
    look = {"ten_scores": lambda s: (s.probe, s.step, s.scores.values[3], s.scores.texts[3].text)}
    probe, step, before, _ = stage(recording, look)["ten_scores"]
    other = Recording.open(altered_copy(recording.path, tmp_path / "other", "z 2", step, (probe, 3), 1.5))
    assert stage(other, look)["ten_scores"][2:] == (1.5, "+1.50")
    assert before != 1.5
