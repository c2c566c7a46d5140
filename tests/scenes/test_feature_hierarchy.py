"""FeatureHierarchy: maps are recorded activations, patches are the pieces that excite a filter most."""

from pathlib import Path

import numpy as np
import pytest
from playing import played, shown

from nncore.errors import BadInput
from nncore.filter_facts import exciting_patches, receptive_field
from nncore.recording import Recording
from scenes.kit.encodings import activation_rgb
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def run() -> Path:
    return ensure_recording("digits_cnn")


@pytest.fixture(scope="module")
def scene(run):
    return played("FeatureHierarchy", {"digits_cnn": run})


def test_what_a_cell_sees(run):
    rec = Recording.open(run)
    assert receptive_field(rec, 1) == (5, 1, -2)
    assert receptive_field(rec, 2) == (6, 2, -2)
    assert receptive_field(rec, 3) == (14, 2, -6)
    with pytest.raises(BadInput, match="flatten"):
        receptive_field(rec, 5)


@pytest.mark.parametrize("layer", [1, 3])
def test_a_patch_alone_excites_its_filter_as_much_as_recorded(run, layer):
    """All other pixels blank, the patch in the middle gives the filter's highest activation again."""
    rec = Recording.open(run)
    step = int(rec.steps[-1])
    side, stride, start = receptive_field(rec, layer)
    patches = exciting_patches(rec, step, layer, 1)[:, 0]
    network, cell = rec.network(step), 4
    corner = start + stride * cell
    x = np.zeros((len(patches), 1, 28, 28), np.float32)
    x[:, 0, corner : corner + side, corner : corner + side] = patches
    a = network.forward(x).a[layer]
    peaks = network.forward(rec.dataset().x_test).a[layer].max(axis=(0, 2, 3))
    # Not to the last digit: beyond an edge the layer between has zero, on blank paper its bias.
    for index, peak in enumerate(peaks):
        assert a[index, index, cell, cell] == pytest.approx(peak, rel=0.03)


def test_first_filters_are_edges(run):
    """Most of the first filters weigh one side of their window against the other."""
    rec = Recording.open(run)
    weights = rec.param("1.W", int(rec.steps[-1]))[:, 0]
    halves = [[w[:2].mean() - w[3:].mean(), w[:, :2].mean() - w[:, 3:].mean()] for w in weights]
    lean = np.abs(halves).max(axis=1) / weights.std(axis=(1, 2))
    assert (lean > 1).sum() >= 5


def test_maps_are_the_recorded_activations_on_one_scale(scene):
    values = scene.rec.a(3, scene.end)[scene.probe, 5]
    drawn = scene._map_rgba(3, 5)
    assert np.allclose(drawn[..., :3], activation_rgb(scene.look, values, scene.full[3]))


def test_the_numbers_of_filters_are_the_layers(scene):
    assert set(shown(scene, "filters")) == {8, 16}
    assert set(shown(scene, "seen_pixels")) == {5, 14}
