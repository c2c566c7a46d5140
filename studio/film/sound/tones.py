"""Tones as arrays: a soft note, a tick, a gliding tone, a pad; and events that say when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from studio.film.audio import SAMPLE_RATE

_NOTE_SECONDS = 0.9
_TICK_SECONDS = 0.05
_EDGE_SECONDS = 0.25


@dataclass(frozen=True)
class Note:
    """A soft note.

    Units: start in seconds, frequency in Hz; level 0 to 1; pan -1 (left) to 1 (right).
    """

    start: float
    frequency: float
    level: float
    pan: float = 0.0


@dataclass(frozen=True)
class Tick:
    """A short dry tick. Units: start in seconds; level 0 to 1."""

    start: float
    level: float


@dataclass(frozen=True)
class Glide:
    """A tone that follows frequencies given at even times.

    Units: start and seconds in seconds, frequencies in Hz; level 0 to 1.
    """

    start: float
    seconds: float
    frequencies: tuple[float, ...]
    level: float = 1.0


Event = Note | Tick | Glide


def rendered(events: Sequence[Event], count: int) -> np.ndarray:
    """The events as sound; what would last longer is faded out at the end. Shapes: float32 (2, count)."""
    out = np.zeros((2, count), np.float32)
    for event in events:
        first = round(event.start * SAMPLE_RATE)
        sound = _sound(event)[:, : max(0, count - first)]
        out[:, first : first + sound.shape[1]] += sound
    fade = min(count, SAMPLE_RATE // 10)
    out[:, count - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return out


def _sound(event: Event) -> np.ndarray:
    if isinstance(event, Note):
        return _placed(event.level * note(event.frequency), event.pan)
    if isinstance(event, Tick):
        return _placed(event.level * tick(), 0.0)
    return _placed(event.level * glide(event.frequencies, event.seconds), 0.0)


def _placed(samples: np.ndarray, pan: float) -> np.ndarray:
    """One channel as two of equal power together."""
    angle = (pan + 1) * np.pi / 4
    return np.stack([samples * np.cos(angle), samples * np.sin(angle)]).astype(np.float32)


def note(frequency: float) -> np.ndarray:
    """A struck soft tone that dies away; its level does not depend on its frequency."""
    t = np.arange(round(_NOTE_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * frequency * t
    tone = np.sin(phase) + 0.3 * np.sin(2 * phase) * np.exp(-6 * t) + 0.1 * np.sin(3 * phase) * np.exp(-9 * t)
    attack = np.minimum(1.0, t / 0.012)
    return 0.5 * tone * attack * np.exp(-4.5 * t) * np.minimum(1.0, (_NOTE_SECONDS - t) / 0.1)


def tick() -> np.ndarray:
    """A wooden tick."""
    t = np.arange(round(_TICK_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    tone = np.sin(2 * np.pi * 1250 * t) + 0.5 * np.sin(2 * np.pi * 2310 * t)
    return 0.6 * tone * np.minimum(1.0, t / 0.001) * np.exp(-90 * t)


def glide(frequencies: Sequence[float], seconds: float) -> np.ndarray:
    """A tone whose frequency follows the given ones, evenly in time and without steps."""
    count = round(seconds * SAMPLE_RATE)
    places = np.linspace(0, len(frequencies) - 1, count)
    logs = np.interp(places, np.arange(len(frequencies)), np.log(frequencies))
    phase = 2 * np.pi * np.cumsum(np.exp(logs)) / SAMPLE_RATE
    t = np.arange(count) / SAMPLE_RATE
    edges = np.minimum(1.0, np.minimum(t, seconds - t) / min(_EDGE_SECONDS, max(seconds / 2, 1e-3)))
    return 0.14 * (np.sin(phase) + 0.25 * np.sin(2 * phase)) * np.clip(edges, 0, 1)


def bed(count: int) -> np.ndarray:
    """A quiet pad: four slow chords in a circle, for as long as wanted. Shapes: float32 (2, count)."""
    loop = _bed_loop()
    return np.tile(loop, (1, -(-count // loop.shape[1])))[:, :count]


#: Frequencies in Hz of the bed's chords: A, F sharp minor, D, E.
_CHORDS = (
    (110.0, 164.81, 220.0, 277.18),
    (92.5, 138.59, 220.0, 277.18),
    (73.42, 146.83, 220.0, 369.99),
    (82.41, 164.81, 246.94, 329.63),
)
_CHORD_SECONDS, _SWELL_SECONDS = 8.0, 3.0


@cache
def _bed_loop() -> np.ndarray:
    step, length = round(_CHORD_SECONDS * SAMPLE_RATE), round((_CHORD_SECONDS + _SWELL_SECONDS) * SAMPLE_RATE)
    t = np.arange(length) / SAMPLE_RATE
    swell = np.minimum(1.0, np.minimum(t, t[-1] - t) / _SWELL_SECONDS)
    swell = 0.5 - 0.5 * np.cos(np.pi * swell)
    loop = np.zeros((2, step * len(_CHORDS)))
    for index, chord in enumerate(_CHORDS):
        at = (index * step + np.arange(length)) % loop.shape[1]
        for voice, frequency in enumerate(chord):
            for side, detune in enumerate((0.9985, 1.0015)):
                phase = 2 * np.pi * frequency * detune * t
                loop[side, at] += swell * (np.sin(phase) + 0.2 * np.sin(2 * phase)) / (voice + 2)
    return (0.3 * loop).astype(np.float32)
