"""LossGauge: the ramp of a loss surface as a legend, with a pointer and a number for where a ball is now.

Height, colour and number say the same thing, so the gauge stands beside a landscape as its scale: upright
beside it, or lying below it in upright shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from manim import Group, Triangle, VGroup, VMobject

from nncore.errors import BadInput
from scenes.kit.layout import Look, Region
from scenes.kit.pixel_image import PixelImage
from scenes.kit.readouts import Counter
from scenes.kit.relief_paint import ramp_rgb
from scenes.kit.scales import Scale, tick_texts
from scenes.kit.style import rgb
from scenes.kit.text import Label

#: Cells of the ramp along its length.
CELLS = 480
WIDTH = 0.36
FORMS = ("standing", "narrow", "lying")


class LossGauge(Group):
    """A colour ramp with few ticks, a pointer at one loss and its number.

    `lines` are the losses at which the surface has contour lines. `form`: "standing" (ticks left of the ramp,
    pointer and number right), "narrow" (the same with the number above), "lying" (ticks below, number above).
    """

    def __init__(
        self,
        look: Look,
        region: Region,
        scale: Scale,
        readings: Sequence[tuple[float, str]],
        lines: Iterable[float] = (),
        form: str = "standing",
    ) -> None:
        if form not in FORMS:
            raise BadInput(f"gauge form '{form}' is not one of {', '.join(FORMS)}.")
        self.look, self.scale_of_loss, self.room, self.form = look, scale, region, form
        self.counter = Counter(look, readings, "title", "accent", "bold")
        ticks = scale.ticks(4)
        labels = [Label(look, text, "tiny", "muted") for text in tick_texts(ticks)]
        self.name_label = Label(look, "loss", "label", "muted")
        self.bar = self._bar_region(labels)
        self.ramp = PixelImage(look, self._ramp(lines), self.bar, smooth=True)
        self.ticks = VGroup(*[self._tick(v, label) for v, label in zip(ticks, labels, strict=True)])
        self.pointer = Triangle(fill_opacity=1, stroke_width=0).set_color(look.color("accent"))
        self.pointer.rotate(np.pi if form == "lying" else np.pi / 2)
        self.pointer.set(height=0.22 if form == "lying" else 0.26)
        self._head()
        super().__init__(self.ramp, self.ticks, self.name_label, self.pointer, self.counter)

    def _bar_region(self, labels: list[Label]) -> Region:
        room, widest = self.room, max(label.width for label in labels)
        if self.form == "lying":
            bottom = room.bottom + labels[0].height + 0.22
            return Region(room.left + 0.15, bottom, room.right - 0.15, bottom + WIDTH)
        head = 1.4 * self.name_label.em + (1.15 * self.counter.em if self.form == "narrow" else 0.0)
        left = room.left + widest + 0.22
        return Region(left, room.bottom + 0.1, left + WIDTH, room.top - head)

    def _head(self) -> None:
        """The word over a standing ramp, and over a narrow one the number too."""
        if self.form == "lying":
            return
        left = self.bar.left if self.form == "standing" else self.room.left
        low = self.bar.top + 0.2
        if self.form == "narrow":
            self.counter.shift((left - self.counter.get_left()[0], 0.0, 0.0)).on_baseline(low)
            low += 1.15 * self.counter.em
        self.name_label.shift((left - self.name_label.get_left()[0], 0.0, 0.0)).on_baseline(low)

    def _ramp(self, lines: Iterable[float]) -> np.ndarray:
        levels = (np.arange(CELLS) + 0.5) / CELLS
        color = ramp_rgb(self.look, levels)
        ink = rgb(self.look.color("ink" if self.look.theme == "dark" else "background"))
        for line in lines:
            cell = int(np.clip(float(self.scale_of_loss.share(line)) * CELLS, 0, CELLS - 1))
            color[max(cell - 1, 0) : cell + 1] = color[cell] * 0.5 + ink * 0.5
        rgba = np.concatenate([color, np.ones((CELLS, 1))], axis=1)
        return rgba[None] if self.form == "lying" else rgba[::-1, None]

    @property
    def reading(self) -> list[VMobject]:
        """What says where the ball is; the word too where it goes along with the number."""
        name = [self.name_label] if self.form == "lying" else []
        return [self.pointer, self.counter, *name]

    def place(self, loss: float) -> np.ndarray:
        """The point of the ramp's edge that stands for a loss; at its end where the loss lies outside."""
        share = float(np.clip(self.scale_of_loss.share(loss), 0, 1))
        return self.bar.point(share, 1) if self.form == "lying" else self.bar.point(1, share)

    def _tick(self, value: float, label: Label) -> VMobject:
        at = self.place(value)
        if self.form == "lying":
            return label.move_to((at[0], self.bar.bottom - 0.12 - label.height / 2, 0.0))
        return label.move_to((self.bar.left - 0.14 - label.width / 2, at[1], 0.0))

    def point_to(self, loss: float, position: float) -> LossGauge:
        """Pointer and number to a loss, the number at its reading for `position`; in place."""
        self.counter.turn_to(position)
        at = self.place(loss)
        if self.form == "lying":
            self._stand_over(at)
            return self
        self.pointer.move_to(at + [self.pointer.width / 2 + 0.06, 0, 0])
        if self.form == "standing":
            self.counter.shift((self.pointer.get_right()[0] + 0.14 - self.counter.get_left()[0], 0.0, 0.0))
            self.counter.on_baseline(at[1] - 0.34 * self.counter.em)
        return self

    def _stand_over(self, at: np.ndarray) -> None:
        self.pointer.move_to(at + [0, self.pointer.height / 2 + 0.05, 0])
        half = (self.name_label.width + 0.3 * self.counter.em + self.counter.width) / 2
        x = float(np.clip(at[0], self.room.left + half, self.room.right - half))
        low = float(self.pointer.get_top()[1]) + 0.12
        self.name_label.shift((x - half - self.name_label.get_left()[0], 0.0, 0.0)).on_baseline(low)
        self.counter.shift((x + half - self.counter.get_right()[0], 0.0, 0.0)).on_baseline(low)
