"""Moves all mobjects of a play at once: many straight transforms become one array interpolation.

Stock manim interpolates mobject by mobject and attribute by attribute. Here the points of all outlines that
travel straight are one array, their colours another, and each mobject holds views of them. What is not such
an outline (other animations, other mobjects, anything with updaters) is left to manim's own code.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from manim import Scene, Transform
from manim.animation.animation import Animation
from manim.mobject.mobject import Mobject
from manim.mobject.types.vectorized_mobject import VMobject
from manim.utils.bezier import interpolate

_ARRAYS = ("points", "fill_rgbas", "stroke_rgbas", "background_stroke_rgbas")
_SCALARS = ("stroke_width", "background_stroke_width")
#: Fewer outlines than this gain nothing.
_FEWEST = 4


class Motion:
    """The animations of one play, after they have begun."""

    def __init__(self, scene: Scene, has_updaters: bool) -> None:
        self.scene = scene
        self._updates = has_updaters
        animations = list(scene.animations or [])
        straight = [] if has_updaters else _apart(animations)
        self._batch = _Batch(straight) if sum(len(members) for _, members in straight) >= _FEWEST else None
        chosen = {id(each) for each, _ in straight} if self._batch else set()
        self._others = [each for each in animations if id(each) not in chosen]

    def to(self, time: float) -> None:
        """Sets everything to a time of the play, in seconds; what Scene.update_to_time does."""
        scene = self.scene
        dt, scene.last_t = time - scene.last_t, time
        for animation in self._others:
            animation.update_mobjects(dt)
            animation.interpolate(time / animation.run_time)
        if self._batch:
            self._batch.to(time)
        if self._updates:
            scene.update_mobjects(dt)
            scene.update_self(dt)
        scene.update_meshes(dt)


def _is_straight(animation: Animation) -> bool:
    kind = type(animation)
    return (
        isinstance(animation, Transform)
        and kind.interpolate is Animation.interpolate
        and kind.interpolate_mobject is Animation.interpolate_mobject
        and kind.interpolate_submobject is Transform.interpolate_submobject
        and kind.get_sub_alpha is Animation.get_sub_alpha
        and kind.get_all_families_zipped is Transform.get_all_families_zipped
        and animation.path_func is interpolate
    )


def _is_outline(mobject: Any) -> bool:
    kind = type(mobject)
    return (
        isinstance(mobject, VMobject)
        and kind.interpolate is Mobject.interpolate
        and kind.interpolate_color is VMobject.interpolate_color
    )


Members = list[tuple[Any, Any, Any]]


def _apart(animations: list[Any]) -> list[tuple[Any, Members]]:
    """The straight animations made of outlines alone that no other animation of the play touches."""
    touched: dict[int, int] = {}
    for animation in animations:
        for mobject in animation.mobject.get_family() if animation.mobject is not None else ():
            touched[id(mobject)] = touched.get(id(mobject), 0) + 1
    found = []
    for animation in filter(_is_straight, animations):
        members = list(animation.get_all_families_zipped())
        plain = all(_is_outline(each) for triple in members for each in triple)
        if plain and all(touched[id(mobject)] == 1 for mobject in animation.mobject.get_family()):
            found.append((animation, members))
    return found


class _Batch:
    """Outlines that interpolate together.

    `_alphas` gives, for each animation, the progress of each of its members at a time.
    """

    def __init__(self, animations: list[tuple[Any, Members]]) -> None:
        self._progress: list[tuple[Callable[[float], Any], slice]] = []
        members: Members = []
        for animation, own in animations:
            place = slice(len(members), len(members) + len(own))
            self._progress.append((_progress_of(animation, len(own)), place))
            members += own
        self._alphas = np.zeros(len(members))
        self._arrays = [_Lerp(name, members) for name in _ARRAYS]
        self._scalars = [
            (name, index, *triple)
            for name in _SCALARS
            for index, triple in enumerate(members)
            if getattr(triple[1], name) != getattr(triple[2], name)
        ]

    def to(self, time: float) -> None:
        for progress, place in self._progress:
            self._alphas[place] = progress(time)
        for lerp in self._arrays:
            lerp.to(self._alphas)
        for name, index, mobject, start, end in self._scalars:
            setattr(
                mobject,
                name,
                interpolate(getattr(start, name), getattr(end, name), float(self._alphas[index])),
            )


def _progress_of(animation: Any, count: int) -> Callable[[float], Any]:
    if animation.lag_ratio == 0:
        return lambda time: animation.get_sub_alpha(time / animation.run_time, 0, count)
    return lambda time: [
        animation.get_sub_alpha(time / animation.run_time, index, count) for index in range(count)
    ]


class _Lerp:
    """One attribute of many mobjects as one array between its values at the start and at the end."""

    def __init__(self, name: str, members: Members) -> None:
        self._name = name
        changing = [
            (index, triple)
            for index, triple in enumerate(members)
            if not np.array_equal(getattr(triple[1], name), getattr(triple[2], name))
        ]
        self._owners = [mobject for _, (mobject, _, _) in changing]
        if not changing:
            return
        starts = [getattr(start, name) for _, (_, start, _) in changing]
        ends = [getattr(end, name) for _, (_, _, end) in changing]
        self._start, self._end = np.concatenate(starts), np.concatenate(ends)
        self._now = np.empty_like(self._start)
        self._part = np.empty_like(self._start)
        lengths = [len(each) for each in starts]
        self._which = np.repeat([index for index, _ in changing], lengths)
        bounds = np.concatenate([[0], np.cumsum(lengths)])
        self._views = [self._now[a:b] for a, b in pairwise(bounds)]

    def to(self, alphas: np.ndarray) -> None:
        if not self._owners:
            return
        alpha = alphas[self._which, None]
        np.multiply(self._start, 1 - alpha, out=self._now)
        np.multiply(self._end, alpha, out=self._part)
        self._now += self._part
        for mobject, view in zip(self._owners, self._views, strict=True):
            if getattr(mobject, self._name) is not view:
                setattr(mobject, self._name, view)
