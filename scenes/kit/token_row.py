"""A sequence of tokens as a row of tiles, and attention between them as arcs over the row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import RoundedRectangle, VGroup, VMobject

from scenes.kit.layout import Look, Region
from scenes.kit.text import Label

#: An arc that carries everything is this wide, in tile sides.
WIDEST = 0.3


class TokenRow(VGroup):
    """Tiles side by side in a region, centred; `roles` gives each tile's colour.

    Units: a tile's side is chosen so that all fit, at most `largest`.
    """

    def __init__(
        self,
        look: Look,
        region: Region,
        words: Sequence[str],
        roles: Sequence[str],
        largest: float = 1.3,
        size: str = "body",
        gap: float = 0.32,
    ) -> None:
        self.look = look
        count = len(words)
        self.side = min(region.width / (count + gap * (count - 1)), region.height, largest)
        pitch = self.side * (1 + gap)
        left, y = region.center[0] - (count - 1) * pitch / 2, float(region.center[1])
        self.places = np.array([[left + i * pitch, y, 0.0] for i in range(count)])
        self.tiles, self.words = VGroup(), VGroup()
        for at, word, role in zip(self.places, words, roles, strict=True):
            tile = RoundedRectangle(corner_radius=0.16 * self.side, width=self.side, height=self.side)
            tile.set_fill(look.color("surface"), 1).set_stroke(look.color(role), look.stroke("line"))
            self.tiles.add(tile.move_to(at))
            ink = "ink" if role == "faint" else role
            self.words.add(Label(look, word, size, ink, "bold").move_to(at))
        super().__init__(self.tiles, self.words)

    def top(self, index: int) -> np.ndarray:
        """The middle of a tile's upper edge."""
        return np.asarray(self.places[index] + [0.0, self.side / 2, 0.0])

    def bottom(self, index: int) -> np.ndarray:
        """The middle of a tile's lower edge."""
        return np.asarray(self.places[index] - [0.0, self.side / 2, 0.0])


def carried(look: Look, word: str, side: float) -> VGroup:
    """A small tile with what is carried from one token to another."""
    tile = RoundedRectangle(corner_radius=0.16 * side, width=side, height=side)
    tile.set_fill(look.color("background"), 1).set_stroke(look.color("correct"), look.stroke("line"))
    return VGroup(tile, Label(look, word, "label", "correct", "bold").move_to(tile))


class AttentionArcs(VGroup):
    """One arc from a tile to every tile of its row, as wide and as bright as the attention it carries.

    Shapes: weights (t,), in 0..1. Units: `height` of the longest arc over the tiles in units; a weight of 1
    is WIDEST tile sides wide, zero has no width.
    """

    def __init__(
        self,
        look: Look,
        row: TokenRow,
        taker: int,
        weights: np.ndarray,
        height: float,
        role: str = "accent",
        above: bool = True,
    ) -> None:
        self.look, self.full = look, WIDEST * row.side * 100
        count, way = len(row.places), 1.0 if above else -1.0
        arcs = []
        for giver in range(count):
            ends = [row.top(i) if above else row.bottom(i) for i in (taker, giver)]
            arcs.append(
                _arc(ends[0], ends[1], way * height, abs(taker - giver) / max(count - 1, 1), row.side)
            )
        super().__init__(*arcs)
        self.set_fill(opacity=0).set_stroke(look.color(role))
        self.set_weights(weights)

    def set_weights(self, weights: np.ndarray) -> AttentionArcs:
        """Other weights in place."""
        self.weights = np.asarray(weights, dtype=float)
        for arc, weight in zip(self.submobjects, self.weights, strict=True):
            arc.set_stroke(
                width=self.full * weight, opacity=float(0.35 + 0.65 * weight) if weight > 0 else 0.0
            )
        return self


def _arc(start: np.ndarray, end: np.ndarray, height: float, share: float, side: float) -> VMobject:
    """Half an ellipse from tile to tile; to itself a small loop."""
    arc = VMobject()
    reach = np.array([0.22 * side, 0.0, 0.0]) if share == 0 else np.zeros(3)
    start, end = start - reach, end + reach
    rise = np.array([0.0, height * 4 / 3 * (0.3 + 0.7 * share), 0.0])
    arc.set_points(np.array([start, start + rise, end + rise, end]))
    return arc
