"""Facts of networks that read sequences: what attention looks at, and a guess asked for too early."""

import numpy as np

from nncore.activations import softmax
from nncore.facts import fact
from nncore.recording import Recording


@fact
def attention_weight(
    recording: Recording, probe: int, step: int, taker: int, giver: int, layer: int = 3
) -> float:
    """How much of what position `taker` of a probe takes comes from position `giver`, as recorded."""
    return float(recording.attention(layer, step)[probe, taker, giver])


@fact
def attention_on_target(recording: Recording, step: int, layer: int = 3) -> float:
    """How much of its attention the first token gives to where it points, on average over the test set."""
    x = recording.dataset().x_test
    weights = recording.network(step).forward(x).extra[layer]["attention"]
    return float(weights[np.arange(len(x)), 0, pointed_at(recording, x)].mean(dtype=np.float64))


def pointed_at(recording: Recording, x: np.ndarray) -> np.ndarray:
    """The position each sequence's first token points to. Shapes: x (n, t) -> (n,)."""
    return np.asarray(x[:, 0] - recording.dataset().n_classes + 1)


@fact
def early_probability(recording: Recording, probe: int, step: int, rows: int, label: int) -> float:
    """What the output would say of a class if it were asked after the first `rows` rows of a probe."""
    return float(early_guesses(recording, probe, step)[rows - 1, label])


@fact
def early_label(recording: Recording, probe: int, step: int, rows: int) -> int:
    """The class with the largest output if it were asked after the first `rows` rows of a probe."""
    return int(early_guesses(recording, probe, step)[rows - 1].argmax())


@fact
def settled_after(recording: Recording, probe: int, step: int) -> int:
    """The row after which the guess for a probe stays what it is at the end."""
    best = early_guesses(recording, probe, step).argmax(axis=1)
    others = np.flatnonzero(best != best[-1])
    return int(others[-1]) + 2 if len(others) else 1


@fact
def last_inked_row(recording: Recording, probe: int) -> int:
    """The last row of a probe that is not all zero, counted from 1; 0 for an empty picture."""
    inked = np.flatnonzero(recording.probe_x[probe].reshape(recording.probe_x.shape[1], -1).any(axis=1))
    return int(inked[-1]) + 1 if len(inked) else 0


def early_guesses(recording: Recording, probe: int, step: int, layer: int = 1) -> np.ndarray:
    """The output layer applied to each recorded hidden state of a probe. Shapes: (rows, n_classes)."""
    hidden = recording.hidden(layer, step)[probe].astype(np.float64)
    weights, bias = (recording.param(f"{layer + 1}.{name}", step).astype(np.float64) for name in "Wb")
    return np.asarray(softmax(hidden @ weights.T + bias))
