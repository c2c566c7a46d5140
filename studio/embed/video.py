"""Video for the web: a lossless master encoded again as H.264, AV1 or VP9.

The master is drawn without loss: what one encoder throws away costs the next one bits and sharpness. Made
from the finished 720p30 clip of ForwardPass instead, H.264 was 9 % larger and AV1 6 %, both at a lower SSIM
(0.994 for 0.996 and 0.995 for 0.997; benchmarks/bench_embed.py measures it).
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

_BT709 = 1
_TV_RANGE = 1
#: Clips shorter than this may be as large as if they were this long.
_SHORT = 10.0
_X264 = "threads=1:open-gop=0:psy=0:colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"


@dataclass(frozen=True)
class Codec:
    """One way to encode a clip.

    `crf` is tried first, `coarsest` is the last that is tried to get below `rate`; `double` more of it about
    halves the size.
    Units: `rate` in bytes for each second of clip, on average.
    """

    name: str
    encoder: str
    suffix: str
    options: tuple[tuple[str, str], ...]
    crf: int
    coarsest: int
    double: float
    rate: float
    pixels: str = "yuv420p"

    def settings(self, crf: int) -> dict[str, str]:
        """The encoder's options."""
        return {**dict(self.options), "crf": str(crf)}


#: 50 kB a second is 1.5 MB for half a minute.
H264 = Codec("mp4", "libx264", ".mp4", (("preset", "slow"), ("x264-params", _X264)), 24, 32, 6, 50_000)
AV1 = Codec("av1", "libsvtav1", ".av1.mp4", (("preset", "7"),), 38, 55, 11, 40_000)
_VP9_OPTIONS = (("deadline", "good"), ("cpu-used", "3"), ("row-mt", "1"), ("b", "0"))
VP9 = Codec("vp9", "libvpx-vp9", ".webm", _VP9_OPTIONS, 36, 52, 12, 50_000)
ALPHA = Codec("alpha", "libvpx-vp9", ".alpha.webm", _VP9_OPTIONS, 30, 52, 12, 80_000, pixels="yuva420p")


def encode(source: Path, target: Path, codec: Codec) -> int:
    """Encodes a clip, coarser where it would be larger than the codec's rate; returns the crf it took.

    A clip that is too large even at the coarsest setting is kept at that.
    """
    crf = codec.crf
    while True:
        seconds = encode_at(source, target, codec, crf)
        size, limit = target.stat().st_size, codec.rate * max(seconds, _SHORT)
        if size <= limit or crf >= codec.coarsest:
            return crf
        crf = min(codec.coarsest, crf + max(1, math.ceil(codec.double * math.log2(size / limit))))


def encode_at(source: Path, target: Path, codec: Codec, crf: int) -> float:
    """Encodes every frame of the source at one setting; returns the clip's length in seconds."""
    with av.open(str(source)) as master:
        stream: Any = master.streams.video[0]
        fps = stream.average_rate
        writer = Writer(target, codec, crf, stream.width, stream.height, fps)
        try:
            for frame in plain_frames(master):
                writer.put(frame)
        finally:
            writer.close()
        return float(writer.frames / fps)


class Writer:
    """Takes frames and writes one file."""

    def __init__(self, target: Path, codec: Codec, crf: int, width: int, height: int, fps: Fraction) -> None:
        os.environ.setdefault("SVT_LOG", "1")  # errors only: it would talk on stderr otherwise
        self.frames = 0
        self._time_base = 1 / Fraction(fps)
        is_mp4 = codec.suffix.endswith(".mp4")
        self._container = av.open(
            str(target),
            "w",
            format="mp4" if is_mp4 else "webm",
            options={"movflags": "+faststart"} if is_mp4 else {},
        )
        stream: Any = self._container.add_stream(codec.encoder, rate=fps, options=codec.settings(crf))
        stream.width, stream.height, stream.pix_fmt = width, height, codec.pixels
        context = stream.codec_context
        context.time_base = self._time_base
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _TV_RANGE
        if codec.pixels == "yuva420p":
            stream.metadata["alpha_mode"] = "1"
        self._stream = stream

    def put(self, frame: Any) -> None:
        """Adds a frame; its place in time is its number."""
        frame.pict_type = 0  # the source's own choice of key frames is not ours
        frame.pts, frame.time_base = self.frames, self._time_base
        self._container.mux(self._stream.encode(frame))
        self.frames += 1

    def close(self) -> None:
        """Completes the file."""
        try:
            self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()


def plain_frames(container: Any) -> Iterator[Any]:
    """The decoded frames in the order they are shown."""
    container.streams.video[0].thread_type = "AUTO"
    yield from container.decode(video=0)


def mime_of(path: Path) -> str:
    """The file's MIME type with its codec's parameters, as a `<source>` states them.

    Source: RFC 6381, ISO/IEC 14496-15 (avcC), the AV1 ISOBMFF binding (av1C).
    """
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        data = bytes(context.extradata or b"")
        name = context.name
    if name == "h264" and len(data) > 3:
        return f'video/mp4; codecs="avc1.{data[1:4].hex()}"'
    if name in ("libdav1d", "av1", "libaom-av1") and len(data) > 3:
        profile, level = data[1] >> 5, data[1] & 31
        tier, deep = "H" if data[2] & 128 else "M", 10 if data[2] & 64 else 8
        return f'video/mp4; codecs="av01.{profile}.{level:02}{tier}.{deep:02}"'
    return 'video/webm; codecs="vp9"'
