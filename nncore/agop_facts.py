"""Facts of AGOP: how it grows, and where in the image it lies."""

import numpy as np

from nncore.agop import agop_growth
from nncore.facts import fact
from nncore.recording import Recording


@fact
def agop_correlation(recording: Recording, step: int, count: int = 1000) -> float:
    """How alike AGOP over `count` training examples and W1ᵀ W1 are at a snapshot: Pearson's correlation."""
    return float(agop_growth(recording, count).correlation[_place(recording, step)])


@fact
def agop_share(recording: Recording, step: int, top: int, bottom: int, count: int = 1000) -> float:
    """The part of AGOP's diagonal that lies in the image rows from `top` up to, not including, `bottom`."""
    rows = agop_growth(recording, count).diagonal[_place(recording, step)].sum(axis=1)
    return float(rows[top:bottom].sum() / rows.sum())


def _place(recording: Recording, step: int) -> int:
    recording.params(step)  # says so where the step has no snapshot
    return int(np.searchsorted(recording.steps, step))


@fact
def agop_examples(recording: Recording, count: int = 1000) -> int:
    """How many training examples AGOP is averaged over."""
    return min(count, len(recording.dataset().x_train))
