"""Pictures of faces: what the scene that shows them needs of a recording, and many of them in one square."""

from __future__ import annotations

import numpy as np

from nncore.errors import BadInput
from nncore.recording import Recording
from scenes.kit.layout import Region


def face_reader(rec: Recording, rows: int) -> tuple[int, int]:
    """(rows, columns) of the pictures that a recorded dense network with one output reads.

    Raises: BadInput for a recording of anything else, or of pictures with fewer than `rows` rows.
    """
    shape, first = rec.dataset().image_shape, rec.spec.layers[0]["type"]
    needs = "this scene draws a dense network that reads faces and has one output"
    if shape is None or len(shape) != 2 or len(rec.layer_sizes) < 2:
        raise BadInput(f"{needs}; '{rec.name}' reads no pictures of one channel.")
    if first != "dense":
        raise BadInput(f"{needs}; the first layer of '{rec.name}' is '{first}'.")
    if rec.layer_sizes[-1] != 1:
        raise BadInput(f"{needs}; '{rec.name}' has {rec.layer_sizes[-1]}.")
    if shape[0] < rows:
        raise BadInput(f"{needs}; those of '{rec.name}' have {shape[0]} rows of at least {rows}.")
    return int(shape[0]), int(shape[1])


def probe_with_glasses(rec: Recording, index: int) -> int:
    """The probe of a face with glasses. Raises: BadInput where so many were not recorded."""
    found = np.flatnonzero(rec.probe_y == 1)
    if not 0 <= index < len(found):
        raise BadInput(
            f"'face' is {index}, counted from 0; '{rec.name}' recorded {len(found)} faces with glasses."
        )
    return int(found[index])


def tiled(images: np.ndarray, across: int, gap: int = 2) -> np.ndarray:
    """Pictures in one, in reading order, nothing between them.

    Shapes: (n, rows, columns, 4) -> (rows of all, columns of all, 4); n a multiple of `across`.
    """
    n, rows, columns, _ = images.shape
    sheet = np.zeros((n // across, across, rows + gap, columns + gap, 4), dtype=np.float32)
    sheet[:, :, :rows, :columns] = images.reshape(n // across, across, rows, columns, 4)
    whole = sheet.transpose(0, 2, 1, 3, 4).reshape(n // across * (rows + gap), -1, 4)
    return whole[:-gap, :-gap]


def lines_of_squares(region: Region, below: float = 0.55, gap: float = 0.25, least: int = 3) -> list[Region]:
    """Squares over room for a name: one line of them, or two where there is height."""
    room = Region(region.left, region.bottom + below, region.right, region.top)
    lines = 2 if room.height > 0.5 * room.width else 1
    side = (room.height - gap * (lines - 1)) / lines
    across = max(int((room.width + gap) / (side + gap)), least)
    side = min(side, (room.width - gap * (across - 1)) / across)
    pitch, x, y = side + gap, room.center[0], room.center[1]
    left, top = x - (across * pitch - gap) / 2, y + (lines * pitch - gap) / 2
    corners = [(left + j * pitch, top - i * pitch) for i in range(lines) for j in range(across)]
    return [Region(u, v - side, u + side, v) for u, v in corners]
