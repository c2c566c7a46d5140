"""Where things go: named regions of the frame, different in each of the four shapes.

The frame's short side is always 8 units, so a text size is the same share of every shape. A scene asks
for `title`, `stage`, `side`, `wide` or `caption` and gets a rectangle; in upright shapes the side panel
lies below the stage instead of beside it. One class therefore gives four videos, re-laid out, not cropped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.kit.style import STROKES, TEXT_SIZES, Style

SHORT_SIDE = 8.0
MARGIN = 0.05 * SHORT_SIDE
CAPTION_SHARE = 0.12

#: Width over height of each shape.
ASPECTS = {"16:9": 16 / 9, "1:1": 1.0, "4:5": 4 / 5, "9:16": 9 / 16}


def frame_size(aspect: str) -> tuple[float, float]:
    """(width, height) of the frame in units; the short side is 8."""
    ratio = ASPECTS[aspect]
    return (SHORT_SIDE * ratio, SHORT_SIDE) if ratio >= 1 else (SHORT_SIDE, SHORT_SIDE / ratio)


@dataclass(frozen=True)
class Region:
    """A rectangle of the frame, in units, y upwards."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From bottom to top."""
        return self.top - self.bottom

    @property
    def center(self) -> np.ndarray:
        """The middle. Shapes: (3,)."""
        return np.array([(self.left + self.right) / 2, (self.bottom + self.top) / 2, 0.0])

    def point(self, x: float, y: float) -> np.ndarray:
        """The point at shares (x, y) of the region: (0, 0) is its lower left, (1, 1) its upper right."""
        return np.array([self.left + x * self.width, self.bottom + y * self.height, 0.0])

    def inset(self, x: float, y: float | None = None) -> Region:
        """The region with x units taken off at the left and right and y (or x) above and below."""
        y = x if y is None else y
        return Region(self.left + x, self.bottom + y, self.right - x, self.top - y)

    def columns(self, *weights: float, gap: float = 0.3) -> list[Region]:
        """Side by side from the left, widths in proportion to the weights."""
        edges = _cuts(self.left, self.right, weights, gap)
        return [Region(a, self.bottom, b, self.top) for a, b in edges]

    def rows(self, *weights: float, gap: float = 0.3) -> list[Region]:
        """One under another from the top, heights in proportion to the weights."""
        edges = _cuts(-self.top, -self.bottom, weights, gap)
        return [Region(self.left, -b, self.right, -a) for a, b in edges]

    def along(self, *weights: float, gap: float = 0.3) -> list[Region]:
        """Columns where the region is wider than high, rows where it is higher than wide."""
        return self.columns(*weights, gap=gap) if self.width >= self.height else self.rows(*weights, gap=gap)

    def around(self, other: Region) -> Region:
        """The smallest region that holds this one and another."""
        return Region(
            min(self.left, other.left),
            min(self.bottom, other.bottom),
            max(self.right, other.right),
            max(self.top, other.top),
        )

    def square(self) -> Region:
        """The largest square in the middle."""
        half = min(self.width, self.height) / 2
        x, y, _ = self.center
        return Region(x - half, y - half, x + half, y + half)


def _cuts(start: float, end: float, weights: tuple[float, ...], gap: float) -> list[tuple[float, float]]:
    room = end - start - gap * (len(weights) - 1)
    shares = np.array(weights) / sum(weights) * room
    starts = start + np.concatenate([[0], np.cumsum(shares[:-1] + gap)])
    return [(float(a), float(a + w)) for a, w in zip(starts, shares, strict=True)]


@dataclass(frozen=True)
class Look:
    """What a picture looks like: a shape and a theme; scenes pass it to everything they build."""

    aspect: str = "16:9"
    theme: str = "dark"

    @property
    def style(self) -> Style:
        """The colours of the theme."""
        return Style(self.theme)

    @property
    def frame(self) -> Region:
        """The whole picture, (0, 0) in its middle."""
        width, height = frame_size(self.aspect)
        return Region(-width / 2, -height / 2, width / 2, height / 2)

    @property
    def upright(self) -> bool:
        """Whether the side panel lies below the stage: true for every shape but 16:9."""
        return self.aspect != "16:9"

    @property
    def wide(self) -> Region:
        """Everything between the title and the captions."""
        return Region(
            self.frame.left + MARGIN,
            self.caption.top + 0.1,
            self.frame.right - MARGIN,
            self.title.bottom - 0.1,
        )

    @property
    def title(self) -> Region:
        """The row of the scene's title and its status line; in 9:16 it lies below what players cover."""
        top = self.frame.top - (CAPTION_SHARE * self.frame.height if self.aspect == "9:16" else MARGIN)
        return Region(self.frame.left + MARGIN, top - 0.6, self.frame.right - MARGIN, top)

    @property
    def caption(self) -> Region:
        """The strip kept for captions; in 9:16 it lies above what players cover."""
        strip = CAPTION_SHARE * SHORT_SIDE
        bottom = self.frame.bottom + (CAPTION_SHARE * self.frame.height if self.aspect == "9:16" else 0.0)
        return Region(self.frame.left + MARGIN, bottom, self.frame.right - MARGIN, bottom + strip)

    def panels(self, stage_share: float = 0.66) -> tuple[Region, Region]:
        """(stage, side): beside each other in 16:9, the side below the stage in upright shapes."""
        if not self.upright:
            stage, side = self.wide.columns(stage_share, 1 - stage_share, gap=0.4)
        else:
            stage, side = self.wide.rows(stage_share, 1 - stage_share, gap=0.3)
        return stage, side

    @property
    def stage(self) -> Region:
        """The larger of the two panels."""
        return self.panels()[0]

    @property
    def side(self) -> Region:
        """The smaller of the two panels."""
        return self.panels()[1]

    def em(self, size: str) -> float:
        """The em of a named text size, in units."""
        return TEXT_SIZES[size] * SHORT_SIDE

    def stroke(self, size: str) -> float:
        """The stroke width of a named size, in manim's stroke units."""
        return STROKES[size]

    def color(self, role: str) -> str:
        """The hex colour of a role in this theme."""
        return self.style.color(role)
