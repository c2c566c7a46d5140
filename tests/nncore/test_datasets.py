"""Datasets made here: what they hold, that a seed decides them, and what is refused."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.datasets import DATASETS, Dataset, as_view, load_dataset, stratified_split
from nncore.errors import BadInput

GENERATED = ("digits", "moons", "spirals", "xor", "pointer", "faces_glasses")
CURVES = {"line": lambda x: 1.5 * x + 1.0, "wave": lambda x: np.sin(2.6 * x + 0.7)}
SMALL = {"faces_glasses": {"n": 60}}


def digest(dataset):
    arrays = (dataset.x_train, dataset.y_train, dataset.x_test, dataset.y_test)
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in arrays)).hexdigest()


@pytest.mark.parametrize("name", GENERATED)
def test_a_seed_decides_everything(name):
    options = SMALL.get(name, {})
    one, two = load_dataset(name, seed=3, **options), load_dataset(name, seed=3, **options)
    assert digest(one) == digest(two)
    if name != "xor":
        assert digest(one) != digest(load_dataset(name, seed=4, **options))


@pytest.mark.parametrize("name", GENERATED)
def test_every_dataset_is_ready_to_learn_from(name):
    dataset = load_dataset(name, **SMALL.get(name, {}))
    assert dataset.name == name
    assert dataset.source
    assert len(dataset.class_names) == dataset.n_classes
    assert dataset.y_train.dtype == dataset.y_test.dtype == np.int64
    assert dataset.x_train.dtype == (np.int64 if name == "pointer" else np.float32)
    for y in (dataset.y_train, dataset.y_test):
        assert set(y) == set(range(dataset.n_classes))


def test_digits_are_1797_real_scans_in_the_manner_of_mnist():
    dataset = load_dataset("digits")
    assert dataset.x_train.shape == (1438, 784)
    assert dataset.x_test.shape == (359, 784)
    assert dataset.image_shape == (28, 28)
    assert dataset.x_train.min() == 0
    assert dataset.x_train.max() == 1
    images = dataset.x_train.reshape(-1, 28, 28)
    places, mass = np.arange(28), images.sum(axis=(1, 2))
    for axis in (1, 2):
        centres = (images.sum(axis=axis) @ places) / mass
        assert abs(centres - 13.5).max() <= 0.5
    inked = images.any(axis=0).any(axis=0)
    assert inked.sum() <= 24
    assert not images[:, [0, 27]].any()


def test_digits_test_set_holds_a_fifth_of_every_class():
    dataset = load_dataset("digits")
    shares = np.bincount(dataset.y_test) / (np.bincount(dataset.y_test) + np.bincount(dataset.y_train))
    assert shares == pytest.approx(0.2, abs=0.005)


def test_no_digit_is_in_both_parts():
    dataset = load_dataset("digits")
    train = {row.tobytes() for row in dataset.x_train}
    assert len(train) == 1438
    assert not any(row.tobytes() in train for row in dataset.x_test)


@pytest.mark.parametrize(("view", "shape"), [("flat", (784,)), ("images", (1, 28, 28)), ("rows", (28, 28))])
def test_views_show_the_same_pixels(view, shape):
    dataset = load_dataset("digits", view=view)
    assert dataset.sample_shape == shape
    assert np.array_equal(dataset.x_test.reshape(-1, 784), load_dataset("digits").x_test)


def test_the_pointer_points_to_the_label():
    dataset = load_dataset("pointer", n=200, length=5, symbols=3)
    x, y = dataset.x_train, dataset.y_train
    assert np.array_equal(x[np.arange(len(x)), 1 + x[:, 0] - 3], y)
    assert x[:, 1:].max() == 2
    assert set(x[:, 0]) == set(range(3, 8))


def test_only_the_glasses_tell_faces_apart():
    dataset = load_dataset("faces_glasses")
    difference = dataset.x_train[dataset.y_train == 1].mean(axis=0) - dataset.x_train[
        dataset.y_train == 0
    ].mean(axis=0)
    rows = abs(difference.reshape(28, 28)).max(axis=1)
    assert rows[8:15].max() > 4 * rows[18:].max()
    assert dataset.x_train.min() >= 0
    assert dataset.x_train.max() <= 1


def test_xor_is_its_truth_table_or_points_around_it():
    corners = load_dataset("xor")
    assert corners.x_train.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert corners.y_train.tolist() == [0, 1, 1, 0]
    points = load_dataset("xor", n=100, noise=0.05)
    assert np.array_equal((points.x_train.round().sum(axis=1) == 1).astype(int), points.y_train)


@given(st.integers(0, 60), st.floats(0, 0.99), st.integers(0, 5))
def test_a_split_uses_every_example_once(n, fraction, seed):
    y = np.arange(n) % 3
    train, test = stratified_split(y, fraction, seed)
    assert sorted([*train, *test]) == list(range(n))
    for label in range(3):
        assert abs((y[test] == label).sum() - fraction * (y == label).sum()) <= 0.5


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("digts", {}, "Unknown dataset 'digts'. Did you mean 'digits'?"),
        ("digits", {"sed": 1}, "has no option 'sed'. Did you mean 'seed'?"),
        ("digits", {"view": "row"}, "Did you mean 'rows'?"),
        ("digits", {"test_fraction": 1}, "test_fraction is 1"),
        ("digits", {"seed": -1}, "seed is -1"),
        ("moons", {"noise": -0.1}, "noise is -0.1"),
        ("moons", {"n": 1}, "n is 1; it must be a whole number of at least 4"),
        ("spirals", {"classes": 1}, "classes is 1"),
        ("pointer", {"length": 0}, "length is 0"),
        ("csv", {}, "needs 'path'"),
        ("csv", {"path": 3}, "path is 3; it must be text"),
        ("spirals", {"turns": "many"}, "turns is 'many'"),
        ("idx", {}, "needs 'images'"),
    ],
)
def test_what_makes_no_sense_is_named(name, options, words):
    with pytest.raises(BadInput) as caught:
        load_dataset(name, **options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def own(**changes):
    x, y = np.zeros((4, 2), np.float32), np.array([0, 1, 0, 1])
    given_parts = {"x_train": x, "y_train": y, "x_test": x, "y_test": y, "n_classes": 2}
    return Dataset("own", source="test", **(given_parts | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"y_test": np.array([0, 1, 2, 1])}, "own.y_test[2] is 2; labels must be from 0 to 1"),
        ({"y_train": np.array([0, -1, 0, 1])}, "own.y_train[1] is -1"),
        ({"y_train": np.array([0, 1])}, "own.y_train is '2 labels'"),
        ({"x_train": np.array([[0, 1], [0, np.nan], [0, 1], [1, 1]])}, "own.x_train[1, 1] is nan"),
        ({"x_test": np.full((4, 2), np.inf)}, "own.x_test[0, 0] is inf"),
        ({"y_test": np.zeros(4)}, "own.y_test's type is 'float64'"),
        ({"n_classes": 0, "y_train": np.array([0, 1, np.nan, 1])}, "own.y_train[2] is nan"),
        ({"x_train": np.zeros((0, 2)), "y_train": np.zeros(0, int)}, "at least one example"),
    ],
)
def test_data_that_cannot_be_learned_from_are_named(changes, words):
    with pytest.raises(BadInput) as caught:
        own(**changes)
    assert words in str(caught.value)


def test_views_need_images():
    with pytest.raises(BadInput, match="has no images"):
        as_view(load_dataset("moons"), "rows")


def test_every_dataset_is_tested():
    assert set(GENERATED) | set(CURVES) | {"mnist", "idx", "csv", "npz"} == set(DATASETS)


@pytest.mark.parametrize("name", CURVES)
def test_curves_are_points_around_what_they_say(name):
    data = load_dataset(name, seed=3)
    assert digest(data) == digest(load_dataset(name, seed=3)) != digest(load_dataset(name, seed=4))
    assert data.x_train.shape == (60, 1)
    assert len(data.y_test) == 20
    assert data.y_train.dtype == np.float32
    assert data.n_classes == 0
    bare = load_dataset(name, seed=3, noise=0)
    assert np.allclose(bare.y_train, CURVES[name](bare.x_train[:, 0]), atol=1e-5)
    with pytest.raises(BadInput, match="spread is 0"):
        load_dataset(name, spread=0)
