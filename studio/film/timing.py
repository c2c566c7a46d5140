"""How long each beat lasts so that its line can end, and where everything stands in the finished film."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scenes.kit.beats import SHORTEST_HOLD, reading_time
from studio.film.audio import SAMPLE_RATE, Chapter
from studio.film.voice import Spoken
from studio.film.words import Line

#: Silence after a line before the picture goes on, in seconds.
PAUSE = 0.5
#: Captions are read at no more than this many characters a second.
CAPTION_SPEED = 20.0
#: Scenes hold in steps of this, in seconds; wanted lengths are rounded up to it.
_STEP = 1 / 15
TITLE_SECONDS, CARD_SECONDS, CREDITS_SECONDS = 3.2, 2.0, 4.0


@dataclass(frozen=True)
class Said:
    """A line with how it sounds, and what else is shown while it lasts (its translations)."""

    line: Line
    spoken: Spoken
    also: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """What the beat must last: until the line has ended and every caption can be read."""
        pause = PAUSE if self.spoken.samples is not None else 0.0
        texts = (self.line.text, *self.also)
        read = max(SHORTEST_HOLD, max(map(len, texts)) / (CAPTION_SPEED - 2))
        return math.ceil(round(max(self.spoken.seconds + pause, read) / _STEP, 6)) * _STEP

    def stretches(self, alone: float) -> bool:
        """Whether the beat lasts longer than the `alone` seconds it takes in a clip of its own."""
        return (
            self.spoken.samples is not None
            and self.seconds > max(alone, reading_time(self.line.text)) + _STEP
        )


@dataclass(frozen=True)
class Moment:
    """A stretch of the finished film: a beat, a card or a dissolve.

    `digit` is the one the scene was asked to show, -1 where it has none. Units: first and frames in frames;
    `played` are the frames in which the picture moves.
    """

    scene: str
    beat: str
    first: int
    frames: int
    played: int
    said: Said | None = None
    chapter: str = ""
    recipe: str = ""
    key: str = ""
    digit: int = -1


@dataclass(frozen=True)
class Timeline:
    """All moments in order, without gaps."""

    moments: tuple[Moment, ...]
    fps: int

    @property
    def frames(self) -> int:
        return sum(moment.frames for moment in self.moments)

    @property
    def seconds(self) -> float:
        return self.frames / self.fps

    def start(self, moment: Moment) -> float:
        """Units: seconds."""
        return moment.first / self.fps

    def end(self, moment: Moment) -> float:
        """Units: seconds."""
        return (moment.first + moment.frames) / self.fps

    def span(self, moment: Moment) -> tuple[int, int]:
        """(first sample, number of samples); spans follow each other without gaps."""
        first, end = (
            round(frame * SAMPLE_RATE / self.fps) for frame in (moment.first, moment.first + moment.frames)
        )
        return first, end - first

    def chapters(self) -> list[Chapter]:
        """The chapters; the first starts with the film."""
        named = [moment for moment in self.moments if moment.chapter]
        starts = [0.0, *(self.start(moment) for moment in named[1:])]
        ends = [*starts[1:], self.seconds]
        return [
            Chapter(moment.chapter, start, end)
            for moment, start, end in zip(named, starts, ends, strict=True)
        ]


def in_sequence(moments: Sequence[Moment], fps: int) -> Timeline:
    """The moments, each placed where the one before ends."""
    from dataclasses import replace

    placed, at = [], 0
    for moment in moments:
        placed.append(replace(moment, first=at))
        at += moment.frames
    return Timeline(tuple(placed), fps)
