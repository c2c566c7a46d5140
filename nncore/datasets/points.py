"""Points in the plane: data whose decision map can be drawn, and curves to be fitted."""

import numpy as np

from nncore.arrays import Array
from nncore.datasets.dataset import Dataset, random_split, stratified_split
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
    from sklearn.datasets import make_moons  # most of a second, and only training needs it

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


def line(
    seed: int = 0,
    n: int = 80,
    slope: float = 1.5,
    intercept: float = 1.0,
    spread: float = 1.0,
    noise: float = 0.15,
    test_fraction: float = 0.25,
) -> Dataset:
    """Points around a straight line, x even in ±spread: one neuron with one input can learn it."""
    x, scatter = _inputs(seed, n, spread, noise)
    y = _finite("slope", slope) * x + _finite("intercept", intercept) + scatter
    return _curve("line", x, y, test_fraction, seed, "generated: a straight line with normal noise")


def wave(
    seed: int = 0,
    n: int = 80,
    frequency: float = 2.6,
    phase: float = 0.7,
    spread: float = 2.0,
    noise: float = 0.1,
    test_fraction: float = 0.25,
) -> Dataset:
    """Points around sin(frequency x + phase), x even in ±spread: one neuron with a sine can learn it."""
    x, scatter = _inputs(seed, n, spread, noise)
    y = np.sin(_finite("frequency", frequency) * x + _finite("phase", phase)) + scatter
    return _curve("wave", x, y, test_fraction, seed, "generated: a sine wave with normal noise")


def _inputs(seed: int, n: int, spread: float, noise: float) -> tuple[Array, Array]:
    """x, and what is added to each y."""
    require_count("n", n, least=4)
    require("spread", spread, is_number(spread) and spread > 0, "a number above 0")
    require_not_negative("noise", noise)
    rng = np.random.default_rng(seed)
    return rng.uniform(-spread, spread, n), rng.normal(0, noise, n)


def _finite(name: str, value: float) -> float:
    require(name, value, is_number(value), "a finite number")
    return value


def _curve(name: str, x: Array, y: Array, test_fraction: float, seed: int, source: str) -> Dataset:
    x, y = x.astype(np.float32)[:, None], y.astype(np.float32)
    train, test = random_split(len(x), test_fraction, seed)
    return Dataset(name, x[train], y[train], x[test], y[test], 0, source)
