"""The map of a loss with a ball on it: one pose decides where everything is, motions go from pose to pose.

Map, ball, arrows and path move together when the window zooms or the map is laid out anew, because all of
them are placed by the same pose. The gradient's arrow points uphill; `step` is the same arrow times a factor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from manim import (
    Animation,
    CapStyleType,
    Group,
    LineJointType,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    linear,
    smooth,
)

from scenes.kit.contour_map import ContourMap, Window
from scenes.kit.layout import Look, Region
from scenes.kit.marks import Arrow, Ball
from scenes.kit.scales import Scale, tick_texts
from scenes.kit.text import Label, text_width

GAP = 0.1
#: A path of at most so many places has a mark at each.
MARKED = 12


@dataclass(frozen=True)
class Pose:
    """Everything that decides the picture of a loss view, in data units where nothing else is said.

    The ball is `at` its weights, the arrows start at `origin`. `uphill` and `step` are the lengths of the two
    arrows as multiples of the gradient (0: not there), `turn` the angle between them in half turns, `path`
    the ball's places so far, `ball` how much of the ball is there.
    """

    region: Region
    window: Window
    at: np.ndarray
    origin: np.ndarray
    gradient: np.ndarray
    values: np.ndarray
    middle: float
    reach: float
    detail: float
    uphill: float = 0.0
    step: float = 0.0
    turn: float = 0.0
    path: np.ndarray | None = None
    ball: float = 1.0

    def toward(self, other: Pose, share: float) -> Pose:
        """The pose at a share of the way to another; 1 is exactly the other."""
        if share >= 1:
            return other
        mixed: dict[str, Any] = {}
        for field in fields(self):
            one, two = getattr(self, field.name), getattr(other, field.name)
            if isinstance(one, Window):
                mixed[field.name] = one.toward(two, share)
            elif isinstance(one, Region):
                mixed[field.name] = Region(*_mix(_sides(one), _sides(two), share))
            elif field.name == "path" or one is two:
                mixed[field.name] = two
            else:
                mixed[field.name] = one + (two - one) * share
        return Pose(**mixed)


class LossView(Group):
    """A contour map of a loss, a ball, the gradient's arrow, the step's arrow and the path, in one group."""

    def __init__(self, look: Look, x: np.ndarray, y: np.ndarray, pose: Pose, radius: float = 0.16) -> None:
        self.look, self.current = look, pose
        self.map = ContourMap(
            look,
            x,
            y,
            pose.values,
            pose.region,
            pose.window,
            middle=pose.middle,
            reach=pose.reach,
            detail=pose.detail,
        )
        self.trail = VMobject(joint_type=LineJointType.ROUND, cap_style=CapStyleType.ROUND)
        self.trail.set_stroke(look.color("accent"), look.stroke("line"))
        self.trail.set_stroke(look.color("background"), look.stroke("bold"), 0.7, background=True)
        self.stops = VMobject(stroke_width=0).set_fill(look.color("accent"), 1.0)
        nowhere = np.zeros(3)
        self.uphill = Arrow(look, nowhere, nowhere, "gradient")
        self.step = Arrow(look, nowhere, nowhere, "accent")
        self.ball = Ball(look, nowhere, radius)
        super().__init__(self.map, self.trail, self.uphill, self.step, self.stops, self.ball)
        self.pose(pose)

    def place(self, x: float, y: float) -> np.ndarray:
        """Where a pair of weights lies in the frame now."""
        return self.map.to_point(x, y)

    def pose(self, pose: Pose) -> LossView:
        """Everything where the pose says; in place."""
        self.current = pose
        self.map.place(pose.region, pose.window)
        self.map.values, self.map.middle, self.map.reach = pose.values, pose.middle, pose.reach
        self.map.detail = pose.detail
        ball = self.place(*pose.at)
        self.ball.set_opacity(pose.ball).move_to(ball)
        self._aim(self.uphill, pose.uphill * pose.gradient)
        angle = np.pi * pose.turn
        spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        self._aim(self.step, spin @ (pose.step * pose.gradient))
        stops = [] if pose.path is None else [self.place(*point) for point in pose.path]
        self.trail.clear_points()
        if stops:
            self.trail.set_points_as_corners([*stops, ball])
        self._mark(stops if len(stops) <= MARKED else [])
        return self

    def _mark(self, stops: list[np.ndarray]) -> None:
        """Small discs where the ball has stood, as one outline."""
        turn = np.linspace(0, 2 * np.pi, 9)
        circle = 0.07 * np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)
        self.stops.clear_points()
        for stop in stops:
            disc = VMobject().set_points_smoothly(list(circle + stop))
            self.stops.append_points(disc.points)

    def _aim(self, arrow: Arrow, move: np.ndarray) -> None:
        pose = self.current
        start, end = self.place(*pose.origin), self.place(*(pose.origin + move))
        away = float(np.linalg.norm(end - start))
        arrow.set_opacity(1.0 if away > 0.02 else 0.0)
        arrow.set_stroke(opacity=1.0 if away > 0.02 else 0.0, background=True)
        arrow.between(start, end)

    def going(self, pose: Pose, **kwargs: Any) -> Animation:
        """The motion from the present pose to another."""
        start = self.current
        return self.following(lambda share: start.toward(pose, share), **{"rate_func": smooth, **kwargs})

    def following(self, poses: Callable[[float], Pose], **kwargs: Any) -> Animation:
        """The motion along a path of poses, given as a function of the share from 0 to 1."""
        kwargs.setdefault("rate_func", linear)
        return UpdateFromAlphaFunc(self, lambda view, share: view.pose(poses(share)), **kwargs)


def map_axes(look: Look, pose: Pose, names: tuple[str, str], legends: Sequence[str], below: bool) -> VGroup:
    """Ticks and names around a map: y at the upper left, x in its own row `below` the ticks or beside them.

    The first of the `legends` (of the lines) that fits goes to the upper right.
    """
    em, region = look.em("tiny"), pose.region
    left, right, bottom, top = pose.window.span(region)
    name_x, name_y = (Label(look, name, "tiny", "muted") for name in names)
    name_x.shift((region.right - name_x.get_right()[0], 0, 0))
    name_x.on_baseline(region.bottom - GAP - (2.05 if below else 0.75) * em)
    name_y.shift((region.left - name_y.get_left()[0], 0, 0)).on_baseline(region.top + GAP + 0.2 * em)
    room = region.width - name_y.width - 0.8 * em
    legend = next((text for text in legends if text_width(text, em) < room), legends[-1])
    said = Label(look, legend, "tiny", "muted")
    said.shift((region.right - said.get_right()[0], 0, 0)).on_baseline(region.top + GAP + 0.2 * em)
    parts = [name_x, name_y, said]
    free = region.right if below else name_x.get_left()[0] - 0.6 * em
    xs = Scale(left, right).ticks(max(2, int(region.width / (5.5 * em))))
    for tick, text in zip(xs, tick_texts(xs), strict=True):
        label = Label(look, text, "tiny", "muted")
        label.shift((pose.window.point(region, tick, 0)[0] - label.get_center()[0], 0, 0))
        if label.get_right()[0] <= free + 0.01 or (below and label.get_center()[0] <= region.right):
            parts.append(label.on_baseline(region.bottom - GAP - 0.75 * em))
    ys = Scale(bottom, top).ticks(max(2, int(region.height / (3.2 * em))))
    for tick, text in zip(ys, tick_texts(ys), strict=True):
        label = Label(look, text, "tiny", "muted")
        label.shift((region.left - GAP - label.get_right()[0], 0, 0))
        parts.append(label.on_baseline(pose.window.point(region, 0, tick)[1] - 0.32 * em))
    return VGroup(*parts)


def map_room(look: Look, region: Region, below: bool = True) -> Region:
    """The part of a region that is left for the map when its axes lie around it."""
    em = look.em("tiny")
    foot = (2.3 if below else 1.0) * em + GAP
    return Region(region.left + 2.9 * em, region.bottom + foot, region.right, region.top - 1.25 * em)


def _sides(region: Region) -> np.ndarray:
    return np.array([region.left, region.bottom, region.right, region.top])


def _mix(one: np.ndarray, two: np.ndarray, share: float) -> list[float]:
    return [float(v) for v in one + (two - one) * share]
