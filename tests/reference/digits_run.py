"""What both sides of the digits comparison start from: initial weights and batches, from NumPy alone."""

from collections.abc import Iterator
from typing import Any

import numpy as np

LAYERS = (
    {"type": "dense", "units": 128, "activation": "relu"},
    {"type": "dense", "units": 10, "activation": "softmax"},
)
BATCH = 32
EPOCHS = 8
RATES = {"sgd": 0.1, "adam": 1e-3}
KEPT = 150  # weights stored of each array


def initial_weights() -> dict[str, Any]:
    """He-scaled weights of 784-128-10, float64."""
    rng = np.random.default_rng(6)
    first, second = rng.normal(0, (2 / 784) ** 0.5, (128, 784)), rng.normal(0, (2 / 128) ** 0.5, (10, 128))
    return {"1.W": first, "1.b": np.zeros(128), "2.W": second, "2.b": np.zeros(10)}


def batches(n: int, epochs: int) -> Iterator[Any]:
    """Indices of one batch after the other, every epoch in a new order."""
    rng = np.random.default_rng(7)
    for _ in range(epochs):
        order = rng.permutation(n)
        for start in range(0, n, BATCH):
            yield order[start : start + BATCH]


def kept(weights: Any) -> Any:
    """At most KEPT of the weights, evenly spread; of the first layer only those of the image's middle."""
    flat = np.asarray(weights).reshape(-1)
    if flat.size > 50_000:
        flat = np.asarray(weights).reshape(128, 28, 28)[:, 6:22, 8:20].reshape(-1)
    return flat[:: -(-flat.size // KEPT)]
