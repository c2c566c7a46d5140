"""Predictions as darts: the nearer the bullseye, the more probability the right class got."""

from __future__ import annotations

from collections.abc import Sequence

import cairo
import numpy as np
from manim import AnnularSector, Circle, Line, VGroup

from scenes.kit.canvas import canvas, set_rgba
from scenes.kit.layout import Look, Region
from scenes.kit.pixels import Fixed, PixelMobject, PixelView
from scenes.kit.style import rgb
from scenes.kit.text import Label

RINGS = (0.25, 0.5, 0.75, 1.0)
#: Share of a class's sector that its darts spread over.
SPREAD = 0.8
#: A dart's length and its thickness at the tail, in radii of the board.
LENGTH, TAIL = 0.13, 0.0075
#: The tip's half width, in the tail's.
TIP = 0.35


class DartBoard(VGroup):
    """A board with a sector per class; radius 1 of the board is a probability of 0 for the right class.

    `angle(label, share)` is the direction of a dart of that class, `share` in 0..1 within its sector.
    """

    def __init__(self, look: Look, region: Region, names: Sequence[str]) -> None:
        self.look, self.names = look, tuple(names)
        self.middle, em = region.center, look.em("label")
        self.radius = (min(region.width, region.height) / 2 - em) / (1 + LENGTH)
        turn = 2 * np.pi / len(self.names)
        sectors = VGroup()
        for k in range(0, len(self.names), 2):
            sector = AnnularSector(0.0, self.radius, turn, np.pi / 2 - (k + 0.5) * turn)
            sectors.add(sector.set_fill(look.color("surface"), 1).set_stroke(width=0).shift(self.middle))
        rings = VGroup(*[Circle(radius=share * self.radius).move_to(self.middle) for share in RINGS])
        rings.set_stroke(look.color("faint"), look.stroke("thin")).set_fill(opacity=0)
        spokes = VGroup(*[self._spoke(k * turn - turn / 2) for k in range(len(self.names))])
        spokes.set_stroke(look.color("faint"), look.stroke("hair"))
        eye = Circle(radius=0.045 * self.radius).move_to(self.middle)
        eye.set_stroke(look.color("accent"), look.stroke("line")).set_fill(opacity=0)
        self.labels = VGroup(*[self._name(k) for k in range(len(self.names))])
        super().__init__(sectors, rings, spokes, eye, self.labels)

    def angle(self, label: int | np.ndarray, share: float | np.ndarray = 0.5) -> np.ndarray:
        """Radians, anticlockwise from the right; class 0 is at the top, the next ones follow clockwise."""
        turn = 2 * np.pi / len(self.names)
        return np.pi / 2 - (np.asarray(label) + (np.asarray(share) - 0.5) * SPREAD) * turn

    def _spoke(self, angle: float) -> Line:
        way = np.array([np.sin(angle), np.cos(angle), 0.0])
        return Line(self.middle + 0.06 * self.radius * way, self.middle + self.radius * way)

    def _name(self, k: int) -> Label:
        angle = float(self.angle(k))
        away = self.radius * (1 + LENGTH) + 0.5 * self.look.em("label")
        label = Label(self.look, self.names[k], "label", "muted")
        return label.move_to(self.middle + away * np.array([np.cos(angle), np.sin(angle), 0.0]))


class DartField(PixelMobject):
    """All darts: tips at `distances` from the centre (board radii), tails outward; `hits` in 0..1 tints them.

    Shapes: distances, angles, hits (n,). Roles: `correct` where hits is 1, `wrong` where 0.
    """

    lerped = ("distances", "hits")

    def __init__(self, board: DartBoard, distances: np.ndarray, angles: np.ndarray, hits: np.ndarray) -> None:
        self.distances, self.hits = np.asarray(distances, float), np.asarray(hits, float)
        self.geometry = Fixed((board.middle[:2], board.radius, np.asarray(angles, float)))
        reach = board.radius * (1 + LENGTH)
        x, y, _ = board.middle
        super().__init__(board.look, Region(x - reach, y - reach, x + reach, y + reach))

    def tips(self) -> np.ndarray:
        """Where the darts stick. Shapes: (n, 2) units."""
        center, radius, angles = self.geometry.value
        way = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        return center + (self.distances * radius)[:, None] * way

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0:
            return
        _, radius, angles = self.geometry.value
        tips = view.to_px(self.tips())
        way = np.stack([np.cos(angles), -np.sin(angles)], axis=1)
        good, bad = rgb(self.look.color("correct")), rgb(self.look.color("wrong"))
        length, tail = LENGTH * radius * view.scale, max(0.9, TAIL * radius * view.scale)
        ground = rgb(self.look.color("background"))
        context, headings = canvas(frame), np.arctan2(way[:, 1], way[:, 0])
        # Those that hit first: a miss is never hidden.
        for k in np.argsort(-self.hits, kind="stable"):
            color = good * self.hits[k] + bad * (1 - self.hits[k])
            _dart(context, tips[k], headings[k], length, tail + 1.0)
            set_rgba(context, ground, 0.7 * self.opacity)
            context.fill()
            _dart(context, tips[k], headings[k], length, tail)
            set_rgba(context, color, self.opacity)
            context.fill()


def _dart(context: cairo.Context, tip: np.ndarray, heading: float, length: float, tail: float) -> None:
    """A dart's outline from its tip outward: thin and round at the tip, `tail` in half width at its end."""
    quarter = np.pi / 2
    end = tip + length * np.array([np.cos(heading), np.sin(heading)])
    context.arc(end[0], end[1], tail, heading - quarter, heading + quarter)
    context.arc(tip[0], tip[1], TIP * tail, heading + quarter, heading - quarter)
    context.close_path()
