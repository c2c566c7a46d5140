"""Facts of runs on points in the plane: which training points they came to get right, and when."""

from functools import lru_cache

import numpy as np

from nncore.facts import fact
from nncore.recording import Recording


@fact
def points_learned(recording: Recording, first: int, last: int) -> int:
    """Training points that are wrong at snapshot `first` and right at snapshot `last`."""
    return len(learned_between(recording, first, last))


def learned_between(recording: Recording, first: int, last: int) -> np.ndarray:
    """The training points that are wrong at one snapshot and right at another. Shapes: -> (k,) indices."""
    return np.flatnonzero(~_right(recording, int(first)) & _right(recording, int(last)))


@lru_cache(maxsize=32)
def _right(recording: Recording, step: int) -> np.ndarray:
    """Whether each training point is on its own side of the boundary. Shapes: -> (n,)."""
    data = recording.dataset()
    score = recording.network(step).forward(data.x_train).z[-1]
    return (np.asarray(score)[:, 0] > 0) == (np.asarray(data.y_train).ravel() > 0.5)
