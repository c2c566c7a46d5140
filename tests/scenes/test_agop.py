"""AGOP: the heat is the recorded average of squared gradients, and it climbs to the glasses."""

from pathlib import Path

import numpy as np
import pytest
from playing import played, shown

from nncore.agop import agop, agop_pairs, input_slopes
from nncore.recording import Recording
from scenes.agop import BOTTOM, TOP
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


def test_the_tables_are_blocks_of_agop_and_of_the_weights_product(run):
    rec = Recording.open(run)
    tables = agop_pairs(rec, TOP, BOTTOM)
    inputs = slice(TOP * 28, BOTTOM * 28)
    weights = rec.param("1.W", int(rec.steps[-1]))[:, inputs]
    assert np.allclose(tables.features[-1], weights.T @ weights, atol=1e-5)
    whole = agop(rec, int(rec.steps[-1])).matrix[inputs, inputs]
    assert np.allclose(tables.agop[-1], whole, rtol=1e-3, atol=1e-6)


def test_the_correlation_counts_up(scene):
    found = shown(scene, "agop_correlation")
    assert found[-1] > 0.8 > 0.3 > found[0]


def test_zero_heat_leaves_the_picture_as_it_is(scene):
    nothing = scene._heat(np.zeros(scene.shape), None)
    assert np.ptp(nothing[..., 0]) == 0
    hot = scene._heat(np.full(scene.shape, scene.scale), None)
    assert not np.allclose(hot, nothing)
