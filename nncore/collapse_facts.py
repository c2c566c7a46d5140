"""Facts of layers without an activation: their matrices multiply into one, and nothing is lost."""

from functools import lru_cache

import numpy as np

from nncore.errors import BadInput
from nncore.facts import fact
from nncore.recording import Recording


@fact
def collapsed_weight(recording: Recording, step: int, layers: int, row: int, column: int) -> float:
    """One entry of W_layers ... W_2 W_1, multiplied in float64 from the recorded weights."""
    return float(collapsed(recording, step, layers)[0][row, column])


@fact
def collapsed_bias(recording: Recording, step: int, layers: int, row: int = 0) -> float:
    """One entry of the bias that the first layers together amount to."""
    return float(collapsed(recording, step, layers)[1][row])


@fact
def collapse_gap(recording: Recording, step: int) -> float:
    """How far, at most, one matrix and the whole network's z lie apart over all test examples, in float64."""
    from nncore.backprop_facts import doubled

    last = len(recording.spec.layers)
    weights, bias = collapsed(recording, step, last)
    x = np.asarray(recording.dataset().x_test, dtype=np.float64)
    return float(np.abs(doubled(recording, step).forward(x).z[last] - (x @ weights.T + bias)).max())


@fact
def collapse_decimals(recording: Recording, step: int) -> int:
    """To how many decimals the one matrix and the whole network agree on all test examples."""
    return int(np.floor(-np.log10(max(collapse_gap(recording, step), np.finfo(np.float64).tiny))))


def collapsed(recording: Recording, step: int, layers: int) -> tuple[np.ndarray, np.ndarray]:
    """The first layers as one matrix and one bias, in float64.

    Shapes: (n_out, n_in), (n_out,).
    Raises: BadInput where a layer before the last of them is not dense and without an activation.
    """
    return _collapsed(recording, int(step), int(layers))


@lru_cache(maxsize=256)
def _collapsed(recording: Recording, step: int, layers: int) -> tuple[np.ndarray, np.ndarray]:
    sizes = recording.layer_sizes
    weights, bias = np.eye(sizes[0]), np.zeros(sizes[0])
    for i, layer in enumerate(recording.spec.layers[:layers]):
        curved = layer.get("activation", "identity") != "identity" and i < layers - 1
        if layer["type"] != "dense" or curved:
            raise BadInput(
                f"layer {i + 1} of {recording.name} is not linear: it can't be multiplied into one matrix"
            )
        w = np.asarray(recording.param(f"{i + 1}.W", step), dtype=np.float64)
        weights, bias = (
            w @ weights,
            w @ bias + np.asarray(recording.param(f"{i + 1}.b", step), dtype=np.float64),
        )
    return weights, bias
