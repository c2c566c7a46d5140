"""Thin lines from marks on a picture to the same things enlarged beside or below it."""

from __future__ import annotations

from manim import DOWN, LEFT, RIGHT, UP, Line, VGroup, VMobject

from scenes.kit.layout import Look


def window_leaders(look: Look, frame: VMobject, outer: VMobject) -> VGroup:
    """Two lines from the facing corners of a window to those of the same window enlarged."""
    ends = ((LEFT + DOWN, LEFT + UP), (RIGHT + DOWN, RIGHT + UP))
    if outer.get_left()[0] > frame.get_right()[0]:
        ends = ((RIGHT + UP, LEFT + UP), (RIGHT + DOWN, LEFT + DOWN))
    lines = [Line(frame.get_corner(a), outer.get_corner(b)) for a, b in ends]
    return VGroup(*lines).set_stroke(look.color("accent"), look.stroke("thin"))


def tile_leaders(look: Look, marks: VMobject, tiles: VMobject) -> VGroup:
    """A line from every mark to the near side of its tile: the left one, or the upper one of tiles below."""
    side = UP if tiles.get_top()[1] < marks.get_bottom()[1] else LEFT
    lines = [
        Line(mark.get_center(), tile.get_edge_center(side)) for mark, tile in zip(marks, tiles, strict=True)
    ]
    leaders = VGroup(*lines).set_stroke(look.color("accent"), look.stroke("hair"))
    casing = look.stroke("hair") + look.stroke("line")
    return leaders.set_stroke(look.color("background"), casing, background=True)
