"""Images in a frame: cells as exact rectangles or interpolated, put or mixed as they are opaque or not."""

from __future__ import annotations

import numpy as np
from PIL import Image

from scenes.kit.layout import Look, Region
from scenes.kit.opaque import packed_colors
from scenes.kit.pixels import Fixed, PixelMobject, PixelView, blend

#: As good as opaque, however it was interpolated.
OPAQUE = 0.9999
#: An image at places between its cells: floats (rows, columns, 4), or opaque pixels to be put, uint32 each.
Sampled = tuple[np.ndarray | None, np.ndarray | None]


class PixelImage(PixelMobject):
    """An image whose cells are drawn as exact rectangles (`smooth=False`) or interpolated (`smooth=True`).

    Shapes: rgba (rows, columns, 4) floats in 0..1, not premultiplied; row 0 on top.
    """

    lerped: tuple[str, ...] = ("rgba",)

    def __init__(self, look: Look, rgba: np.ndarray, region: Region, smooth: bool = False) -> None:
        self.rgba = np.asarray(rgba, dtype=np.float32)
        self.smooth = smooth
        self.cache = Fixed({})
        super().__init__(look, region)

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0:
            return
        left, top, right, bottom = view.to_px(self.points[[0, 3]]).ravel()
        x0, x1 = max(0, round(left)), min(view.width, round(right))
        y0, y1 = max(0, round(top)), min(view.height, round(bottom))
        if x1 <= x0 or y1 <= y0:
            return
        rows, columns = self.rgba.shape[:2]
        u = (np.arange(x0, x1) + 0.5 - left) / (right - left) * columns
        v = (np.arange(y0, y1) + 0.5 - top) / (bottom - top) * rows
        cells, packed = self._smooth(u, v) if self.smooth else self._sharp(u, v)
        if packed is not None:
            frame.view(np.uint32)[y0:y1, x0:x1, 0] = packed
        elif cells is not None:
            blend(frame[y0:y1, x0:x1], cells[..., :3], cells[..., 3] * self.opacity)

    def _sharp(self, u: np.ndarray, v: np.ndarray) -> Sampled:
        i, j = (np.clip(at.astype(int), 0, n - 1) for at, n in zip((v, u), self.rgba.shape[:2], strict=True))
        small = _packed(self.rgba) if self.opacity >= 1 else None
        # Along the rows first: what is then repeated are whole rows.
        if small is None:
            return self.rgba.take(j, axis=1).take(i, axis=0), None
        return None, small.take(j, axis=1).take(i, axis=0)

    def _smooth(self, u: np.ndarray, v: np.ndarray) -> Sampled:
        ends = (float(end) for at in (u, v) for end in at[[0, -1]])
        key = (self.rgba.shape, hash(self.rgba.tobytes()), *ends, len(u), len(v))
        if self.cache.value.get("key") != key:
            cells = _bicubic(self.rgba, u, v)
            self.cache.value.update(key=key, found=(cells, _packed(cells)))
        cells, packed = self.cache.value["found"]
        return cells, packed if self.opacity >= 1 else None


def _packed(rgba: np.ndarray) -> np.ndarray | None:
    """An image as one number for each pixel, if it hides all that is under it. Shapes: -> (rows, columns)."""
    return packed_colors(rgba[..., :3]) if rgba[..., 3].min() >= OPAQUE else None


def _bicubic(rgba: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The image sampled at evenly spaced cell coordinates (u, v), smoothly."""
    rows, columns = rgba.shape[:2]
    du = (u[-1] - u[0]) / max(len(u) - 1, 1)
    dv = (v[-1] - v[0]) / max(len(v) - 1, 1)
    box = (
        max(0.0, u[0] - du / 2),
        max(0.0, v[0] - dv / 2),
        min(columns, u[-1] + du / 2),
        min(rows, v[-1] + dv / 2),
    )
    channels = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(rgba[..., k])).resize(
                (len(u), len(v)), Image.Resampling.BICUBIC, box
            )
        )
        for k in range(4)
    ]
    return np.clip(np.stack(channels, axis=-1), 0, 1)
