"""AGOP: the heat is the recorded average of squared gradients, and it climbs to the glasses."""

from pathlib import Path

import numpy as np
import pytest
from playing import played, shown

from nncore.agop import agop, agop_row, input_slopes
from nncore.errors import BadInput
from nncore.recording import Recording
from scenes.agop import BOTTOM, TOP
from scenes.kit.face_pictures import face_reader, probe_with_glasses
from scenes.kit.pixel_image import PixelImage
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def run() -> Path:
    return ensure_recording("faces_glasses")


@pytest.fixture(scope="module")
def scene(run):
    return played("AGOP", {"faces_glasses": run})


def test_the_diagonal_is_the_mean_of_squared_slopes(run):
    rec = Recording.open(run)
    step, count = int(rec.steps[-1]), 50
    slopes = input_slopes(rec, step, rec.dataset().x_train[:count])
    assert np.allclose(agop(rec, step, count).diagonal.ravel(), (slopes**2).mean(axis=0), rtol=1e-4)


def test_slopes_are_what_a_nudge_does(run):
    rec = Recording.open(run)
    step, x = int(rec.steps[-1]), rec.probe_x[:1].astype(np.float64)
    slope = input_slopes(rec, step, rec.probe_x[:1])[0]
    pixel, nudge = int(np.abs(slope).argmax()), 0.02
    ends = []
    for way in (-1, 1):
        moved = x.copy()
        moved[0, pixel] += way * nudge
        ends.append(float(rec.network(step).forward(moved.astype(np.float32)).z[-1][0, 0]))
    assert (ends[1] - ends[0]) / (2 * nudge) == pytest.approx(slope[pixel], rel=0.05)


def test_each_moment_is_shared_out_whole(scene):
    assert np.allclose(scene.share.sum(axis=(1, 2)), 1)
    assert (scene.share >= 0).all()


def test_the_heat_climbs_to_the_outlined_rows(scene):
    shares = [scene.share[i, TOP:BOTTOM].sum() for i in (0, -1)]
    assert shares[0] < 0.3
    assert shares[1] > 0.5
    assert shown(scene, "agop_share")[-1] == pytest.approx(shares[1])


def test_the_rows_are_those_of_agop_and_of_the_weights_product(run):
    rec, pixel = Recording.open(run), 300
    rows = agop_row(rec, pixel)
    weights = rec.param("1.W", int(rec.steps[-1]))
    assert np.allclose(rows.features[-1].ravel(), (weights.T @ weights)[pixel], atol=1e-5)
    whole = agop(rec, int(rec.steps[-1])).matrix
    assert np.allclose(rows.agop[-1].ravel(), whole[pixel], rtol=1e-3, atol=1e-6)


def test_the_correlation_counts_up(scene):
    found = shown(scene, "agop_correlation")
    assert found[-1] > 0.8 > 0.3 > found[0]


def test_the_framed_pixel_keeps_the_colour_of_its_gradient(scene):
    pixel = int(scene.share[-1].argmax())
    slope = scene._slopes(scene.rec.probe_x[[scene.probe]]).ravel()[pixel]
    as_before = scene._signed(np.full(scene.shape, slope), np.full((1, *scene.shape), abs(slope)))[0, 0]
    drawn = [m.rgba.reshape(-1, 4)[pixel] for m in scene.mobjects if type(m) is PixelImage]
    assert len(drawn) == 2
    for color in drawn:
        assert np.argmax(color[:3]) == np.argmax(as_before[:3])


def test_zero_heat_leaves_the_picture_as_it_is(scene):
    nothing = scene._heat(np.zeros(scene.shape), None)
    assert np.ptp(nothing[..., 0]) == 0
    hot = scene._heat(np.full(scene.shape, scene.scale), None)
    assert not np.allclose(hot, nothing)


def test_another_recording_is_refused_in_one_line():
    digits = Recording.open(ensure_recording("digits"))
    with pytest.raises(BadInput, match=r"one output.*'digits' has 10"):
        face_reader(digits, BOTTOM)


def test_a_face_that_was_not_recorded_is_refused_in_one_line(run):
    rec = Recording.open(run)
    kept = int((rec.probe_y == 1).sum())
    with pytest.raises(BadInput, match=f"'{rec.name}' recorded {kept} faces with glasses"):
        probe_with_glasses(rec, kept)
    assert rec.probe_y[probe_with_glasses(rec, kept - 1)] == 1
