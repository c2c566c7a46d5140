"""A film as it was read: its shots in order, what is said over them and how each begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from studio.library import SceneRef, find_scene


@dataclass(frozen=True)
class Shot:
    """A scene, or some of its beats, as it stands in the film.

    `chapter` starts one of that name; empty: it belongs to the chapter before. `lines` are the film's own
    words by beat, `least` the seconds a beat lasts at least. `heading` is the chapter's name, where the scene
    has another title; `enters` are beats shown without the one before. `place` is file:line.
    """

    scene: str
    beats: tuple[str, ...]
    place: str
    chapter: str = ""
    transition: str = "cut"
    params: tuple[tuple[str, str], ...] = ()
    lines: Mapping[str, str] = field(default_factory=dict)
    line_places: Mapping[str, str] = field(default_factory=dict)
    least: Mapping[str, float] = field(default_factory=dict)
    heading: str = ""
    enters: tuple[str, ...] = ()

    @property
    def ref(self) -> SceneRef:
        return find_scene(self.scene)

    @property
    def name(self) -> str:
        """The scene's own name, without the file it is in."""
        return self.ref.name

    def words(self, beat: str) -> str:
        """What is said over a beat, its facts not yet filled in."""
        return self.lines.get(beat) or dict(self.ref.beats)[beat]

    def place_of(self, beat: str) -> str:
        """Where a problem with a beat's words is: its line of the film file, or the scene's own sentence."""
        return self.line_places.get(beat, self.place)


@dataclass(frozen=True)
class Film:
    """A film file as read. `opening` is said over the title card; `music` is the bed's level, 0 to 1."""

    name: str
    path: Path
    title: str
    shots: tuple[Shot, ...]
    subtitle: str = ""
    opening: str = ""
    aspect: str = "16:9"
    theme: str = "dark"
    language: str = "en"
    music: float = 0.5
    thumbnail: str = ""
    credits: tuple[str, ...] = ()
    opening_place: str = ""

    @property
    def recipes(self) -> tuple[str, ...]:
        """The recipes of all scenes, each once."""
        return tuple(dict.fromkeys(recipe for shot in self.shots for recipe in shot.ref.recipes))


def entered(shot: Shot, before: Shot | None) -> tuple[str, ...]:
    """The shot's beats that are not shown right after the beat that leads to them in their scene."""
    known = [beat for beat, _ in shot.ref.beats]
    same = before is not None and (before.scene, before.params) == (shot.scene, shot.params)
    shown = [before.beats[-1] if before is not None and same else "", *shot.beats]
    leads = dict(zip(known[1:], known, strict=False))
    return tuple(beat for one, beat in pairwise(shown) if leads.get(beat, one) != one)
