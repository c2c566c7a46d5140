"""Lists of a mobject and all below it, as manim orders them, without its lists of lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def members(mobjects: Iterable[Any], *, use_z_index: bool, only_with_points: bool = False) -> list[Any]:
    """The mobjects and everything below them in stack order; what occurs twice counts where it is last."""
    found: list[Any] = []
    seen: set[int] = set()
    # From the last to the first, children from the last, so that the first sight of each is its last place.
    waiting = list(mobjects)
    while waiting:
        mobject = waiting.pop()
        if type(mobject) is _Own:
            if id(mobject.mobject) not in seen:
                seen.add(id(mobject.mobject))
                found.append(mobject.mobject)
        elif id(mobject) in seen:
            continue
        elif mobject.submobjects:
            waiting.append(_Own(mobject))
            waiting.extend(mobject.submobjects)
        else:
            seen.add(id(mobject))
            found.append(mobject)
    found.reverse()
    if only_with_points:
        found = [mobject for mobject in found if len(mobject.points)]
    if use_z_index and any(mobject.z_index for mobject in found):
        found.sort(key=lambda mobject: mobject.z_index)
    return found


class _Own:
    """Marks the place of a mobject itself, below its children."""

    __slots__ = ("mobject",)

    def __init__(self, mobject: Any) -> None:
        self.mobject = mobject
