"""Readouts: labels that step through recorded numbers. No text between two recorded ones is ever made up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, UpdateFromAlphaFunc, VGroup, VMobject, linear

from scenes.kit.layout import Look
from scenes.kit.text import LINE_HEIGHT, Label, text_width


class Counter(Label):
    """A label that shows, at each position (a step, say), the last recorded number at or before it.

    `readings` are (position, text) in ascending order; scenes make the texts with `shown`, which enters them
    in the ledger. `align` is the end that stays where it is when the width changes.
    """

    def __init__(
        self,
        look: Look,
        readings: Sequence[tuple[float, str]],
        size: str = "body",
        role: str = "ink",
        weight: str = "regular",
        align: str = "left",
    ) -> None:
        self.positions = np.array([position for position, _ in readings], dtype=float)
        self.texts, self.align = tuple(text for _, text in readings), align
        super().__init__(look, self.texts[0], size, role, weight)

    def reading(self, position: float) -> str:
        """The text at a position; before the first it is the first."""
        return self.texts[max(0, int(np.searchsorted(self.positions, position, side="right")) - 1)]

    def turn_to(self, position: float) -> Counter:
        """Show the reading at a position; in place. Digits stay on their tabular places."""
        text = self.reading(position)
        if text != self.text:
            share = {"left": 0.0, "center": 0.5, "right": 1.0}[self.align]
            pen = float(self.points[:, 0].min()) - self.bearing
            kept, baseline = pen + share * self.advance * self.em, self.baseline
            self._lay_out(text)
            self.shift((kept - share * self.advance * self.em, 0, 0)).on_baseline(baseline)
        return self

    def _lay_out(self, text: str) -> None:
        super()._lay_out(text)
        self.bearing = float(self.points[:, 0].min())  # from the pen's start to the ink, units

    def at(self, position: float) -> Counter:
        """A copy showing the reading at a position; it plays nothing."""
        return self.copy().turn_to(position)

    def counting(self, start: float, stop: float, **kwargs: Any) -> Animation:
        """The motion through all readings from one position to another."""
        kwargs.setdefault("rate_func", linear)

        def count(label: Any, alpha: float) -> None:
            label.turn_to(stop if alpha >= 1 else start + alpha * (stop - start))

        return UpdateFromAlphaFunc(self, count, **kwargs)


class NumberColumn(VGroup):
    """Numbers under one another in brackets, the signs and points aligned; `more` adds three dots below.

    `counters` are the numbers, top first: each steps through its own readings. `widest` is the widest text
    there will be, so the brackets never move.
    """

    def __init__(
        self,
        look: Look,
        readings: Sequence[Sequence[tuple[float, str]]],
        widest: str,
        role: str = "ink",
        size: str = "body",
        more: bool = True,
    ) -> None:
        em = look.em(size)
        self.inner = text_width(widest, em)
        self.counters = [Counter(look, rows, size, role, align="right") for rows in readings]
        rows = len(self.counters) + (0.85 if more else 0.0)
        step = LINE_HEIGHT * em
        height = rows * step + 0.1 * em
        for i, counter in enumerate(self.counters):
            counter.shift((self.inner / 2 - counter.get_right()[0], 0, 0))
            counter.on_baseline(height / 2 - 0.05 * em - (i + 0.78) * step)
        parts: list[VMobject] = list(self.counters)
        if more:
            middle = -height / 2 + 0.45 * step
            parts += [_dot(look, [0.0, middle + 0.2 * em * k, 0.0], 0.045 * em) for k in (-1, 0, 1)]
        reach = self.inner / 2 + 0.3 * em
        self.brackets = VGroup(*[_bracket(look, x, height, em) for x in (-reach, reach)])
        super().__init__(*parts, self.brackets)

    def turn_to(self, position: float) -> NumberColumn:
        """Turn every number to its reading at a position; in place."""
        for counter in self.counters:
            counter.turn_to(position)
        return self


def _dot(look: Look, point: Sequence[float], radius: float) -> VMobject:
    dot = VMobject(stroke_width=0)
    turn = np.linspace(0, 2 * np.pi, 9)
    circle = radius * np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)
    dot.set_points_smoothly(list(circle + np.asarray(point)))
    return dot.set_fill(look.color("muted"), 1.0)


def _bracket(look: Look, x: float, height: float, em: float) -> VMobject:
    lip = -np.sign(x) * 0.16 * em
    shape = VMobject(fill_opacity=0)
    shape.set_points_as_corners(
        [(x + lip, height / 2, 0.0), (x, height / 2, 0.0), (x, -height / 2, 0.0), (x + lip, -height / 2, 0.0)]
    )
    return shape.set_stroke(look.color("muted"), look.stroke("thin"))
