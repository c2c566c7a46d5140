"""What an unsigned colour means: an upright bar of the scale with the values at its ends."""

from __future__ import annotations

import numpy as np
from manim import Group

from scenes.kit.encodings import sequential_rgb
from scenes.kit.layout import Look, Region
from scenes.kit.pixel_image import PixelImage
from scenes.kit.text import Label

STEPS = 64


class RampBar(Group):
    """A bar from zero below to the largest value above; `gamma` is the power by which levels are coloured.

    Units: the bar stands in the middle of a region, `width` wide, its words within the region's height.
    """

    def __init__(
        self, look: Look, region: Region, largest: str, gamma: float = 1.0, width: float = 0.18
    ) -> None:
        levels = (np.arange(STEPS)[::-1, None] + 0.5) / STEPS
        rgba = np.concatenate([sequential_rgb(look, levels**gamma), np.ones((STEPS, 1, 1))], axis=-1)
        em, x = look.em("tiny"), float(region.center[0])
        low, high = region.bottom + 1.15 * em, region.top - 1.15 * em
        self.bar = PixelImage(look, rgba, Region(x - width / 2, low, x + width / 2, high))
        ends = Label(look, largest, "tiny", "muted"), Label(look, "0", "tiny", "muted")
        ends[0].move_to((x, 0, 0)).on_baseline(high + 0.35 * em)
        ends[1].move_to((x, 0, 0)).on_baseline(low - 1.0 * em)
        super().__init__(self.bar, *ends)
