"""What a convolutional filter looks for: the pieces of test images that excite it most."""

from functools import lru_cache

import numpy as np

from nncore.arrays import Array
from nncore.errors import BadInput
from nncore.facts import fact
from nncore.recording import Recording


@fact
def seen_pixels(recording: Recording, layer: int) -> int:
    """The side, in pixels of the input, of the square that one cell of a layer's maps sees."""
    return receptive_field(recording, layer)[0]


@fact
def filters(recording: Recording, layer: int) -> int:
    """How many filters, and so how many maps, a convolutional layer has."""
    return int(recording.param(f"{layer}.W", 0).shape[0])


@fact
def map_peak(recording: Recording, step: int, probe: int, layer: int, index: int) -> float:
    """The largest activation in one map of a probe."""
    return float(recording.a(layer, step)[probe, index].max())


def receptive_field(recording: Recording, layer: int) -> tuple[int, int, int]:
    """(side, stride, start): cell i of a layer sees pixels start + stride * i up to that plus side.

    Raises: BadInput for layers that are not convolutions of padding "same" and poolings.
    """
    side, stride, start = 1, 1, 0
    for number, one in enumerate(recording.spec.layers[:layer], 1):
        if one["type"] == "conv2d" and one.get("padding") == "same" and one.get("stride", 1) == 1:
            start -= stride * ((one["kernel"] - 1) // 2)
            side += stride * (one["kernel"] - 1)
        elif one["type"] == "maxpool2d":
            side += stride * (one["size"] - 1)
            stride *= one["size"]
        else:
            raise BadInput(f"layer {number} of {recording.name} is a {one['type']}: cells have no patch")
    return side, stride, start


def exciting_patches(recording: Recording, step: int, layer: int, count: int) -> Array:
    """For each filter, the pieces of `count` different test images that excite it most, strongest first.

    What a patch sees beyond the image's edge is zero, as the network's padding is.
    Shapes: -> (filters, count, side, side).
    """
    x = recording.dataset().x_test[:, 0]
    a = _maps(recording, int(step), int(layer))
    side, stride, start = receptive_field(recording, layer)
    ground = np.pad(x, ((0, 0), (side, side), (side, side)))
    found = np.zeros((a.shape[1], count, side, side), dtype=x.dtype)
    for index in range(a.shape[1]):
        flat = a[:, index].reshape(len(a), -1)
        for place, image in enumerate(np.argsort(-flat.max(axis=1), kind="stable")[:count]):
            i, j = divmod(int(flat[image].argmax()), a.shape[3])
            top, left = (side + start + stride * at for at in (i, j))
            found[index, place] = ground[image, top : top + side, left : left + side]
    return found


@lru_cache(maxsize=2)
def _maps(recording: Recording, step: int, layer: int) -> Array:
    return recording.network(step).forward(recording.dataset().x_test).a[layer]
