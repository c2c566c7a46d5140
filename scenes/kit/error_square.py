"""A prediction's distance from 1 as the side of a square, inside the square of the largest possible error."""

from __future__ import annotations

import numpy as np
from manim import Line, Rectangle, VGroup

from scenes.kit.layout import Look, Region
from scenes.kit.plots import Disc
from scenes.kit.text import Label


class ErrorSquare(VGroup):
    """A scale from 0 to 1 with the prediction on it; `gap` is what is missing, `square` the gap squared.

    Units: the region's width is a distance of 1, so areas compare between two of these.
    """

    def __init__(self, look: Look, region: Region, prediction: float, text: str) -> None:
        self.look, self.prediction = look, prediction
        side, em = region.width, look.em("tiny")
        self.room = Region(region.left, region.top - side, region.right, region.top)
        r = self.room
        self.frame = Rectangle(width=side, height=side).move_to(r.center)
        self.frame.set_fill(look.color("surface"), 1).set_stroke(look.color("faint"), look.stroke("thin"))
        self.base = Line(r.point(0, 0), r.point(1, 0)).set_stroke(look.color("muted"), look.stroke("thin"))
        self.gap = Line(r.point(prediction, 0), r.point(1, 0))
        self.gap.set_stroke(look.color("wrong"), look.stroke("bold"))
        missing = max(side * (1 - prediction), 1e-3)
        self.square = Rectangle(width=missing, height=missing)
        self.square.move_to(r.point(1, 0) + np.array([-missing / 2, missing / 2, 0.0]))
        self.square.set_fill(look.color("wrong"), 0.55).set_stroke(look.color("wrong"), look.stroke("thin"))
        self.dot = Disc(look, r.point(prediction, 0), "accent", 0.11)
        self.goal = Disc(look, r.point(1, 0), "correct", 0.11)
        self.marks = VGroup(*[self._mark(x, words) for x, words in ((0.0, "0"), (1.0, "1"))])
        self.value = Label(look, text, "label", "accent", "bold")
        middle = float(np.clip(r.point(prediction, 0)[0], r.left + 0.65, r.right - 0.75))
        self.value.move_to((middle, 0.0, 0.0)).on_baseline(r.bottom - 1.25 * em)
        super().__init__(
            self.frame, self.base, self.square, self.gap, self.marks, self.dot, self.goal, self.value
        )

    def _mark(self, x: float, words: str) -> Label:
        label = Label(self.look, words, "tiny", "muted")
        label.move_to((self.room.point(x, 0)[0], 0.0, 0.0))
        return label.on_baseline(self.room.bottom - 1.15 * self.look.em("tiny"))

    def legend(self, given: str, ideal: str) -> VGroup:
        """The names of both dots, in the middle of the empty square."""
        em, center = self.look.em("label"), self.room.center
        rows = VGroup()
        for i, (name, role) in enumerate(((given, "accent"), (ideal, "correct"))):
            y = center[1] + (0.5 - i) * 1.5 * em
            label = Label(self.look, name, "label", role)
            dot = Disc(self.look, np.array([self.room.left, y + 0.33 * em, 0.0]), role, 0.11)
            label.shift((dot.get_right()[0] + 0.2 - label.get_left()[0], 0.0, 0.0)).on_baseline(y)
            rows.add(VGroup(dot, label))
        return rows.shift((center[0] - rows.get_center()[0], 0.0, 0.0))

    def flat(self) -> Rectangle:
        """The square before it has grown: the gap alone."""
        start = self.square.copy()
        start.stretch(1e-3, 1, about_point=self.room.point(1, 0))
        return start
