"""The looks at the map in gradient descent, from the wide valley to single steps and the whole run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from scenes.kit.contour_map import Window, detail_for
from scenes.kit.descent import REACH, Descent, WholeRun
from scenes.kit.layout import Region
from scenes.kit.loss_view import Pose

#: About how many contour lines a close map has, and a wide one.
LINES, WIDE_LINES = 11, 8


class Poses:
    """Poses of the loss view, each scaled by recorded numbers so that what is shown fits its region."""

    def __init__(self, descent: Descent) -> None:
        self.descent = descent

    def _pose(
        self, region: Region, center: np.ndarray, per_unit: float, step: int, lines: int = LINES,
        **changes: Any,
    ) -> Pose:  # fmt: skip
        """The map of one step's batch, its lines and colours by the slope at the start."""
        d = self.descent
        rise = float(np.linalg.norm(d.slopes[0])) * per_unit * (region.width + region.height) / 2
        return Pose(
            region, Window(float(center[0]), float(center[1]), per_unit), d.path[step], d.path[step],
            d.slopes[step], d.values(step), float(d.losses[step]), 0.35 * rise,
            detail_for(rise, lines), **changes,
        )  # fmt: skip

    def valley(self, region: Region) -> Pose:
        """The widest map: it holds the start and the lowest place."""
        d = self.descent
        way = d.lowest - d.path[0]
        per_unit = 2.3 * float(np.linalg.norm(way)) / min(region.width, region.height)
        widest = 2 * (REACH - 0.55 * float(np.abs(way).max())) / max(region.width, region.height)
        per_unit = min(per_unit, widest)
        pose = self._pose(region, d.path[0] + 0.55 * way, per_unit, 0)
        rise = 3 * float(d.losses[0] - d.values(0).min())
        middle = float(d.losses[0]) + rise / 4
        return replace(pose, middle=middle, reach=rise, detail=detail_for(rise, WIDE_LINES))

    def slope(self, region: Region) -> Pose:
        """Close enough for the whole gradient of the first step."""
        d = self.descent
        per_unit = float(np.linalg.norm(d.slopes[0])) / (0.5 * min(region.width, region.height))
        return self._pose(region, d.path[0] + 0.4 * d.slopes[0], per_unit, 0, 2 * LINES)

    def single(self, region: Region, step: int, shown: int, **changes: Any) -> Pose:
        """Close enough for single steps: the first `shown` fit, and as long an arrow uphill from each."""
        d = self.descent
        moves = d.path[1 : shown + 1] - d.path[:shown]
        marks = np.concatenate([d.path[: shown + 1], d.path[:shown] - moves])
        if shown == 1:  # room for the arrow to turn round
            angle, up = np.linspace(0, np.pi, 7)[:, None], -moves[0]
            across = up @ [[0, 1], [-1, 0]]
            marks = np.concatenate([marks, d.path[0] + np.cos(angle) * up + np.sin(angle) * across])
        lines = LINES if shown == 1 else 2 * LINES  # later slopes are gentler than the first
        return self._pose(region, *_holding(region, marks, 0.74), step, lines, **changes)

    def landed(self, pose: Pose, step: int) -> Pose:
        """The pose after a step's update: the ball where the next weights are, the arrow left behind."""
        path = self.descent.path
        return replace(pose, at=path[step + 1], path=path[: step + 1], step=0.0)

    def run_start(self, region: Region) -> Pose:
        """The window of the whole run, still on the map of the last single step."""
        d = self.descent
        last = d.singles - 1
        pose = self._pose(region, *_holding(region, d.path, 0.72), last)
        return replace(self.landed(pose, last), uphill=0.0)

    def run_at(self, run: WholeRun, pose: Pose, step: float) -> Pose:
        """The whole run at a step, lines fixed by its first map and colours by its steepest."""
        at, behind, values, level = run.at(step)
        rises = np.ptp(run.maps, axis=(1, 2))
        return replace(
            pose, at=at, origin=at, path=behind, values=values, middle=level, reach=0.4 * float(rises.max()),
            detail=detail_for(float(rises[0]), LINES),
        )  # fmt: skip

    def run_end(self, run: WholeRun, pose: Pose) -> Pose:
        """The end of the whole run, with lines and colours fine enough for its last, flat map."""
        rise = float(np.ptp(run.maps[-1]))
        last = self.run_at(run, pose, float(run.steps[-1]))
        return replace(last, reach=0.5 * rise, detail=detail_for(rise, LINES))


def _holding(region: Region, points: np.ndarray, share: float) -> tuple[np.ndarray, float]:
    """(centre, data units per unit) with which the points take up `share` of a region.

    Shapes: points (n, 2).
    """
    low, high = points.min(axis=0), points.max(axis=0)
    return (low + high) / 2, float(max((high - low) / (share * np.array([region.width, region.height]))))
