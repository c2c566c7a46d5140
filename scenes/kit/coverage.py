"""How much of each pixel thin lines cover: as a sparse matrix to keep, or swept once and summed.

Both give the same numbers. The matrix pays where the lines' strengths change from frame to frame; the sweep
takes no memory and is what a picture that stands still needs, a hundred thousand lines included.
Source of the coverage: X. Wu, "An efficient antialiasing technique", SIGGRAPH 1991.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_matrix


def line_coverage(starts: np.ndarray, ends: np.ndarray, width: int, height: int) -> csc_matrix:
    """How much of each pixel each one-pixel-wide line covers (Wu's anti-aliasing along the longer axis).

    Shapes: starts, ends (n, 2) pixels -> (height * width, n).
    Source: X. Wu, "An efficient antialiasing technique", SIGGRAPH 1991.
    """
    n = len(starts)
    steep = np.abs(ends - starts)[:, 1] > np.abs(ends - starts)[:, 0]
    a, b = starts.copy(), ends.copy()
    a[steep], b[steep] = a[steep][:, ::-1], b[steep][:, ::-1]
    swap = a[:, 0] > b[:, 0]
    a[swap], b[swap] = b[swap], a[swap]
    span = b - a
    slope = np.divide(span[:, 1], span[:, 0], out=np.zeros(n), where=span[:, 0] > 0)
    first = np.ceil(a[:, 0] - 0.5).astype(np.int64)
    count = np.maximum(np.ceil(b[:, 0] - 0.5).astype(np.int64) - first, 0)
    edge = np.repeat(np.arange(n), count)
    along = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    across = a[edge, 1] + slope[edge] * (along + 0.5 - a[edge, 0]) - 0.5
    low = np.floor(across).astype(np.int64)
    share = (across - low).astype(np.float32)
    rows = np.stack([low, low + 1], axis=1)
    cover = np.stack([1 - share, share], axis=1)
    x = np.where(steep[edge][:, None], rows, along[:, None])
    y = np.where(steep[edge][:, None], along[:, None], rows)
    # A pixel off the frame keeps its place with coverage 0: columns stay contiguous and no sort is needed.
    outside = (x < 0) | (x >= width) | (y < 0) | (y >= height)
    cover[outside] = 0
    pixel = np.where(outside, 0, y * width + x).astype(np.int32)
    pointers = np.concatenate([[0], np.cumsum(2 * count)])
    return csc_matrix((cover.ravel(), pixel.ravel(), pointers), shape=(height * width, n))


def summed_lines(
    starts: np.ndarray, ends: np.ndarray, signed: np.ndarray, width: int, height: int
) -> np.ndarray:
    """The weighted sum of all lines' coverages, swept one pixel column (or row, for steep lines) at a time.

    Shapes: starts, ends (n, 2) pixels; signed (n, 2), positive and negative strengths -> (2, height, width).
    """
    steep = np.abs(ends - starts)[:, 1] > np.abs(ends - starts)[:, 0]
    flat = _swept(starts[~steep], ends[~steep], signed[~steep], width, height)
    upright = _swept(starts[steep][:, ::-1], ends[steep][:, ::-1], signed[steep], height, width)
    return np.ascontiguousarray(flat.transpose(1, 2, 0) + upright.transpose(1, 0, 2))


def _swept(a: np.ndarray, b: np.ndarray, signed: np.ndarray, width: int, height: int) -> np.ndarray:
    """Shapes: (width, 2, height), columns first."""
    canvas = np.zeros((width, 2, height), np.float32)
    lit = signed.any(axis=1)
    a, b, signed = a[lit], b[lit], signed[lit]
    if not len(a):
        return canvas
    swap = (a[:, 0] > b[:, 0])[:, None]
    a, b = np.where(swap, b, a), np.where(swap, a, b)
    slope = np.divide(b[:, 1] - a[:, 1], b[:, 0] - a[:, 0], out=np.zeros(len(a)), where=b[:, 0] > a[:, 0])
    first, last = (np.ceil(end[:, 0] - 0.5).astype(np.int32) for end in (a, b))
    strength, offset = signed.sum(axis=1).astype(np.float32), np.where(signed[:, 1] > 0, height + 4, 0)
    base = a[:, 1] - slope * (a[:, 0] - 0.5) - 0.5
    for column in range(max(int(first.min()), 0), min(int(last.max()), width)):
        across = base + slope * column
        low = np.floor(across)
        weight = strength * ((first <= column) & (column < last))
        upper = weight * (across - low).astype(np.float32)
        place = np.clip(low, -2, height).astype(np.int32) + 2 + offset
        row = np.bincount(place, weight - upper, 2 * height + 8) + np.bincount(
            place + 1, upper, 2 * height + 8
        )
        canvas[column] = row.reshape(2, height + 4)[:, 2 : height + 2]
    return canvas
