"""Facts of one turn of the training loop, and of how sure the network is of the test set."""

from functools import lru_cache

import numpy as np

from nncore.facts import fact, steps_per_epoch
from nncore.recording import Recording


@fact
def batch_right(recording: Recording, step: int) -> int:
    """Examples of the batch at a snapshot that the network, as it was before that update, reads right."""
    data, batch = recording.dataset(), recording.batch(step)
    y_hat = recording.network(step).predict(data.x_train[batch])
    return int((y_hat.argmax(axis=1) == data.y_train[batch]).sum())


@fact
def update_size(recording: Recording, step: int) -> float:
    """The Euclidean size of the change that the update of a snapshot made; the next step has a snapshot."""
    before, after = recording.params(step), recording.params(step + 1)
    moved = sum(float(((after[k].astype(np.float64) - before[k]) ** 2).sum()) for k in before)
    return float(moved**0.5)


@fact
def batch_number(recording: Recording, step: int) -> int:
    """Which batch of its epoch a step takes, from 1."""
    return step % steps_per_epoch(recording) + 1


@fact
def epoch_number(recording: Recording, step: int) -> int:
    """Which epoch a step belongs to, from 1."""
    return step // steps_per_epoch(recording) + 1


@fact
def darts_inside(recording: Recording, step: int, ring: float) -> int:
    """Test examples whose own class's probability is at least 1 - ring."""
    return int((1 - right_probabilities(recording, step) <= ring).sum())


def right_probabilities(recording: Recording, step: int) -> np.ndarray:
    """The probability each test example's own class gets at a snapshot. Shapes: (n_test,)."""
    y = recording.dataset().y_test
    return outputs_on_test(recording, step)[np.arange(len(y)), y]


def outputs_on_test(recording: Recording, step: int) -> np.ndarray:
    """The network's outputs for the whole test set at a snapshot. Shapes: (n_test, n_classes)."""
    return _outputs(recording, int(step))


@lru_cache(maxsize=160)
def _outputs(recording: Recording, step: int) -> np.ndarray:
    return recording.network(step).predict(recording.dataset().x_test)
