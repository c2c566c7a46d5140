"""A table of bars under one heading that fills row by row; what comes later is not seen yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, UpdateFromAlphaFunc, VGroup, smooth

from scenes.kit.bar_rows import BarRows
from scenes.kit.layout import Look, Region
from scenes.kit.text import Label

HEAD = 0.36
#: Rows at least this high have their names over the bars, in em.
OVER = 2.2


class GrowingRows(VGroup):
    """Bars of one quantity for several runs, empty at first; `scale` is the magnitude that fills the room."""

    def __init__(
        self,
        look: Look,
        region: Region,
        heading: str,
        names: Sequence[str],
        scale: float,
        role: str = "output",
    ) -> None:
        top, rows = region.rows(HEAD, region.height - HEAD, gap=0)
        self.head = Label(look, heading, "tiny", role, "bold")
        self.head.shift((top.left - self.head.get_left()[0], 0, 0)).on_baseline(top.bottom + 0.08)
        count = len(names)
        above = rows.height / count > OVER * look.em("tiny")
        self.bars = BarRows(
            look, rows, np.zeros(count), ["0.00"] * count, scale, names, role=role, above=above
        )
        self.bars.set_values(np.zeros(count), [""] * count)
        for name in self.bars.names:
            name.set_fill(opacity=0)
        super().__init__(self.head, self.bars)

    @property
    def values(self) -> np.ndarray:
        """What the rows show now; 0 where nothing has been shown yet."""
        return self.bars.values

    def growing(self, row: int, value: float, text: str, **kwargs: Any) -> Animation:
        """A row's name comes in and its bar grows to its value; the number comes with the full length."""
        values, texts = self.bars.values.copy(), [label.text for label in self.bars.labels]
        kwargs.setdefault("rate_func", smooth)

        def grow(_: Any, alpha: float) -> None:
            self.bars.names[row].set_fill(opacity=alpha)
            values[row] = alpha * value
            texts[row] = text if alpha >= 1 else ""
            self.bars.set_values(values, texts)

        return UpdateFromAlphaFunc(self.bars, grow, **kwargs)
