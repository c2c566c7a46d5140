"""Small pictures of the end of each beat of some scenes, kept to be compared with.

After a change that is meant, look at the new ones and keep them: python tests/scenes/frames.py
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scenes.registry import scene_info  # noqa: E402 (the path above comes first)
from studio.keys import versions  # noqa: E402
from studio.request import Request  # noqa: E402
from studio.runs import ensure_recording  # noqa: E402
from studio.stills import sheet  # noqa: E402

KEPT = Path(__file__).with_name("baselines")
SCENES = ("ForwardPass", "Softmax", "Backpropagation", "LossLandscape", "DecisionBoundary")
PRESET = "180p10"
#: Grey levels by which letters and lines may differ where another cairo drew them.
SLIGHT = 24
#: The share of pixels that may differ by more, and the mean difference of all in grey levels.
MOST_PIXELS, MOST_MEAN = 0.002, 0.25
AMPLIFIED = 8


def drawn(scene: str) -> Iterator[tuple[str, np.ndarray]]:
    """Each beat and its last picture. Shapes: uint8 (180, 320, 3)."""
    recordings = tuple((name, str(ensure_recording(name))) for name in scene_info(scene).recipes)
    for (beat, _), picture in zip(
        scene_info(scene).beats, sheet(Request(scene, preset=PRESET, recordings=recordings)), strict=True
    ):
        yield beat, picture.pixels


def kept(scene: str, beat: str) -> np.ndarray:
    """The picture that was kept. Shapes: uint8 (180, 320, 3)."""
    with Image.open(KEPT / f"{scene}-{beat}.png") as picture:
        return np.asarray(picture.convert("RGB"))


def difference(one: np.ndarray, two: np.ndarray) -> str:
    """What two pictures differ by if it is more than another machine's letters and lines; else empty."""
    apart = np.abs(one.astype(int) - two)
    share, mean = float((apart.max(axis=-1) > SLIGHT).mean()), float(apart.mean())
    if share <= MOST_PIXELS and mean <= MOST_MEAN:
        return ""
    return f"{share:.2%} of the pixels differ by more than {SLIGHT} levels, all by {mean:.2f} on average"


def report(path: Path, one: np.ndarray, two: np.ndarray) -> str:
    """Writes both and their difference, amplified, side by side; says where and with which versions."""
    apart = np.clip(np.abs(one.astype(int) - two) * AMPLIFIED, 0, 255).astype(np.uint8)
    Image.fromarray(np.concatenate([one, two, apart], axis=1)).save(path)
    libraries = ", ".join(f"{name} {number}" for name, number in (versions() | pango()).items())
    return (
        f"kept, drawn, difference x {AMPLIFIED}: {path} ({libraries}); meant? python tests/scenes/frames.py"
    )


def pango() -> dict[str, str]:
    """The version of pango, which manim loads."""
    import manimpango

    return {"pango": str(manimpango.pango_version())}


def main() -> None:
    """Keeps the pictures as they are drawn now."""
    KEPT.mkdir(exist_ok=True)
    for path in KEPT.glob("*.png"):
        path.unlink()
    for scene in SCENES:
        for beat, pixels in drawn(scene):
            Image.fromarray(pixels).save(KEPT / f"{scene}-{beat}.png", optimize=True)


if __name__ == "__main__":
    main()
