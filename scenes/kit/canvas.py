"""A frame as a cairo canvas, for pixel mobjects made of hundreds of small shapes or pictures."""

from __future__ import annotations

import cairo
import numpy as np


def canvas(frame: np.ndarray) -> cairo.Context:
    """A context that draws straight into the frame; units are pixels, y down.

    Shapes: frame (height, width, 4) uint8 RGBA, contiguous. Red and blue trade places in what cairo calls
    ARGB32, so give colours by `set_rgba`.
    """
    height, width = frame.shape[:2]
    surface = cairo.ImageSurface.create_for_data(
        frame.data, cairo.FORMAT_ARGB32, width, height, frame.strides[0]
    )
    return cairo.Context(surface)


def set_rgba(context: cairo.Context, color: np.ndarray, alpha: float) -> None:
    """What the context paints with. Shapes: color (3,) in 0..1, red first."""
    red, green, blue = map(float, color)
    context.set_source_rgba(blue, green, red, alpha)


def picture(premultiplied: np.ndarray) -> cairo.ImageSurface:
    """A picture to be painted on a canvas, at any place between pixels too.

    Shapes: premultiplied (height, width, 4) in 0..1, colours already times their cover.
    """
    bytes_ = np.ascontiguousarray((np.clip(premultiplied, 0, 1) * 255 + 0.5).astype(np.uint8))
    return _surface(bytes_)


def _surface(pixels: np.ndarray) -> cairo.ImageSurface:
    height, width = pixels.shape[:2]
    return cairo.ImageSurface.create_for_data(pixels.data, cairo.FORMAT_ARGB32, width, height)
