"""The rule of gradient descent with its numbers: weights − learning rate × gradient = next weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from manim import Animation, UpdateFromAlphaFunc, VGroup

from scenes.kit.layout import Look
from scenes.kit.readouts import Counter, NumberColumn
from scenes.kit.text import Label

Readings = Sequence[Sequence[tuple[float, str]]]


class UpdateRule(VGroup):
    """Two columns of recorded numbers, the rate between them and the column they make, each under its name.

    Each of `old`, `gradient` and `new` has one list of (step, text) per row; three dots say there are more.
    `left` (names, old weights), `middle` (rate, gradient) and `right` (next weights) can come one by one.
    """

    def __init__(
        self, look: Look, names: Sequence[str], old: Readings, gradient: Readings, new: Readings, rate: str,
        size: str = "body",
    ) -> None:  # fmt: skip
        self.look, self.size = look, size
        em = look.em(size)
        widest = max((text for rows in (*old, *gradient, *new) for _, text in rows), key=len)
        self.old = NumberColumn(look, old, widest, "ink", size)
        self.gradient = NumberColumn(look, gradient, widest, "gradient", size)
        self.new = NumberColumn(look, new, widest, "accent", size)
        rows = [Label(look, name, "tiny", "muted") for name in names]
        for label, counter in zip(rows, self.old.counters, strict=True):
            label.on_baseline(counter.baseline)
        minus, self.rate = self._word("−", "muted"), self._word(rate, "ink")
        times, equals = self._word("×", "muted"), self._word("=", "muted")
        x = 0.0
        for part, gap in (
            (VGroup(*rows), 0.35), (self.old, 0.5), (minus, 0.42), (self.rate, 0.3), (times, 0.42),
            (self.gradient, 0.5), (equals, 0.5), (self.new, 0.0),
        ):  # fmt: skip
            part.shift((x - part.get_left()[0], 0.0, 0.0))
            x = part.get_right()[0] + gap * em
        self.left = VGroup(*rows, self.old, self._head("weights", self.old))
        self.middle = VGroup(minus, self.rate, times, self.gradient, self._head("gradient", self.gradient),
                             self._head("learning", self.rate, 1), self._head("rate", self.rate))  # fmt: skip
        self.right = VGroup(equals, self.new, self._head("next weights", self.new))
        super().__init__(self.left, self.middle, self.right)

    def _word(self, text: str, role: str) -> Label:
        label = Label(self.look, text, self.size, role)
        return label.on_baseline(-0.33 * label.em)

    def _head(self, text: str, under: NumberColumn | Label, line: int = 0) -> Label:
        em = self.look.em("tiny")
        label = Label(self.look, text, "tiny", "muted")
        label.shift((under.get_center()[0] - label.get_center()[0], 0.0, 0.0))
        top = self.old.get_top()[1] if isinstance(under, NumberColumn) else 0.62 * self.look.em(self.size)
        return label.on_baseline(top + (0.45 + 1.1 * line) * em)

    def turn_to(self, step: float) -> UpdateRule:
        """Turn every number to the step; in place."""
        for column in (self.old, self.gradient, self.new):
            column.turn_to(step)
        return self


class StepPanel(VGroup):
    """The rule with the loss of the step's batch before and after under it.

    `before` and `after` are (step, text) readings, `words` says whose loss it is, `others` what else moved
    (nothing: no such line).
    """

    def __init__(
        self, look: Look, rule: UpdateRule, words: str, before: Sequence[tuple[float, str]],
        after: Sequence[tuple[float, str]], others: str,
    ) -> None:  # fmt: skip
        self.rule = rule
        size = rule.size
        self.counters = [Counter(look, before, size, "ink"), Counter(look, after, size, "accent")]
        em = look.em(size)
        x = 0.0
        parts = (Label(look, words, size, "muted"), self.counters[0], Label(look, "→", size, "muted"),
                 self.counters[1])  # fmt: skip
        for part in parts:
            part.shift((x - part.get_left()[0], 0.0, 0.0))
            x = part.get_right()[0] + 0.6 * em
        line = VGroup(*parts)
        line.move_to((rule.get_center()[0], rule.get_bottom()[1] - 1.1 * em, 0.0))
        self.loss_line = VGroup(line)
        if others:
            note = Label(look, others, "tiny", "muted")
            note.move_to((rule.get_center()[0], line.get_bottom()[1] - 0.9 * note.em, 0.0))
            self.loss_line.add(note)
        super().__init__(rule, self.loss_line)

    def turn_to(self, step: float) -> StepPanel:
        """Turn every number to the step; in place."""
        self.rule.turn_to(step)
        for counter in self.counters:
            counter.turn_to(step)
        return self

    def turning(self, step: float, **kwargs: Any) -> Animation:
        """The motion to another step: all numbers at once."""
        return UpdateFromAlphaFunc(self, lambda panel, _: panel.turn_to(step), **kwargs)
