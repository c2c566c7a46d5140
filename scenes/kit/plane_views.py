"""A recording of points in the plane as a picture: its maps at every snapshot, with the examples on top."""

from __future__ import annotations

import numpy as np
from manim import Group

from nncore.decision_maps import decision_map, map_axes
from nncore.recording import Recording
from scenes.kit.duel import moment, panels
from scenes.kit.layout import Look, Region
from scenes.kit.plane_map import PlaneMap, PlanePoints, on_plane

Layers = list[np.ndarray]
GRID = 81
MARGIN = 0.06
#: Width of the headings that stand beside their squares, in units.
BESIDE = 2.3


class PlaneRun:
    """The scores of one recording over the plane, computed from its recorded weights when they are asked for.

    Shapes: x, y (G,).
    """

    def __init__(self, recording: Recording, size: int = GRID) -> None:
        self.recording, self.size = recording, size
        self.x, self.y = map_axes(recording, size, MARGIN)
        self._known: dict[int, np.ndarray] = {}

    def snapshot(self, index: int) -> np.ndarray:
        """The scores at one snapshot. Shapes: -> (G, G)."""
        if index not in self._known:
            step = int(self.recording.steps[index])
            found = decision_map(self.recording, step, size=self.size, margin=MARGIN, scores=True)
            self._known[index] = found.values[..., 0].astype(np.float32)
        return self._known[index]

    def at(self, step: float) -> np.ndarray:
        """The scores at a step; between two snapshots they move straight from one to the other."""
        i, share = moment(self.recording, step)
        here = self.snapshot(i)
        return here if share <= 0 else here * (1 - share) + self.snapshot(i + 1) * share

    def __deepcopy__(self, memo: dict) -> PlaneRun:
        return self


class NeuronMaps:
    """What every neuron of a recording answers over the plane, from its recorded weights, on request.

    Answers (activations) and scores (pre-activations) are one list of layers each; layer 0 is the input.
    Shapes: x, y (G,); a layer (units, G, G).
    """

    def __init__(self, recording: Recording, size: int = 33) -> None:
        self.recording, self.size = recording, size
        self.x, self.y = map_axes(recording, size, MARGIN)
        self._known: dict[int, tuple[Layers, Layers]] = {}

    def snapshot(self, index: int) -> tuple[Layers, Layers]:
        """(answers, scores) at a snapshot."""
        if index not in self._known:
            grid = np.stack(np.meshgrid(self.x, self.y), axis=-1).reshape(-1, 2)
            trace = self.recording.network(int(self.recording.steps[index])).forward(grid)
            scores = [trace.a[0], *trace.z[1:]]
            self._known[index] = (self._layers(trace.a), self._layers(scores))
        return self._known[index]

    def _layers(self, values: list[np.ndarray]) -> Layers:
        return [np.asarray(a, np.float32).T.reshape(-1, self.size, self.size) for a in values]

    def at(self, step: float) -> tuple[Layers, Layers]:
        """The same at any step; between two snapshots each value moves straight from one to the other."""
        i, share = moment(self.recording, step)
        here = self.snapshot(i)
        if share <= 0:
            return here
        there = self.snapshot(i + 1)
        answers, scores = (
            [a * (1 - share) + b * share for a, b in zip(one, two, strict=True)]
            for one, two in zip(here, there, strict=True)
        )
        return answers, scores

    def __deepcopy__(self, memo: dict) -> NeuronMaps:
        return self


class PlaneView(Group):
    """A run's map and its examples in one square; `turn_to` shows another step in place."""

    def __init__(
        self, look: Look, region: Region, run: PlaneRun, step: float = 0, *,
        both: bool = False, radius: float | None = None,
    ) -> None:  # fmt: skip
        self.run, self.square, self.look = run, region, look
        self.map = PlaneMap(look, region, run.at(step))
        data = run.recording.dataset()
        radius = radius or 0.0135 * region.width
        self.train = self._points(data.x_train, data.y_train, radius, False)
        self.test = self._points(data.x_test, data.y_test, radius, both)
        shown = [self.train, self.test] if both else [self.train]
        super().__init__(self.map, *shown)

    def _points(self, x: np.ndarray, labels: np.ndarray, radius: float, hollow: bool) -> PlanePoints:
        places = on_plane(self.square, x, self.run.x, self.run.y)
        return PlanePoints(self.look, places, labels, radius, hollow=hollow)

    def turn_to(self, step: float) -> PlaneView:
        """Show the map at a step; in place."""
        self.map.scores = self.run.at(step)
        return self


def map_places(
    look: Look, region: Region, count: int, head: float = 0.55
) -> tuple[list[Region], list[Region], bool]:
    """(squares, places of their headings, whether those stand beside) for maps in step.

    Headings lie above the squares; in 4:5, where squares are stacked and leave room, to their left, and
    both are in the middle together.
    """
    beside = look.aspect == "4:5"
    squares, heads = [], []
    for r in panels(look, region, count, stacked=look.aspect in ("4:5", "9:16")):
        if beside:
            left = r.center[0] + (BESIDE + 0.3 - r.height) / 2
            heads.append(Region(left - BESIDE - 0.3, r.bottom, left - 0.3, r.center[1] + 0.7))
            squares.append(Region(left, r.bottom, left + r.height, r.top))
            continue
        half = min(r.width, r.height - head) / 2
        x, y, _ = r.center
        heads.append(Region(x - half, y + half - head / 2, x + half, y + half + head / 2))
        squares.append(Region(x - half, y - half - head / 2, x + half, y + half - head / 2))
    return squares, heads, beside
