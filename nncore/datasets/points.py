"""Points in the plane: the datasets whose decision map can be drawn."""

import numpy as np
from sklearn.datasets import make_moons

from nncore.arrays import Array
from nncore.datasets.dataset import Dataset, stratified_split
from nncore.registry import is_number, require, require_count, require_not_negative


def _from_points(name: str, x: Array, y: Array, test_fraction: float, seed: int, source: str) -> Dataset:
    x, y = x.astype(np.float32), y.astype(np.int64)
    train, test = stratified_split(y, test_fraction, seed)
    classes = int(y.max()) + 1
    names = tuple(f"class {label}" for label in range(classes))
    return Dataset(name, x[train], y[train], x[test], y[test], classes, source, None, names)


def moons(seed: int = 0, n: int = 400, noise: float = 0.15, test_fraction: float = 0.25) -> Dataset:
    """Two interleaved half circles."""
    require_count("n", n, least=4)
    require_not_negative("noise", noise)
    x, y = make_moons(n, noise=noise, random_state=seed)
    return _from_points("moons", x, y, test_fraction, seed, "scikit-learn's make_moons")


def spirals(
    seed: int = 0,
    n: int = 600,
    classes: int = 2,
    turns: float = 1.25,
    noise: float = 0.04,
    test_fraction: float = 0.25,
) -> Dataset:
    """Spiral arms around one centre, one class each: no straight line separates them."""
    require_count("n", n, least=4)
    require_count("classes", classes, least=2)
    require("turns", turns, is_number(turns), "a finite number")
    require_not_negative("noise", noise)
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    radius = np.sqrt(rng.uniform(0.01, 1, n))
    angle = 2 * np.pi * (turns * radius + y / classes)
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1) + rng.normal(0, noise, (n, 2))
    source = "generated: Archimedean spirals with normal noise"
    return _from_points("spirals", x, y, test_fraction, seed, source)


def xor(seed: int = 0, n: int = 0, noise: float = 0.1, test_fraction: float = 0.25) -> Dataset:
    """The four corners of exclusive or; with `n` > 0, that many points scattered around them.

    The four corners alone are both the training and the test set.
    """
    require_count("n", n, least=0)
    require_not_negative("noise", noise)
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    labels = np.array([0, 1, 1, 0], np.int64)
    source = "generated: the truth table of exclusive or"
    if not n:
        return Dataset("xor", corners, labels, corners, labels, 2, source, None, ("0", "1"))
    which = np.arange(n) % 4
    x = corners[which] + np.random.default_rng(seed).normal(0, noise, (n, 2))
    return _from_points("xor", x, labels[which], test_fraction, seed, source + " with normal noise")
