"""What a scene needs of a recording, checked before anything is drawn: a clear line, not a wrong picture."""

from __future__ import annotations

import numpy as np

from nncore.errors import BadInput
from nncore.recording import Recording


def image_reader(rec: Recording) -> tuple[int, int]:
    """(rows, columns) of the images a recorded ReLU network with one hidden layer and a softmax reads.

    Raises: BadInput for a recording of anything else, saying what it lacks.
    """
    data, layers = rec.dataset(), rec.spec.layers
    if (
        data.image_shape is None
        or len(rec.layer_sizes) < 2
        or rec.layer_sizes[0] != np.prod(data.image_shape)
    ):
        raise BadInput(f"this scene draws a network that reads whole images; '{rec.name}' has none.")
    found = [(layer["type"], layer.get("activation", "identity")) for layer in layers]
    if found != [("dense", "relu"), ("dense", "softmax")]:
        raise BadInput(
            f"this scene draws one dense ReLU layer and a softmax; '{rec.name}' has "
            f"{', '.join(' '.join(pair) for pair in found)}."
        )
    rows, columns = data.image_shape[-2:]
    if rows * columns != rec.layer_sizes[0]:
        raise BadInput(f"this scene draws images of one channel; those of '{rec.name}' have more.")
    return int(rows), int(columns)


def probe_of(rec: Recording, label: int) -> int:
    """The first probe of a class. Raises: BadInput where there is none."""
    found = np.flatnonzero(rec.probe_y == label)
    if not len(found):
        known = ", ".join(str(v) for v in np.unique(rec.probe_y))
        raise BadInput(f"'{rec.name}' recorded no example of class {label}; it has {known}.")
    return int(found[0])
