"""The picture that stands for a clip: the end of the beat that shows most."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from studio.embed.takes import Shot
from studio.stills import sheet, still

#: Pictures this close to the fullest are as full; the latest of them is taken.
_CLOSE = 0.95
_WEBP_QUALITY = 82


def poster(shot: Shot) -> np.ndarray:
    """The most telling frame: a beat's end, or of a scene's beat ends the one with most in it.

    Shapes: uint8 (height, width, 3).
    """
    if shot.beat is not None:
        return still(shot.request, beat=shot.beat)
    pictures = [picture.pixels for picture in sheet(shot.request)]
    return pictures[fullest(pictures)]


def fullest(pictures: Sequence[np.ndarray]) -> int:
    """Which picture has most in it, by the bytes it takes without loss; the later wins a close call."""
    sizes = [_bytes(picture) for picture in pictures]
    return max(index for index, size in enumerate(sizes) if size >= _CLOSE * max(sizes))


def write_png(pixels: np.ndarray, target: Path) -> None:
    """The picture without loss."""
    Image.fromarray(pixels).save(target, format="PNG", optimize=True)


def write_webp(pixels: np.ndarray, target: Path) -> None:
    """The picture for pages, a fraction of the PNG's size."""
    Image.fromarray(pixels).save(target, format="WEBP", quality=_WEBP_QUALITY, method=6)


def _bytes(pixels: np.ndarray) -> int:
    file = BytesIO()
    image = Image.fromarray(pixels)
    image.thumbnail((640, 640))
    image.save(file, format="PNG")
    return file.tell()
