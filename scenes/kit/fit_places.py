"""Where a fit is shown: the map of the plane, the loss curves, a table of losses."""

from __future__ import annotations

from dataclasses import dataclass

from scenes.kit.layout import Look, Region

#: Room under the map for a line of words, in units.
NOTE = 0.4


@dataclass(frozen=True)
class FitPlaces:
    """The map's square, the room of the curves while there is no table and beside one, the table."""

    square: Region
    curves: Region
    beside_table: Region
    table: Region


def fit_places(look: Look) -> FitPlaces:
    """Map left and the rest right of it in 16:9; upright, curves below and the table beside the map."""
    wide = look.wide
    if not look.upright:
        side = wide.height - NOTE
        square = Region(wide.left, wide.top - side, wide.left + side, wide.top)
        right = Region(square.right + 0.55, wide.bottom, wide.right, wide.top)
        beside, table = right.rows(1.55, 1, gap=0.3)
        return FitPlaces(square, right, beside, table)
    top, curves = wide.rows(1.1 if look.aspect == "9:16" else 1.35, 1, gap=0.15)
    side = min(top.height - NOTE, 0.55 * wide.width)
    square = Region(top.left, top.top - side, top.left + side, top.top)
    table = Region(square.right + 0.35, square.bottom, top.right, top.top)
    return FitPlaces(square, curves, curves, table)
