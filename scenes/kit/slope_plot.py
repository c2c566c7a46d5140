"""The loss as one number moves and all else stays: a curve, a ball where it is, and its slope there."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, Line, Mobject, UpdateFromAlphaFunc, smooth

from nncore.backprop_facts import probe_gradients, weight_loss_curve
from nncore.recording import Recording
from scenes.kit.layout import Look, Region
from scenes.kit.marks import Ball
from scenes.kit.plots import Plot
from scenes.kit.scales import Scale
from scenes.kit.text import Label

#: Of a curve; odd, so that the value now is one of them.
POINTS = 81


class SlopePlot:
    """`plot`, `curve`, `ball` and `tangent`: the mobjects; `rolling` is the ball's motion along the curve.

    Shapes: values, losses (n,), values ascending; `here` is the value now, `slope` its slope there.
    """

    def __init__(
        self, look: Look, region: Region, values: np.ndarray, losses: np.ndarray, here: float, slope: float,
        x_label: str, y_label: str,
    ) -> None:  # fmt: skip
        self.values, self.losses, self.here, self.slope = values, losses, here, slope
        low, high = float(losses.min()), float(losses.max())
        room = 0.12 * (high - low) or 0.1
        self.plot = Plot(
            look,
            region,
            Scale(float(values[0]), float(values[-1])),
            Scale(low - room, high + room),
            x_label,
            y_label,
        )
        self.curve = self.plot.curve(values, losses, "ink", "line")
        self.ball = Ball(look, self.at(here), 0.17).set_z_index(2)
        self.tangent = self._tangent(look)
        self.look = look

    def at(self, value: float) -> np.ndarray:
        """The point of the curve at a value."""
        return self.plot.point(value, float(np.interp(value, self.values, self.losses)))

    def _tangent(self, look: Look) -> Line:
        reach = 0.42 * (self.values[-1] - self.values[0])
        now = float(np.interp(self.here, self.values, self.losses))
        rise = min(reach, 0.6 * float(np.ptp(self.losses)) / max(abs(self.slope), 1e-12))
        down = min(rise, (now - self.plot.y.low) / max(abs(self.slope), 1e-12))
        back, on = (down, rise) if self.slope >= 0 else (rise, down)
        start, end = (self.plot.point(self.here + d, now + self.slope * d) for d in (-back, on))
        return Line(start, end).set_stroke(look.color("gradient"), look.stroke("bold")).set_z_index(1)

    def slope_label(self, text: str) -> Label:
        """What the slope is, above the tangent's upper end, on the side away from the curve."""
        label = Label(self.look, text, "label", "gradient", "bold")
        ends = sorted((self.tangent.get_start(), self.tangent.get_end()), key=lambda end: float(end[1]))
        low, top = ends
        away = 0.35 * float(np.sign(low[0] - top[0]))
        x = top[0] + away
        y = top[1] + away * (low[1] - top[1]) / ((low[0] - top[0]) or 1.0)
        return label.move_to((x + np.sign(away) * label.width / 2, y + 0.12 + label.height / 2, 0))

    def note_at(self, value: float, text: str) -> Label:
        """A small remark above the curve, starting at a value."""
        label = Label(self.look, text, "tiny", "muted")
        at = self.at(value)
        return label.move_to((at[0] + label.width / 2 + 0.1, at[1] + 0.28, 0))

    def rolling(self, *stops: float, **kwargs: Any) -> Animation:
        """The ball along the curve from stop to stop, evenly; ends at the last."""
        way = np.array(stops, dtype=float)
        share = np.linspace(0, 1, len(way))
        kwargs.setdefault("rate_func", smooth)

        def roll(ball: Mobject, alpha: float) -> None:
            ball.move_to(self.at(float(np.interp(alpha, share, way))))

        return UpdateFromAlphaFunc(self.ball, roll, **kwargs)


def weight_slope(
    look: Look, region: Region, rec: Recording, probe: int, step: int, place: tuple[int, int, int]
) -> SlopePlot:
    """The loss of one probe as one first-layer weight moves, past the point where its neuron falls silent.

    `place` is (layer, row, column) of the weight.
    """
    layer, row, column = place
    here = float(rec.param(f"{layer}.W", step)[row, column])
    silent = float(rec.z(layer, step)[probe, row] / rec.a(layer - 1, step)[probe].ravel()[column])
    nudges = np.linspace(-2 * silent, 2 * silent, POINTS)
    losses = weight_loss_curve(rec, probe, step, place, nudges)
    slope = float(probe_gradients(rec, probe, step).params[f"{layer}.W"][row, column])
    return SlopePlot(look, region, here + nudges, losses, here, slope, "the weight w", "loss of this image")
