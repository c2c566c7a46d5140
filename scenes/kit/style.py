"""Colours by role and sizes by name: the only place where a scene's colour or size is decided.

A scene never names a colour. It asks its `Look` for a role, and the theme answers.
"""

from dataclasses import dataclass

import numpy as np

#: One colour per role and theme. Signed values are blue and orange (Okabe-Ito's hues), never red and green.
THEMES: dict[str, dict[str, str]] = {
    "dark": {
        "background": "#0d1117",
        "surface": "#171d26",
        "ink": "#f0f3f6",
        "muted": "#a3adb9",
        "faint": "#39424e",
        "accent": "#ffc857",
        "positive": "#56b4e9",
        "negative": "#f5943b",
        "input": "#dfe5ec",
        "hidden": "#b79cf2",
        "output": "#5fd3a8",
        "gradient": "#ff86bd",
        "correct": "#5fd3a8",
        "wrong": "#ff8a5c",
    },
    "light": {
        "background": "#fbfaf7",
        "surface": "#efede7",
        "ink": "#1b1f24",
        "muted": "#555e68",
        "faint": "#c6cbd2",
        "accent": "#8a5a00",
        "positive": "#0a68ad",
        "negative": "#b34e06",
        "input": "#30363d",
        "hidden": "#6a3fc0",
        "output": "#0b7351",
        "gradient": "#ad2069",
        "correct": "#0b7351",
        "wrong": "#b0380a",
    },
}

#: Em sizes as fractions of the frame's short side. `tiny` still has digits 2.2 % of the short side high.
TEXT_SIZES = {"title": 0.066, "body": 0.050, "label": 0.041, "tiny": 0.0345}

#: Stroke widths in manim's units (1 unit = 1/100 of a frame unit).
STROKES = {"hair": 1.0, "thin": 2.0, "line": 3.5, "bold": 6.0}

#: Categories (classes, optimizers, runs), Okabe-Ito's order adjusted for each background.
CATEGORIES = {
    "dark": (
        "#56b4e9", "#f5943b", "#5fd3a8", "#ff86bd", "#f0e442",
        "#b79cf2", "#4d8fd6", "#ff8a5c", "#a3adb9", "#8ee3f5",
    ),
    "light": (
        "#0a68ad", "#b34e06", "#0b7351", "#ad2069", "#7a6a00",
        "#6a3fc0", "#2b4f9e", "#b0380a", "#555e68", "#0b7285",
    ),
}  # fmt: skip


def rgb(hex_color: str) -> np.ndarray:
    """The colour as three floats in 0..1."""
    return np.array([int(hex_color[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21.

    Source: WCAG 2.2, relative luminance.
    """

    def luminance(color: str) -> float:
        c = rgb(color)
        linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@dataclass(frozen=True)
class Style:
    """The colours of one theme."""

    theme: str = "dark"

    def color(self, role: str) -> str:
        """The hex colour of a role; a hex colour passes through (for values already encoded)."""
        return role if role.startswith("#") else THEMES[self.theme][role]

    def category(self, index: int) -> str:
        """The hex colour of the index-th category; the list repeats after ten."""
        return CATEGORIES[self.theme][index % 10]
