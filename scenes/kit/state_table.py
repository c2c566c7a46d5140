"""What optimizers remember, drawn: one row per run with its loss and its squared gradients.

A squared gradient is a square: its area is the recorded average, its side is what the step is divided by. The
velocity, kept here too, is for the scene to draw where the run stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from manim import Rectangle, VGroup, VMobject

from nncore.recording import Recording
from scenes.kit.duel import Contestant, moment
from scenes.kit.layout import Look, Region
from scenes.kit.plots import Disc
from scenes.kit.readouts import Counter
from scenes.kit.scrub import between
from scenes.kit.text import Label, text_width

VELOCITIES, SQUARES = ("velocity", "m"), ("v",)
#: What the two squares of a row belong to.
NAMES = ("weight", "bias")
#: Rows at least so high (units) have the number under the name, lower ones beside it.
STACKED = 0.7
#: A square of nothing keeps this side, invisible.
NOTHING = 1e-3


@dataclass(frozen=True)
class Kept:
    """What one run's optimizer remembered at every snapshot, as shares of its own largest.

    Shapes: velocity, sides (S, 2): weight and bias, or None where it keeps none; `sides` are square roots.
    """

    recording: Recording
    velocity: np.ndarray | None
    sides: np.ndarray | None

    @classmethod
    def of(cls, recording: Recording) -> Kept:
        """Read from the recorded optimizer states."""
        velocity, squares = (_history(recording, slots) for slots in (VELOCITIES, SQUARES))
        heading = None if velocity is None else -velocity / np.linalg.norm(velocity, axis=1).max()
        sides = None if squares is None else np.sqrt(squares / squares.max())
        return cls(recording, heading, sides)

    def heading(self, step: float) -> np.ndarray:
        """The velocity at a step. Shapes: (2,)."""
        assert self.velocity is not None
        return between(self.velocity, *moment(self.recording, step))

    def side(self, step: float) -> np.ndarray:
        """The sides of both squares at a step. Shapes: (2,)."""
        assert self.sides is not None
        return between(self.sides, *moment(self.recording, step))


def _history(recording: Recording, slots: Sequence[str]) -> np.ndarray | None:
    """One kind of state of both parameters. Shapes: (S, 2)."""
    known = recording.optimizer_state(0)
    slot = next((name for name in slots if f"{name} 1.W" in known), None)
    if slot is None:
        return None
    keys = (f"{slot} 1.W", f"{slot} 1.b")
    return np.array(
        [[float(recording.state(key, int(s)).ravel()[0]) for key in keys] for s in recording.steps]
    )


class StateTable(VGroup):
    """Rows from the top, headed by what the columns show; `rows_` can be dimmed one by one."""

    def __init__(
        self, look: Look, region: Region, contestants: Sequence[Contestant],
        readings: Sequence[Sequence[tuple[float, str]]],
    ) -> None:  # fmt: skip
        self.look = look
        em = look.em("tiny")
        body = Region(region.left, region.bottom, region.right, region.top - 2.4 * em)
        places = body.rows(*[1.0] * len(contestants), gap=0.1)
        self.stacked = places[0].height > STACKED
        narrow = region.width < 4
        self.size = "tiny" if narrow else "label"
        shares = (0.62, 0.38) if narrow else (0.6, 0.4)
        self.columns = [place.columns(*shares, gap=0.12) for place in places]
        self.kept = [Kept.of(each.recording) for each in contestants]
        self.counters: list[Counter] = []
        self.squares: list[list[Rectangle]] = []
        self.outlines: list[list[VMobject]] = [[] for _ in contestants]
        #: What stands in the columns that a scene unveils, and how much of it is seen.
        self.parts: dict[str, list[VGroup]] = {"slope²": []}
        self.veils = dict.fromkeys(self.parts, 0.0)
        self.rows_ = [self._row(i, each, readings[i]) for i, each in enumerate(contestants)]
        self.headings = self._headings(region.top - 0.8 * em)
        super().__init__(self.headings, *self.rows_)
        self.turn_to(0).light(range(len(contestants)))

    def _headings(self, baseline: float) -> VGroup:
        labels = [Label(self.look, text, "tiny", "muted") for text in ("loss", "slope²")]
        most, _, lefts = self._slots(0)
        labels[0].shift((self.columns[0][0].right - labels[0].get_right()[0], 0, 0))
        labels[1].shift(((sum(lefts) + most) / 2 - labels[1].get_center()[0], 0, 0))
        for label in labels:
            label.on_baseline(baseline)
        low = baseline - 1.15 * labels[0].em
        names = [Label(self.look, text, "tiny", "muted").on_baseline(low) for text in NAMES]
        for name, left in zip(names, lefts, strict=True):
            name.shift((left + most / 2 - name.get_center()[0], 0, 0))
        self.parts["slope²"].append(VGroup(labels[1], *names))
        # Where numbers stand under the names, each says itself what it is.
        return VGroup(*labels[1 if self.stacked else 0 :], *names)

    def _row(self, index: int, each: Contestant, readings: Sequence[tuple[float, str]]) -> VGroup:
        first, _ = self.columns[index]
        em = self.look.em(self.size)
        middle = float(first.center[1])
        up, down = (0.12 * em, -1.0 * em) if self.stacked else (-0.33 * em, -0.33 * em)
        dot = Disc(
            self.look, np.array([first.left + 0.3 * em, middle + up + 0.33 * em, 0.0]), each.role, 0.3 * em
        )
        name = Label(self.look, each.name, self.size, each.role, "bold")
        name.shift((first.left + 0.95 * em - name.get_left()[0], 0, 0)).on_baseline(middle + up)
        number = Counter(self.look, readings, self.size, "ink", align="left" if self.stacked else "right")
        row = VGroup(dot, name, number)
        edge = first.right - number.get_right()[0]
        if self.stacked:
            word = Label(self.look, "loss", "tiny", "muted").on_baseline(middle + down)
            word.shift((name.get_left()[0] - word.get_left()[0], 0, 0))
            edge = word.get_right()[0] + 0.15 - number.get_left()[0]
            row.add(word)
        number.shift((edge, 0, 0)).on_baseline(middle + down)
        self.counters.append(number)
        squares = VGroup()
        self.squares.append(self._squares(index, each.role, squares))
        self.parts["slope²"].append(squares)
        return row.add(squares)

    def _squares(self, index: int, role: str, row: VGroup) -> list[Rectangle]:
        most, low, lefts = self._slots(index)
        if self.kept[index].sides is None:
            middle = ((sum(lefts) + most) / 2, low + most / 2, 0)
            row.add(Label(self.look, "none", "tiny", "muted").move_to(middle))
            return []
        for left in lefts:
            outline = VMobject().set_points_as_corners(_square(left, low, most))
            outline.set_stroke(self.look.color("faint"), self.look.stroke("thin")).set_fill(opacity=0)
            self.outlines[index].append(outline)
            row.add(outline)
        squares = [
            Rectangle(width=1, height=1, stroke_width=0).set_fill(self.look.color(role), 1.0) for _ in lefts
        ]
        row.add(*squares)
        return squares

    def light(self, only: Sequence[int], dim: float = 0.3) -> StateTable:
        """The rows of `only` are lit, the others dimmed; in place."""
        for i, row in enumerate(self.rows_):
            row.set_opacity(1.0 if i in only else dim)
        for column, parts in self.parts.items():
            # Rows stand in the order of the runs; the headings came last.
            for i, part in enumerate(parts):
                lit = 1.0 if i in only or i == len(self.rows_) else dim
                part.set_opacity(lit * self.veils[column])
        for outline in (each for row in self.outlines for each in row):
            outline.set_fill(opacity=0)
        return self

    def unveil(self, column: str, share: float, only: Sequence[int]) -> None:
        """A column comes in, the rows of `only` lit; in place."""
        self.veils[column] = share
        self.light(only)

    def turn_to(self, step: float, only: Sequence[int] | None = None) -> StateTable:
        """Numbers and squares of `only` at a step; in place."""
        for i in range(len(self.kept)) if only is None else only:
            self.counters[i].turn_to(step)
            if self.squares[i]:
                self._turn_squares(i, step)
        return self

    def _slots(self, index: int) -> tuple[float, float, tuple[float, float]]:
        """(the side of the largest square, the y of their feet, the left of both): room for their names."""
        room = self.columns[index][1]
        most = min(0.5 * room.width - 0.06, 0.92 * room.height)
        names = [text_width(name, self.look.em("tiny")) for name in NAMES]
        apart = max(most, sum(names) / 2) + 0.12
        middle = min(float(room.center[0]), room.right - (apart + max(most, names[1])) / 2)
        lefts = (middle - (apart + most) / 2, middle + (apart - most) / 2)
        return most, float(room.center[1]) - most / 2, lefts

    def _turn_squares(self, index: int, step: float) -> None:
        most, low, lefts = self._slots(index)
        sides = np.maximum(most * self.kept[index].side(step), NOTHING)
        for square, side, left in zip(self.squares[index], sides, lefts, strict=True):
            square.set_points_as_corners(_square(left, low, float(side)))


def _square(left: float, low: float, side: float) -> list[np.ndarray]:
    """The corners of a closed square."""
    turns = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    return [np.array([left + side * x, low + side * y, 0.0]) for x, y in turns]
