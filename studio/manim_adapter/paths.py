"""Outlines handed to cairo quickly: plain floats, and paths that are kept while they stand still.

The rules for where a subpath ends and when it closes are stock manim's. Only straight curves are drawn as
lines, which cairo strokes faster; a few pixels in ten thousand then differ by a few grey levels.
"""

from __future__ import annotations

import math
from typing import Any
from weakref import ref

import cairo
import numpy as np

_RTOL = 1e-5
#: Outlines of at most this many numbers are drawn anew each time: that is as fast as looking them up.
_SMALL = 16
_SWEEP_AT = 20_000


class PathCache:
    """Gives a mobject's outline to a cairo context, from its last path where its points are the same."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, bytes, cairo.Path | None]] = {}

    def put(self, context: Any, mobject: Any, points: np.ndarray) -> bool:
        """Makes the mobject's outline the context's path; False if there is nothing to draw.

        Shapes: points (4 n, 3).
        """
        context.new_path()
        if len(points) < 4:
            return False
        if points.size <= _SMALL:
            return trace(context, points, mobject.tolerance_for_point_equality)
        data = points.tobytes()
        known = self._known.get(id(mobject))
        same = known is not None and known[0]() is mobject and known[1] == data
        if same and known is not None and known[2] is not None:
            context.append_path(known[2])
            return True
        found = trace(context, points, mobject.tolerance_for_point_equality)
        # A path is kept from the second time on: what changes in every frame is never copied.
        self._known[id(mobject)] = (ref(mobject), data, context.copy_path() if same else None)
        if len(self._known) > _SWEEP_AT:
            self._known = {key: each for key, each in self._known.items() if each[0]() is not None}
        return found


def trace(context: Any, points: np.ndarray, tolerance: float) -> bool:
    """Draws cubic curves, four points each, as subpaths; False if there is none that can be drawn."""
    flat = points[:, :2].ravel().tolist()
    if not math.isfinite(sum(flat)):
        return False  # stock manim draws such a mobject as a point at the origin: nothing
    move, curve, line, close = context.move_to, context.curve_to, context.line_to, context.close_path
    start_x = start_y = x = y = 0.0
    fresh = True
    for i in range(0, len(flat) - 7, 8):
        x0, y0, x1, y1, x2, y2, x3, y3 = flat[i : i + 8]
        if fresh or not (_close(x, x0, tolerance) and _close(y, y0, tolerance)):
            if not fresh and _close(start_x, x, tolerance) and _close(start_y, y, tolerance):
                close()
            context.new_sub_path()
            move(x0, y0)
            start_x, start_y, fresh = x0, y0, False
        dx, dy = x3 - x0, y3 - y0
        bend = abs((x1 - x0) * dy - (y1 - y0) * dx) + abs((x2 - x0) * dy - (y2 - y0) * dx)
        if bend <= 1e-9 * (dx * dx + dy * dy):
            line(x3, y3)
        else:
            curve(x1, y1, x2, y2, x3, y3)
        x, y = x3, y3
    if not fresh and _close(start_x, x, tolerance) and _close(start_y, y, tolerance):
        close()
    return not fresh


def _close(one: float, two: float, tolerance: float) -> bool:
    return one == two or abs(one - two) <= tolerance + _RTOL * abs(two)
