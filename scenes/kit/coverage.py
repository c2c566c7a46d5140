"""How much of each pixel thin lines cover, summed over all lines.

Pixel columns are swept a block at a time, so a hundred thousand lines take no memory; nothing is kept from
frame to frame, so a picture never depends on the ones before it.
Source of the coverage: X. Wu, "An efficient antialiasing technique", SIGGRAPH 1991.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_matrix

#: Lines times columns that are worked out at a time; they stay in the processor's cache.
BLOCK = 1 << 16
#: Columns in a block: places in it are exact as 32-bit floats.
MOST = 1024
#: Empty rows on both sides of the picture: what lies outside of it falls there.
RIM = 2


def summed_lines(
    starts: np.ndarray, ends: np.ndarray, signed: np.ndarray, width: int, height: int
) -> np.ndarray:
    """The weighted sum of the coverages of one-pixel-wide lines (Wu's, along each line's longer axis).

    Shapes: starts, ends (n, 2) pixels; signed (n, 2), positive and negative strengths, at most one of them
    not zero -> (2, height, width).
    """
    lit = signed.any(axis=1)
    starts, ends, signed = starts[lit], ends[lit], signed[lit]
    steep = np.abs(ends - starts)[:, 1] > np.abs(ends - starts)[:, 0]
    flat = _swept(starts[~steep], ends[~steep], signed[~steep], width, height)
    upright = _swept(starts[steep][:, ::-1], ends[steep][:, ::-1], signed[steep], height, width)
    if upright is None:
        found = np.zeros((2, height, width), np.float32) if flat is None else flat.transpose(1, 2, 0)
    else:
        found = upright.transpose(1, 0, 2)
        if flat is not None:
            found = found + flat.transpose(1, 2, 0)
    return np.ascontiguousarray(found)


def _swept(a: np.ndarray, b: np.ndarray, signed: np.ndarray, width: int, height: int) -> np.ndarray | None:
    """Shapes: (width, 2, height), columns first; None where there is no line."""
    if not len(a):
        return None
    swap = (a[:, 0] > b[:, 0])[:, None]
    a, b = np.where(swap, b, a), np.where(swap, a, b)
    slope = np.divide(b[:, 1] - a[:, 1], b[:, 0] - a[:, 0], out=np.zeros(len(a)), where=b[:, 0] > a[:, 0])
    first, last = (np.clip(np.ceil(end[:, 0] - 0.5), 0, width).astype(np.int32) for end in (a, b))
    base = a[:, 1] - slope * (a[:, 0] - 0.5) - 0.5
    canvas = np.zeros((width, 2, height), np.float32)
    for alike in _groups(first, last):
        lines = _Lines(base[alike], slope[alike], signed[alike], height)
        lines.lay(canvas, first[alike], last[alike])
    return canvas


def _groups(first: np.ndarray, last: np.ndarray) -> list[np.ndarray]:
    """Lines that have all columns in common, and one group of those that have few like them."""
    _, which, counts = np.unique(first.astype(np.int64) << 32 | last, return_inverse=True, return_counts=True)
    large = np.flatnonzero(counts >= max(64, len(first) // 64))
    rest = np.flatnonzero(~np.isin(which, large))
    return [*(np.flatnonzero(which == each) for each in large), *([rest] if len(rest) else [])]


class _Lines:
    """Lines by their height at column 0 and their slope, laid down a block of columns at a time."""

    def __init__(self, base: np.ndarray, slope: np.ndarray, signed: np.ndarray, height: int) -> None:
        self.base, self.slope = base, slope.astype(np.float32)
        self.strength = signed.sum(axis=1).astype(np.float32)
        self.lower = np.where(signed[:, 1] > 0, height + 2 * RIM, 0).astype(np.float32) + np.float32(RIM)
        self.height = height

    def lay(self, canvas: np.ndarray, first: np.ndarray, last: np.ndarray) -> None:
        """Adds the lines to the canvas; `first` and `last` are each one's first column and end."""
        at, end = int(first.min()), int(last.max())
        step = min(MOST, max(1, BLOCK // len(first)))
        self.ones = np.ones(step * len(first), np.complex64)
        self.pointers = np.arange(len(self.ones) + 1, dtype=np.int32)
        alike = int(first.max()) == at and int(last.min()) == end
        for left in range(at, end, step):
            right = min(end, left + step)
            if alike:
                canvas[left:right] += self.block(slice(None), left, right, None)
                continue
            there = np.flatnonzero((first < right) & (last > left))
            if len(there):
                canvas[left:right] += self.block(there, left, right, (first[there], last[there]))

    def block(
        self,
        chosen: slice | np.ndarray,
        at: int,
        to: int,
        spans: tuple[np.ndarray, np.ndarray] | None,
    ) -> np.ndarray:
        """The sums of columns at .. to - 1; `spans` gives first column and end of lines that are not in all.

        Shapes: -> (to - at, 2, height).
        """
        slope, strength = self.slope[chosen], self.strength[chosen]
        columns = np.arange(to - at, dtype=np.float32)[:, None]
        across = columns * slope
        across += (self.base[chosen] + self.slope[chosen].astype(float) * at).astype(np.float32)
        np.clip(across, -RIM, self.height, out=across)
        low = np.floor(across)
        across -= low
        low += self.lower[chosen]
        rows = 2 * (self.height + 2 * RIM)
        low += columns * rows
        weights = np.empty((*across.shape, 2), np.float32)
        np.multiply(across, strength, out=weights[..., 1])
        np.subtract(strength, weights[..., 1], out=weights[..., 0])
        if spans is not None:
            number = np.arange(at, to)[:, None]
            weights *= ((spans[0] <= number) & (number < spans[1]))[..., None]
        # Real part: what the upper of two pixels gets; imaginary part: the lower. One pass adds up both.
        count = low.size
        scatter = csc_matrix(
            (self.ones[:count], low.ravel().astype(np.int32), self.pointers[: count + 1]),
            shape=((to - at) * rows + 1, count),
        )
        sums = (scatter @ weights.reshape(-1).view(np.complex64)).view(np.float32).reshape(-1, 2)
        sums[1:, 0] += sums[:-1, 1]
        return sums[:-1, 0].reshape(to - at, 2, self.height + 2 * RIM)[..., RIM : RIM + self.height]
