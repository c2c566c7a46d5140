"""Facts about what the first layer learned: how much of the start is left, and what excites which neuron."""

from functools import lru_cache

import numpy as np

from nncore import softmax_facts
from nncore.facts import fact
from nncore.recording import Recording


@fact
def start_correlation(recording: Recording, step: int, key: str = "1.W") -> float:
    """The correlation of a parameter's values at a snapshot with those it started from."""
    first = recording.param(key, 0).astype(np.float64).ravel()
    return float(np.corrcoef(first, recording.param(key, step).astype(np.float64).ravel())[0, 1])


@fact
def dead_neurons(recording: Recording, step: int, layer: int = 1) -> int:
    """Neurons of a layer that fire for no test example at a snapshot."""
    return int((activations_on_test(recording, layer, step).max(axis=0) <= 0).sum())


@fact
def mean_activation(recording: Recording, step: int, label: int, neuron: int, layer: int = 1) -> float:
    """A neuron's mean activation over the test examples of one class."""
    return float(class_activations(recording, layer, step)[label, neuron])


@fact
def favourite_neuron(recording: Recording, step: int, label: int, layer: int = 1) -> int:
    """The neuron of a layer with the largest mean activation over the test examples of one class."""
    return int(class_activations(recording, layer, step)[label].argmax())


def class_activations(recording: Recording, layer: int, step: int) -> np.ndarray:
    """Mean activation of each neuron for each class of the test set. Shapes: (n_classes, units)."""
    a, y = activations_on_test(recording, layer, step), recording.dataset().y_test
    return np.stack([a[y == label].mean(axis=0) for label in range(recording.dataset().n_classes)])


def activations_on_test(recording: Recording, layer: int, step: int) -> np.ndarray:
    """A layer's activations for the whole test set, flat. Shapes: (n_test, units)."""
    return _activations(recording, int(layer), int(step))


@lru_cache(maxsize=4)
def _activations(recording: Recording, layer: int, step: int) -> np.ndarray:
    a = softmax_facts.layers_on_test(recording, step)[layer]
    return a.reshape(len(a), -1).astype(np.float64)
