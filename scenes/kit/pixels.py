"""Mobjects that paint their own pixels: images, heat maps and anything made of thousands of marks.

A `PixelMobject` sits in the scene like any other mobject (it has a place, a size, an opacity, it fades and
transforms) but draws itself as one array operation. The studio's camera calls `paint` in stack order; a
stock manim camera falls back on `get_pixel_array`, which paints the same pixels over the background.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import config
from manim.mobject.types.image_mobject import AbstractImageMobject

from scenes.kit.layout import Look, Region


@dataclass(frozen=True)
class PixelView:
    """How frame units become pixels: (0, 0) is the upper left corner of the upper left pixel."""

    width: int
    height: int
    frame_width: float
    frame_height: float
    center: tuple[float, float] = (0.0, 0.0)

    @property
    def scale(self) -> float:
        """Pixels per unit."""
        return self.width / self.frame_width

    def to_px(self, points: np.ndarray) -> np.ndarray:
        """Pixel coordinates of points.

        Shapes: (n, 2 or 3) units -> (n, 2) pixels, x right, y down.
        """
        x = (points[:, 0] - self.center[0]) * self.scale + self.width / 2
        y = self.height / 2 - (points[:, 1] - self.center[1]) * self.height / self.frame_height
        return np.stack([x, y], axis=1)


class Fixed:
    """Wraps data that copies of a mobject share: copying a mobject must not copy megabytes."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __deepcopy__(self, memo: dict) -> Fixed:
        return self


#: Pixels that are blended at a time; they stay in the processor's cache.
BLEND_AT_ONCE = 1 << 15
#: Below this coverage no pixel changes by half a grey level.
UNSEEN = 1 / 1024
#: Where a smaller share of the pixels is covered, they are painted one by one.
FEW = 0.3


def blend(frame: np.ndarray, color: np.ndarray, alpha: np.ndarray) -> None:
    """Paint `color` over `frame` with coverage `alpha`, in place.

    Shapes: frame (..., 4) uint8 premultiplied RGBA; color (3,) or (..., 3) in 0..1; alpha (...) in 0..1.
    """
    if alpha.ndim != 2 or alpha.size <= BLEND_AT_ONCE:
        _blend(frame, color, alpha)
        return
    step = max(1, BLEND_AT_ONCE // alpha.shape[1])
    for top in range(0, len(alpha), step):
        rows = np.s_[top : top + step]
        _blend_strip(frame[rows], color if np.ndim(color) == 1 else color[rows], alpha[rows])


def _blend_strip(frame: np.ndarray, color: np.ndarray, alpha: np.ndarray) -> None:
    """`_blend`, but the columns that are covered altogether are set and not mixed."""
    left, right = _solid(alpha)
    if right > left:
        frame[:, left:right, :3] = (color if np.ndim(color) == 1 else color[:, left:right]) * 255 + 0.5
        frame[:, left:right, 3] = 255
    for columns in (np.s_[:left], np.s_[right:]):
        if alpha[:, columns].size:
            _blend(frame[:, columns], color if np.ndim(color) == 1 else color[:, columns], alpha[:, columns])


def _solid(alpha: np.ndarray) -> tuple[int, int]:
    """The columns from left to right (not included) that are covered altogether, or (0, 0)."""
    middle = alpha.shape[1] // 2
    if alpha[:, middle].min() < 1:
        return 0, 0
    gaps = np.flatnonzero((alpha < 1).any(axis=0))
    at = int(np.searchsorted(gaps, middle))
    return (int(gaps[at - 1]) + 1 if at else 0), (int(gaps[at]) if at < len(gaps) else alpha.shape[1])


def _blend(frame: np.ndarray, color: np.ndarray, alpha: np.ndarray) -> None:
    shown = alpha > UNSEEN
    count = np.count_nonzero(shown)
    if count <= FEW * shown.size:
        if count:
            blend_at(frame, np.nonzero(shown), color if np.ndim(color) == 1 else color[shown], alpha[shown])
        return
    frame[...] = _mixed(frame, color, alpha)


def blend_at(frame: np.ndarray, places: tuple[np.ndarray, ...], color: np.ndarray, alpha: np.ndarray) -> None:
    """Paint `color` over single pixels of the frame, in place.

    Shapes: places: an index of n pixels; color (3,) or (n, 3) in 0..1; alpha (n,) in 0..1.
    """
    whole = frame.view(np.uint32)[..., 0]  # a pixel is one number to take and to put
    under = whole[places].view(np.uint8).reshape(-1, 4)
    whole[places] = _mixed(under, color, alpha).view(np.uint32)[..., 0]


def _mixed(under: np.ndarray, color: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """One channel after the other: numpy is slow at rows of three or four numbers."""
    left = 1 - alpha.astype(np.float32, copy=False)
    cover = alpha * np.float32(255)
    mixed = np.empty(under.shape, np.uint8)
    for channel in range(4):
        value = under[..., channel] * left
        value += cover if channel == 3 else color[..., channel] * cover
        value += np.float32(0.5)
        mixed[..., channel] = value
    return mixed


def rounded(
    px: np.ndarray, py: np.ndarray, edges: tuple[float, float, float, float], radius: float
) -> np.ndarray:
    """Coverage of a rectangle (left, top, right, bottom, in pixels) with round corners.

    Shapes: px (W,), py (H,) -> (H, W) float32.
    """
    left, top, right, bottom = edges
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    x = np.maximum(np.abs(px - (left + right) / 2) - (right - left) / 2 + radius, 0)
    y = np.maximum(np.abs(py - (top + bottom) / 2) - (bottom - top) / 2 + radius, 0)
    sides = (np.clip(radius + 0.5 - along, 0, 1).astype(np.float32) for along in (y, x))
    cover = np.minimum.outer(*sides)
    corners = np.ix_(y > 0, x > 0)
    cover[corners] = np.clip(radius + 0.5 - np.hypot(x[x > 0][None, :], y[y > 0][:, None]), 0, 1)
    return cover


class PixelMobject(AbstractImageMobject):
    """A mobject that paints itself.

    Subclasses give `paint` and name in `lerped` the attributes (numbers or arrays of one shape) that an
    animation interpolates. `opacity` is always among them.
    """

    lerped: tuple[str, ...] = ()

    def __init__(self, look: Look, region: Region, **kwargs: Any) -> None:
        self.look = look
        self.opacity = 1.0
        self._initial_region = region
        super().__init__(scale_to_resolution=0, **kwargs)

    def reset_points(self) -> PixelMobject:
        r = self._initial_region
        self.points = np.array(
            [[r.left, r.top, 0], [r.right, r.top, 0], [r.left, r.bottom, 0], [r.right, r.bottom, 0]],
            dtype=float,
        )
        return self

    @property
    def region(self) -> Region:
        """The rectangle the mobject covers now."""
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        return Region(float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        """Draw onto the frame in place.

        Shapes: frame (height, width, 4) uint8 RGBA.
        """
        raise NotImplementedError

    def get_pixel_array(self) -> np.ndarray:
        """What a stock camera draws: this mobject alone with its transparency, cut to its rectangle."""
        view = PixelView(config.pixel_width, config.pixel_height, config.frame_width, config.frame_height)
        on_black = np.zeros((view.height, view.width, 4), np.uint8)
        on_white = np.full_like(on_black, 255)
        self.paint(on_black, view)
        self.paint(on_white, view)
        cover = 255.0 - (on_white[..., :3].astype(float) - on_black[..., :3]).mean(axis=-1, keepdims=True)
        color = on_black[..., :3] * (255.0 / np.maximum(cover, 1.0))
        rgba = np.concatenate([np.clip(color, 0, 255), cover], axis=-1).astype(np.uint8)
        (x0, y0), (x1, y1) = np.round(view.to_px(self.points[[0, 3]])).astype(int)
        return rgba[max(y0, 0) : max(y1, y0 + 1), max(x0, 0) : max(x1, x0 + 1)]

    def set_opacity(self, opacity: float, family: bool = True) -> PixelMobject:
        self.opacity = float(opacity)
        return self

    def fade(self, darkness: float = 0.5, family: bool = True) -> PixelMobject:
        return self.set_opacity(self.opacity * (1 - darkness))

    def set_color(self, color: Any = None, alpha: Any = None, family: bool = True) -> PixelMobject:
        """Colours come from encoded values: a set_color that reaches a group leaves them alone."""
        return self

    def interpolate_color(self, mobject1: Any, mobject2: Any, alpha: float) -> PixelMobject:
        for name in ("opacity", *self.lerped):
            one, two = getattr(mobject1, name), getattr(mobject2, name)
            # Copies hold equal arrays: what does not change must stay the same to the bit, so caches hold.
            same = one is two or (isinstance(one, np.ndarray) and np.array_equal(one, two))
            setattr(self, name, one if same else one * (1 - alpha) + two * alpha)
        return self

    def align_points_with_larger(self, larger_mobject: Any) -> PixelMobject:
        """Nothing to align: every pixel mobject has four corners."""
        return self

    def changed(self, **changes: Any) -> PixelMobject:
        """A copy with other values, to be used as the end of a Transform; it plays nothing itself."""
        other = copy.deepcopy(self)
        for name, value in changes.items():
            setattr(other, name, value)
        return other
