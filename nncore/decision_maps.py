"""Decision maps: what a network, or each of its neurons, answers at every point of the plane."""

from dataclasses import dataclass

import numpy as np

from nncore.arrays import Array
from nncore.errors import BadInput
from nncore.recording import Recording
from nncore.threads import one_thread


@dataclass(frozen=True)
class DecisionMap:
    """Activations of one layer over a grid; rows go up in the second input, columns in the first.

    Shapes: x (G,), y (G,), values (G, G, units).
    """

    x: Array
    y: Array
    values: Array


@one_thread
def decision_map(
    recording: Recording, step: int, layer: int | None = None, size: int = 101, margin: float = 0.1,
    *, scores: bool = False,
) -> DecisionMap:  # fmt: skip
    """A layer's activations (None: the outputs) over the square that holds all examples; its z with `scores`.

    Raises: BadInput for a run whose inputs are not points in a plane, or a layer it does not have.
    """
    if recording.dataset().sample_shape != (2,):
        shape = recording.dataset().sample_shape
        raise BadInput(
            f"{recording.name} has inputs of shape {shape}; a decision map needs points in a plane"
        )
    number = len(recording.spec.layers) if layer is None else layer
    if not 1 <= number <= len(recording.spec.layers):
        raise BadInput(f"layer = {layer}: must be from 1 to {len(recording.spec.layers)}")
    x, y = map_axes(recording, size, margin)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    with np.errstate(all="ignore"):
        trace = recording.network(step).forward(grid)
        values = (trace.z if scores else trace.a)[number]
    return DecisionMap(x, y, values.reshape(size, size, -1))


def map_axes(recording: Recording, size: int, margin: float) -> tuple[Array, Array]:
    """The same square for every snapshot: all examples and a margin, equally wide and high."""
    data = recording.dataset()
    points = np.concatenate([data.x_train, data.x_test]).astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, (high - low).max() / 2 * (1 + 2 * margin)
    return np.linspace(middle[0] - half, middle[0] + half, size), np.linspace(
        middle[1] - half, middle[1] + half, size
    )
