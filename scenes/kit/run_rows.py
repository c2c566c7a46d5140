"""Parts of an equation or a summary spread over a region: on one line where they fit, else on two."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup

from scenes.kit.layout import Look, Region
from scenes.kit.text import Runs

#: Free space between two parts, in units: at least, and at most.
LEAST, MOST = 0.35, 0.9


def run_rows(look: Look, runs: Sequence[Runs], region: Region, size: str = "label") -> VGroup:
    """The runs placed in reading order, centred, on the baselines of one or two rows."""
    rows = [list(runs)]
    if sum(part.width + LEAST for part in runs) - LEAST > region.width:
        half = (len(runs) + 1) // 2
        rows = [list(runs[:half]), list(runs[half:])]
    for row, band in zip(rows, region.rows(*[1] * len(rows), gap=0), strict=True):
        _place(look, row, band, size)
    return VGroup(*runs)


def _place(look: Look, row: list[Runs], band: Region, size: str) -> None:
    wide = sum(part.width for part in row)
    gap = min((band.width - wide) / max(len(row) - 1, 1), MOST)
    x = band.center[0] - (wide + gap * (len(row) - 1)) / 2
    for part in row:
        part.shift((x - part.get_left()[0], 0.0, 0.0))
        for label in part:
            label.on_baseline(band.center[1] - 0.32 * look.em(size))
        x += part.width + gap
