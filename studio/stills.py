"""Single pictures of a scene without a video: a still, a contact sheet, a strip through one beat.

The scene runs with everything skipped but the frames asked for, so a picture takes little more than
building the scene.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nncore.errors import BadInput, did_you_mean
from studio.files import publishing, workspace
from studio.request import Request

if TYPE_CHECKING:
    from studio.manim_adapter import Beat


@dataclass(frozen=True)
class Picture:
    """One drawn frame with what to write under it.

    Shapes: pixels uint8 (height, width, 3).
    """

    label: str
    caption: str
    pixels: np.ndarray


def still(request: Request, *, beat: str | None = None, at: float | None = None) -> np.ndarray:
    """The picture at the end of a beat (default: the last one), or at a time.

    Units: `at` in seconds from the scene's start.
    Shapes: uint8 (height, width, 3).
    Raises: BadInput for an unknown beat or a time outside the scene.
    """
    if at is not None:
        return _at(request, at)
    if beat is not None:
        request.ref.check_beat(beat)
    pictures = _run_ends(request, None if beat is None else {beat})
    if not pictures:
        names = [each.name for each in _timeline(request)]
        raise BadInput(f"{request.ref.name} has no beat '{beat}'.{did_you_mean(beat or '', names)}")
    return pictures[-1].pixels


def sheet(request: Request) -> list[Picture]:
    """The end of every beat, drawn in one pass through the scene."""
    return _run_ends(request, None)


def strip(request: Request, beat: str, number: int) -> list[Picture]:
    """`number` pictures evenly through one beat, its first and last frame among them.

    Raises: BadInput for an unknown beat or fewer than two pictures.
    """
    if number < 2:
        raise BadInput(f"a strip has at least 2 pictures, not {number}.")
    request.ref.check_beat(beat)
    beats = _timeline(request)
    found = {each.name: each for each in reversed(beats)}
    if beat not in found:
        raise BadInput(f"{request.ref.name} has no beat '{beat}'.{did_you_mean(beat, found)}")
    wanted = sorted(set(np.linspace(0, found[beat].count - 1, number).round().astype(int).tolist()))
    fps = request.quality.fps
    frames = _frames(request, found[beat].index, wanted)
    return [
        Picture(f"{beat}  {index / fps:.2f} s", "", pixels)
        for index, pixels in zip(wanted, frames, strict=True)
    ]


def save(pixels: np.ndarray, target: Path) -> Path:
    """Publishes a picture as PNG; its description says what drew it.

    Raises: OutputError where it can't be written.
    """
    with publishing(target) as part:
        Image.fromarray(pixels).save(part, format="PNG")
    return target


def montage(pictures: Sequence[Picture], *, columns: int | None = None, width: int = 640) -> np.ndarray:
    """The pictures in a grid, each `width` pixels wide with its label and caption under it."""
    from scenes.kit.text import font_path

    bold = ImageFont.truetype(str(font_path("bold")), 20)
    plain = ImageFont.truetype(str(font_path("regular")), 18)
    ratio = pictures[0].pixels.shape[0] / pictures[0].pixels.shape[1]
    width = width if ratio <= 1 else round(width * 0.6)
    height, gap, strip_height = round(width * ratio), 12, 84
    columns = columns or min(len(pictures), 3 if ratio <= 1 else 5)
    rows = -(-len(pictures) // columns)
    canvas = Image.new(
        "RGB", (columns * (width + gap) + gap, rows * (height + strip_height + gap) + gap), (128, 132, 138)
    )
    draw = ImageDraw.Draw(canvas)
    for index, picture in enumerate(pictures):
        x = gap + (index % columns) * (width + gap)
        y = gap + (index // columns) * (height + strip_height + gap)
        image = Image.fromarray(picture.pixels).resize((width, height), Image.Resampling.LANCZOS)
        canvas.paste(image, (x, y))
        draw.text((x, y + height + 4), picture.label, font=bold, fill=(0, 0, 0))
        for line, text in enumerate(_lines(picture.caption, plain, width)[:2]):
            draw.text((x, y + height + 28 + 22 * line), text, font=plain, fill=(0, 0, 0))
    return np.asarray(canvas)


def _lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


# -- running the scene ------------------------------------------------------------------------------------


def _run_ends(request: Request, names: set[str] | None) -> list[Picture]:
    from studio.manim_adapter import FrameSink

    found: list[tuple[str, np.ndarray]] = []

    class Ends(FrameSink):
        def begin_beat(self, beat: Beat) -> bool:
            return names is None or len(found) < len(names)

        def end_beat(self, beat: Beat, draw: Callable[[], np.ndarray]) -> None:
            if names is None or beat.name in names:
                found.append((beat.name, draw()[..., :3].copy()))

    captions = _run(request, Ends())
    return [
        Picture(f"{i + 1}. {name}", captions.get(name, ""), pixels) for i, (name, pixels) in enumerate(found)
    ]


def _timeline(request: Request) -> list[Beat]:
    from studio.manim_adapter import FrameSink

    beats: list[Beat] = []

    class Measure(FrameSink):
        def end_beat(self, beat: Beat, draw: Callable[[], np.ndarray]) -> None:
            beats.append(beat)

    _run(request, Measure())
    return beats


def _frames(request: Request, beat_index: int, numbers: Sequence[int]) -> list[np.ndarray]:
    """Frames of one beat by their number within it, in ascending order."""
    from studio.manim_adapter import FrameSink

    found: dict[int, np.ndarray] = {}

    class Pick(FrameSink):
        def begin_beat(self, beat: Beat) -> bool:
            return len(found) < len(numbers)

        def wanted(self, beat: Beat, first: int, count: int) -> Sequence[int]:
            return [n for n in numbers if first <= n < first + count] if beat.index == beat_index else ()

        def frame(self, beat: Beat, number: int, pixels: np.ndarray, repeat: int) -> None:
            copy = pixels[..., :3].copy()
            found.update(dict.fromkeys(range(number, number + repeat), copy))

    _run(request, Pick())
    return [found[number] for number in numbers]


def _at(request: Request, seconds: float) -> np.ndarray:
    beats = _timeline(request)
    fps = request.quality.fps
    total = beats[-1].first + beats[-1].count
    frame = min(int(seconds * fps + 1e-6), total - 1) if seconds * fps <= total else -1
    if seconds < 0 or frame < 0:
        raise BadInput(f"{request.ref.name} lasts {total / fps:.2f} s; there is nothing at {seconds:g} s.")
    beat = next(each for each in beats if frame < each.first + each.count)
    return _frames(request, beat.index, [frame - beat.first])[0]


def _run(request: Request, sink: object) -> dict[str, str]:
    """Runs the scene into a sink; returns the beats' filled-in captions."""
    from studio.manim_adapter import run_scene

    with workspace() as folder:
        scene, _ = run_scene(request.build, request.stage(), sink, folder, jumps=request.ref.recorded)  # type: ignore[arg-type]
    return dict(getattr(scene, "captions", {}))
