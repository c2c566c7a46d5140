"""Clips with a transparent background: VP9 in WebM, drawn again with nothing behind the scene.

The renderer's pixels carry premultiplied transparency, while video and WebP want colours as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from PIL import Image

from nncore.errors import BadInput
from studio.embed.takes import Shot
from studio.embed.video import ALPHA, Writer
from studio.files import workspace

if TYPE_CHECKING:
    from manim import Scene

    from studio.manim_adapter import Beat, Renderer


def write_alpha(shot: Shot, target: Path, poster: Path) -> tuple[int, tuple[int, int]]:
    """Draws the scene or beat into a WebM with transparency, and the fullest of its beats' ends as a WebP.

    Returns the crf and the picture's size. Raises: BadInput where the scene paints its whole picture.
    """
    from studio.embed.poster import fullest
    from studio.manim_adapter import run_scene

    stage = shot.request.stage()
    writer = Writer(target, ALPHA, ALPHA.crf, stage.width, stage.height, Fraction(stage.fps))
    sink = _sink(writer, shot.beat)

    def build(renderer: Renderer) -> Scene:
        scene = shot.request.build(renderer)
        renderer.camera.background[...] = 0
        return scene

    try:
        with workspace() as folder:
            run_scene(build, stage, sink, folder, jumps=shot.request.ref.recorded)
    finally:
        writer.close()
    if not sink.shows_through:
        raise BadInput(f"{shot.request.ref.name} paints its whole picture: nothing would show through it.")
    Image.fromarray(sink.ends[fullest(sink.ends)]).save(poster, format="WEBP", quality=82)
    return ALPHA.crf, (stage.width, stage.height)


def straight(pixels: np.ndarray) -> np.ndarray:
    """Colours as they are, from colours multiplied by their opacity.

    Shapes: uint8 (height, width, 4) RGBA, both.
    """
    alpha = pixels[..., 3:].astype(np.float32)
    colors = pixels[..., :3] * np.divide(255.0, alpha, out=np.zeros_like(alpha), where=alpha > 0)
    return np.concatenate([np.minimum(colors + 0.5, 255).astype(np.uint8), pixels[..., 3:]], axis=-1)


def _sink(writer: Writer, only: str | None) -> Any:
    from studio.manim_adapter import FrameSink

    class AlphaSink(FrameSink):
        def __init__(self) -> None:
            self.ends: list[np.ndarray] = []
            self.shows_through = False
            self._done = False

        def begin_beat(self, beat: Beat) -> bool:
            return not self._done

        def wanted(self, beat: Beat, first: int, count: int) -> Sequence[int]:
            return range(first, first + count) if only in (None, beat.name) else ()

        def frame(self, beat: Beat, number: int, pixels: np.ndarray, repeat: int) -> None:
            picture = straight(pixels)
            self.shows_through = self.shows_through or bool((picture[..., 3] < 128).mean() > 0.01)
            for _ in range(repeat):
                writer.put(_to_yuva(picture))

        def end_beat(self, beat: Beat, draw: Callable[[], np.ndarray]) -> None:
            if only in (None, beat.name):
                self.ends.append(straight(draw()))
                self._done = only is not None

    return AlphaSink()


def _to_yuva(pixels: np.ndarray) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgba")
    return frame.reformat(
        format="yuva420p",
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        interpolation=Interpolation.AREA,
    )
