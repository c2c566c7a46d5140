"""Moving pictures for places that take no video: GIF and animated WebP, made to fit a number of bytes.

A ladder of ever coarser settings is walked down until the file fits; what was lowered is said in words.
Frames come from a lossless master, so rates are whole fractions of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.filter import Graph
from av.video.reformatter import Colorspace, Interpolation

from nncore.errors import NNReelError
from studio.embed.video import plain_frames


class OverBudget(NNReelError):
    """A file that cannot be made as small as was asked."""

    exit_code = 2


@dataclass(frozen=True)
class Setting:
    """How coarse a moving picture is.

    `every` takes each n-th frame; `detail` is a GIF's number of colours or a WebP's quality; `beats` is how
    many beats from the first are shown, None all.
    Units: `short_side` in pixels.
    """

    short_side: int
    every: int
    detail: int
    beats: int | None = None


@dataclass(frozen=True)
class Kind:
    """A format, and its settings from fine to coarse; every step lowers one thing."""

    name: str
    suffix: str
    ladder: tuple[Setting, ...]


def _ladder(fine: int, middle: int, coarse: int) -> tuple[Setting, ...]:
    steps = [
        (480, 1, fine),
        (420, 1, fine),
        (360, 1, fine),
        (360, 1, middle),
        (360, 2, middle),
        (300, 2, middle),
    ]
    steps += [(300, 2, coarse), (270, 2, coarse), (270, 3, coarse)]
    return tuple(Setting(*step) for step in steps)


GIF = Kind("gif", ".gif", _ladder(256, 128, 64))
WEBP = Kind("webp", ".webp", _ladder(80, 60, 40))
KINDS = {kind.name: kind for kind in (GIF, WEBP)}


@dataclass(frozen=True)
class Made:
    """A file that fits: its size in bytes, its picture's size, and what was lowered to get there."""

    bytes: int
    width: int
    height: int
    lowered: tuple[str, ...]


@dataclass(frozen=True)
class Master:
    """A lossless clip and the frame each of its beats ends before."""

    path: Path
    ends: tuple[int, ...]
    width: int
    height: int
    fps: int


def fit(master: Master, target: Path, kind: Kind, limit: int) -> Made:
    """Writes the finest file of that kind that has at most `limit` bytes.

    Raises: OverBudget, with what was reached, if even the first beat alone at the coarsest setting is larger.
    """
    write = {"gif": write_gif, "webp": write_webp}[kind.name]
    settings = _settings(kind, master)
    at, smallest = 0, 0
    while True:
        setting = settings[at]
        write(master, target, setting)
        smallest = target.stat().st_size
        if smallest <= limit:
            width, height = _size(master, setting.short_side)
            return Made(smallest, width, height, tuple(lowered(master, kind, setting)))
        if at == len(settings) - 1:
            break
        at = _next(settings, at, smallest, limit, master)
    said = "; ".join(lowered(master, kind, settings[-1]))
    raise OverBudget(
        f"no {kind.name.upper()} of {limit:,} bytes: the smallest, with {said}, still has {smallest:,}. "
        "Give --max-bytes more, name a single beat (SCENE:BEAT), or leave this format out with --format."
    )


def _settings(kind: Kind, master: Master) -> list[Setting]:
    """The ladder, then fewer and fewer beats of its coarsest step."""
    ladder = [step for step in kind.ladder if step.short_side <= min(master.width, master.height)]
    ladder = ladder or [replace(kind.ladder[-1], short_side=min(master.width, master.height))]
    shorter = range(len(master.ends) - 1, 0, -1)
    return [*ladder, *(replace(ladder[-1], beats=count) for count in shorter)]


def _next(settings: Sequence[Setting], at: int, size: int, limit: int, master: Master) -> int:
    """The next step worth trying: those that a cautious guess puts far above the limit are passed over."""
    weight = _weight(settings[at], master)
    for index in range(at + 1, len(settings) - 1):
        if size * _weight(settings[index], master) / weight <= 1.25 * limit:
            return index
    return len(settings) - 1


def _weight(setting: Setting, master: Master) -> float:
    """A guess that is proportional to the size of the file."""
    share = master.ends[setting.beats - 1] / master.ends[-1] if setting.beats else 1.0
    return setting.short_side**1.6 * setting.every**-0.7 * setting.detail**0.4 * share


def lowered(master: Master, kind: Kind, setting: Setting) -> Iterator[str]:
    """What differs from the finest setting, in words."""
    best = _settings(kind, master)[0]
    if setting.short_side < best.short_side:
        sizes = [_size(master, each.short_side) for each in (best, setting)]
        yield "size {}×{} instead of {}×{}".format(*sizes[1], *sizes[0])
    if setting.every > best.every:
        yield f"{master.fps / setting.every:g} frames a second instead of {master.fps / best.every:g}"
    if setting.detail < best.detail:
        if kind is GIF:
            yield f"{setting.detail} colours instead of {best.detail}"
        else:
            yield f"quality {setting.detail} instead of {best.detail}"
    if setting.beats is not None:
        shown, all_of_it = master.ends[setting.beats - 1] / master.fps, master.ends[-1] / master.fps
        yield f"the first {setting.beats} of {len(master.ends)} beats ({shown:.1f} of {all_of_it:.1f} s)"


def _size(master: Master, short_side: int) -> tuple[int, int]:
    scale = short_side / min(master.width, master.height)
    return 2 * round(master.width * scale / 2), 2 * round(master.height * scale / 2)


# -- writing ------------------------------------------------------------------------------------------------


def write_gif(master: Master, target: Path, setting: Setting) -> None:
    """A GIF with one palette chosen over all of its frames and no dither: flat areas stay flat and small."""
    palette = _palette(master, setting)
    width, height = _size(master, setting.short_side)
    graph = Graph()
    source = _buffer(graph, width, height, master.fps)
    colours = _buffer(graph, palette.width, palette.height, master.fps)
    use, sink = graph.add("paletteuse", "dither=none:diff_mode=rectangle"), graph.add("buffersink")
    source.link_to(use, 0, 0)
    colours.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    colours.push(palette)
    colours.push(None)

    def frames() -> Iterator[Any]:
        for frame in [*_frames(master, setting), None]:
            source.push(frame)
            yield from _pulled(sink)

    _write(target, ("gif", "pal8", {}), (width, height, master.fps), frames())


def write_webp(master: Master, target: Path, setting: Setting) -> None:
    """An animated WebP, each frame the lossy difference from the one before."""
    options = {"quality": str(setting.detail), "compression_level": "4"}
    picture = (*_size(master, setting.short_side), master.fps)
    # Every frame, for the last one lasts as long as the average; the encoder joins equal ones itself.
    _write(target, ("libwebp_anim", "bgra", options), picture, _frames(master, setting, repeats=True))


def _frames(master: Master, setting: Setting, *, repeats: bool = False) -> Iterator[Any]:
    """Each n-th frame at the setting's size as BGRA, numbered in the master's frames."""
    last = master.ends[(setting.beats or len(master.ends)) - 1]
    width, height = _size(master, setting.short_side)
    before = b""
    with av.open(str(master.path)) as container:
        for number, frame in enumerate(plain_frames(container)):
            if number >= last:
                break
            if number % setting.every:
                continue
            picture = frame.reformat(
                width, height, "bgra", src_colorspace=Colorspace.ITU709, interpolation=Interpolation.LANCZOS
            )
            pixels = bytes(picture.planes[0])
            if not repeats and pixels == before and number + setting.every < last:
                continue
            before = pixels
            picture.pts, picture.time_base = number, Fraction(1, master.fps)
            yield picture


def _palette(master: Master, setting: Setting) -> Any:
    """One palette for the whole picture, counting what changes from frame to frame more than what stays."""
    graph = Graph()
    source = _buffer(graph, *_size(master, setting.short_side), master.fps)
    options = f"max_colors={setting.detail}:stats_mode=diff:reserve_transparent=1"
    chosen, sink = graph.add("palettegen", options), graph.add("buffersink")
    source.link_to(chosen)
    chosen.link_to(sink)
    graph.configure()
    for frame in [*_frames(master, setting), None]:
        source.push(frame)
    (palette,) = _pulled(sink)
    return palette


def _buffer(graph: Graph, width: int, height: int, fps: int) -> Any:
    kind = av.VideoFormat("bgra", width, height)
    return graph.add_buffer(width=width, height=height, format=kind, time_base=Fraction(1, fps))


def _pulled(sink: Any) -> Iterator[Any]:
    while True:
        try:
            yield sink.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _write(
    target: Path, codec: tuple[str, str, dict[str, str]], picture: tuple[int, int, int], frames: Iterator[Any]
) -> None:
    """Encodes frames into a picture that repeats for ever; `codec` is encoder, pixel format and options."""
    encoder, pixels, options = codec
    width, height, fps = picture
    with av.open(str(target), "w", options={"loop": "0"}) as container:
        stream: Any = container.add_stream(encoder, rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        stream.codec_context.time_base = Fraction(1, fps)
        for frame in frames:
            frame.time_base = Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
