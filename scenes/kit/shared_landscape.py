"""Several recorded runs on one landscape: a ball and a way for each, all moved by one step counter.

The networks have two parameters, so the landscape is whole: its axes are those two, nothing is left out, and
every ball stands on the surface.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, UpdateFromAlphaFunc, VGroup, linear

from nncore.landscape import landscape
from scenes.kit.duel import Contestant, DuelScene, moment
from scenes.kit.landscape_view import LandscapeView
from scenes.kit.layout import Look, Region
from scenes.kit.pixels import Fixed
from scenes.kit.relief import BASE
from scenes.kit.scales import Scale
from scenes.kit.text import Label

#: Values along one side of the map.
GRID = 81


class SharedLandscape(LandscapeView):
    """The exact loss over both parameters of several runs.

    `head_room`: how much of the scale stays free above the highest loss of the map; `margin` as in
    nncore.landscape. Height is linear in the loss from 0.
    """

    def __init__(
        self, look: Look, region: Region, contestants: Sequence[Contestant], azimuth: float, elevation: float,
        *, margin: float = 0.1, head_room: float = 0.0,
    ) -> None:  # fmt: skip
        runs = [each.recording for each in contestants]
        land = landscape(runs, kind="exact", margin=margin, grid=GRID)
        scale = Scale(0.0, float(land.loss.max()) * (1 + head_room))
        super().__init__(look, region, land.alpha, land.beta, land.loss, azimuth, elevation, scale)
        self.runs: Fixed = Fixed(tuple(runs))
        for i, each in enumerate(contestants):
            self.add_path(land.paths[i], land.path_losses[i], land.slice_losses[i], each.role)

    def dash(self, index: int) -> SharedLandscape:
        """One run's way in dashes, so that what lies under it is seen; in place."""
        routes = list(self.routes.value)
        routes[index] = replace(routes[index], dashed=True)
        self.routes = Fixed(tuple(routes))
        return self

    def places_at(self, step: float, only: Sequence[int] | None = None) -> np.ndarray:
        """Where the runs are on their ways at a step; those not in `only` stay where they are.

        Shapes: -> (runs,).
        """
        heads = self.heads.copy()
        runs = self.runs.value
        for i in range(len(runs)) if only is None else only:
            heads[i] = sum(moment(runs[i], step))
        return heads

    def to_step(self, step: float, only: Sequence[int] | None = None) -> SharedLandscape:
        """The balls at a step; in place."""
        self.heads = self.places_at(step, only)
        return self

    def ground(self, move: np.ndarray) -> np.ndarray:
        """A move over the ground, in parameters, as seen now in the map's middle. Shapes: (2,) -> (3,)."""
        u, v = np.asarray(move, float) / self.half
        return self.place(u, v, 0.0) - self.place(0.0, 0.0, 0.0)

    def ahead(self, index: int, move: np.ndarray, lifted: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """Where a ball's middle (or its foot) is, and where a level move, in parameters, leads."""
        start, _ = self.routes.value[index].at(float(self.heads[index]))
        start = start + [0.0, 0.0, self.radius if lifted else 0.0]
        du, dv = np.asarray(move, float) / self.half
        return self.place(*start), self.place(*(start + [du, dv, 0.0]))

    def set_camera(self, values: dict[str, Any]) -> SharedLandscape:
        """The camera as `seen_from` gave it; in place."""
        for name, value in values.items():
            setattr(self, name, value)
        return self

    def axis_names(self, names: tuple[str, str]) -> VGroup:
        """The names of both parameters, each under the front side along which it grows."""
        group = VGroup()
        for axis, name in enumerate(names):
            sides = [(0.0, side) if axis == 0 else (side, 0.0) for side in (-1.0, 1.0)]
            u, v = min(sides, key=lambda at: float(self.place(at[0], at[1], -BASE)[1]))
            foot, middle = self.place(u, v, -BASE), self.place(0, 0, -BASE)
            label = Label(self.look, name, "tiny", "muted")
            right = foot[0] > middle[0]
            label.shift(foot - (label.get_corner((-1, 1, 0)) if right else label.get_corner((1, 1, 0))))
            label.shift((0.08 if right else -0.08, -0.1, 0))
            room = self._initial_region
            over = max(0.0, room.left - label.get_left()[0]), max(0.0, label.get_right()[0] - room.right)
            label.shift((over[0] - over[1], max(0.0, room.bottom - label.get_bottom()[1]), 0))
            group.add(label)
        return group


def stepping(
    scene: DuelScene, land: SharedLandscape, show: Callable[[float], None], stop: float,
    only: Sequence[int] | None = None, ease: float = 1.0, **kwargs: Any,
) -> Animation:  # fmt: skip
    """The balls of `only` from step 0 to another; `show(step)` moves whatever goes with them.

    `ease` above 1 lets the first steps take longer than the last.
    """
    kwargs.setdefault("rate_func", linear)
    assert scene.status_label is not None

    def draw(_: Any, alpha: float) -> None:
        step = stop if alpha >= 1 else stop * alpha**ease
        land.to_step(step, only)
        show(step)
        scene.count(step)

    # The step counter lies lowest of what moves: everything above it is drawn anew.
    return UpdateFromAlphaFunc(scene.status_label, draw, **kwargs)
