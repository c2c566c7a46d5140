"""LearnedFeatures: every cell of a picture is a recorded weight, on one scale."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from altered import altered_copy
from hypothesis import given
from hypothesis import strategies as st
from on_stage import at_beats
from playing import played, shown

from nncore.facts import compute_fact
from nncore.recording import Recording
from scenes.kit.encodings import signed_image
from scenes.kit.layout import Look, Region
from scenes.kit.scrub import between
from scenes.kit.weight_grid import GAP, WeightGrid, best_across
from scenes.learned_features import _pair
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def digits() -> Path:
    return ensure_recording("digits")


@pytest.fixture(scope="module")
def scene(digits):
    return played("LearnedFeatures", {"digits": digits})


def test_every_cell_of_the_grid_is_one_weight(scene):
    weights = scene.rec.param("1.W", scene.end).reshape(-1, 28, 28)
    look, scale = Look(), scene.scale
    grid = WeightGrid(look, Region(0, 0, 12, 6), weights, scale)
    picture = grid.picture()
    for index in (0, 17, 127):
        i, j = divmod(index, grid.across)
        cell = picture[i * (28 + GAP) :, j * (28 + GAP) :][:28, :28]
        assert np.allclose(cell, signed_image(look, weights[index], scale), atol=1e-6)


def test_zero_draws_as_nothing_and_sign_as_colour():
    look = Look()
    values = np.array([[[0.0, 1.0], [-1.0, 0.5]]])
    picture = WeightGrid(look, Region(0, 0, 1, 1), values, 1.0).picture()
    surface = signed_image(look, np.zeros(()), 1.0)
    assert np.allclose(picture[0, 0], surface)
    assert picture[0, 1, 2] > picture[0, 1, 0]  # blue over red: positive
    assert picture[1, 0, 0] > picture[1, 0, 2]  # orange: negative


def test_a_grid_at_the_end_shows_what_was_learned(scene):
    change = scene.rec.param("1.W", scene.end) - scene.rec.param("1.W", 0)
    assert np.allclose(scene.grid.values.reshape(128, -1), change, atol=1e-6)
    assert scene.grid.scale_value == scene.change_scale


@given(st.integers(1, 200), st.floats(0.3, 3.0))
def test_a_grid_holds_all_images(n, ratio):
    across = best_across(n, ratio)
    assert 1 <= across <= n


def test_places_lie_inside_and_apart(scene):
    places = [scene.grid.place(i) for i in range(128)]
    whole = scene.grid.region
    assert min(p.left for p in places) == pytest.approx(whole.left)
    assert max(p.right for p in places) == pytest.approx(whole.right)
    assert all(a.right < b.left or a.top > b.top for a, b in pairwise(places))


def test_favourites_are_the_neurons_with_the_largest_mean_activation(scene):
    data = scene.rec.dataset()
    weights, bias = scene.rec.param("1.W", scene.end), scene.rec.param("1.b", scene.end)
    a = np.maximum(data.x_test @ weights.T + bias, 0)
    means = np.stack([a[data.y_test == label].mean(axis=0) for label in range(10)])
    assert shown(scene, "favourite_neuron") == means.argmax(axis=1).tolist()
    assert np.allclose(shown(scene, "mean_activation"), means.max(axis=1), rtol=1e-5)
    assert shown(scene, "dead_neurons") == [int((a.max(axis=0) <= 0).sum())]


def test_each_picture_of_the_subtraction_says_its_own_scale(digits):
    def scales(scene):
        return [words[1].text for words in scene.aside[:3]], scene.scale, scene.change_scale

    texts, weight, change = at_beats("LearnedFeatures", {"digits": digits}, {"subtract": scales})["subtract"]
    assert weight != change
    assert texts == [f"full colour ±{scale:.2f}" for scale in (weight, weight, change)]


def test_most_of_the_start_is_left(scene):
    first, last = scene.rec.param("1.W", 0).ravel(), scene.rec.param("1.W", scene.end).ravel()
    assert shown(scene, "start_correlation")[0] == pytest.approx(np.corrcoef(first, last)[0, 1], abs=1e-5)


def test_one_changed_weight_changes_the_facts(digits, tmp_path):
    recording = Recording.open(digits)
    step, neuron = recording.n_steps, 109
    other = Recording.open(altered_copy(digits, tmp_path / "other", "param 1.b", step, (neuron,), 50.0))
    found = [compute_fact(other, "favourite_neuron", step=step, label=label) for label in range(10)]
    assert found == [neuron] * 10


def test_between_two_snapshots_lies_the_straight_way():
    values = np.array([0.0, 2.0, 4.0])
    assert between(values, 0, 0.0) == 0.0
    assert between(values, 0, 0.25) == 0.5
    assert between(values, 1, 1.0) == 4.0


def test_as_many_are_outlined_as_are_counted_silent(scene):
    (counted,) = shown(scene, "dead_neurons")
    assert len(scene.outlines) == counted
    z = scene.rec.dataset().x_test @ scene.rec.param("1.W", scene.end).T + scene.rec.param("1.b", scene.end)
    silent = np.flatnonzero(z.max(axis=0) <= 0)
    for frame, neuron in zip(scene.outlines, silent, strict=True):
        assert np.allclose(frame.get_center(), scene.grid.place(int(neuron)).center)


@given(st.floats(1.2, 6), st.floats(1.4, 6))
def test_a_favourites_picture_words_and_digit_are_apart_and_inside(width, height):
    cell = Region(0, 0, width, height)
    tag, big, lines = _pair(cell)
    assert big.left >= tag.right or big.top <= tag.bottom
    for part in (tag, big):
        assert cell.left - 1e-6 <= part.left < part.right <= cell.right + 1e-6
        assert cell.bottom - 1e-6 <= part.bottom < part.top <= cell.top + 1e-6
    for x, y, _ in lines:
        assert not (big.left < x < big.right and big.bottom < y < big.top)
