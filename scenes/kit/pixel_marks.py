"""Outlines around single pixels of a picture, so that a few inputs can be followed."""

from __future__ import annotations

from collections.abc import Sequence

from manim import Rectangle, VGroup

from scenes.kit.layout import Look, Region


def pixel_marks(
    look: Look, picture: Region, pixels: Sequence[int], columns: int, role: str = "accent"
) -> VGroup:
    """A square around each pixel, by its index in the flattened picture."""
    side = picture.width / columns
    marks = VGroup()
    for k in pixels:
        row, column = divmod(k, columns)
        mark = Rectangle(width=1.25 * side, height=1.25 * side).set_fill(opacity=0)
        mark.set_stroke(look.color(role), look.stroke("line"))
        # A casing, so that the frame stands off from ink as from paper.
        mark.set_stroke(look.color("background"), 2 * look.stroke("line"), background=True)
        marks.add(mark.move_to((picture.left + (column + 0.5) * side, picture.top - (row + 0.5) * side, 0.0)))
    return marks
