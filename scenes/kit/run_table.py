"""RunTable: one row per run with its colour, its name and a recorded number that counts along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from manim import VGroup

from scenes.kit.layout import Look, Region
from scenes.kit.plots import Disc
from scenes.kit.readouts import Counter
from scenes.kit.text import Label


@dataclass(frozen=True)
class RunRow:
    """A run's name, colour and the readings (step, text) of its number."""

    name: str
    role: str
    readings: Sequence[tuple[float, str]]


class RunTable(VGroup):
    """Rows from the top: a dot, the name, the number at the right; headings above both columns.

    `rows_` are VGroup(dot, name, counter), to be dimmed or lit one by one.
    """

    def __init__(
        self, look: Look, region: Region, rows: Sequence[RunRow], headings: tuple[str, str] = ("", ""),
        size: str = "label",
    ) -> None:  # fmt: skip
        self.look, self.region = look, region
        em = look.em("tiny")
        head = 1.25 * em if any(headings) else 0.0
        self.pitch = min((region.height - head) / len(rows), 1.9 * look.em(size))
        self.counters: list[Counter] = []
        self.rows_ = [
            self._row(row, region.top - head - (i + 0.5) * self.pitch, size) for i, row in enumerate(rows)
        ]
        self.headings = VGroup()
        for words, right in zip(headings, (False, True), strict=True):
            if words:
                label = Label(look, words, "tiny", "muted")
                edge = region.right - label.get_right()[0] if right else region.left - label.get_left()[0]
                self.headings.add(label.shift((edge, 0, 0)).on_baseline(region.top - 0.8 * em))
        super().__init__(self.headings, *self.rows_)

    def _row(self, row: RunRow, y: float, size: str) -> VGroup:
        em = self.look.em(size)
        radius = 0.3 * em
        dot = Disc(self.look, np.array([self.region.left + radius, y, 0.0]), row.role, radius)
        name = Label(self.look, row.name, size, row.role, "bold")
        name.shift((self.region.left + 2 * radius + 0.35 * em - name.get_left()[0], 0, 0))
        number = Counter(self.look, row.readings, size, "ink", align="right")
        number.shift((self.region.right - number.get_right()[0], 0, 0))
        for label in (name, number):
            label.on_baseline(y - 0.33 * em)
        self.counters.append(number)
        return VGroup(dot, name, number)

    def turn_to(self, step: float, only: Sequence[int] | None = None) -> RunTable:
        """Every number (or those of `only`) to its reading at a step; in place."""
        for i in range(len(self.counters)) if only is None else only:
            self.counters[i].turn_to(step)
        return self
