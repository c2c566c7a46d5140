"""A cycle of stations: cards at the corners of a loop, arrows between them, a comet that runs round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from manim import Group, RoundedRectangle, VGroup

from scenes.kit.layout import Look, Region
from scenes.kit.marks import Arrow, Ball
from scenes.kit.readouts import Counter
from scenes.kit.text import Label

#: Of a quarter turn, the share that is spent inside a card; the rest is the way to the next.
STAY = 0.45


@dataclass(frozen=True)
class Station:
    """One card: its word, what the number is, its readings by turn, its role."""

    word: str
    meaning: str
    readings: tuple[tuple[float, str], ...]
    role: str


class LoopDiagram(Group):
    """Four stations, clockwise from the upper left; `turn_to(t)` shows the moment t turns after the start.

    In each turn a card lights up, its number steps to that turn's reading, and the comet goes on to the next.
    `inside` is the room in the middle.
    """

    def __init__(
        self, look: Look, region: Region, stations: Sequence[Station], card: tuple[float, float]
    ) -> None:
        self.look, self.stations = look, tuple(stations)
        width, height = card
        xs = (region.left + width / 2, region.right - width / 2)
        ys = (region.top - height / 2, region.bottom + height / 2)
        corners = ((xs[0], ys[0]), (xs[1], ys[0]), (xs[1], ys[1]), (xs[0], ys[1]))
        self.centers = [np.array([*corner, 0.0]) for corner in corners]
        self.card = card
        self.boxes, self.counters, words = VGroup(), [], VGroup()
        for station, center in zip(self.stations, self.centers, strict=True):
            box, word, counter, meaning = self._card(station, center)
            self.boxes.add(box)
            self.counters.append(counter)
            words.add(word, meaning)
        self.ways = [self._way(i) for i in range(4)]
        self.arrows = VGroup(*[Arrow(look, *way, "faint", 0.07) for way in self.ways])
        self.comet = Ball(look, self.ways[0][0], 0.13)
        self.comet.set_opacity(0.0)
        self.inside = self._inside(region)
        super().__init__(self.arrows, self.boxes, words, *self.counters, self.comet)
        self.light(-1)

    def _card(self, station: Station, center: np.ndarray) -> tuple[RoundedRectangle, Label, Counter, Label]:
        look, (width, height) = self.look, self.card
        box = RoundedRectangle(width=width, height=height, corner_radius=0.18).move_to(center)
        box.set_fill(look.color("surface"), 1.0)
        word = Label(look, station.word, "label", station.role, "bold")
        counter = Counter(look, station.readings, "title", "ink", "bold", align="center")
        meaning = Label(look, station.meaning, "tiny", "muted")
        top = center[1] + height / 2
        word.move_to((center[0], 0, 0)).on_baseline(top - 0.42)
        counter.move_to((center[0], 0, 0)).on_baseline(center[1] - 0.22)
        meaning.move_to((center[0], 0, 0)).on_baseline(center[1] - height / 2 + 0.2)
        return box, word, counter, meaning

    def _inside(self, r: Region) -> Region:
        """The larger of the rooms beside the cards and between their rows, clear of the arrows."""
        (width, height), gap = self.card, 0.35
        beside = r.inset(width + gap, height / 2 + gap)
        between = r.inset(width / 2 + gap, height + gap)
        return beside if beside.width * beside.height > between.width * between.height else between

    def _way(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        """From the edge of card i to the edge of the next."""
        a, b = self.centers[i], self.centers[(i + 1) % 4]
        along = (b - a) / np.linalg.norm(b - a)
        half = (self.card[0] if abs(along[0]) > 0.5 else self.card[1]) / 2 + 0.12
        return a + along * half, b - along * half

    def light(self, index: int) -> None:
        """One card and the arrow out of it in colour, the rest quiet; -1 for none."""
        for i, (box, arrow, station) in enumerate(zip(self.boxes, self.arrows, self.stations, strict=True)):
            lit = i == index
            box.set_stroke(
                self.look.color(station.role if lit else "faint"), self.look.stroke("bold" if lit else "thin")
            )
            arrow.set_fill(self.look.color(station.role if lit else "faint"), 1.0)

    def turn_to(self, turns: float) -> LoopDiagram:
        """The moment `turns` after the start; in place. A whole number is the end of a turn."""
        done = int(np.ceil(turns)) - 1 if turns > 0 else 0
        phase = (turns - done) * 4
        index = min(int(phase), 3)
        for i, counter in enumerate(self.counters):
            counter.turn_to(done if i <= index else done - 1)
        self.light(index)
        share = np.clip((phase - index - STAY) / (1 - STAY), 0.0, 1.0)
        start, end = self.ways[index]
        self.comet.set_opacity(float(0 < share < 1))
        self.comet.move_to(start + (end - start) * share)
        return self
