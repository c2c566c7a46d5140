"""MatrixView: cells are recorded weights, results are the recorded ones, the time is as measured."""

import numpy as np
import pytest
from altered import altered_copy
from on_stage import at_beats

from nncore.recording import Recording
from scenes.kit.encodings import activation_rgb, shown_scale, signed_image
from scenes.kit.layout import Look, Region
from scenes.kit.pixels import PixelView
from scenes.kit.sweep import SweptImage
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def recording() -> Recording:
    return Recording.open(ensure_recording("digits"))


def stage(recording, looks, **options):
    return at_beats("MatrixView", {"digits": recording.path}, looks, **options)


@pytest.mark.parametrize("aspect", ["16:9", "9:16"])
def test_every_cell_of_both_matrices_is_a_recorded_weight(recording, aspect):
    look = {"second_product": lambda s: (s.look, s.w1.rgba, s.w2.rgba)}
    style, w1, w2 = stage(recording, look, aspect=aspect)["second_product"]
    second = recording.param("2.W", recording.n_steps)
    for drawn, weights in (
        (w1, recording.param("1.W", recording.n_steps)),
        (w2, second.T if aspect == "16:9" else second),
    ):
        assert drawn.shape[:2] == weights.shape
        assert np.allclose(drawn, signed_image(style, weights, shown_scale(weights), 1.0), atol=1e-6)


@pytest.mark.parametrize("aspect", ["1:1", "9:16"])
def test_the_products_are_the_recorded_neurons_and_chances(recording, aspect):
    look = {"second_product": lambda s: (s.look, s.probe, s.hidden_scale, s.a1, s.y)}
    style, probe, scale, a1, y = stage(recording, look, aspect=aspect)["second_product"]
    hidden, chances = (recording.a(layer, recording.n_steps)[probe] for layer in (1, 2))
    assert np.allclose(a1.whole[:, 0, :3], activation_rgb(style, hidden, scale), atol=1e-6)
    assert np.allclose(
        y.whole.reshape(-1, 4)[:, :3], activation_rgb(style, chances, 1.0, "output"), atol=1e-6
    )
    assert a1.done == y.done == 1.0


def test_the_time_is_the_recorded_one(recording):
    look = {
        "ten_thousand": lambda s: {e.text: e.source["key"] for e in s.ledger if e.source["kind"] == "fact"}
    }
    shown = stage(recording, look)["ten_thousand"]
    assert shown[f"{recording.manifest['timing']['inference_seconds']:.3f}"] == "inference_seconds"
    assert shown["10,000"] == "inference_examples"


def test_a_changed_weight_is_a_changed_cell(recording, tmp_path):
    place = (3, 17)
    old = float(recording.param("1.W", recording.n_steps)[place])
    other = altered_copy(recording.path, tmp_path / "b", "param 1.W", recording.n_steps, place, old + 0.1)
    look = {"first_product": lambda s: s.w1.rgba}
    before, after = (stage(r, look)["first_product"] for r in (recording, Recording.open(other)))
    assert np.argwhere(np.abs(before - after).max(axis=-1) > 0.02).tolist() == [list(place)]


def test_a_sweep_shows_only_what_has_been_computed():
    white = np.ones((4, 1, 4))
    field = SweptImage(Look(), white, Region(-1, -4, 1, 4))
    frame = np.zeros((80, 20, 4), np.uint8)
    field.changed(done=0.5).paint(frame, PixelView(20, 80, 2.0, 8.0))
    assert (frame[:39, :, :3] == 255).all()
    assert (frame[41:, :, :3] < 255).all()


@pytest.mark.parametrize("aspect", ["4:5", "16:9"])
def test_the_first_product_makes_room_for_the_second(recording, aspect):
    def tops(scene):
        return scene.w1.get_top()[1], scene.a1.get_top()[1], scene.list.get_bottom()[1], scene.at.w1.top

    look = {"first_product": tops, "second_product": tops}
    shown = stage(recording, look, aspect=aspect)
    w1, a1, listed, home = shown["second_product"]
    assert w1 == a1 == pytest.approx(home)
    before = shown["first_product"]
    assert before[0] == before[1]
    assert before[2] - before[0] == pytest.approx(listed - w1)
    assert before[0] < home - 0.5 if aspect == "4:5" else before[0] == w1
