"""How much of each pixel thin lines cover, summed over all lines.

Pixel columns are swept a block of lines at a time, so a hundred thousand lines take no memory. What is kept
from frame to frame is where the lines are and never a picture. Large sums run on several threads, each with
columns of its own: the sums do not depend on how many.
Source of the coverage: X. Wu, "An efficient antialiasing technique", SIGGRAPH 1991.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.sparse import coo_matrix

from scenes.kit.threads import in_parts

#: Lines times columns that are worked out at a time; they stay in the processor's cache.
BLOCK = 1 << 16
#: Empty rows on both sides of the picture: what lies outside of it falls there.
RIM = 2
#: From so many lines times columns on, several threads add them up.
MANY = 1 << 22
_ONE = np.ones(1, np.complex64)


class LineSums:
    """Lines of one pixel's width between fixed points, ready to be summed with any strengths.

    Shapes: starts, ends (n, 2) pixels. Raises: ValueError for an end that is not finite.
    """

    def __init__(self, starts: np.ndarray, ends: np.ndarray, width: int, height: int) -> None:
        if not (np.isfinite(starts).all() and np.isfinite(ends).all()):
            raise ValueError("a line with an end that is not finite")
        along = np.abs(ends - starts)
        steep = along[:, 1] > along[:, 0]
        self._flat, self._steep = np.flatnonzero(~steep), np.flatnonzero(steep)
        self._across = _Sweep(starts[self._flat], ends[self._flat], width, height)
        self._down = _Sweep(starts[self._steep][:, ::-1], ends[self._steep][:, ::-1], height, width)

    def of(self, signed: np.ndarray) -> np.ndarray:
        """The weighted sum of the lines' coverages (Wu's, along each line's longer axis).

        Shapes: signed (n,), positive and negative strengths -> (2, height, width): of the positive ones and
        of the negative ones, neither of them negative.
        """
        found = self._across.of(signed[self._flat]).transpose(1, 2, 0)
        if len(self._steep):
            found = found + self._down.of(signed[self._steep]).transpose(1, 0, 2)
        return np.ascontiguousarray(found)


class _Sweep:
    """Lines that are longer across than down, by their height at column 0 and their slope."""

    def __init__(self, a: np.ndarray, b: np.ndarray, width: int, height: int) -> None:
        swap = (a[:, 0] > b[:, 0])[:, None]
        a, b = np.where(swap, b, a), np.where(swap, a, b)
        rise, run = (b - a)[:, 1], (b - a)[:, 0]
        slope = np.divide(rise, run, out=np.zeros(len(a)), where=run > 0)
        first, last = (np.clip(np.ceil(end[:, 0] - 0.5), 0, width).astype(np.int32) for end in (a, b))
        base = a[:, 1] - slope * (a[:, 0] - 0.5) - 0.5
        self.width, self.height = width, height
        self._groups = [
            (alike, _Lines(base[alike], slope[alike], first[alike], last[alike], height))
            for alike in _groups(first, last)
        ]

    def of(self, signed: np.ndarray) -> np.ndarray:
        """Shapes: signed (n,) -> (width, 2, height), columns first."""
        rows = 2 * (self.height + 2 * RIM)
        canvas = np.zeros((self.width, rows), np.complex64)
        for alike, lines in self._groups:
            lines.lay(canvas, signed[alike])
        found = np.empty(canvas.shape, np.float32)
        in_parts(0, len(canvas), partial(_shared_out, canvas, found), large=canvas.size >= MANY // 8)
        return found.reshape(self.width, 2, rows // 2)[..., RIM : RIM + self.height]


def _shared_out(canvas: np.ndarray, found: np.ndarray, left: int, right: int) -> None:
    """What every pixel gets, from the sums of its row's strengths and of them times their lines' places.

    The share by which a line is below its row is the next row's. Shapes: canvas complex, found (width, rows).
    """
    strength, below, part = canvas.real[left:right], canvas.imag[left:right], found[left:right]
    below -= strength * np.tile(np.arange(canvas.shape[1] // 2, dtype=np.float32), 2)
    np.subtract(strength, below, out=part)
    part[:, 1:] += below[:, :-1]


def _groups(first: np.ndarray, last: np.ndarray) -> list[np.ndarray]:
    """Lines that have all columns in common, and one group of those that have few like them."""
    _, which, counts = np.unique(first.astype(np.int64) << 32 | last, return_inverse=True, return_counts=True)
    large = np.flatnonzero(counts >= max(64, len(first) // 64))
    rest = np.flatnonzero(~np.isin(which, large))
    return [*(np.flatnonzero(which == each) for each in large), *([rest] if len(rest) else [])]


class _Lines:
    """Lines that are laid down together, a block of lines and columns at a time."""

    def __init__(
        self, base: np.ndarray, slope: np.ndarray, first: np.ndarray, last: np.ndarray, height: int
    ) -> None:
        self.at, self.end, self.height = int(first.min()), int(last.max()), height
        start = base + slope * self.at + RIM
        reach = start + slope * max(0, self.end - 1 - self.at)
        self._base, self._slope = start.astype(np.float32), slope.astype(np.float32)
        alike = bool((first == self.at).all() and (last == self.end).all())
        self._spans = None if alike else (first, last)
        inside = min(start.min(), reach.min()) >= 0 and max(start.max(), reach.max()) <= height + RIM
        self._clips = not (alike and inside)

    def lay(self, canvas: np.ndarray, signed: np.ndarray) -> None:
        """Adds the lines to the canvas. Shapes: canvas complex (width, rows), signed (n,)."""
        lit = np.flatnonzero(signed)
        columns = self.end - self.at
        if not len(lit) or columns <= 0:
            return
        large = len(lit) * columns >= MANY
        in_parts(self.at, self.end, partial(self._lay, canvas, signed, lit), large=large)

    def _lay(self, canvas: np.ndarray, signed: np.ndarray, lit: np.ndarray, at: int, end: int) -> None:
        """Columns at .. end - 1 of the lines that are lit."""
        for left in range(0, len(lit), BLOCK):
            block = _Block(self, lit[left : left + BLOCK], signed, canvas.shape[1], end - at)
            for column in range(at, end, block.columns):
                block.add(canvas, column, min(end, column + block.columns))


class _Block:
    """Some of the lines, and room for as many columns of theirs as stay in the processor's cache."""

    def __init__(self, lines: _Lines, chosen: np.ndarray, signed: np.ndarray, rows: int, most: int) -> None:
        count, self.columns = len(chosen), max(1, min(most, BLOCK // len(chosen)))
        self._at, self._rows = lines.at, rows
        self._base, self._slope = lines._base[chosen], lines._slope[chosen]
        self._spans = lines._spans and tuple(each[chosen] for each in lines._spans)
        self._top = lines.height + RIM if lines._clips else None
        self._strength = np.abs(signed[chosen]).astype(np.float32)
        first_row = np.where(signed[chosen] < 0, rows // 2, 0).astype(np.int32)
        self._first = first_row + np.arange(self.columns, dtype=np.int32)[:, None] * np.int32(rows)
        self._place = np.empty((self.columns, count), np.float32)
        self._row = np.zeros((self.columns, count), np.int32)
        self._weights = np.empty((self.columns, count, 2), np.float32)
        self._weights[..., 0] = self._strength
        # Both weights of a line as one number, added up where `_row` says; both change in place.
        both, nowhere = self._weights.reshape(-1).view(np.complex64), np.zeros(self._row.size, np.int32)
        self._scatter = coo_matrix((both, (self._row.reshape(-1), nowhere)), shape=(self.columns * rows, 1))

    def add(self, canvas: np.ndarray, left: int, right: int) -> None:
        """Adds the columns left .. right - 1 to the canvas."""
        number = np.minimum(np.arange(left, left + self.columns), right - 1)[:, None]
        place = np.multiply((number - self._at).astype(np.float32), self._slope, out=self._place)
        place += self._base
        if self._top is not None:
            np.clip(place, 0, self._top, out=place)
        np.copyto(self._row, place, casting="unsafe")  # the whole part: no place is negative
        self._row += self._first
        weights = self._weights
        if self._spans is not None:
            there = (self._spans[0] <= number) & (number < self._spans[1])
            np.multiply(self._strength, there, out=weights[..., 0])
        np.multiply(place, weights[..., 0], out=weights[..., 1])
        sums = self._scatter @ _ONE
        canvas[left:right] += sums.reshape(self.columns, self._rows)[: right - left]
