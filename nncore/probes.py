"""Probes: the few test examples whose pre-activations and activations every snapshot holds."""

import numpy as np

from nncore.arrays import Array
from nncore.datasets import Dataset
from nncore.network import Network, labels_of


def choose_probes(network: Network, dataset: Dataset, per_class: int) -> Array:
    """Fixed test examples: of each class the most typical one that starts out wrong, then the first ones.

    Typical means closest to the mean of its class. Without classes: evenly spaced.
    Shapes: (P,), by class.
    """
    x, y = dataset.x_test, dataset.y_test
    if not dataset.n_classes:
        return np.unique(np.linspace(0, len(x) - 1, min(len(x), 10 * per_class)).astype(np.int64))
    with np.errstate(all="ignore"):
        wrong = labels_of(network.predict(x)) != y
    chosen: list[int] = []
    for label in range(dataset.n_classes):
        members = np.flatnonzero(y == label)
        if not len(members):
            continue
        flat = x[members].reshape(len(members), -1).astype(np.float64)
        far = ((flat - flat.mean(axis=0)) ** 2).sum(axis=1)
        candidates = np.flatnonzero(wrong[members]) if wrong[members].any() else np.arange(len(members))
        first = int(members[candidates[far[candidates].argmin()]])
        chosen += [first, *(int(i) for i in members if i != first)][:per_class]
    return np.array(chosen, np.int64)
