"""Facts about weight decay: how large the weights are, and those that nothing but decay ever moves."""

import numpy as np

from nncore.arrays import Array
from nncore.facts import fact
from nncore.recording import Recording


def unused_inputs_of(recording: Recording) -> Array:
    """Which inputs are 0 in every training example: no slope ever reaches their weights. Shapes: (n_in,)."""
    x = recording.dataset().x_train
    unused: Array = (x.reshape(len(x), -1) == 0).all(axis=0)
    return unused


def input_sizes(recording: Recording, step: int) -> Array:
    """The Euclidean size of the first layer's weights of each input. Shapes: (n_in,)."""
    sizes: Array = np.linalg.norm(recording.param("1.W", step).astype(np.float64), axis=0)
    return sizes


@fact
def largest_input_size(recording: Recording, step: int) -> float:
    """The Euclidean size of the first layer's weights of the input where it is largest."""
    return float(input_sizes(recording, step).max())


@fact
def unused_inputs(recording: Recording) -> int:
    """How many inputs are 0 in every training example."""
    return int(unused_inputs_of(recording).sum())


@fact
def unused_weight_size(recording: Recording, step: int) -> float:
    """The Euclidean size of all first-layer weights of inputs that are 0 in every training example."""
    return float(np.linalg.norm(input_sizes(recording, step)[unused_inputs_of(recording)]))


@fact
def decay_factor(recording: Recording) -> float:
    """What decoupled decay multiplies every weight by at each step: 1 - learning rate × decay."""
    return 1 - recording.spec.learning_rate * recording.spec.l2
