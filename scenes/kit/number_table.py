"""Rows of words and numbers: words flush left, numbers flush right, one number's digits over the other's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manim import Line, VGroup

from scenes.kit.layout import Look, Region
from scenes.kit.text import LINE_HEIGHT, Label


@dataclass(frozen=True)
class Row:
    """What a number is, the number as text ("" for a remark), its look; `rule` draws a line above."""

    words: str
    number: str
    role: str = "ink"
    size: str = "label"
    weight: str = "regular"
    rule: bool = False


class NumberTable(VGroup):
    """One VGroup per row (words, number, maybe a rule), centred in height in the region."""

    def __init__(self, look: Look, region: Region, rows: Sequence[Row], spacing: float = 1.35) -> None:
        self.look, self.region = look, region
        steps = [look.em(row.size) * LINE_HEIGHT * (1.2 if row.rule else 1.0) for row in rows]
        spacing = min(spacing, region.height / sum(steps))
        steps = [spacing * step for step in steps]
        y = region.center[1] + sum(steps) / 2
        made = []
        for row, step in zip(rows, steps, strict=True):
            y -= step
            made.append(self._row(row, y + 0.3 * (step - look.em(row.size)), step))
        super().__init__(*made)

    def _row(self, row: Row, baseline: float, step: float) -> VGroup:
        r = self.region
        words = Label(
            self.look,
            row.words,
            "label" if row.size != "tiny" else "tiny",
            "muted" if row.number else row.role,
        )
        words.shift((r.left - words.get_left()[0], 0, 0)).on_baseline(baseline)
        parts = VGroup(words)
        if not row.number:
            return parts.shift((r.right - words.get_right()[0], 0, 0))
        number = Label(self.look, row.number, row.size, row.role, row.weight)
        number.shift((r.right - number.get_right()[0], 0, 0)).on_baseline(baseline)
        parts.add(number)
        if row.rule:
            y = baseline + 0.78 * step
            line = Line((r.left, y, 0), (r.right, y, 0))
            parts.add(line.set_stroke(self.look.color("faint"), self.look.stroke("thin")))
        return parts
