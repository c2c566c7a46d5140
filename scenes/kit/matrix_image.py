"""A matrix as a picture: one coloured cell per number between brackets, with its name under it."""

from __future__ import annotations

import numpy as np
from manim import Group, Rectangle, VGroup, VMobject

from scenes.kit.encodings import signed_image
from scenes.kit.layout import Look, Region
from scenes.kit.pixel_image import PixelImage
from scenes.kit.text import Label

#: The brackets' distance from the cells and their lips, in units.
AWAY, LIP = 0.09, 0.12
#: Small weights beside large ones must still be seen: brightness rises fast from zero.
GAMMA = 0.45


class MatrixImage(Group):
    """Blue positive, orange negative, zero as nothing; `filled` rows are shown, the rest is empty ground.

    Shapes: values (rows, columns). Units: `cell` is a cell's side; `scale` the magnitude of the full colour.
    """

    def __init__(
        self, look: Look, values: np.ndarray, center: np.ndarray, cell: float, scale: float, name: str = ""
    ) -> None:
        self.look, self.values, self.cell, self.scale_value = look, np.asarray(values, float), cell, scale
        rows, columns = self.values.shape
        x, y = float(center[0]), float(center[1])
        self.room = Region(
            x - columns * cell / 2, y - rows * cell / 2, x + columns * cell / 2, y + rows * cell / 2
        )
        self.image = PixelImage(look, signed_image(look, self.values, scale, GAMMA), self.room)
        self.brackets = VGroup(*[self._bracket(side) for side in (-1, 1)])
        self.label = Label(look, name, "tiny", "muted")
        self.label.move_to((x, 0, 0)).on_baseline(self.room.bottom - 0.38)
        super().__init__(self.image, self.brackets, self.label)

    def _bracket(self, side: int) -> VMobject:
        r = self.room
        x = (r.left if side < 0 else r.right) + side * AWAY
        shape = VMobject(fill_opacity=0)
        lip = x - side * LIP
        top, bottom = r.top + AWAY, r.bottom - AWAY
        shape.set_points_as_corners([(lip, top, 0), (x, top, 0), (x, bottom, 0), (lip, bottom, 0)])
        return shape.set_stroke(self.look.color("muted"), self.look.stroke("thin"))

    def fill_to(self, rows: float) -> MatrixImage:
        """Show only the first rows' numbers; in place."""
        shown = np.arange(len(self.values))[:, None] < rows
        picture = signed_image(self.look, np.where(shown, self.values, 0.0), self.scale_value, GAMMA)
        self.image.rgba = picture.astype(np.float32)
        return self

    def box(self, rows: tuple[int, int], columns: tuple[int, int], role: str = "accent") -> VMobject:
        """An outline around the cells of rows first..last and columns first..last, both inside."""
        made = Rectangle(width=1, height=1).set_fill(opacity=0)
        made.set_stroke(self.look.color(role), self.look.stroke("line"))
        return self.put_box(made, rows, columns)

    def put_box(self, box: VMobject, rows: tuple[float, float], columns: tuple[float, float]) -> VMobject:
        """The outline around other cells; in place."""
        r, c = self.room, self.cell
        left, right = r.left + columns[0] * c, r.left + (columns[1] + 1) * c
        top, bottom = r.top - rows[0] * c, r.top - (rows[1] + 1) * c
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        box.set_points_as_corners([np.array([*corner, 0.0]) for corner in corners])
        return box
