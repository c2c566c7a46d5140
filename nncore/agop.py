"""AGOP, the average gradient outer product: which inputs, and which pairs of inputs, move the outputs.

    AGOP = mean over examples of Jᵀ J,   J = d(outputs)/d(input),   outputs = z of the last layer

Where the first layer is dense, J = M W1 with M = d(outputs)/d(z of layer 1), so AGOP = W1ᵀ mean(Mᵀ M) W1: the
wide product is done once, not once per example.
Source: Radhakrishnan et al. 2024, "Mechanism for feature learning in neural networks", equation 2.
"""

from dataclasses import dataclass

import numpy as np

from nncore.arrays import Array
from nncore.derived import derived
from nncore.errors import BadInput
from nncore.network import Network
from nncore.recording import Recording
from nncore.threads import one_thread

VERSION = 1
BATCH = 256


@dataclass(frozen=True)
class Agop:
    """The matrix over inputs, its diagonal in the shape of one example, and how alike it is to W1ᵀ W1.

    Shapes: matrix (D, D), diagonal (sample shape, or the image's height and width).
    Units: correlation in [-1, 1], NaN where the first layer is not dense.
    """

    matrix: Array
    diagonal: Array
    correlation: float


def agop(recording: Recording, step: int, count: int = 1000) -> Agop:
    """The AGOP of the network at a snapshot over the first `count` training examples."""
    network, data = recording.network(step), recording.dataset()
    if not np.issubdtype(data.x_train.dtype, np.floating):
        raise BadInput(f"{recording.name} reads tokens; the gradient by its input does not exist")
    matrix = agop_matrix(network, data.x_train[:count])
    shape = data.image_shape or data.sample_shape
    return Agop(matrix, np.diagonal(matrix).reshape(shape), feature_correlation(network, matrix))


@one_thread
def agop_matrix(network: Network, x: Array) -> Array:
    """AGOP over examples, in float64. Shapes: x (n, ...) -> (D, D), D inputs."""
    first = network.layers[0]
    inner = first.kind == "dense" and x.ndim == 2
    size = first.shapes["W"][0] if inner else int(np.prod(x.shape[1:]))
    total = np.zeros((size, size))
    for start in range(0, len(x), BATCH):
        trace = network.forward(x[start : start + BATCH])
        for output in range(network.n_outputs):
            seed = np.zeros_like(trace.z[-1])
            seed[:, output] = 1
            slope, _, deltas = network.stack.backward(trace, seed, fused=True, wants_x=not inner)
            rows = np.asarray(deltas[1] if inner else slope, np.float64).reshape(len(seed), size)
            total += rows.T @ rows
    total /= max(len(x), 1)
    if not inner:
        return total
    weights = first.params["W"].astype(np.float64)
    return weights.T @ total @ weights


def feature_correlation(network: Network, matrix: Array) -> float:
    """Pearson's correlation between the entries of AGOP and of W1ᵀ W1."""
    first = network.layers[0]
    if first.kind != "dense":
        return float("nan")
    weights = first.params["W"].astype(np.float64)
    features = weights.T @ weights
    a, b = matrix - matrix.mean(), features - features.mean()
    scale = np.sqrt((a * a).sum() * (b * b).sum())
    return float((a * b).sum() / scale) if scale > 0 else float("nan")


@dataclass(frozen=True)
class AgopGrowth:
    """How AGOP grows over the snapshots. Shapes: steps (S,), diagonal (S, ...), correlation (S,)."""

    steps: Array
    diagonal: Array
    correlation: Array


def agop_growth(recording: Recording, count: int = 1000) -> AgopGrowth:
    """AGOP's diagonal and its correlation with W1ᵀ W1 at every snapshot, kept in the cache."""

    def compute() -> dict[str, Array]:
        every = [agop(recording, int(step), count) for step in recording.steps]
        return {"diagonal": np.stack([one.diagonal for one in every]),
                "correlation": np.array([one.correlation for one in every])}  # fmt: skip

    found = derived("agop", VERSION, [recording.digest], {"count": count}, compute)
    return AgopGrowth(recording.steps, found["diagonal"], found["correlation"])


def input_slopes(recording: Recording, step: int, x: Array) -> Array:
    """How far each input, nudged, moves the first output's z: the rows that AGOP squares and averages.

    Shapes: x (n, ...) -> the same, float64.
    """
    network = recording.network(step)
    trace = network.forward(x)
    seed = np.zeros_like(trace.z[-1])
    seed[:, 0] = 1
    slope = network.stack.backward(trace, seed, fused=True)[0]
    return np.asarray(slope, np.float64)


@dataclass(frozen=True)
class AgopRow:
    """One input's row of AGOP and of W1ᵀ W1, in the shape of one example. Shapes: both (S, ...)."""

    agop: Array
    features: Array


def agop_row(recording: Recording, pixel: int, count: int = 1000) -> AgopRow:
    """How every input goes together with input `pixel`, by slopes and by weights, at every snapshot."""
    data = recording.dataset()

    def compute() -> dict[str, Array]:
        x, shape = data.x_train[:count], data.image_shape or data.sample_shape
        slopes = [agop_matrix(recording.network(int(s)), x)[pixel].reshape(shape) for s in recording.steps]
        weights = [recording.param("1.W", int(s)) for s in recording.steps]
        return {"agop": np.stack(slopes).astype(np.float32),
                "features": np.stack([(w[:, pixel] @ w).reshape(shape) for w in weights])}  # fmt: skip

    found = derived("agop_row", VERSION, [recording.digest], {"pixel": pixel, "count": count}, compute)
    return AgopRow(found["agop"], found["features"])
