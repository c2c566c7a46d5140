"""What stands where in a film: its moments from the beats that were drawn or measured, and notes on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from scenes.kit.beats import SHORTEST_HOLD
from studio.film.cut import Cut
from studio.film.pictures import TITLE, Part, Take
from studio.film.texts import chapter_problems
from studio.film.timing import Moment, Timeline, in_sequence


def timeline_of(cut: Cut, parts: Sequence[Part]) -> Timeline:
    """Every drawn stretch with its line."""
    moments: list[Moment] = []
    for part in parts:
        chapter = part.take.chapter if part.take else ""
        for info in part.infos:
            for beat in info.beats:
                moments.append(replace(moment_of(cut, part.take, beat), key=info.key, chapter=chapter))
                chapter = ""
    return in_sequence(moments, cut.look.quality.fps)


def moment_of(cut: Cut, take: Take | None, beat: Mapping[str, Any]) -> Moment:
    """A beat with its line, not yet placed; `beat` has name, frames and the frames that it `played`."""
    name, frames = beat["name"], int(beat["frames"])
    played = int(beat.get("played", frames))
    if take is None:
        return Moment("", name, 0, frames, played)
    ref = take.request.ref
    said = cut.said.get((-1, "title") if ref.name == TITLE else (take.index, name))
    recipe = ref.recipes[0] if ref.recipes else ""
    return Moment(ref.name, name, 0, frames, played, said, recipe=recipe, digit=_digit(take))


def _digit(take: Take) -> int:
    """The digit that the take's scene follows, if it has such a parameter."""
    default = (take.request.ref.params or {}).get("digit", {}).get("default", -1)
    return int(dict(take.request.params).get("digit", default))


def notes_on(cut: Cut, timeline: Timeline) -> list[str]:
    """What the maker should know: stretched beats, lines not translated, chapters that are too short."""
    notes = []
    for moment in timeline.moments:
        if moment.said and moment.said.stretches(moment.played / timeline.fps + SHORTEST_HOLD):
            line = moment.said.line
            notes.append(
                f"{line.place}: {line.name} holds {moment.said.seconds:.1f} s until its line has ended."
            )
    if cut.translation:
        language = cut.translation.language
        notes += [
            f"{cut.translation.path}: no line '{name}' in {language}." for name in cut.missing_translations()
        ]
    return notes + chapter_problems(timeline.chapters())
