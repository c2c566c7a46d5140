"""Sound files through PyAV: read any WAV, encode AAC, join picture, sound and chapters by their packets."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from studio.media import BrokenClip

SAMPLE_RATE = 48_000
AAC_BITS = 192_000
_FRAME = 1024  # samples in one AAC frame


@dataclass(frozen=True)
class Chapter:
    """Units: seconds from the film's start."""

    title: str
    start: float
    end: float


def read_sound(path: Path) -> np.ndarray:
    """The file's sound at the project's rate. Shapes: float32 (2, n).

    Raises: BrokenClip if there is none that can be decoded.
    """
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
    parts = []
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise BrokenClip(f"{path.name} has no sound in it.")
            for frame in container.decode(audio=0):
                frame.pts = None
                parts += [each.to_ndarray() for each in resampler.resample(frame)]
        parts += [each.to_ndarray() for each in resampler.resample(None)]
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise BrokenClip(f"{path.name}: {getattr(error, 'strerror', '') or error}") from error
    if not parts:
        raise BrokenClip(f"{path.name} has no sound in it.")
    return np.concatenate(parts, axis=1).astype(np.float32)


def frames_of(samples: np.ndarray, size: int) -> Iterator[av.AudioFrame]:
    """The samples as frames with their times. Shapes: float32 (2, n)."""
    for start in range(0, samples.shape[1], size):
        part = np.ascontiguousarray(samples[:, start : start + size], np.float32)
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), start
        yield frame


def encode_aac(samples: np.ndarray, path: Path) -> None:
    """Writes the samples as AAC in an MP4 file. Shapes: float32 (2, n)."""
    with av.open(str(path), "w", format="mp4") as container:
        stream: Any = container.add_stream("aac", rate=SAMPLE_RATE, options={"aac_coder": "fast"})
        stream.bit_rate, stream.layout = AAC_BITS, "stereo"
        for frame in frames_of(samples, _FRAME):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def join_sound(
    picture: Path, sound: Path | None, part: Path, chapters: Sequence[Chapter], metadata: dict[str, str]
) -> None:
    """Copies the packets of picture and sound into one MP4 with chapters, its index first."""
    output = av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"})
    output.metadata.update(metadata)
    sources = []
    try:
        streams = []
        for path, kind in ((picture, "video"), (sound, "audio")):
            if path is not None:
                source = av.open(str(path))
                sources.append(source)
                stream: Any = getattr(source.streams, kind)[0]
                streams.append((source, stream, output.add_stream_from_template(stream)))
        output.set_chapters([_chapter(index, each) for index, each in enumerate(chapters, 1)])
        for _, _, packet in heapq.merge(*(_packets(i, *each) for i, each in enumerate(streams))):
            output.mux(packet)
    finally:
        output.close()
        for source in sources:
            source.close()


def _packets(index: int, source: Any, stream: Any, target: Any) -> Iterator[tuple[float, int, Any]]:
    for packet in source.demux(stream):
        if packet.size:
            when = float(packet.dts * packet.time_base)
            packet.stream = target
            yield when, index, packet


def _chapter(index: int, chapter: Chapter) -> Any:
    return {
        "id": index,
        "start": round(chapter.start * 1000),
        "end": round(chapter.end * 1000),
        "time_base": Fraction(1, 1000),
        "metadata": {"title": chapter.title},
    }
