"""What a colour means: a bar of the signed scale with its ends' values."""

from __future__ import annotations

import numpy as np
from manim import Group

from scenes.kit.encodings import signed_image
from scenes.kit.layout import Look, Region
from scenes.kit.pixel_image import PixelImage
from scenes.kit.text import Label

STEPS = 41


class SignedLegend(Group):
    """A bar from -scale to scale with the values at its ends and a word for what is shown.

    Units: `width` of the bar in units; the legend is centred at the origin. `gamma` is the picture's.
    """

    def __init__(
        self,
        look: Look,
        scale: float,
        word: str,
        width: float = 2.4,
        template: str = "{:.2f}",
        gamma: float = 0.7,
    ) -> None:
        values = np.linspace(-scale, scale, STEPS)[None]
        height = 0.62 * look.em("tiny")
        bar = PixelImage(
            look,
            signed_image(look, values, scale, gamma),
            Region(-width / 2, -height / 2, width / 2, height / 2),
        )
        end = template.format(scale)
        low, high = Label(look, f"−{end}", "tiny", "muted"), Label(look, f"+{end}", "tiny", "muted")
        word_label = Label(look, word, "tiny", "ink")
        baseline = -0.32 * low.em
        low.shift((-width / 2 - 0.12 - low.get_right()[0], 0, 0)).on_baseline(baseline)
        high.shift((width / 2 + 0.12 - high.get_left()[0], 0, 0)).on_baseline(baseline)
        word_label.shift((low.get_left()[0] - 0.25 - word_label.get_right()[0], 0, 0)).on_baseline(baseline)
        super().__init__(word_label, low, bar, high)
        self.shift((-self.get_center()[0], 0, 0))
