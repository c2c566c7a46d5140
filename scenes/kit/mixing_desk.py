"""A neuron's inputs as the channels of a mixing desk: pixel, knob, product, one column each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Line, Rectangle, VGroup

from scenes.kit.encodings import gray_image
from scenes.kit.knob import Knob
from scenes.kit.layout import Look, Region
from scenes.kit.text import Label, text_width

TITLES = ("pixel", "× weight", "= product")
#: The longer titles of narrower desks reach out to the left, below what stands beside the desk; in units.
NARROW = 6.0


class MixingDesk(VGroup):
    """Channels side by side; rows from the top: pixel value, weight as a knob, their product as a signed bar.

    Shapes: x, weights (n,); texts three rows of n. Units: products share one scale, the largest possible one.
    """

    def __init__(
        self,
        look: Look,
        region: Region,
        x: np.ndarray,
        weights: np.ndarray,
        limit: float,
        texts: Sequence[Sequence[str]],
    ) -> None:
        self.look, self.room, self.limit = look, region, limit
        self.em = look.em("tiny")
        self.narrow = region.width < NARROW
        title_room = max(text_width(t, self.em) for t in TITLES[: 1 if self.narrow else None]) + 0.2
        area = Region(region.left + title_room, region.bottom, region.right, region.top)
        self.cells = area.columns(*[1] * len(x), gap=0.0)
        self.rows = area.rows(1.0, 2.1, 2.0, gap=0.1)
        self.swatches = VGroup(
            *[self._swatch(i, v, t) for i, (v, t) in enumerate(zip(x, texts[0], strict=True))]
        )
        self.pixels = VGroup(
            *[self._pixel(i, v, t) for i, (v, t) in enumerate(zip(x, texts[0], strict=True))]
        )
        self.dials = [self._knob(i, w) for i, w in enumerate(weights)]
        self.knobs = VGroup(*self.dials)
        self.weight_labels = [self._under_knob(i, t) for i, t in enumerate(texts[1])]
        self.weight_texts = VGroup(*self.weight_labels)
        self._products(np.asarray(weights) * x, texts[2], area)
        self.titles = VGroup(*[self._title(i) for i in range(3)])
        super().__init__(
            self.titles,
            self.swatches,
            self.pixels,
            self.knobs,
            self.weight_texts,
            self.base,
            self.bars,
            self.product_texts,
        )

    def _products(self, values: np.ndarray, texts: Sequence[str], area: Region) -> None:
        self.bars = VGroup(*[Rectangle(width=1, height=1, stroke_width=0) for _ in values])
        self.product_labels = [Label(self.look, text, "tiny") for text in texts]
        self.product_texts = VGroup(*self.product_labels)
        for i, value in enumerate(values):
            self._set_product(i, float(value), texts[i])
        self.base = Line((area.left, self._zero, 0.0), (area.right, self._zero, 0.0))
        self.base.set_stroke(self.look.color("faint"), self.look.stroke("thin"))

    def _x(self, index: int) -> float:
        return float(self.cells[index].center[0])

    @property
    def _zero(self) -> float:
        return float(self.rows[2].center[1])

    def _swatch(self, index: int, value: float, text: str) -> Rectangle:
        side = min(0.86 * self.cells[index].width, self.rows[0].height)
        wide = max(side, text_width(text, self.em) + 0.12)
        color = np.round(gray_image(self.look, np.array(value))[:3] * 255).astype(int)
        box = Rectangle(width=wide, height=side)
        box.set_fill("#{:02x}{:02x}{:02x}".format(*color), 1)
        box.set_stroke(self.look.color("accent"), self.look.stroke("thin"))
        return box.move_to((self._x(index), self.rows[0].center[1], 0.0))

    def _pixel(self, index: int, value: float, text: str) -> Label:
        label = Label(self.look, text, "tiny", "ink" if value < 0.5 else "background")
        return label.move_to((self._x(index), self.rows[0].center[1], 0.0))

    def _knob(self, index: int, weight: float) -> Knob:
        row, text = self.rows[1], 1.15 * self.em
        radius = min(0.43 * self.cells[index].width, 0.5 * (row.height - text) / 1.1)
        middle = row.center[1] + text / 2
        return Knob(self.look, np.array([self._x(index), middle]), radius, weight, self.limit)

    def _under_knob(self, index: int, text: str) -> Label:
        knob = self.dials[index]
        label = Label(self.look, text, "tiny")
        bottom = knob.middle[1] - knob.radius
        return label.move_to((self._x(index), 0.0, 0.0)).on_baseline(bottom - 0.85 * self.em)

    def _title(self, index: int) -> Label:
        label = Label(self.look, TITLES[index], "tiny", "muted")
        y = self._zero if index == 2 else self.rows[index].center[1]
        if self.narrow:
            label.shift((self.cells[0].left - 0.2 - label.get_right()[0], 0.0, 0.0))
            if index == 1:  # level with the numbers
                return label.on_baseline(self.weight_labels[0].baseline)
        else:
            label.shift((self.room.left - label.get_left()[0], 0.0, 0.0))
        return label.on_baseline(y - 0.32 * self.em)

    def _set_product(self, index: int, value: float, text: str) -> None:
        room = self.rows[2].height / 2 - 1.15 * self.em
        high = value / self.limit * room
        x, half = self._x(index), 0.26 * self.cells[index].width
        bottom, top = sorted((self._zero, self._zero + high))
        top = max(top, bottom + 1e-4)
        corners = [
            (x - half, bottom),
            (x + half, bottom),
            (x + half, top),
            (x - half, top),
            (x - half, bottom),
        ]
        self.bars[index].set_points_as_corners([np.array([*c, 0.0]) for c in corners])
        self.bars[index].set_fill(self.look.color("positive" if value >= 0 else "negative"), 1)
        label = self.product_labels[index].set_text(text, "center")
        label.move_to((x, 0.0, 0.0))
        label.on_baseline(top + 0.3 * self.em if value >= 0 else bottom - 0.95 * self.em)

    def set_channel(
        self, index: int, weight: float, product: float, text: str, product_text: str = ""
    ) -> None:
        """Another weight on one channel, in place."""
        self.dials[index].turn_to(weight)
        self.weight_labels[index].set_text(text, "center")
        self._set_product(index, product, product_text)

    def channel(self, index: int) -> VGroup:
        """Everything of one channel."""
        parts = (self.swatches, self.pixels, self.knobs, self.weight_texts, self.bars, self.product_texts)
        return VGroup(*[part.submobjects[index] for part in parts])

    def spread_out(self, region: Region) -> VGroup:
        """Copies of the pixels laid out in a region of their own, before they come to the desk."""
        swatches, pixels = self.swatches.copy(), self.pixels.copy()
        count = len(self.cells)
        columns = 1 if region.height > region.width else count
        rows = region.rows(*[1] * -(-count // columns), gap=0.1)
        for i in range(count):
            cell = rows[i // columns].columns(*[1] * columns, gap=0.1)[i % columns]
            swatches[i].move_to(cell.center)
            pixels[i].move_to(cell.center)
        return VGroup(swatches, pixels)

    def arcs(self) -> VGroup:
        """The coloured arcs of all knobs."""
        return VGroup(*[knob.arc for knob in self.dials])

    def frame_of(self, index: int) -> Rectangle:
        """A frame around one channel."""
        cell = self.cells[index]
        frame = Rectangle(width=cell.width, height=self.room.height).move_to(
            (cell.center[0], self.room.center[1], 0.0)
        )
        return frame.set_fill(opacity=0).set_stroke(self.look.color("accent"), self.look.stroke("thin"))
