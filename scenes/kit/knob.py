"""A weight as a volume knob: straight up is zero, right adds (blue), left subtracts (orange)."""

from __future__ import annotations

import numpy as np
from manim import CapStyleType, Circle, Line, VGroup, VMobject

from scenes.kit.layout import Look

#: How far the knob turns each way, in degrees from straight up.
TURN = 135.0


class Knob(VGroup):
    """A dial whose angle is a weight; `turn_to` sets another in place.

    Units: `limit` is the weight at a full turn; zero draws no arc.
    """

    def __init__(self, look: Look, center: np.ndarray, radius: float, weight: float, limit: float) -> None:
        self.look, self.radius, self.limit, self.weight = look, radius, limit, weight
        self.middle = np.array([float(center[0]), float(center[1]), 0.0])
        self.face = Circle(radius=0.72 * radius).move_to(self.middle)
        self.face.set_fill(look.color("surface"), 1).set_stroke(look.color("faint"), look.stroke("thin"))
        self.track = self._arc(-TURN, TURN).set_stroke(look.color("faint"), look.stroke("line"))
        self.zero = Line(self._point(0, 1.02), self._point(0, 1.18))
        self.zero.set_stroke(look.color("muted"), look.stroke("thin"))
        self.arc = VMobject()
        self.hand = VMobject(cap_style=CapStyleType.ROUND)
        super().__init__(self.track, self.zero, self.face, self.arc, self.hand)
        self.turn_to(weight)

    @property
    def angle(self) -> float:
        """Degrees from straight up, to the right positive."""
        return TURN * float(np.clip(self.weight / self.limit, -1, 1))

    def _point(self, degrees: float, share: float) -> np.ndarray:
        t = np.radians(degrees)
        return self.middle + share * self.radius * np.array([np.sin(t), np.cos(t), 0.0])

    def _arc(self, start: float, stop: float) -> VMobject:
        arc = VMobject(cap_style=CapStyleType.ROUND)
        return arc.set_points_as_corners([self._point(t, 0.92) for t in np.linspace(start, stop, 49)])

    def turn_to(self, weight: float) -> Knob:
        """Another weight, in place."""
        self.weight = float(weight)
        role = "positive" if self.weight >= 0 else "negative"
        self.arc.set_points(self._arc(0.0, self.angle).points)
        self.arc.set_stroke(self.look.color(role), self.look.stroke("bold"), 1.0 if self.weight else 0.0)
        self.hand.set_points_as_corners([self._point(self.angle, 0.2), self._point(self.angle, 0.62)])
        self.hand.set_stroke(self.look.color("ink"), self.look.stroke("bold"))
        return self
