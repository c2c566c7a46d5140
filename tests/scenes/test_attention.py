"""Attention: an arc is as wide as its recorded weight; the first token ends up looking where it points."""

from pathlib import Path

import numpy as np
import pytest
from playing import played, shown

from nncore.facts import compute_fact
from nncore.recording import Recording
from scenes.kit.layout import Look, Region
from scenes.kit.token_row import AttentionArcs, TokenRow
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def run() -> Path:
    return ensure_recording("attention")


@pytest.fixture(scope="module")
def scene(run):
    return played("Attention", {"attention": run})


def arcs(weights):
    look = Look()
    row = TokenRow(look, Region(-4, -1, 4, 0), "ABCDE", ["faint"] * 5)
    return AttentionArcs(look, row, 0, np.array(weights), 2.0), row


def test_an_arc_is_as_wide_as_its_weight_and_nothing_for_zero():
    made, row = arcs([0.1, 0.0, 0.2, 0.4, 0.3])
    widths = np.array([arc.get_stroke_width() for arc in made])
    assert np.allclose(widths / widths[3], np.array([0.1, 0, 0.2, 0.4, 0.3]) / 0.4)
    assert made[1].get_stroke_opacity() == 0
    for giver in range(1, 5):
        assert np.allclose(made[giver].get_start(), row.top(0))
        assert np.allclose(made[giver].get_end(), row.top(giver))


def test_the_longest_arc_is_as_high_as_asked():
    made, row = arcs([0.2] * 5)
    assert made[4].point_from_proportion(0.5)[1] - row.top(4)[1] == pytest.approx(2.0, abs=0.05)


def test_drawn_weights_are_the_recorded_ones_and_sum_to_one(scene):
    recorded = scene.rec.attention(3, scene.end)[scene.probe, 0]
    assert np.allclose(scene.weights[-1], recorded)
    assert np.allclose(scene.weights.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(scene.arcs.weights, recorded)


def test_the_story_starts_wrong_and_ends_on_the_token_pointed_to(scene):
    probe, x = scene.probe, scene.rec.probe_x[scene.probe]
    target = int(scene.targets[probe])
    assert x[target] == scene.rec.probe_y[probe]
    assert scene.weights[0].argmax() != target
    assert scene.weights[-1].argmax() == target
    assert scene.chances[0].argmax() != scene.rec.probe_y[probe]
    assert scene.chances[-1].argmax() == scene.rec.probe_y[probe]


def test_attention_on_the_target_is_the_mean_over_all_tests(scene):
    rec, x = scene.rec, scene.rec.dataset().x_test
    weights = rec.network(scene.end).forward(x).extra[3]["attention"]
    rows = np.arange(len(x))
    mean = weights[rows, 0, x[:, 0] - 3].mean()
    assert shown(scene, "attention_on_target") == [pytest.approx(mean, abs=1e-6)]
    assert compute_fact(rec, "attention_on_target", step=0) < 0.4


def test_every_pointer_of_the_last_beat_is_looked_along(run):
    rec = Recording.open(run)
    last = int(rec.steps[-1])
    looked = rec.attention(3, last)[:, 0].argmax(axis=1)
    assert (looked == rec.probe_x[:, 0] - 3).all()
