"""The film's sound: each moment's line, data and share of the bed as a block, then one loudness for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nncore.errors import BadInput
from nncore.recording import Recording
from studio.film.sound.data import events, soundings
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
        heard = events_of(cut, moment, timeline.fps)
    return Block(start, count, voice, heard)


def events_of(cut: Cut, moment: Moment, fps: int) -> list[Event]:
    """What the beat's recorded numbers sound like, while its picture moves."""
    sounding = soundings().get(f"{moment.scene}.{moment.beat}")
    if sounding is None:
        return []
    if sounding.digit < 0:
        sounding = replace(sounding, digit=moment.digit)
    recording = recording_for(cut, moment, sounding.recipe)
    seconds = min(max(moment.played / fps - LEAD, SHORTEST), LONGEST, moment.frames / fps - LEAD)
    return events(sounding, recording, LEAD, seconds)


def recording_for(cut: Cut, moment: Moment, recipe: str) -> Recording:
    """The recording that a beat is heard from.

    Raises: BadInput if the sound names one that the film does not have.
    """
    name = recipe or moment.recipe
    if name not in cut.recordings:
        raise BadInput(
            f"{moment.scene}.{moment.beat} is to sound like '{name}', which the film has no recording of."
        )
    return cut.recordings[name]
