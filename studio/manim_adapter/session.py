"""One run of one scene: manim's global settings for it, private folders, and the run itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manim import logger, tempconfig

from nncore.threads import one_thread
from studio.manim_adapter.renderer import Renderer
from studio.manim_adapter.sink import FrameSink

if TYPE_CHECKING:
    from manim import Scene


@dataclass(frozen=True)
class Stage:
    """The picture a scene is drawn on.

    Units: width and height in pixels, frame size in scene units.
    """

    width: int
    height: int
    fps: int
    background: str = "#000000"
    short_side_units: float = 8.0

    @property
    def frame_size(self) -> tuple[float, float]:
        """(width, height) in scene units: square pixels, the short side `short_side_units`."""
        unit = min(self.width, self.height) / self.short_side_units
        return self.width / unit, self.height / unit


@contextmanager
def settings(stage: Stage, folder: Path) -> Iterator[None]:
    """manim's global settings for one run; what manim writes (outlines of text) goes to `folder`."""
    frame_width, frame_height = stage.frame_size
    wanted = {
        "pixel_width": stage.width,
        "pixel_height": stage.height,
        "frame_rate": stage.fps,
        "frame_width": frame_width,
        "frame_height": frame_height,
        "background_color": stage.background,
        "background_opacity": 1.0,
        "media_dir": str(folder),
        "tex_dir": str(folder / "formulas"),
        "text_dir": str(folder / "texts"),
        "log_dir": str(folder / "logs"),
        "dry_run": True,
        "disable_caching": True,
        "progress_bar": "none",
        "log_to_file": False,
        "renderer": "cairo",
        "seed": 0,
        "from_animation_number": 0,
        "upto_animation_number": -1,
    }
    for name in ("formulas", "texts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    level = logger.level
    with tempconfig(wanted):
        logger.setLevel("ERROR")
        try:
            yield
        finally:
            logger.setLevel(level)


@one_thread
def run_scene(
    make: Callable[[Renderer], Scene], stage: Stage, sink: FrameSink, folder: Path, *, jumps: bool = False
) -> tuple[Scene, Renderer]:
    """Constructs and runs a scene, handing its frames to the sink; for `jumps` see Renderer."""
    with settings(stage, folder):
        renderer = Renderer(sink, stage.fps, jumps=jumps)
        scene = make(renderer)
        scene.render()
    return scene, renderer
