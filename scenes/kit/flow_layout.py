"""Where the stages of a small network stand: one after another to the right, or down where it is tall."""

from __future__ import annotations

from collections.abc import Sequence

from scenes.kit.layout import Region

#: Room for the outputs at the end, in units, and the most of a region's length that it takes.
OUTPUT_ROOM, MOST_OUTPUT = 0.95, 0.18
#: A region higher than this many widths is tall.
TALL = 0.8
#: Share of the length that the stages take; the rest is between them.
FILLED = 0.86
#: The least room between two stages, in units: that of an arrow.
LEAST_GAP = 0.36


def flows_down(region: Region) -> bool:
    """Whether the stages of a network in a region stand under one another."""
    return region.height > TALL * region.width


def split(region: Region) -> tuple[Region, Region]:
    """(the network, its outputs)."""
    if flows_down(region):
        cut = region.bottom + min(OUTPUT_ROOM, MOST_OUTPUT * region.height)
        return (
            Region(region.left, cut + 0.1, region.right, region.top),
            Region(region.left, region.bottom, region.right, cut),
        )
    cut = region.right - min(OUTPUT_ROOM, MOST_OUTPUT * region.width)
    return (
        Region(region.left, region.bottom, cut - 0.1, region.top),
        Region(cut, region.bottom, region.right, region.top),
    )


def stages(body: Region, sizes: Sequence[tuple[float, float]], down: bool) -> list[Region]:
    """Places for stages of given widths and heights, on one scale, as large as fit and evenly spaced.

    Between two of them there is always room for an arrow.
    """
    along = [high if down else wide for wide, high in sizes]
    across = max(wide if down else high for wide, high in sizes)
    length, breadth = (body.height, body.width) if down else (body.width, body.height)
    most = min(FILLED * length, length - LEAST_GAP * len(along))
    scale = min(most / sum(along), breadth / across)
    gap = (length - scale * sum(along)) / len(along)
    places, at = [], 0.0
    x, y, _ = body.center
    for (wide, high), size in zip(sizes, along, strict=True):
        w, h = scale * wide / 2, scale * high
        if down:
            places.append(Region(x - w, body.top - at - h, x + w, body.top - at))
        else:
            places.append(Region(body.left + at, y - h / 2, body.left + at + 2 * w, y + h / 2))
        at += scale * size + gap
    return places


def block(room: Region, count: int, down: int) -> list[Region]:
    """Squares in reading order, `down` rows of them."""
    across = -(-count // down)
    cell = min(room.width / across, room.height / down)
    left, top = room.center[0] - across * cell / 2, room.center[1] + down * cell / 2
    at = [divmod(i, across) for i in range(count)]
    pad = 0.05 * cell
    return [
        Region(
            left + j * cell + pad,
            top - (i + 1) * cell + pad,
            left + (j + 1) * cell - pad,
            top - i * cell - pad,
        )
        for i, j in at
    ]
