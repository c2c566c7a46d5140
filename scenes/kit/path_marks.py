"""One weight marked in the whole network: its pixel, its neuron and its lines to the loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import DOWN, LEFT, Circle, VGroup

from scenes.kit.chain_path import NAME_ROOM, ChainPath, trimmed
from scenes.kit.layout import Look, Region
from scenes.kit.network_diagram import NetworkDiagram
from scenes.kit.pixel_image import PixelImage
from scenes.kit.text import Label, Paragraph


def marked_path(look: Look, net: NetworkDiagram, row: int, column: int) -> VGroup:
    """VGroup(pixel frame, the weight's line, a ring around the neuron, the lines from it to all outputs).

    `row` and `column` are the weight's place in the first layer's matrix.
    """
    (pixels, hidden, outputs), image = net.layers[:3], net.layers[0].region
    assert net.image_shape is not None
    columns = net.image_shape[1]
    start, neuron = _point(pixels.centers[column]), _point(hidden.centers[row])
    accent = look.color("accent")
    weight = trimmed(start, neuron, 0.0, hidden.radius).set_stroke(accent, look.stroke("bold"))
    fan = VGroup(*[trimmed(neuron, _point(end), hidden.radius, outputs.radius) for end in outputs.centers])
    fan.set_stroke(accent, look.stroke("thin"))
    ring = Circle(radius=hidden.radius * 1.3).move_to(neuron)
    ring.set_stroke(accent, look.stroke("line")).set_fill(opacity=0)
    frame = ChainPath.pixel_frame(look, image, divmod(column, columns), columns)
    return VGroup(frame, weight, ring, fan).set_z_index(2)


def output_numbers(
    look: Look, net: NetworkDiagram, names: Sequence[str], numbers: Sequence[str], marked: int
) -> VGroup:
    """A class name and a number in the gradient's colour beside each output; flowing down in two rows."""
    place, group = net.layers[-1], VGroup()
    for i, (name, number, at) in enumerate(zip(names, numbers, place.centers, strict=True)):
        label = Label(look, name, "label", *(("ink", "bold") if i == marked else ("muted", "regular")))
        value = Label(look, number, "tiny", "gradient", "bold" if i == marked else "regular")
        if net.down:
            y = at[1] - place.radius - 0.3
            label.move_to((at[0], y, 0))
            value.move_to((at[0], y - 0.42 - 0.34 * (i % 2), 0))
        else:
            label.move_to((at[0] + place.radius + 0.28, at[1], 0))
            value.move_to((at[0] + place.radius + 0.55 + value.width / 2, at[1], 0))
        group.add(VGroup(label, value))
    return group


def answer(look: Look, path: ChainPath, gradient: str) -> VGroup:
    """What a weight's gradient says about its loss, in the room of the close-up's numbers."""
    would, so = ("fall", "raise") if gradient.startswith("-") else ("rise", "lower")
    size = "body" if path.roomy else "label"
    room = Region(
        path.numbers.left + NAME_ROOM + 0.15, path.region.bottom, path.region.right, path.region.top
    )
    words = f"{gradient}: if this weight grew, the loss would {would}."
    text = VGroup(
        Paragraph(look, words, room.width, size, "gradient"), Label(look, f"So {so} it.", size, "ink")
    )
    text.arrange(DOWN, buff=0.5 * look.em(size), aligned_edge=LEFT)
    return text.shift((room.left - text.get_left()[0], path.neuron[1] - text.get_center()[1], 0))


def placed(image: PixelImage, region: Region) -> PixelImage:
    """A copy of an image in another place: the end of a Transform."""
    copy = image.copy()
    r = region
    copy.points = np.array(
        [[r.left, r.top, 0], [r.right, r.top, 0], [r.left, r.bottom, 0], [r.right, r.bottom, 0]]
    )
    return copy


def _point(at: np.ndarray) -> np.ndarray:
    return np.array([at[0], at[1], 0.0])
