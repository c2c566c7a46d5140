"""Video files through PyAV: encode frames to a segment, join segments by packets, look into a file.

Colours are converted to BT.709 and tagged so. Everything that decides a byte is fixed (one x264 thread,
closed groups of pictures, no dates), so equal frames give equal files on every number of cores.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from queue import Full, Queue
from threading import Thread
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from nncore.errors import NNReelError
from studio.files import publishing
from studio.presets import Preset

_BT709 = 1
_TV_RANGE = 1
_QUEUE = 8
#: Everything of a processor with AVX-512 but AVX-512, in x264's names.
_ASM = "MMX2,SSE2Fast,SSSE3,SSE4.2,LZCNT,AVX,FMA3,BMI1,BMI2,AVX2"


class BrokenClip(NNReelError):
    """A video file that cannot be read in full or does not fit its neighbours."""

    exit_code = 4


def encoder_options(preset: Preset) -> dict[str, str]:
    """x264's options for a preset; part of every segment's cache key."""
    keyframes = preset.keyframe_seconds * preset.fps
    params = {
        "threads": "1",
        "open-gop": "0",
        "keyint": str(keyframes),
        "min-keyint": str(min(keyframes, preset.fps)),
        "colorprim": "bt709",
        "transfer": "bt709",
        "colormatrix": "bt709",
        "range": "tv",
        **dict(preset.x264),
    }
    return {
        "preset": preset.speed,
        "crf": str(preset.crf),
        "x264-params": ":".join(f"{key}={value}" for key, value in params.items()),
    }


def _reproducible(options: dict[str, str]) -> dict[str, str]:
    """The options for this processor, without the code of x264's that gives other bytes now and then.

    That is its AVX-512 (the macroblock tree's, seen in 4 of 40 runs at 320x180); all other code agrees.
    """
    features = getattr(np._core._multiarray_umath, "__cpu_features__", {})  # type: ignore[attr-defined]
    if not features.get("AVX512F"):
        return options
    return {**options, "x264-params": f"{options['x264-params']}:asm={_ASM}"}


class SegmentEncoder:
    """Encodes frames as they come, on a thread beside the drawing, into one MP4 file.

    The caller gives a temporary path and publishes the file after `close`; `abort` leaves it unfinished.
    """

    def __init__(self, path: Path, width: int, height: int, preset: Preset) -> None:
        self.frames = 0
        self._container = av.open(str(path), "w", format="mp4")
        options = _reproducible(encoder_options(preset))
        stream: Any = self._container.add_stream("libx264", rate=preset.fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.time_base = Fraction(1, preset.fps)
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _TV_RANGE
        self._stream = stream
        self._queue: Queue[tuple[Any, int] | None] = Queue(_QUEUE)
        self._error: BaseException | None = None
        self._finished = False
        self._thread = Thread(target=self._encode, name="encoder", daemon=True)
        self._thread.start()

    def put(self, pixels: np.ndarray, repeat: int = 1) -> None:
        """Adds a frame that stands for `repeat` frames; the array may change as soon as this returns.

        Shapes: pixels uint8 (height, width, 4) RGBA, opaque.
        """
        if self._error is not None:
            raise self._error
        self._queue.put((to_yuv(pixels), repeat))

    def finish(self) -> None:
        """Says that there are no more frames; the file is completed on the encoder's thread."""
        if not self._finished:
            self._queue.put(None)
            self._finished = True

    def close(self) -> None:
        """Waits until what is left is written and the file is complete."""
        self.finish()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def abort(self) -> None:
        """Stops without completing the file, wherever a signal may have cut `put` or `finish` short."""
        self._error = self._error or RuntimeError("encoding was stopped")
        while self._thread.is_alive():
            with suppress(Full):
                self._queue.put(None, timeout=0.1)
            self._thread.join(0.1)

    def _encode(self) -> None:
        while (item := self._queue.get()) is not None:
            if self._error is None:  # else drain, so that put() never blocks
                self._guarded(self._add, *item)
        if self._error is None:
            self._guarded(lambda: self._container.mux(self._stream.encode(None)))
        self._guarded(self._container.close)

    def _add(self, frame: Any, repeat: int) -> None:
        for _ in range(repeat):
            frame.pts, frame.time_base = self.frames, self._stream.codec_context.time_base
            self._container.mux(self._stream.encode(frame))
            self.frames += 1

    def _guarded(self, step: Callable[..., None], *args: Any) -> None:
        try:
            step(*args)
        except BaseException as error:
            self._error = self._error or error


def to_yuv(pixels: np.ndarray) -> av.VideoFrame:
    """The picture as BT.709 yuv420p, a copy."""
    frame = av.VideoFrame.from_numpy_buffer(pixels, format="rgba")
    return frame.reformat(
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        interpolation=Interpolation.AREA,
        threads=1,
    )


@dataclass(frozen=True)
class Probe:
    """What a video file says about itself.

    Units: `seconds` in seconds; `frames` as counted packets.
    """

    width: int
    height: int
    fps: Fraction
    frames: int
    seconds: float
    codec: str
    pix_fmt: str
    bt709: bool
    faststart: bool


def join(segments: Sequence[Path], target: Path, *, metadata: dict[str, str] | None = None) -> int:
    """Joins segments by their packets into one MP4 with its index first; returns the number of frames.

    Raises: BrokenClip if a segment can't be read or was encoded differently; OutputError on a full disk.
    """
    with publishing(target) as part:
        return join_into(segments, part, metadata=metadata)


def join_into(segments: Sequence[Path], part: Path, *, metadata: dict[str, str] | None = None) -> int:
    """`join` into a path that the caller publishes."""
    output = av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"})
    output.metadata.update(metadata or {})
    stream: Any = None
    first_extradata = b""
    frames = 0
    try:
        lead = max(map(_lead_of, segments), default=0)
        for path in segments:
            with _opened(path) as source:
                video: Any = source.streams.video[0]
                if stream is None:
                    stream = output.add_stream_from_template(video)
                    first_extradata = video.codec_context.extradata
                elif video.codec_context.extradata != first_extradata:
                    raise BrokenClip(f"{path} was encoded differently from its neighbours.")
                frames += _copy_packets(source, video, output, stream, frames, lead)
    finally:
        output.close()
    return frames


def _lead_of(path: Path) -> int:
    """How many frames a segment is decoded ahead of what it shows: none in one of a frame or two."""
    with _opened(path) as source:
        video: Any = source.streams.video[0]
        packet = next(source.demux(video))
        return round((packet.pts - packet.dts) * packet.time_base * video.guessed_rate) if packet.size else 0


def _copy_packets(source: Any, video: Any, output: Any, stream: Any, first: int, lead: int) -> int:
    """Copies one segment's packets, moved to start at frame `first`; returns how many frames they are.

    All segments get the same lead, or the first packets of one would come before the last of another.
    """
    per_frame = 1 / (video.guessed_rate * video.time_base)
    count = 0
    for packet in source.demux(video):
        if packet.size == 0:
            continue
        packet.pts = round(packet.pts + first * per_frame)
        packet.dts = round((first + count - lead) * per_frame)
        packet.duration = round(per_frame)
        packet.stream = stream
        output.mux(packet)
        count += 1
    return count


def _opened(path: Path) -> Any:
    try:
        return av.open(str(path))
    except (av.error.FFmpegError, OSError) as error:
        raise BrokenClip(f"{path} cannot be read as a video: {error.strerror}.") from error


def probe(path: Path) -> Probe:
    """What the file says about itself, its packets counted.

    Raises: BrokenClip if it is not a video that can be opened.
    """
    with _opened(path) as container:
        if not container.streams.video:
            raise BrokenClip(f"{path} has no picture in it.")
        video: Any = container.streams.video[0]
        context = video.codec_context
        tags = (context.colorspace, context.color_primaries, context.color_trc, context.color_range)
        frames = sum(1 for packet in container.demux(video) if packet.size)
        return Probe(
            width=context.width,
            height=context.height,
            fps=video.average_rate,
            frames=frames,
            seconds=float((video.duration or 0) * video.time_base),
            codec=context.name,
            pix_fmt=context.pix_fmt,
            bt709=tuple(int(tag) for tag in tags) == (_BT709, _BT709, _BT709, _TV_RANGE),
            faststart=_boxes(path).index("moov") < _boxes(path).index("mdat"),
        )


def _boxes(path: Path) -> list[str]:
    """The top-level boxes of an MP4 file in order; a missing one is added at the end."""
    names, size, at = [], path.stat().st_size, 0
    with open(path, "rb") as file:
        while at + 8 <= size:
            file.seek(at)
            length, name = struct.unpack(">I4s", file.read(8))
            if length == 1:
                (length,) = struct.unpack(">Q", file.read(8))
            names.append(name.decode("latin-1"))
            at += length if length >= 8 else size
    return [*names, "moov", "mdat"]


def decode_all(path: Path) -> int:
    """Decodes every frame and returns how many there are.

    Raises: BrokenClip at the first that can't be decoded.
    """
    frames = 0
    with _opened(path) as container:
        container.streams.video[0].codec_context.options = {"err_detect": "explode"}
        try:
            for _ in container.decode(video=0):
                frames += 1
        except av.error.FFmpegError as error:
            raise BrokenClip(f"{path} cannot be decoded after frame {frames}: {error.strerror}.") from error
    return frames
