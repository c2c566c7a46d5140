"""One weight's way to the loss, enlarged: an image, one hidden neuron, all outputs, room for their numbers.

Flows right in every shape, so that the numbers of one output stand in one row and a sum under its column.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Circle, Line, Rectangle, Square, VGroup, VMobject

from scenes.kit.edge_field import PulseField
from scenes.kit.layout import Look, Region
from scenes.kit.text import Label

NAME_ROOM = 0.42
HEADER = 0.42


class ChainPath:
    """The places of a close-up and builders for its marks.

    `image` is a square region, `neuron` a point, `outputs` (n, 3) points, `numbers` the room after them.
    """

    def __init__(self, look: Look, region: Region, n_outputs: int) -> None:
        self.look, self.region = look, region
        r, n = region, n_outputs
        side = min(0.86 * r.height, 0.265 * r.width)
        pitch = (r.height - HEADER) / n
        x = r.left + (0.6 if self.roomy else 0.5) * r.width
        y = r.top - HEADER - pitch * (np.arange(n) + 0.5)
        middle = float(y.mean())
        self.image = Region(r.left, middle - side / 2, r.left + side, middle + side / 2)
        self.outputs = np.stack([np.full(n, x), y, np.zeros(n)], axis=1)
        self.output_radius, self.neuron_radius = 0.4 * pitch, min(0.55, 0.062 * r.width)
        self.neuron = np.array([0.5 * self.image.right + 0.5 * x, middle, 0.0])
        self.numbers = Region(x + 0.3, r.bottom, r.right, r.top)

    # --- marks -------------------------------------------------------------------------------------------

    @staticmethod
    def pixel_frame(look: Look, image: Region, cell: tuple[int, int], cells: int) -> Square:
        """A frame around one pixel of the image."""
        side = image.width / cells
        frame = Square(side_length=side * 1.5)
        frame.move_to((image.left + (cell[1] + 0.5) * side, image.top - (cell[0] + 0.5) * side, 0))
        return frame.set_stroke(look.color("accent"), look.stroke("line")).set_fill(opacity=0)

    def disc(self, center: np.ndarray, radius: float, role: str, lit: float) -> Circle:
        """A neuron: dark at 0, the role's colour at 1."""
        disc = Circle(radius=radius).move_to(center)
        disc.set_fill(_mixed(self.look, role, lit), 1.0)
        return disc.set_stroke(self.look.color(role), self.look.stroke("thin"))

    def ring(self) -> Circle:
        """A ring around the neuron: the gradient has arrived."""
        ring = Circle(radius=1.12 * self.neuron_radius).move_to(self.neuron).set_z_index(2)
        return ring.set_stroke(self.look.color("gradient"), self.look.stroke("bold")).set_fill(opacity=0)

    def close_up(self, cell: tuple[int, int], cells: int, weights: np.ndarray, lit: float) -> VGroup:
        """VGroup(pixel frame, the weight's line, the neuron, the fan), in the order of `marked_path`.

        Shapes: weights (n_outputs,): those out of the neuron.
        """
        frame = self.pixel_frame(self.look, self.image, cell, cells)
        weight = trimmed(frame.get_center(), self.neuron, 0.0, self.neuron_radius)
        weight.set_stroke(self.look.color("accent"), self.look.stroke("bold"))
        neuron = self.disc(self.neuron, self.neuron_radius, "hidden", lit)
        return VGroup(frame, weight, neuron, self.fan(weights, float(np.abs(weights).max()))).set_z_index(2)

    def output_discs(self, values: np.ndarray) -> VGroup:
        """The outputs as discs, above the lines on their way to others. Shapes: values (n,) in 0..1."""
        pairs = zip(self.outputs, values, strict=True)
        discs = [self.disc(at, self.output_radius, "output", float(v)) for at, v in pairs]
        return VGroup(*discs).set_z_index(3)

    def weight_label(self, text: str) -> Label:
        """The weight's value beside its line."""
        label = Label(self.look, text, "label", "accent", "bold")
        if not self.roomy:
            return label.move_to((self.image.center[0], self.image.top + 0.3, 0))
        x = (self.image.right + self.neuron[0] - self.neuron_radius) / 2
        return label.move_to((x, self.neuron[1] + 0.75, 0))

    def neuron_label(self, text: str) -> Label:
        """The neuron's value beside it."""
        label = Label(self.look, text, "label", "ink")
        if self.roomy:
            return label.move_to((self.neuron[0], self.neuron[1] - self.neuron_radius - 0.3, 0))
        return label.move_to((self.neuron[0] - label.width / 2, self.image.bottom - 0.3, 0))

    def pulses_back(self, ends: np.ndarray, starts: np.ndarray, values: np.ndarray) -> PulseField:
        """Light of the gradient at `starts` (later in the flow), to run back to `ends`: phase 1 to 0."""
        scale = float(np.abs(values).max())
        pulses = PulseField(self.look, ends, starts, values, scale, radius=0.13, role="gradient")
        pulses.phase = 1.0
        return pulses.set_z_index(3)

    def fan(self, values: np.ndarray, scale: float) -> VGroup:
        """The lines from the neuron to the outputs, colour by sign and width by magnitude.

        Shapes: values (n,).
        """
        lines = VGroup()
        for value, end in zip(values, self.outputs, strict=True):
            line = trimmed(self.neuron, end, self.neuron_radius, self.output_radius)
            line.set_stroke(
                self.look.color("positive" if value >= 0 else "negative"),
                self.look.stroke("bold") * min(1.0, abs(float(value)) / scale) * 1.4,
            )
            lines.add(line)
        return lines

    def relu_icon(self, z: float, span: float) -> VGroup:
        """ReLU's bend inside the neuron with a dot where z lies; `span` is the z at the icon's edge."""
        reach = 0.68 * self.neuron_radius
        start, bend = self.neuron - [reach, 0.32 * reach, 0], self.neuron - [0, 0.32 * reach, 0]
        curve = VMobject().set_points_as_corners([start, bend, bend + [reach * 0.9, reach * 0.9, 0]])
        curve.set_stroke(self.look.color("ink"), self.look.stroke("line")).set_fill(opacity=0)
        share = float(np.clip(z / span, -1, 0.9))
        dot = Circle(radius=0.075).set_stroke(width=0).set_fill(self.look.color("accent"), 1)
        return VGroup(curve, dot.move_to(bend + [share * reach, max(share, 0) * reach, 0]))

    # --- numbers beside the outputs ----------------------------------------------------------------------

    def names(self, names: Sequence[str], marked: int) -> VGroup:
        """The classes' names, the marked one bold."""
        labels = VGroup()
        for i, (name, at) in enumerate(zip(names, self.outputs, strict=True)):
            role, weight = ("ink", "bold") if i == marked else ("muted", "regular")
            label, n = Label(self.look, name, "label", role, weight), self.numbers
            labels.add(label.move_to((n.left + 0.15, at[1], 0)))
        return labels

    @property
    def bar_room(self) -> Region:
        """Where bars of -1 to 1 go: their zero is in the middle."""
        n, em = self.numbers, self.look.em("tiny")
        return Region(n.left + NAME_ROOM, n.bottom, n.right - 3.5 * em, n.top - HEADER)

    def bars(self, values: np.ndarray, colors: Sequence[str]) -> VGroup:
        """One bar per output from a common zero; a value of 1 takes half the room.

        Shapes: values (n,) in -1..1.
        """
        room, thick = self.bar_room, 1.5 * self.output_radius
        bars = VGroup()
        for value, color, at in zip(values, colors, self.outputs, strict=True):
            length = max(abs(float(value)) * room.width / 2, 1e-4)
            bar = Rectangle(width=length, height=thick).set_stroke(width=0)
            bar.set_fill(self.look.color(color), 0.95)
            bars.add(bar.move_to((room.center[0] + np.copysign(length / 2, value), at[1], 0)))
        return bars

    def target(self, unit: int) -> VMobject:
        """The outline of a bar of 1 at one output: what it should have been."""
        outline = self.bars(np.ones(len(self.outputs)), ["ink"] * len(self.outputs))[unit]
        outline.set_fill(opacity=0).set_stroke(self.look.color("ink"), self.look.stroke("thin"))
        return outline

    def zero_line(self) -> Line:
        """The bars' common zero."""
        room = self.bar_room
        line = Line(room.point(0.5, 0), room.point(0.5, 1))
        return line.set_stroke(self.look.color("muted"), self.look.stroke("hair"))

    def column(
        self, header: str, texts: Sequence[str], slot: int, slots: int, role: str, marked: int = -1
    ) -> VGroup:
        """Numbers beside the outputs under a header; slot 0 is nearest to the outputs, slots in all.

        With one slot the numbers stand at the far end, beyond the bars.
        """
        labels = VGroup()
        for i, (text, at) in enumerate(zip(texts, self.outputs, strict=True)):
            label = Label(self.look, text, self._size, role, "bold" if i == marked else "regular")
            labels.add(label.move_to((self._right_end(slot, slots) - label.width / 2, at[1], 0)))
        name = Label(self.look, header, self._size, "muted")
        name.shift((labels.get_right()[0] - name.get_right()[0], 0, 0))
        return VGroup(name.on_baseline(self.region.top - 0.3), labels)

    def total(self, text: str) -> VGroup:
        """The sum of the last of three columns, under a line below it."""
        right, bottom = self._right_end(2, 3), self.region.bottom
        label = Label(self.look, f"= {text}", self._size, "gradient", "bold")
        label.shift((right - label.get_right()[0], 0, 0)).on_baseline(bottom - 0.08 - 0.95 * label.em)
        line = Line((label.get_left()[0], bottom - 0.04, 0), (right, bottom - 0.04, 0))
        return VGroup(line.set_stroke(self.look.color("muted"), self.look.stroke("thin")), label)

    @property
    def roomy(self) -> bool:
        """Whether there is room for words beside and above things: a wide region."""
        return self.region.width > 10

    @property
    def _size(self) -> str:
        return "label" if self.roomy else "tiny"

    def _right_end(self, slot: int, slots: int) -> float:
        left = self.numbers.left + NAME_ROOM
        return self.numbers.right if slots == 1 else left + (slot + 1) * (self.numbers.right - left) / slots


def trimmed(start: np.ndarray, end: np.ndarray, before: float, after: float) -> Line:
    """The line between two points without the parts inside the discs at its ends."""
    way = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
    return Line(start + way * before, end - way * after)


def _mixed(look: Look, role: str, share: float) -> str:
    one, two = (look.color(name) for name in ("surface", role))
    parts = [
        round(int(one[i : i + 2], 16) * (1 - share) + int(two[i : i + 2], 16) * share) for i in (1, 3, 5)
    ]
    return "#{:02x}{:02x}{:02x}".format(*parts)
