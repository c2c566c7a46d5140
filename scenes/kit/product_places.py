"""Where two matrix products in a row are drawn: a list over its table, the result beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scenes.kit.layout import Look, Region

#: Thickness of a list drawn as a strip, and the gap beside it, in units.
STRIP, GAP = 0.34, 0.2


@dataclass(frozen=True)
class ProductPlaces:
    """The input x over the first table, its result a beside it, the second table, its result y, a foot.

    `stacked`: the second table lies under the first, and `turned` is where a is laid down over it.
    Otherwise it stands beside a, on its side, and y lies under it.
    """

    x: Region
    w1: Region
    a: Region
    turned: Region
    w2: Region
    y: Region
    foot: Region
    stacked: bool

    def first_alone(self, look: Look) -> tuple[ProductPlaces, np.ndarray]:
        """(the places while only the first product is there, the shift that brought them there).

        Where the second table comes below, the first stands in the middle until then.
        """
        free = self.w1.bottom - 1.6 * look.em("tiny") - look.wide.bottom
        down = np.array([0.0, -free / 2 if self.stacked else 0.0, 0.0])
        x, w1, a = (_moved(region, down) for region in (self.x, self.w1, self.a))
        return replace(self, x=x, w1=w1, a=a), down


def _moved(region: Region, by: np.ndarray) -> Region:
    x, y, _ = by
    return Region(region.left + x, region.bottom + y, region.right + x, region.top + y)


def product_places(look: Look) -> ProductPlaces:
    """Stacked where the frame is high, side by side elsewhere."""
    return _stacked(look) if look.aspect in ("4:5", "9:16") else _side_by_side(look)


def _stacked(look: Look) -> ProductPlaces:
    wide, em = look.wide, look.em("tiny")
    line = 1.6 * em
    foot = Region(wide.left, wide.bottom, wide.right, wide.bottom + 1.0)
    right = wide.right - 2.2 * em
    left_end = right - STRIP - GAP
    lists = 2 * (line + STRIP + GAP + line) + 0.2
    room = wide.height - foot.height - lists
    top = wide.top - line
    x = Region(wide.left, top - STRIP, left_end, top)
    w1 = Region(wide.left, x.bottom - GAP - room / 3, left_end, x.bottom - GAP)
    top = w1.bottom - 2 * line - 0.2
    turned = Region(wide.left, top - STRIP, left_end, top)
    w2 = Region(wide.left, turned.bottom - GAP - room * 2 / 3, left_end, turned.bottom - GAP)
    a, y = (Region(left_end + GAP, w.bottom, right, w.top) for w in (w1, w2))
    return ProductPlaces(x, w1, a, turned, w2, y, foot, True)


def _side_by_side(look: Look) -> ProductPlaces:
    wide, em = look.wide, look.em("tiny")
    square = look.upright
    top, bottom = wide.top - 1.5 * em, wide.bottom + (0.85 if square else 0.0) + 2.6 * em
    left_end = wide.right - (2.45 if square else 3.4) - 2 * GAP - STRIP
    x = Region(wide.left, top - STRIP, left_end, top)
    base = bottom + STRIP + GAP + 0.1
    w1 = Region(wide.left, base, left_end, x.bottom - GAP)
    a = Region(left_end + GAP, base, left_end + GAP + STRIP, w1.top)
    w2 = Region(a.right + GAP, base, wide.right, w1.top)
    y = Region(w2.left, base - GAP - STRIP, wide.right, base - GAP)
    foot = Region(wide.left, wide.bottom, wide.right, wide.bottom + 0.85)
    if not square:
        foot = Region(wide.left, wide.bottom, w1.right, base - 1.4 * em - 0.1)
    return ProductPlaces(x, w1, a, a, w2, y, foot, False)
