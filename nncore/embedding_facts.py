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


@lru_cache(maxsize=4)
def embedded(recording: Recording, layer: int = 1) -> Embedding:
    """The whole test set at every snapshot, in the projection of the last."""
    return embedding(recording, layer)


def _row(recording: Recording, step: int) -> int:
    return int(np.flatnonzero(recording.steps == step)[0])
