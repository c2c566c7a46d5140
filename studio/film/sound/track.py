"""The film's sound, block by block: bed, data and voice over each other, ducked under the voice.

pydub lays sounds over each other; a block is one beat, card or dissolve, exact to the sample.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from studio.film.audio import SAMPLE_RATE
from studio.film.sound.tones import Event, bed, rendered

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for an ffmpeg program, which nothing here needs
    from pydub import AudioSegment

VOICE_LEVEL, DATA_LEVEL, BED_LEVEL = -20.0, -15.0, -26.0
DUCKED = -10.0
_FALL_SECONDS, _RISE_SECONDS = 0.2, 0.5
_EDGE_SECONDS = 1.5
_CONTROL = SAMPLE_RATE // 100
_MILLISECOND = SAMPLE_RATE // 1000
_FULL = 2.0**31
_ROOM = 0.25  # what is laid over each other must not run over before it is turned down


@dataclass(frozen=True)
class Block:
    """A stretch of the film with what is heard in it.

    Shapes: voice float32 (n,), or None. Units: `start` and `count` in samples.
    """

    start: int
    count: int
    voice: np.ndarray | None = None
    events: Sequence[Event] = field(default=())


def mixed(blocks: Sequence[Block], *, sound: str, music: float) -> np.ndarray:
    """All blocks, one after another, not yet at their final loudness. Shapes: float32 (2, n)."""
    total = sum(block.count for block in blocks)
    ground = bed(total if sound == "full" and music > 0 else 0)
    ground = ground * np.float32(_gain(BED_LEVEL) * music * 2)
    ground *= _edges(ground.shape[1])
    out = np.empty((2, total), np.float32)
    for block, gain in zip(blocks, _ducking(blocks), strict=True):
        here = slice(block.start, block.start + block.count)
        parts = [np.zeros((2, block.count), np.float32)]
        if ground.shape[1]:
            parts.append(ground[:, here] * gain)
        if sound != "off" and block.events:
            parts.append(rendered(block.events, block.count) * np.float32(_gain(DATA_LEVEL)) * gain)
        if block.voice is not None:
            parts.append(_levelled(block.voice[: block.count]))
        out[:, here] = overlaid(parts)
    return out


def overlaid(parts: Sequence[np.ndarray]) -> np.ndarray:
    """The parts over each other, as long as the first. Shapes: float32 (2, n) each."""
    count = parts[0].shape[1]
    padding = ((0, 0), (0, -count % _MILLISECOND))  # pydub counts in whole milliseconds
    whole = segment_of(np.pad(parts[0], padding))
    for part in parts[1:]:
        whole = whole.overlay(segment_of(part))
    raw = np.frombuffer(whole.raw_data, "<i4").reshape(-1, 2).T[:, :count]
    return (raw / np.float32(_FULL * _ROOM)).astype(np.float32)


def segment_of(samples: np.ndarray) -> Any:
    """The samples as a pydub segment with room above them. Shapes: float32 (2, n)."""
    scaled = np.clip(samples.T.astype(np.float64) * (_FULL * _ROOM), -_FULL, _FULL - 1)
    raw = np.ascontiguousarray(scaled.round().astype("<i4")).tobytes()
    return AudioSegment(data=raw, sample_width=4, frame_rate=SAMPLE_RATE, channels=2)


def _levelled(voice: np.ndarray) -> np.ndarray:
    """A line at the level of all lines, in both channels."""
    power = np.sqrt(np.mean(voice.astype(np.float64) ** 2)) if len(voice) else 0.0
    gain = _gain(VOICE_LEVEL) / max(power, 1e-6)
    return np.stack([voice, voice]) * np.float32(gain)


def _ducking(blocks: Sequence[Block]) -> list[np.ndarray]:
    """For each block the gain of what lies under the voice: low while a line lasts, falling before it."""
    total = sum(block.count for block in blocks)
    times = np.arange(0, total + _CONTROL, _CONTROL, dtype=np.float64)
    levels = np.zeros_like(times)
    for block in blocks:
        if block.voice is not None:
            start, end = block.start, block.start + min(len(block.voice), block.count)
            corners = (start - _FALL_SECONDS * SAMPLE_RATE, start, end, end + _RISE_SECONDS * SAMPLE_RATE)
            levels = np.minimum(levels, np.interp(times, corners, (0.0, DUCKED, DUCKED, 0.0)))
    gains = []
    for block in blocks:
        places = np.arange(block.start, block.start + block.count)
        gains.append((10 ** (np.interp(places, times, levels) / 20)).astype(np.float32))
    return gains


def _edges(count: int) -> np.ndarray:
    """A fade at both ends. Shapes: (count,)."""
    t = np.arange(count, dtype=np.float32)
    return np.clip(np.minimum(t, count - t) / (_EDGE_SECONDS * SAMPLE_RATE), 0, 1).astype(np.float32)


def _gain(decibels: float) -> float:
    return float(10 ** (decibels / 20))
