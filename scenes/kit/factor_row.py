"""A product whose factors are found one by one: symbol, number and a word for each, in one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manim import RoundedRectangle, VGroup

from scenes.kit.formula import formula
from scenes.kit.layout import Look, Region
from scenes.kit.text import Label, text_width


@dataclass(frozen=True)
class Factor:
    """One cell: its symbol in Typst's math notation, a word below, and the sign before it."""

    symbol: str
    word: str
    sign: str = "×"


class FactorRow(VGroup):
    """Cells in a row; a cell's number is "?" until `found` sets it.

    `cells[i]` is VGroup(symbol, number, word); `box` frames the first cell, the result.
    """

    def __init__(self, look: Look, region: Region, factors: Sequence[Factor]) -> None:
        self.look, self.region = look, region
        self.size = "title" if region.width > 10 else "body"
        em = look.em("tiny")
        widths = [max(text_width(f.word, em), 6 * 0.5 * look.em(self.size)) for f in factors]
        gap = max((region.width - sum(widths)) / len(factors), 0.0)
        gap = min(gap, 1.3)
        x = region.center[0] - (sum(widths) + gap * (len(factors) - 1)) / 2
        self.cells, self.signs = [], VGroup()
        self.base = region.center[1] - 0.3 * look.em(self.size) - 0.04
        for i, (factor, width) in enumerate(zip(factors, widths, strict=True)):
            if i:
                sign = Label(look, factor.sign, "body" if self.size == "title" else "label", "muted")
                self.signs.add(sign.move_to((x - gap / 2, 0, 0)).on_baseline(self.base + 0.05))
            self.cells.append(self._cell(factor, x + width / 2))
            x += width + gap
        self.numbers = [cell[1] for cell in self.cells]
        first = self.cells[0]
        self.box = RoundedRectangle(
            width=widths[0] + min(0.3, 0.2 * gap), height=region.height, corner_radius=0.12
        )
        self.box.move_to((first.get_center()[0], region.center[1], 0))
        self.box.set_stroke(look.color("gradient"), look.stroke("thin")).set_fill(opacity=0)
        super().__init__(*self.cells, self.signs)

    def _cell(self, factor: Factor, x: float) -> VGroup:
        symbol = formula(self.look, factor.symbol, "label" if self.size == "title" else "tiny", "ink")
        symbol.move_to((x, self.region.top - symbol.height / 2 - 0.06, 0))
        number = Label(self.look, "?", self.size, "muted", "bold").move_to((x, 0, 0)).on_baseline(self.base)
        word = Label(self.look, factor.word, "tiny", "muted").move_to((x, 0, 0))
        return VGroup(symbol, number, word.on_baseline(self.region.bottom + 0.1))

    def found(self, index: int, text: str, role: str) -> Label:
        """The number of a cell, in its place: the end of a Transform of `numbers[index]`."""
        number = Label(self.look, text, self.size, role, "bold")
        number.move_to((self.cells[index].get_center()[0], 0, 0))
        return number.on_baseline(self.base)
