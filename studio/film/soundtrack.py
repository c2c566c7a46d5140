"""The film's sound: each moment's line, data and share of the bed as a block, then one loudness for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nncore.errors import BadInput
from nncore.recording import Recording
from studio.film.sound.data import Sounding, events, soundings
from studio.film.sound.loudness import write_normalised
from studio.film.sound.tones import Event
from studio.film.sound.track import Block, mixed
from studio.film.timing import Moment, Timeline

if TYPE_CHECKING:
    from studio.film.cut import Cut

#: Data is heard from this long after its beat begins, in seconds, and for at least and at most so long.
LEAD, SHORTEST, LONGEST = 0.2, 1.0, 9.0


def write_sound(cut: Cut, timeline: Timeline, path: Path, say: Callable[[str], None]) -> Path | None:
    """Writes the film's sound; None where there is nothing to hear."""
    samples = sound_of(cut, timeline)
    if not np.any(samples):
        return None
    write_normalised(samples, path, cut.options.loudness, say)
    return path


def sound_of(cut: Cut, timeline: Timeline) -> np.ndarray:
    """The sound before its loudness is set. Shapes: float32 (2, n), as long as the picture."""
    blocks = [block_of(cut, timeline, moment) for moment in timeline.moments]
    return mixed(blocks, sound=cut.options.sound, music=cut.film.music)


def block_of(cut: Cut, timeline: Timeline, moment: Moment) -> Block:
    """One moment's sound: its line starts with its beat."""
    start, count = timeline.span(moment)
    voice = moment.said.spoken.samples if moment.said else None
    heard: Sequence[Event] = ()
    if cut.options.sound != "off":
        heard = heard_in(moment, timeline.fps, cut.recordings)
    return Block(start, count, voice, heard)


def sounding_of(moment: Moment) -> Sounding | None:
    """What the moment's beat sounds like, if it has a sound of its own."""
    return soundings().get(f"{moment.scene}.{moment.beat}")


def heard_in(moment: Moment, fps: int, recordings: Mapping[str, Recording]) -> list[Event]:
    """What the beat's recorded numbers sound like, while its picture moves.

    Raises: BadInput if its sound names a recording that is not among those given.
    """
    sounding = sounding_of(moment)
    if sounding is None:
        return []
    if sounding.digit < 0:
        sounding = replace(sounding, digit=moment.digit)
    name = sounding.recipe or moment.recipe
    if name not in recordings:
        place = f"{moment.scene}.{moment.beat}"
        raise BadInput(f"{place} is to sound like '{name}', which there is no recording of here.")
    seconds = min(max(moment.played / fps - LEAD, SHORTEST), LONGEST, moment.frames / fps - LEAD)
    return events(sounding, recordings[name], LEAD, seconds)
