"""Says whether this machine can do the work, by doing a little of each part for real."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nncore.errors import NNReelError


@dataclass(frozen=True)
class Finding:
    """One thing looked at: its name, what was found, whether it is all right."""

    name: str
    found: str
    ok: bool


def examine() -> list[Finding]:
    """Looks at versions and fonts, draws a frame with an image, text and a formula, encodes and decodes."""
    return [_look(name, check) for name, check in CHECKS.items()]


def _look(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, check(), True)
    except Exception as error:  # whatever is wrong is what the doctor is asked for
        text = " ".join(str(error).split())
        return Finding(
            name, f"{type(error).__name__}: {text}" if not isinstance(error, NNReelError) else text, False
        )


def _python() -> str:
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def _libraries() -> str:
    from studio.keys import versions

    found = versions()
    missing = [name for name, version in found.items() if version == "missing"]
    if missing:
        raise NNReelError(f"missing: {', '.join(missing)}")
    return ", ".join(f"{name} {version}" for name, version in found.items())


def _fonts() -> str:
    from scenes.kit.text import WEIGHTS, font_path

    for weight in WEIGHTS:
        if not font_path(weight).is_file():
            raise NNReelError(
                f"{font_path(weight).name} is not there; install the package font-source-sans-pro"
            )
    return ", ".join(font_path(weight).name for weight in WEIGHTS)


def _drawing() -> str:
    """Draws one frame and sees whether each of the three things left a mark."""
    from scenes.kit.formula import formula
    from scenes.kit.layout import Look, Region
    from scenes.kit.pixel_image import PixelImage
    from scenes.kit.text import Label
    from studio.files import workspace
    from studio.manim_adapter import FrameSink, Scene, Stage, run_scene

    marks = {}

    class Sample(Scene):
        def construct(self) -> None:
            look = Look()
            parts = {
                "image": PixelImage(look, np.ones((2, 2, 4)), Region(-6, -1, -4, 1)),
                "text": Label(look, "text").move_to((0, 0, 0)),
                "formula": formula(look, "z = W x + b").move_to((5, 0, 0)),
            }
            for name, part in parts.items():
                self.clear()
                self.add(part)
                marks[name] = int((self.renderer.draw_all()[..., :3] > 100).sum())  # type: ignore[union-attr]

    with workspace() as folder:
        run_scene(lambda renderer: Sample(renderer=renderer), Stage(320, 180, 15), FrameSink(), folder)
    empty = [name for name, count in marks.items() if not count]
    if empty:
        raise NNReelError(f"nothing was drawn for: {', '.join(empty)}")
    return "a frame with an image, text and a formula"


def _encoding() -> str:
    """Encodes and decodes a frame and compares a colour."""
    import av

    from studio.media import SegmentEncoder, probe
    from studio.presets import PRESETS

    color = (86, 180, 233)
    pixels = np.full((90, 160, 4), (*color, 255), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame.mp4"
        encoder = SegmentEncoder(path, 160, 90, PRESETS["preview"])
        encoder.put(pixels, 3)
        encoder.close()
        found = probe(path)
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
            back = frame.to_ndarray(format="rgb24")[45, 80].astype(int)
    if found.frames != 3 or not found.bt709 or np.abs(back - color).max() > 6:
        raise NNReelError(f"3 frames of colour {color} came back as {found.frames} of {tuple(back)}")
    return f"{found.codec} {found.pix_fmt}, BT.709, decoded again"


def _folders() -> str:
    from nncore.cache import cache_dir
    from studio.files import write_bytes

    write_bytes(cache_dir() / "doctor.txt", b"written\n")
    return f"cache in {cache_dir()}"


def _voice() -> str:
    """Optional: films can do without."""
    import shutil

    return (
        "espeak-ng speaks films"
        if shutil.which("espeak-ng")
        else "no espeak-ng; films are silent or recorded"
    )


CHECKS: dict[str, Callable[[], str]] = {
    "python": _python,
    "libraries": _libraries,
    "fonts": _fonts,
    "drawing": _drawing,
    "encoding": _encoding,
    "voice": _voice,
    "folders": _folders,
}
