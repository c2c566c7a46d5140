"""Many small pictures: cells in reading order, lines of squares in a cell, and a thin border around each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VMobject

from scenes.kit.layout import Look, Region

#: Between two pictures of a line, in units.
CLOSE = 0.1


def cells(room: Region, count: int, across: int, gap: float, between: float | None = None) -> list[Region]:
    """Cells in reading order; `between` is the gap of columns where it differs."""
    rows = room.rows(*[1] * -(-count // across), gap=gap)
    return [cell for row in rows for cell in row.columns(*[1] * across, gap=between or gap)][:count]


def line_of_squares(cell: Region, count: int) -> list[Region]:
    """Squares side by side, in the middle of a cell."""
    side = min(cell.height, (cell.width - CLOSE * (count - 1)) / count)
    left, y = cell.center[0] - (count * (side + CLOSE) - CLOSE) / 2, cell.center[1]
    starts = [left + i * (side + CLOSE) for i in range(count)]
    return [Region(x, y - side / 2, x + side, y + side / 2) for x in starts]


def borders(look: Look, places: Sequence[Region]) -> VMobject:
    """One outline with a rectangle around every place."""
    shape = VMobject(fill_opacity=0)
    for place in places:
        corners = [place.point(x, y) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]
        shape.start_new_path(np.asarray(corners[0]))
        shape.add_points_as_corners(corners[1:])
    return shape.set_stroke(look.color("faint"), look.stroke("thin"))
