"""A small drawing of an activation function: its curve over two quiet axes."""

from __future__ import annotations

import numpy as np
from manim import Line, VGroup, VMobject

from nncore.activations import ACTIVATIONS
from scenes.kit.layout import Look, Region

REACH = 4.0


class CurveIcon(VGroup):
    """An activation over z from -4 to 4 in a region; what it reaches fills the height."""

    def __init__(self, look: Look, region: Region, activation: str, role: str = "ink") -> None:
        z = np.linspace(-REACH, REACH, 49)
        a = np.asarray(ACTIVATIONS[activation].value(z), dtype=float)
        low, high = min(0.0, float(a.min())), float(a.max())
        points = [
            region.point((x + REACH) / (2 * REACH), (y - low) / (high - low))
            for x, y in zip(z, a, strict=True)
        ]
        curve = VMobject(fill_opacity=0).set_points_as_corners(points)
        curve.set_stroke(look.color(role), look.stroke("line"))
        zero = (0.0 - low) / (high - low)
        across = Line(region.point(0, zero), region.point(1, zero))
        up = Line(region.point(0.5, 0), region.point(0.5, 1))
        for axis in (across, up):
            axis.set_stroke(look.color("faint"), look.stroke("thin"))
        super().__init__(across, up, curve)
