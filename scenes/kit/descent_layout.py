"""Where gradient descent's parts go in each shape: the map over its digits, the rule, the plots."""

from __future__ import annotations

from dataclasses import dataclass

from scenes.kit.layout import Look, Region
from scenes.kit.loss_view import map_room

GAP = 0.12


@dataclass(frozen=True)
class MapPlace:
    """A map's own rectangle and, below its axis, the room for the batch in so many rows."""

    map: Region
    digits: Region
    rows: int
    named: bool

    @classmethod
    def of(
        cls, look: Look, place: Region, count: int, rows: int, below: float = 0.0, named: bool = False
    ) -> MapPlace:
        """The places in a region for `count` square pictures; `below` units stay free under them.

        `named` leaves a row for the x axis's whole name.
        """
        inner = map_room(look, place)
        height = inner.width * rows / -(-count // rows) if rows else 0.0
        bottom = place.bottom + below
        digits = Region(inner.left, bottom, inner.right, bottom + height)
        lifted = Region(place.left, digits.top + (GAP if rows else 0.0), place.right, place.top)
        return cls(map_room(look, lifted, named), digits, rows, named)


@dataclass(frozen=True)
class Places:
    """The map alone, with the rule beside it, with rule and plot, and with the plots of the whole run."""

    hero: MapPlace
    one: MapPlace
    rule_one: Region
    many: MapPlace
    rule_many: Region
    plot_many: Region
    run: MapPlace
    plots_run: tuple[Region, ...]

    @classmethod
    def of(cls, look: Look, count: int) -> Places:
        """The places in a shape, for batches of `count` pictures."""
        wide, em = look.wide, look.em("tiny")

        def place(region: Region, rows: int, below: float = 0.0, named: bool = False) -> MapPlace:
            return MapPlace.of(look, region, count, rows, below, named)

        if look.aspect == "16:9":
            left, right = wide.columns(0.46, 0.54, gap=0.5)
            upper, lower = right.rows(0.5, 0.5, gap=0.3)
            above, under = right.rows(1, 1, gap=0.3)
            both = place(left, 2)
            hero, run = place(wide, 1, 1.8 * em, True), place(left, 0, 2.7 * em)
            return cls(hero, both, right, both, upper, lower, run, (above, under))
        hero = place(wide, 2, 3.3 * em, True)
        beside, right = wide.columns(0.47, 0.53, gap=0.3)
        above, under = right.rows(1, 1, gap=0.3)
        run = place(beside, 0, 5.2 * em)
        if look.aspect == "9:16":
            one, rule = wide.rows(wide.height - 3.25, 3.0, gap=0.25)
            many, below, plot = wide.rows(wide.height - 5.3, 2.4, 2.2, gap=0.35)
            upper, lower = wide.rows(wide.height - 3.6, 3.4, gap=0.2)
            run = place(upper, 0, 2.7 * em)
            return cls(hero, place(one, 2), rule, place(many, 2), below, plot, run, (lower,))
        one, rule = wide.rows(wide.height - 2.85, 2.65, gap=0.2)
        many, plot = one.columns(1.2, 1, gap=0.3)
        tall = look.aspect == "4:5"
        single, several = place(one, 2 if tall else 1), place(many, 4 if tall else 2)
        return cls(hero, single, rule, several, rule, plot, run, (above, under))
