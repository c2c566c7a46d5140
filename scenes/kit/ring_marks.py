"""Rings around places in a picture, so that a few of many marks can be pointed at."""

from __future__ import annotations

import numpy as np
from manim import Circle, VGroup

from scenes.kit.layout import Look


def ring_marks(look: Look, places: np.ndarray, radius: float, role: str = "accent") -> VGroup:
    """A ring around each place. Shapes: places (n, 2) units."""
    rings = VGroup()
    for x, y in places:
        ring = Circle(radius=radius).move_to((x, y, 0.0)).set_fill(opacity=0)
        rings.add(ring.set_stroke(look.color(role), look.stroke("line")))
    return rings
