"""A network with one input and one output as a picture: its curve over the points it should fit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import CapStyleType, Group, Line, LineJointType, VMobject

from nncore.recording import Recording
from scenes.kit.dots import Dots
from scenes.kit.duel import moment
from scenes.kit.layout import Look, Region
from scenes.kit.plots import Frame
from scenes.kit.readouts import Counter
from scenes.kit.scales import Scale
from scenes.kit.scrub import between

#: Places along the input at which a curve is computed.
PLACES = 121


class FitCurve:
    """What one recorded network answers along its input, at every snapshot.

    Shapes: x (PLACES,); outputs (S, PLACES).
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        data = recording.dataset()
        self.points = np.column_stack([data.x_train[:, 0], data.y_train]).astype(float)
        self.x = np.linspace(float(self.points[:, 0].min()), float(self.points[:, 0].max()), PLACES)
        network = recording.network(0)
        grid, outputs = self.x[:, None].astype(np.float32), []
        for step in recording.steps:
            network.load(recording.params(int(step)))
            outputs.append(np.asarray(network.predict(grid), float)[:, 0])
        self.outputs = np.array(outputs)

    def at(self, step: float) -> np.ndarray:
        """The outputs at a step; between two snapshots straight from one to the other. Shapes: (PLACES,)."""
        return between(self.outputs, *moment(self.recording, step))


class FitCell(Group):
    """Points, curve and a number above them; `turn_to` shows another step in place."""

    def __init__(
        self, look: Look, region: Region, curve: FitCurve, readings: Sequence[tuple[float, str]], role: str,
        radius: float = 0.028,
    ) -> None:  # fmt: skip
        self.look, self.curve = look, curve
        self.number = Counter(look, readings, "label", role, "bold")
        em = self.number.em
        low, high = curve.points[:, 1].min(), curve.points[:, 1].max()
        area = Region(region.left, region.bottom, region.right, region.top - 1.2 * em)
        self.frame = Frame(area, Scale(curve.x[0], curve.x[-1]), Scale(float(low), float(high)))
        self.number.shift((region.left - self.number.get_left()[0], 0, 0))
        self.number.on_baseline(region.top - 0.75 * em)
        self.dots = Dots(look, self.frame.places(*curve.points.T), radius, "muted", 0.8)
        self.base = Line(area.point(0, 0), area.point(1, 0))
        self.base.set_stroke(look.color("faint"), look.stroke("hair"))
        self.line = VMobject(joint_type=LineJointType.ROUND, cap_style=CapStyleType.ROUND)
        self.line.set_stroke(look.color(role), look.stroke("line")).set_fill(opacity=0)
        super().__init__(self.base, self.dots, self.line, self.number)
        self.turn_to(0)

    def turn_to(self, step: float) -> FitCell:
        """The curve and the number at a step; in place."""
        y = np.clip(self.curve.at(step), self.frame.y.low, self.frame.y.high)
        self.line.set_points_as_corners(self.frame.places(self.curve.x, y))
        self.number.turn_to(step)
        return self
