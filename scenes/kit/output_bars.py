"""Probabilities as bars that grow out of the output neurons, one per class, on one scale from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Rectangle, VGroup

from scenes.kit.layout import Look, Region
from scenes.kit.text import Label

GAP = 0.12


class OutputBars(VGroup):
    """A class name and a bar beside each output neuron; `at(values)` gives the same bars at other values.

    Shapes: centers (n, 2) units; values (n,) in 0..1.
    `role` is the colour of the winner's bar.
    Units: a bar of 1 is as long as the room in `region` allows; zero has no length.
    """

    def __init__(
        self,
        look: Look,
        centers: np.ndarray,
        radius: float,
        region: Region,
        names: Sequence[str],
        values: np.ndarray,
        down: bool = False,
        texts: Sequence[str] | None = None,
        winner: int | None = None,
        role: str = "output",
    ) -> None:
        self.role = role
        self.look, self.centers, self.radius, self.room = look, centers, radius, region
        self.names, self.down, self.values = tuple(names), down, np.asarray(values, dtype=float)
        self.winner = int(np.argmax(self.values)) if winner is None else winner
        self.texts = tuple(texts) if texts else ("",) * len(self.names)
        name_room = 1.15 * look.em("label")
        self.value_room = (look.em("tiny") * 1.1 if down else look.em("tiny") * 2.6) if texts else 0.0
        extent = region.height if down else region.width
        self.longest = extent - name_room - GAP * 3 - self.value_room
        self.name_room = name_room
        super().__init__(*[self._one(i) for i in range(len(self.names))])

    def _one(self, i: int) -> VGroup:
        role = "ink" if i == self.winner else "muted"
        name = Label(self.look, self.names[i], "label", role, "bold" if i == self.winner else "regular")
        thick, length = 1.25 * self.radius, max(self.values[i] * self.longest, 1e-4)
        bar = Rectangle(width=thick if self.down else length, height=length if self.down else thick)
        bar.set_fill(self.look.color(self.role if i == self.winner else "muted"), 0.95).set_stroke(width=0)
        x, y = self.centers[i]
        if self.down:
            top = self.room.top - GAP
            name.move_to((x, top - self.name_room / 2, 0.0))
            bar.move_to((x, top - self.name_room - GAP / 2 - length / 2, 0.0))
        else:
            left = self.room.left + GAP
            name.move_to((left + self.name_room / 2, y, 0.0))
            bar.move_to((left + self.name_room + length / 2, y, 0.0))
        parts = VGroup(name, bar)
        if self.texts[i]:
            parts.add(self._text(i, bar, role))
        return parts

    def _text(self, i: int, bar: Rectangle, role: str) -> Label:
        text = Label(self.look, self.texts[i], "tiny", role)
        if self.down:
            return text.move_to((self.centers[i][0], bar.get_bottom()[1] - GAP / 2 - text.em * 0.4, 0.0))
        return text.move_to((bar.get_right()[0] + GAP + text.width / 2, self.centers[i][1], 0.0))

    def at(self, values: np.ndarray, texts: Sequence[str] | None = None) -> OutputBars:
        """The same bars at other values: a target for a Transform; it plays nothing."""
        return OutputBars(
            self.look, self.centers, self.radius, self.room, self.names, values, self.down,
            self.texts if texts is None else texts, role=self.role,
        )  # fmt: skip
