"""Words and numbers as outlines: HarfBuzz shapes them, one VMobject draws a whole line.

The font is Source Sans Pro from its pip package, read by path, so a picture has the same letters on every
machine, no font server is asked and no file is written. Its figures are tabular: counters do not jitter.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import uharfbuzz as hb
from manim import VGroup, VMobject

from scenes.kit.layout import Look

FONT_PACKAGE = "font_source_sans_pro"
WEIGHTS = {"regular": "SourceSansPro-Regular.ttf", "bold": "SourceSansPro-Semibold.ttf"}
LINE_HEIGHT = 1.25


def font_path(weight: str = "regular") -> Path:
    """The font file of a weight, from its package."""
    return Path(str(files(FONT_PACKAGE) / "files" / WEIGHTS[weight]))


@lru_cache(maxsize=4)
def _font(weight: str) -> hb.Font:
    return hb.Font(hb.Face(hb.Blob.from_file_path(str(font_path(weight)))))


class _OutlinePen:
    """Collects a glyph's outline as cubic Bézier points, four to a curve."""

    def __init__(self) -> None:
        self.points: list[tuple[float, float]] = []
        self._start = self._at = (0.0, 0.0)

    def moveTo(self, to):
        self._start = self._at = to

    def lineTo(self, to):
        if to != self._at:
            a, b = np.array(self._at), np.array(to)
            self._curve(tuple(a + (b - a) / 3), tuple(a + (b - a) * 2 / 3), to)

    def qCurveTo(self, control, to):
        a, c, b = np.array(self._at), np.array(control), np.array(to)
        self._curve(tuple(a + (c - a) * 2 / 3), tuple(b + (c - b) * 2 / 3), to)

    def curveTo(self, one, two, to):
        self._curve(one, two, to)

    def closePath(self):
        self.lineTo(self._start)

    def _curve(self, one, two, to) -> None:
        self.points += [self._at, one, two, to]
        self._at = to


@lru_cache(maxsize=2048)
def _glyph(weight: str, glyph: int) -> np.ndarray:
    pen = _OutlinePen()
    _font(weight).draw_glyph_with_pen(glyph, pen)
    return np.array(pen.points, dtype=float).reshape(-1, 2)


@lru_cache(maxsize=4096)
def _shape(text: str, weight: str) -> tuple[np.ndarray, float]:
    """(outline points in em, advance width in em) of one line; the baseline is y = 0."""
    if not text:
        return np.zeros((0, 2)), 0.0
    font = _font(weight)
    buffer = hb.Buffer()
    # A hyphen before a digit is a minus sign.
    buffer.add_str(re.sub(r"(?<![\w)])-(?=[\d.])", "\u2212", text))
    buffer.guess_segment_properties()
    hb.shape(font, buffer, {"kern": True, "liga": True, "tnum": True})
    x, parts = 0.0, []
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        if info.codepoint == 0:
            raise ValueError(f"the font has no glyph for {text[info.cluster]!r} in {text!r}")
        offset = np.array([x + position.x_offset, position.y_offset])
        parts.append(_glyph(weight, info.codepoint) + offset)
        x += position.x_advance
    upem = font.face.upem
    points = np.concatenate(parts) / upem if parts else np.zeros((0, 2))
    return points, x / upem


def text_width(text: str, em: float, weight: str = "regular") -> float:
    """The advance width of a line in units."""
    return _shape(text, weight)[1] * em


class Label(VMobject):
    """One line of text as one filled outline.

    `text`, `em` (units) and `role` stay readable for the layout lint. A label with no visible glyph is a
    single invisible point, so it can still be placed.
    """

    def __init__(
        self, look: Look, text: str, size: str = "body", role: str = "ink", weight: str = "regular"
    ) -> None:
        self.look, self.role, self.weight = look, role, weight
        self.em = look.em(size)
        self.text = ""
        super().__init__(stroke_width=0, fill_opacity=1.0)
        self.set_color(look.color(role))
        self._lay_out(text)

    def _lay_out(self, text: str) -> None:
        points, self.advance = _shape(text, self.weight)
        self.text = text
        flat = np.zeros((max(len(points), 1), 3))
        flat[: len(points), :2] = points * self.em
        self.points = flat
        self.origin_share = -float(flat[:, 1].min())  # baseline above the outline's bottom, units

    @property
    def baseline(self) -> float:
        """The y of the baseline."""
        return float(self.points[:, 1].min()) + self.origin_share

    def on_baseline(self, y: float) -> Label:
        """Moved vertically so that its baseline is at y."""
        return self.shift((0, y - self.baseline, 0.0))

    def set_text(self, text: str, align: str = "left") -> Label:
        """Another text in the same place: `align` says which end (left, center, right) stays."""
        if text == self.text:
            return self
        anchor = {"left": self.get_left, "center": self.get_center, "right": self.get_right}[align]()[0]
        baseline = self.baseline
        self._lay_out(text)
        now = {"left": self.get_left, "center": self.get_center, "right": self.get_right}[align]()[0]
        return self.shift((anchor - now, baseline - self.baseline, 0.0))

    def scale(self, scale_factor: float, *args: Any, **kwargs: Any) -> Label:
        super().scale(scale_factor, *args, **kwargs)
        self.em *= scale_factor
        self.origin_share *= scale_factor
        return self


def wrap(text: str, width: float, em: float, weight: str = "regular") -> list[str]:
    """The text broken into lines no wider than `width` units; a single long word stays whole."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, em, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def even_width(text: str, width: float, em: float) -> float:
    """The narrowest width that needs no more lines than `width`: lines of even length."""
    lines = len(wrap(text, width, em))
    return min(w for w in np.linspace(width / 2, width, 40) if len(wrap(text, float(w), em)) == lines)


def wrap_characters(text: str, columns: int) -> list[str]:
    """The text broken into as few lines of at most `columns` characters as it takes, as even as can be."""
    count = len(textwrap.wrap(text, columns))
    for width in range(max(1, len(text) // max(count, 1)), columns + 1):
        lines = textwrap.wrap(text, width)
        if len(lines) <= count:
            return lines
    return textwrap.wrap(text, columns)


class Paragraph(VGroup):
    """Several lines of text, wrapped to a width, on even baselines."""

    def __init__(
        self,
        look: Look,
        text: str,
        width: float,
        size: str = "body",
        role: str = "ink",
        weight: str = "regular",
        align: str = "left",
    ) -> None:
        em = look.em(size)
        lines = [Label(look, line, size, role, weight) for line in wrap(text, width, em, weight)]
        for i, line in enumerate(lines):
            line.on_baseline(-i * LINE_HEIGHT * em)
            ends = {"left": line.get_left, "center": line.get_center, "right": line.get_right}
            line.shift((-ends[align]()[0], 0, 0.0))
        super().__init__(*lines)


class Runs(VGroup):
    """One line of several coloured runs on one baseline: `[("784", "input"), (" × ", "muted")]`."""

    def __init__(
        self, look: Look, runs: Iterable[tuple[str, str]], size: str = "body", weight: str = "regular"
    ) -> None:
        x, labels = 0.0, []
        for text, role in runs:
            label = Label(look, text, size, role, weight)
            points, advance = _shape(text, weight)
            if len(points):
                label.shift((x, 0, 0.0))
                labels.append(label)
            x += advance * label.em
        super().__init__(*labels)
