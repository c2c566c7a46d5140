"""Plots: axes in a region; curves, dots, bands and histograms of recorded arrays; labels at the lines' ends.

A plot never plays: it gives mobjects, and `Curve.drawing` is the one motion. Axes are quiet (faint lines at
the ticks, a base line), words stand level above the axis they name, there are only as many ticks as fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import Animation, CapStyleType, Line, LineJointType, UpdateFromAlphaFunc, VGroup, VMobject, smooth

from scenes.kit.layout import Look, Region
from scenes.kit.scales import Scale, tick_texts
from scenes.kit.text import Label, Runs, text_width

GAP = 0.12
#: Free space between two tick labels beside each other, in em.
TICK_SPACE = 0.8


@dataclass(frozen=True)
class Frame:
    """Where pairs of values lie: an area and the scale of each axis."""

    area: Region
    x: Scale
    y: Scale

    def point(self, x: float, y: float) -> np.ndarray:
        """The place of one pair of values."""
        return self.area.point(float(self.x.share(x)), float(self.y.share(y)))

    def places(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The places of many pairs. Shapes: (n,), (n,) -> (n, 3)."""
        across = self.area.left + self.x.share(x) * self.area.width
        up = self.area.bottom + self.y.share(y) * self.area.height
        return np.stack([across, up, np.zeros_like(across)], axis=-1)


class Plot(VGroup):
    """Axes in a region; `area` is where curves go.

    `end_room` units stay free at the right for labels at the lines' ends. Labels say what is shown and in
    which unit, the y label in runs of (text, role) where it names curves; templates write the ticks. `left`
    is where the axis starts, to stand under another plot's; otherwise the tick labels decide.
    """

    def __init__(
        self, look: Look, region: Region, x: Scale, y: Scale, x_label: str = "",
        y_label: str | Sequence[tuple[str, str]] = "", *,
        x_template: str | None = None, y_template: str | None = None, end_room: float = 0.0,
        left: float | None = None,
    ) -> None:  # fmt: skip
        self.look, self.region, self.x, self.y = look, region, x, y
        self.em = look.em("tiny")
        top = region.top - (1.75 * self.em if y_label else 0.4 * self.em)
        bottom = region.bottom + 1.35 * self.em + (1.15 * self.em if x_label else 0.0)
        y_ticks = y.ticks(max(2, int((top - bottom) / (1.75 * self.em))))
        y_texts = tick_texts(y_ticks, y_template)
        room = max((text_width(text, self.em) for text in y_texts), default=0.0) + GAP
        self.area = Region(region.left + room if left is None else left, bottom, region.right - end_room, top)
        self.frame = Frame(self.area, x, y)
        x_ticks, x_texts = self._x_ticks(x_template)
        self.grid = VGroup(*[self._grid_line(tick) for tick in y_ticks])
        self.base = Line(self.area.point(0, 0), self.area.point(1, 0))
        self.base.set_stroke(look.color("muted"), look.stroke("thin"))
        self.y_labels = VGroup(*[self._y_label(t, text) for t, text in zip(y_ticks, y_texts, strict=True)])
        self.x_labels = VGroup(*[self._x_label(t, text) for t, text in zip(x_ticks, x_texts, strict=True)])
        self.names = VGroup(*self._names(x_label, y_label))
        super().__init__(self.grid, self.base, self.y_labels, self.x_labels, self.names)

    # --- axes --------------------------------------------------------------------------------------------

    def _x_ticks(self, template: str | None) -> tuple[np.ndarray, list[str]]:
        """As many ticks as leave the labels apart, the last one kept inside the region."""
        for most in range(7, 1, -1):
            ticks = self.x.ticks(most)
            texts = tick_texts(ticks, template)
            halves = np.array([text_width(text, self.em) / 2 for text in texts])
            centers = self.area.left + self.x.share(ticks) * self.area.width
            centers = np.minimum(centers, self.region.right - halves)
            if (np.diff(centers) - halves[1:] - halves[:-1] >= TICK_SPACE * self.em).all():
                return ticks, texts
        return ticks[-1:], texts[-1:]

    def _grid_line(self, tick: float) -> Line:
        line = Line(self.point(self.x.low, tick), self.point(self.x.high, tick))
        return line.set_stroke(self.look.color("faint"), self.look.stroke("hair"))

    def _y_label(self, tick: float, text: str) -> Label:
        label = Label(self.look, text, "tiny", "muted")
        at = self.point(self.x.low, tick)
        label.shift((at[0] - GAP - label.get_right()[0], 0, 0))
        return label.on_baseline(at[1] - 0.32 * self.em)

    def _x_label(self, tick: float, text: str) -> Label:
        label = Label(self.look, text, "tiny", "muted")
        at = self.point(tick, self.y.low)
        limit = self.region.right - label.width / 2
        label.shift((min(at[0], limit) - label.get_center()[0], 0, 0))
        return label.on_baseline(self.area.bottom - 1.05 * self.em)

    def _names(self, x_label: str, y_label: str | Sequence[tuple[str, str]]) -> list[VMobject]:
        names: list[VMobject] = []
        if y_label:
            runs = Runs(self.look, [(y_label, "muted")] if isinstance(y_label, str) else y_label, "tiny")
            corner = (self.region.left - runs.get_left()[0], self.region.top - 0.85 * self.em, 0.0)
            names.append(runs.shift(corner))
        if x_label:
            name = Label(self.look, x_label, "tiny", "muted")
            name.shift((self.area.right - name.get_right()[0], 0, 0))
            names.append(name.on_baseline(self.region.bottom + 0.25 * self.em))
        return names

    def point(self, x: float, y: float) -> np.ndarray:
        """The place of one pair of values."""
        return self.frame.point(x, y)

    # --- what is drawn -----------------------------------------------------------------------------------

    def curve(
        self, x: np.ndarray, y: np.ndarray, role: str = "ink", stroke: str = "line", dim: bool = False
    ) -> Curve:
        """A line through all pairs, broken where a value is missing; `dim` for what stands behind."""
        pairs = np.asarray(x, float), np.asarray(y, float)
        return Curve(self.look, self.frame, *pairs, role, stroke, 0.45 if dim else 1.0)

    def dot(self, x: float, y: float, role: str = "accent", radius: float = 0.075) -> Disc:
        """One pair as a disc with a rim in the background's colour."""
        return Disc(self.look, self.point(x, y), role, radius)

    def upright(self, x: float, role: str = "muted") -> Line:
        """A line from the base to the top at one x."""
        line = Line(self.point(x, self.y.low), self.point(x, self.y.high))
        return line.set_stroke(self.look.color(role), self.look.stroke("thin"))

    def end_labels(self, ends: Sequence[tuple[Curve, str]], size: str = "tiny") -> VGroup:
        """A label in each curve's colour beside its end, moved apart just enough not to touch."""
        labels = [Label(self.look, text, size, curve.role, "bold") for curve, text in ends]
        self.put_at_ends(labels, [curve for curve, _ in ends])
        return VGroup(*labels)

    def put_at_ends(self, labels: Sequence[Label], curves: Sequence[Curve]) -> None:
        """Each label beside its curve's end as drawn now; in place."""
        em = labels[0].em
        heights = np.array([curve.end[1] for curve in curves])
        places = spread(heights, 1.15 * em, self.area.bottom + 0.45 * em, self.region.top - 0.5 * em)
        for label, y, curve in zip(labels, places, curves, strict=True):
            label.shift((curve.end[0] + GAP - label.get_left()[0], 0, 0))
            label.on_baseline(y - 0.32 * em)


class Curve(VMobject):
    """A line through recorded points that can be drawn up to any x; between points it is straight."""

    def __init__(
        self, look: Look, frame: Frame, x: np.ndarray, y: np.ndarray, role: str, stroke: str, opacity: float
    ) -> None:
        self.look, self.frame, self.role, self.x = look, frame, role, x
        self.line = frame.places(x, y)
        self.drawn_to = float(x[-1])
        super().__init__(fill_opacity=0, joint_type=LineJointType.ROUND, cap_style=CapStyleType.ROUND)
        self.set_stroke(look.color(role), look.stroke(stroke), opacity)
        self.draw_to(self.drawn_to)

    @property
    def end(self) -> np.ndarray:
        """The last point drawn."""
        return self._at(self.drawn_to)

    def _at(self, x: float) -> np.ndarray:
        across = self.frame.point(x, self.frame.y.low)[0]
        known = np.isfinite(self.line[:, 1])
        return np.array([across, np.interp(across, self.line[known, 0], self.line[known, 1]), 0.0])

    def draw_to(self, x: float) -> Curve:
        """Show the line up to x; in place."""
        self.drawn_to = float(np.clip(x, self.x[0], self.x[-1]))
        shown = self.line[self.x <= self.drawn_to]
        if self.drawn_to > self.x[len(shown) - 1] and np.isfinite(self.line[len(shown), 1]):
            shown = np.concatenate([shown, [self._at(self.drawn_to)]])
        self.clear_points()
        for run in np.split(shown, np.flatnonzero(~np.isfinite(shown[:, 1]))):
            run = run[np.isfinite(run[:, 1])]
            if len(run):
                self.start_new_path(run[0])
                self.add_points_as_corners(run[1:] if len(run) > 1 else run)
        return self

    def at(self, x: float) -> Curve:
        """A copy drawn up to x; it plays nothing."""
        return self.copy().draw_to(x)

    def drawing(self, start: float, stop: float, **kwargs: Any) -> Animation:
        """The motion of the line from one x to another, even along the axis as it is scaled."""
        first, last = float(self.frame.x.share(start)), float(self.frame.x.share(stop))
        kwargs.setdefault("rate_func", smooth)

        def draw(curve: Any, alpha: float) -> None:
            curve.draw_to(stop if alpha >= 1 else self.frame.x.value(first + alpha * (last - first)))

        return UpdateFromAlphaFunc(self, draw, **kwargs)


class Disc(VMobject):
    """A filled disc with a rim in the background's colour, one outline."""

    def __init__(self, look: Look, point: np.ndarray, role: str, radius: float) -> None:
        self.role = role
        super().__init__(fill_opacity=1.0, stroke_width=0)
        turn = np.linspace(0, 2 * np.pi, 13)
        self.set_points_smoothly([(radius * np.cos(t), radius * np.sin(t), 0.0) for t in turn])
        self.set_fill(look.color(role), 1.0)
        self.set_stroke(look.color("background"), look.stroke("thin"), background=True)
        self.move_to(point)


def spread(positions: np.ndarray, least: float, low: float = -np.inf, high: float = np.inf) -> np.ndarray:
    """The positions moved a little, in order, to lie `least` apart, inside [low, high] where that fits.

    Shapes: (n,) -> (n,).
    """
    order = np.argsort(positions, kind="stable")
    # Less `least` per place, what remains must not fall: the nearest such values are means of blocks.
    blocks: list[list[float]] = []
    for rank, i in enumerate(order):
        blocks.append([float(positions[i]) - rank * least])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    rest = np.concatenate([np.full(len(block), np.mean(block)) for block in blocks])
    rest = np.clip(rest, low, max(low, high - least * (len(order) - 1)))
    result = np.empty(len(order))
    result[order] = rest + least * np.arange(len(order))
    return result
