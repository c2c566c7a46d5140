"""A shared landscape whose balls can be dimmed one by one, with the number of those that share a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import VGroup

from scenes.kit.marks import Tag
from scenes.kit.relief import Camera
from scenes.kit.relief_marks import Route
from scenes.kit.shared_landscape import SharedLandscape
from scenes.kit.text import Label

#: How many balls one place holds, in words.
MANY = ("", "", "two balls", "three balls", "four balls", "five balls", "six balls")
#: Balls that stand nearer to each other than this many radii share their place.
CLOSE = 0.5


class LitLandscape(SharedLandscape):
    """Shapes: `lit` (runs,): how much of each ball and its way is seen, from 0 to 1."""

    lerped = (*SharedLandscape.lerped, "lit")  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.lit = np.ones(0)
        super().__init__(*args, **kwargs)
        self.lit = np.ones(len(self.heads))

    def shared_places(self) -> list[list[int]]:
        """The runs whose balls stand in one place, for every place of more than one."""
        spots = [way.at(float(head))[0] for way, head in zip(self.routes.value, self.heads, strict=True)]
        groups: list[list[int]] = []
        for i, spot in enumerate(spots):
            near = (g for g in groups if np.linalg.norm(spots[g[0]] - spot) < CLOSE * self.radius)
            found = next(near, None)
            if found is None:
                groups.append([i])
            else:
                found.append(i)
        return [group for group in groups if len(group) > 1]

    def crowd_tags(self, side: tuple[float, float] = (-1, 0)) -> VGroup:
        """How many balls there are in every place of more than one, beside it."""
        away = 1.5 * self.radius * self.camera().scale
        tags = VGroup()
        for group in self.shared_places():
            words = Label(self.look, MANY[min(len(group), len(MANY) - 1)], "tiny", "ink")
            tags.add(Tag(self.look, words, self.ball_spot(group[0]), side, away, self._initial_region))
        return tags

    # --- painting ----------------------------------------------------------------------------------------

    def _share(self, route: Route) -> float:
        index = next(i for i, each in enumerate(self.routes.value) if each is route)
        return float(self.lit[index])

    def _paint_way(
        self, frame: np.ndarray, depth: np.ndarray, camera: Camera, route: Route, head: float
    ) -> None:
        share, box = self._share(route), self._box(frame, camera, route)
        before = frame[box].copy() if share < 1 else frame[box]
        super()._paint_way(frame, depth, camera, route, head)
        _weaken(frame[box], before, share)

    def _paint_ball(
        self, frame: np.ndarray, depth: np.ndarray, camera: Camera, route: Route, head: float,
        own: np.ndarray, rivals: np.ndarray,
    ) -> None:  # fmt: skip
        share, box = self._share(route), self._box(frame, camera, route)
        before = frame[box].copy() if share < 1 else frame[box]
        super()._paint_ball(frame, depth, camera, route, head, own, rivals)
        _weaken(frame[box], before, share)

    def _box(self, frame: np.ndarray, camera: Camera, route: Route) -> tuple[slice, slice]:
        """The part of the frame in which a way, its ball and its shadow lie."""
        dots = camera.project(np.concatenate([route.true, route.below]) * [1, 1, self.rise])[:, :2]
        reach = 4 * self.radius * camera.scale
        low, high = dots.min(axis=0) - reach, dots.max(axis=0) + reach
        size: Sequence[int] = frame.shape[1::-1]
        (left, top), (right, bottom) = np.clip(low, 0, size).astype(int), np.clip(high, 0, size).astype(int)
        return slice(top, bottom), slice(left, right)


def _weaken(painted: np.ndarray, before: np.ndarray, share: float) -> None:
    """Keep only a share of what was painted; in place."""
    if share < 1:
        painted[...] = (before * (1 - share) + painted * share + 0.5).astype(np.uint8)
