"""Beats: the methods a scene is made of, each with the one sentence that is spoken over it.

A beat is at once a manim section, a segment that renders alone, a caption, a chapter and a line of narration.
Its sentence may hold recorded facts, `{accuracy_test[last]:.1%}`, filled in when the storyboard is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: Characters a second at which a viewer reads a caption the first time.
READING_SPEED = 15.0
#: The picture stands still at least this long at the end of a beat, in seconds.
SHORTEST_HOLD = 0.8
CAPTION_LINE = 42
CAPTION_LINES = 2
#: Characters that one line takes where the frame is wide.
WIDE_CAPTION_LINE = 66


@dataclass(frozen=True)
class Beat:
    """One step of a scene: the method's name and the sentence spoken over it, facts not yet filled in."""

    name: str
    caption: str

    @property
    def title(self) -> str:
        """The name as a chapter title: `first_step` is "First step"."""
        return self.name.replace("_", " ").capitalize()


def beat(caption: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Marks a method of a scene as its next beat."""

    def mark(method: Callable[..., None]) -> Callable[..., None]:
        method.__beat__ = Beat(method.__name__, caption)  # type: ignore[attr-defined]
        return method

    return mark


def beats_of(scene_class: type) -> tuple[Beat, ...]:
    """The beats of a scene class in the order they are written; a base class's come first."""
    found: dict[str, Beat] = {}
    for cls in reversed(scene_class.__mro__):
        for name, member in vars(cls).items():
            marked: Any = getattr(member, "__beat__", None)
            if isinstance(marked, Beat):
                found[name] = marked
    return tuple(found.values())


def reading_time(caption: str) -> float:
    """Seconds in which the caption can be read twice."""
    return 2 * len(caption) / READING_SPEED
