"""One table of what can be made: picture sizes, frame rates and encoder settings.

A preset names a short side in pixels; the aspect gives the long side. Every option that changes a byte of
the output is here, so that a segment's cache key needs only the preset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from nncore.errors import BadInput, did_you_mean

#: Width over height as a fraction of whole numbers.
ASPECTS: dict[str, tuple[int, int]] = {"16:9": (16, 9), "1:1": (1, 1), "4:5": (4, 5), "9:16": (9, 16)}

THEMES = ("dark", "light")


@dataclass(frozen=True)
class Preset:
    """A named output quality.

    A segment is encoded in chunks of `chunk_seconds`, each for itself: what several processes can share.
    Units: `short_side` in pixels, `fps` in frames per second.
    """

    name: str
    short_side: int
    fps: int
    crf: float
    speed: str
    keyframe_seconds: int = 4
    chunk_seconds: int = 2
    x264: tuple[tuple[str, str], ...] = (("chroma-qp-offset", "-4"), ("subme", "1"), ("b-adapt", "0"))

    @property
    def chunk_frames(self) -> int:
        return self.chunk_seconds * self.fps

    def size(self, aspect: str) -> tuple[int, int]:
        """(width, height) in pixels, both even, the shorter one `short_side`."""
        across, down = ASPECTS[check_aspect(aspect)]
        long_side = 2 * round(self.short_side * max(across, down) / min(across, down) / 2)
        return (long_side, self.short_side) if across >= down else (self.short_side, long_side)


#: x264: the cheapest settings whose SSIM is no worse than medium at crf 23 in luma and both chroma planes, on
#: text and thin coloured lines (benchmarks/bench_encoder.py); such lines need more bits for their chroma.
#: What moves here does so smoothly: one round of subpixel search and B-frames at fixed places cost a fifth to
#: a quarter less time than veryfast's own, for the same SSIM and a twentieth more bytes.
#: "superfast" takes less still, for half as many bytes again.
PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("preview", short_side=480, fps=15, crf=19, speed="veryfast", keyframe_seconds=1),
        Preset("blog", short_side=720, fps=30, crf=18.5, speed="veryfast"),
        Preset("hd", short_side=1080, fps=60, crf=18.5, speed="veryfast"),
    )
}
DEFAULT_PRESET = "blog"


_SIZE = re.compile(r"(\d{2,4})p(\d{1,3})")
_LOSSLESS = "-lossless"


def lossless(name: str) -> str:
    """The name of a preset's twin whose frames come back exactly as they went in, for encoding them again."""
    return name if name.endswith(_LOSSLESS) else name + _LOSSLESS


def preset(name: str) -> Preset:
    """The preset of that name; `480p15` names a size of one's own with the default encoder settings.

    Raises: BadInput for an unknown one.
    """
    if name.endswith(_LOSSLESS):
        base = preset(name.removesuffix(_LOSSLESS))
        return replace(base, name=name, crf=0, speed="ultrafast", x264=())
    match = _SIZE.fullmatch(name)
    if match and int(match[1]) % 2 == 0 and 32 <= int(match[1]) <= 4320 and 1 <= int(match[2]) <= 120:
        return replace(PRESETS[DEFAULT_PRESET], name=name, short_side=int(match[1]), fps=int(match[2]))
    if name not in PRESETS:
        raise BadInput(f"no preset '{name}'.{did_you_mean(name, PRESETS)} Presets: {', '.join(PRESETS)}.")
    return PRESETS[name]


def check_aspect(name: str) -> str:
    """The aspect itself, if there is one of that name.

    Raises: BadInput for an unknown one.
    """
    if name not in ASPECTS:
        raise BadInput(f"no aspect '{name}'.{did_you_mean(name, ASPECTS)} Aspects: {', '.join(ASPECTS)}.")
    return name


def check_theme(name: str) -> str:
    """The theme itself, if there is one of that name.

    Raises: BadInput for an unknown one.
    """
    if name not in THEMES:
        raise BadInput(f"no theme '{name}'.{did_you_mean(name, THEMES)} Themes: {', '.join(THEMES)}.")
    return name
