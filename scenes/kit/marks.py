"""Marks that mean the same in every scene: the ball that stands for the parameters, and arrows."""

from __future__ import annotations

import numpy as np
from manim import RoundedRectangle, VGroup, VMobject

from scenes.kit.layout import Look, Region
from scenes.kit.pixels import PixelMobject, PixelView, blend
from scenes.kit.style import rgb

#: Half the shaft, half the head, the head's length and its notch, all in shaft widths.
SHAFT, HEAD, LENGTH, NOTCH = 0.5, 1.65, 3.6, 0.55


class Ball(PixelMobject):
    """A shaded ball with a soft shadow: where the parameters are now.

    Units: radius in frame units.
    """

    def __init__(self, look: Look, point: np.ndarray, radius: float = 0.15, role: str = "accent") -> None:
        self.radius, self.role = radius, role
        x, y = float(point[0]), float(point[1])
        super().__init__(look, Region(x - radius, y - radius, x + radius, y + radius))

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0:
            return
        radius = self.width / 2 * view.scale
        (cx, cy), reach = view.to_px(np.asarray(self.get_center())[None])[0], 2.2 * radius + 2
        x0, x1 = max(0, int(cx - reach)), min(view.width, int(cx + reach) + 1)
        y0, y1 = max(0, int(cy - reach)), min(view.height, int(cy + reach) + 1)
        if x1 <= x0 or y1 <= y0:
            return
        part = frame[y0:y1, x0:x1]
        dx = (np.arange(x0, x1) + 0.5 - cx)[None, :] / radius
        dy = (np.arange(y0, y1) + 0.5 - cy)[:, None] / radius
        shadow = 0.55 * np.exp(-1.6 * np.maximum(np.hypot(dx - 0.12, dy - 0.22) - 0.75, 0) ** 2 * 4)
        blend(part, np.zeros(3), shadow * self.opacity * (1.0 if self.look.theme == "dark" else 0.6))
        away = np.hypot(dx, dy)
        color = ball_rgb(rgb(self.look.color(self.role)), dx, dy)
        blend(part, color, np.clip((1 - away) * radius + 0.5, 0, 1) * self.opacity)


def ball_rgb(base: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """The lit colour of each point of a ball, light from the upper left.

    Shapes: base (3,); dx, dy (...), in radii from the middle, y down -> (..., 3).
    """
    dz = np.sqrt(np.clip(1 - dx**2 - dy**2, 0, 1))
    lit = np.clip(-0.42 * dx - 0.55 * dy + 0.72 * dz, 0, 1)[..., None]
    color = np.clip(base * (0.5 + 0.72 * lit), 0, 1)
    shine = np.clip(lit - 0.86, 0, 1) / 0.14
    return np.clip(color + (1 - color) * 0.75 * shine**2, 0, 1)


class Arrow(VMobject):
    """A filled arrow with a thin edge in the background's colour, so that it stands off from any ground.

    `between` moves it; the number of points never changes, so arrows also transform into each other.
    Units: width of the shaft in frame units.
    """

    def __init__(
        self, look: Look, start: np.ndarray, end: np.ndarray, role: str = "gradient", width: float = 0.085
    ) -> None:
        self.look, self.role, self.shaft_width = look, role, width
        super().__init__(fill_opacity=1.0, stroke_width=0)
        self.set_fill(look.color(role), 1.0)
        self.set_stroke(look.color("background"), look.stroke("line"), background=True)
        self.between(start, end)

    def between(self, start: np.ndarray, end: np.ndarray) -> Arrow:
        """From start to end, in place; an arrow too short for its head is drawn smaller as a whole."""
        start, end = np.asarray(start, float), np.asarray(end, float)
        length = float(np.linalg.norm(end - start))
        along = (end - start) / length if length > 1e-9 else np.array([1.0, 0.0, 0.0])
        across = np.array([-along[1], along[0], 0.0])
        width = min(self.shaft_width, length / (LENGTH * 1.45))
        neck = length - (LENGTH - NOTCH) * width
        back = length - LENGTH * width
        outline = [(0, SHAFT * 0.7), (neck, SHAFT), (back, HEAD), (length, 0), (back, -HEAD), (neck, -SHAFT),
                   (0, -SHAFT * 0.7)]  # fmt: skip
        corners = [start + along * a + across * (b * width) for a, b in outline]
        self.set_points_as_corners([*corners, corners[0]])
        return self

    @property
    def tip(self) -> np.ndarray:
        """Where it points to."""
        return self.points[3 * 4 - 1]


class Tag(VGroup):
    """Words on a small plate, to be read on a picture; `side` says where they stand off a point.

    `inside` is a region the plate must not leave.
    """

    def __init__(
        self,
        look: Look,
        words: VMobject,
        point: np.ndarray,
        side: tuple[float, float] = (0, 1),
        away: float = 0.3,
        inside: Region | None = None,
    ) -> None:
        pad = 0.3 * look.em("tiny")
        plate = RoundedRectangle(
            corner_radius=pad, width=words.width + 2.6 * pad, height=words.height + 2 * pad, stroke_width=0
        )
        plate.set_fill(look.color("background"), 0.8).move_to(words)
        super().__init__(plate, words)
        direction = np.array([*side, 0.0])
        half = np.array([self.width / 2, self.height / 2, 0.0])
        center = np.asarray(point) + direction * (half + away)
        if inside is not None:
            low, high = inside.inset(0.06).point(0, 0) + half, inside.inset(0.06).point(1, 1) - half
            center = np.clip(center, low, np.maximum(low, high))
        self.move_to(center)
