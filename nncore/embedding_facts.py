"""Facts of the hidden layer's picture in two dimensions: where examples lie, how much it shows."""

from functools import lru_cache

import numpy as np

from nncore.embeddings import Embedding, embedding
from nncore.facts import fact
from nncore.recording import Recording


@fact
def embedding_point(recording: Recording, step: int, example: int, axis: int, layer: int = 1) -> float:
    """A test example's coordinate along one axis of the layer's common projection, at a snapshot."""
    return float(embedded(recording, layer).points[_row(recording, step), example, axis])


@fact
def embedding_variance(recording: Recording, step: int, layer: int = 1) -> float:
    """The share of the activations' variance that the two axes of the projection show at a snapshot."""
    return float(embedded(recording, layer).variance[_row(recording, step)].sum())


@fact
def read_right(recording: Recording, step: int, one: int, other: int) -> int:
    """How many test examples of two classes the network reads right at a snapshot."""
    data = recording.dataset()
    of_two = np.isin(data.y_test, (one, other))
    y_hat = recording.network(step).predict(data.x_test[of_two]).argmax(axis=1)
    return int((y_hat == data.y_test[of_two]).sum())


@fact
def examples_of_two(recording: Recording, one: int, other: int) -> int:
    """Test examples of two classes together."""
    return int(np.isin(recording.dataset().y_test, (one, other)).sum())


@fact
def misread_strays(recording: Recording, step: int, layer: int = 1) -> int:
    """Misread test examples whose activations lie closest to the mean of a class that is not theirs."""
    data = recording.dataset()
    trace = recording.network(step).forward(data.x_test)
    a, y = trace.a[layer].reshape(len(data.y_test), -1).astype(np.float64), data.y_test
    middles = np.stack([a[y == label].mean(axis=0) for label in range(data.n_classes)])
    nearest = ((a[:, None] - middles[None]) ** 2).sum(axis=-1).argmin(axis=1)
    return int(((trace.a[-1].argmax(axis=1) != y) & (nearest != y)).sum())


@lru_cache(maxsize=4)
def embedded(recording: Recording, layer: int = 1) -> Embedding:
    """The whole test set at every snapshot, in the projection of the last."""
    return embedding(recording, layer)


def _row(recording: Recording, step: int) -> int:
    return int(np.flatnonzero(recording.steps == step)[0])
