"""How a number looks: value to colour, brightness and width, the same in every scene.

A signed value is blue where positive and orange where negative; its size is brightness and width. A scale is
one number (the largest magnitude that is shown) fixed over the whole recording and symmetric about zero, so
zero draws as nothing and two moments can be compared.
"""

from __future__ import annotations

import numpy as np

from scenes.kit.layout import Look
from scenes.kit.style import contrast, rgb


def magnitude(values: np.ndarray, scale: float) -> np.ndarray:
    """|value| / scale, clipped to 0..1; zero stays exactly zero."""
    return np.clip(np.abs(values) / scale, 0.0, 1.0) if scale > 0 else np.zeros_like(values, dtype=float)


def signed_rgb(look: Look, values: np.ndarray) -> np.ndarray:
    """Blue where positive, orange where negative.

    Shapes: (...) -> (..., 3).
    """
    positive, negative = rgb(look.color("positive")), rgb(look.color("negative"))
    return np.where(np.asarray(values)[..., None] >= 0, positive, negative)


def signed_rgba(look: Look, values: np.ndarray, scale: float, gamma: float = 0.7) -> np.ndarray:
    """Colour by sign, opacity by magnitude; for weight images and edges.

    Shapes: (...) -> (..., 4) floats in 0..1.
    """
    alpha = magnitude(values, scale) ** gamma
    return np.concatenate([signed_rgb(look, values), alpha[..., None]], axis=-1)


def signed_image(look: Look, values: np.ndarray, scale: float, gamma: float = 0.7) -> np.ndarray:
    """The same on an opaque surface, so that an image of zeros is a visible empty square."""
    return over(signed_rgba(look, values, scale, gamma), rgb(look.color("surface")))


def gray_image(look: Look, values: np.ndarray) -> np.ndarray:
    """Pixels of a digit: 0 is the surface, 1 is ink.

    Shapes: (...) in 0..1 -> (..., 4).
    """
    v = np.clip(values, 0, 1)[..., None]
    color = rgb(look.color("surface")) * (1 - v) + rgb(look.color("ink")) * v
    return np.concatenate([color, np.ones_like(v)], axis=-1)


def activation_rgb(look: Look, values: np.ndarray, scale: float, role: str = "hidden") -> np.ndarray:
    """A neuron's fill: from the surface at zero to the role's colour at `scale`.

    Shapes: (...) -> (..., 3).
    """
    level = magnitude(np.asarray(values), scale)[..., None]
    return rgb(look.color("surface")) * (1 - level) + rgb(look.color(role)) * level


def over(rgba: np.ndarray, background: np.ndarray) -> np.ndarray:
    """The colours laid over an opaque background.

    Shapes: (..., 4), (3,) -> (..., 4) with alpha 1.
    """
    alpha = rgba[..., 3:]
    color = background * (1 - alpha) + rgba[..., :3] * alpha
    return np.concatenate([color, np.ones_like(alpha)], axis=-1)


def sequential_rgb(look: Look, levels: np.ndarray) -> np.ndarray:
    """A perceptually even ramp for unsigned quantities (loss, density): dark to bright, or back.

    Shapes: (...) in 0..1 -> (..., 3).
    """
    stops = SEQUENTIAL[look.theme]
    positions = np.linspace(0, 1, len(stops))
    table = np.array([rgb(stop) for stop in stops])
    return np.stack([np.interp(levels, positions, table[:, k]) for k in range(3)], axis=-1)


SEQUENTIAL = {
    "dark": ("#141b3c", "#1f3a78", "#1f6f9e", "#2fa39a", "#8fcf7a", "#ffe08a"),
    "light": ("#fdf3c9", "#a9dca0", "#4fb3a5", "#2a7fae", "#2b4f93", "#1c1f55"),
}


def readable_on(color: str) -> str:
    """Black or white, whichever has the higher contrast on a colour; one of them always has 4.5:1."""
    return max(("#000000", "#ffffff"), key=lambda extreme: contrast(extreme, color))


def shown_scale(values: np.ndarray, share: float = 0.999) -> float:
    """The magnitude below which `share` of the values lie: full strength on a scale; 1 for zeros."""
    scale = float(np.quantile(np.abs(values), share)) if np.size(values) else 0.0
    return scale or float(np.abs(values).max(initial=0.0)) or 1.0


def photo_image(values: np.ndarray) -> np.ndarray:
    """A picture of something lit: 0 is dark and 1 is bright in either theme.

    Shapes: (...) in 0..1 -> (..., 4).
    """
    v = np.clip(values, 0, 1)[..., None]
    return np.concatenate([0.05 + 0.9 * v, 0.07 + 0.88 * v, 0.1 + 0.84 * v, np.ones_like(v)], axis=-1)
