"""How large networks are: parameters as area, from the one recorded here to language models and the brain."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from manim import UL, FadeIn, FadeOut, Line, Rectangle, Transform, VGroup, VMobject, smooth

from nncore.published import published_number
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.encodings import shown_scale, signed_image
from scenes.kit.layout import Region
from scenes.kit.nested_areas import NestedAreas
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.text import Label, Paragraph

#: Entries of the registry of published numbers, smallest first, with the unit each is written in.
STOPS = (("resnet152", "million"), ("gpt3", "billion"), ("gpt4", "trillion"), ("brain", "trillion"))
#: A square fills this share of the stage's height when the zoom rests on it.
FULL = 0.97
#: Layer sizes before and after halving the hidden layer.
WIDE, HALVED = "784-512-10", "784-256-10"
#: Smaller squares are not named, in units: a name beside a dot would name the square around it.
SEEN = 0.1
#: How many decades of area closer the first picture is.
CLOSE = 1.5


class Scale(RecordedScene):
    """Nested squares, true to scale: this network, ResNet-152, GPT-3, GPT-4 as reported, a brain."""

    title = "How big is big?"
    part = 1
    order = 14
    recipe = "digits"
    concept = (
        "parameters",
        "scale",
        "model size",
        "ResNet-152",
        "GPT-4",
        "brain",
        "synapses",
        "hidden layer size",
    )
    seconds = 40

    def open_stage(self) -> None:
        super().open_stage()
        self.stage, self.info = self._places()
        parameters = self.read(Source("fact", "n_parameters"))
        values = [parameters, *(self.read(self._published(name)) for name, _ in STOPS)]
        colors = [self.look.color("accent"), *(self.look.style.category(i) for i in (0, 2, 3, 5))]
        self.colors = colors
        self.areas = NestedAreas(self.look, self.stage, values, colors, self._zoom(values[0]), self._mosaic())
        self.values = values
        self.status("areas are true to scale")

    def _places(self) -> tuple[Region, Region]:
        """(a square for the squares, the words beside or below it)."""
        wide = self.look.wide
        if self.look.aspect in ("16:9", "1:1"):
            side, gap = (wide.height, 0.7) if self.look.aspect == "16:9" else (4.25, 0.3)
            top = wide.center[1] + side / 2
            left = wide.left + (0.9 if self.look.aspect == "16:9" else 0.0)
            square = Region(left, top - side, left + side, top)
            return square, Region(square.right + gap, square.bottom, wide.right, square.top)
        below = 2.15
        upper = Region(wide.left, wide.bottom + below + 0.15, wide.right, wide.top)
        return upper.square(), Region(upper.square().left, wide.bottom, wide.right, wide.bottom + below)

    def _zoom(self, value: float) -> float:
        """The zoom at which a square fills its share of the stage."""
        return float(np.log10(value / FULL**2))

    def _mosaic(self) -> np.ndarray:
        """Every learned number as one cell: the first layer's weight images, then the rest.

        Shapes: (rows, columns, 4).
        """
        arrays = [np.asarray(w) / shown_scale(w) for w in self.rec.params(int(self.rec.steps[-1])).values()]
        side = int(np.sqrt(arrays[0].shape[1]))
        rest = np.concatenate([w.ravel() for w in arrays[1:]])
        more = -(-len(rest) // side**2)
        last = np.zeros(more * side**2)
        last[: len(rest)] = rest
        band = last.reshape(side, more, side)[::-1].swapaxes(0, 1)
        blocks = np.concatenate([arrays[0].reshape(-1, side, side), band])
        rows, columns = _nearly_square(len(blocks))
        cells = np.zeros((rows * columns, side, side))
        cells[: len(blocks)] = blocks
        tiles = cells.reshape(rows, columns, side, side).swapaxes(1, 2)
        return signed_image(self.look, tiles[::-1].reshape(-1, columns * side), 1.0, gamma=1.0)

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("This network: {n_parameters:,} numbers, one cell each.")
    def this_network(self) -> None:
        whole = self.areas.zoom
        self.areas.zoom = whole - CLOSE
        self.play(FadeIn(self.areas), run_time=0.6)
        self.wait(0.6)
        self.play(Transform(self.areas, self.areas.changed(zoom=whole)), run_time=2.4, rate_func=smooth)
        self.card = self._own_card()
        self.play(FadeIn(self.card), run_time=0.5)

    @beat("Halve a hidden layer of 512: half the parameters.")
    def halve_a_layer(self) -> None:
        large, small = (self.read(self._sized(sizes)) for sizes in (WIDE, HALVED))
        self._leave()
        zoom = self._zoom(large)
        self.areas.set_z_index(1)
        self.play(Transform(self.areas, self.areas.changed(zoom=zoom)), run_time=1.0, rate_func=smooth)
        box, ghost = self._box(large, 1.0), self._box(large, 1.0).set_fill(opacity=0.05)
        numbers = [self.shown(self._sized(sizes), "{:,.0f}") for sizes in (WIDE, HALVED)]
        names = [f"{sizes.split('-')[1]} hidden neurons" for sizes in (WIDE, HALVED)]
        self.card = self._card(names[0], numbers[0], "parameters", "", "positive")
        callouts, tags = self._callouts(0, colored=False), self._tags(ghost)
        self.play(FadeIn(box), FadeIn(self.card), FadeIn(callouts), run_time=0.6)
        self.wait(0.8)
        ghost.set_stroke(self.look.color("faint"), self.look.stroke("thin"))
        card = self._card(names[1], numbers[1], "parameters", "", "positive")
        self.add(ghost)
        self.play(Transform(box, self._box(large, small / large)), FadeOut(self.card), run_time=0.9)
        self.play(FadeIn(card), FadeIn(tags), run_time=0.4)
        self.card = VGroup(card, box, ghost, callouts, tags)

    @beat("ResNet-152, which names things in photos, has {published[resnet152,million]:.1f} million.")
    def image_network(self) -> None:
        self._leave()
        self._go("resnet152", 2.2)

    @beat(
        "GPT-3: {published[gpt3,billion]:.0f} billion; GPT-4, reported: {published[gpt4,trillion]} trillion."
    )
    def language_models(self) -> None:
        self._leave()
        self._go("gpt3", 2.2, brief=True)
        self.wait(0.9)
        self._leave()
        self._go("gpt4", 1.2)

    @beat("A brain: about {published[brain,trillion]:.0f} trillion synapses, its weights.")
    def brain(self) -> None:
        self._leave()
        self._go("brain", 1.6)

    @beat("These {n_parameters:,} still read {accuracy_test[last]:.1%} of new digits.")
    def back_again(self) -> None:
        self._leave()
        self.play(
            Transform(self.areas, self.areas.changed(zoom=self._zoom(self.values[0]))),
            run_time=4.0,
            rate_func=smooth,
        )
        self.card = self._own_card()
        self.play(FadeIn(self.card), run_time=0.5)

    # --- parts ---------------------------------------------------------------------------------------------

    def _published(self, name: str, unit: str = "one") -> Source:
        return Source("fact", "published", args={"what": name, "unit": unit})

    def _sized(self, sizes: str) -> Source:
        return Source("fact", "parameters_of", args={"sizes": sizes})

    def _leave(self) -> None:
        self.play(FadeOut(self.card), run_time=0.4)

    def _go(self, name: str, seconds: float, brief: bool = False) -> None:
        """Zoom out until a published number's square fills the stage, then say what it is."""
        index = [n for n, _ in STOPS].index(name)
        zoom = self._zoom(self.values[index + 1])
        self.play(Transform(self.areas, self.areas.changed(zoom=zoom)), run_time=seconds, rate_func=smooth)
        self.areas.zoom = zoom
        self.card = self._published_card(index, brief)
        if not brief:
            self.card = VGroup(self.card, self._callouts(index))
        self.play(FadeIn(self.card), run_time=0.4 if brief else 0.5)

    def _own_card(self) -> VGroup:
        words = self.says(
            "{connections:,} weights + {n_biases} biases. A block: one neuron's {layer_size[0]} weights;"
            " blue adds, orange subtracts. Top right: all others."
        )
        return self._card("this network", "{n_parameters:,}", "parameters", words, self.colors[0])

    def _published_card(self, index: int, brief: bool) -> VGroup:
        """What a published number's square stands for; a brief one gives only name and number."""
        name, unit = STOPS[index]
        entry = published_number(name)
        template = "{:,.1f}" if name in ("resnet152", "gpt4") else "{:,.0f}"
        value = self.shown(self._published(name, unit), template)
        if brief:
            return self._card(entry.name, f"{value} {unit}", entry.counts, "", self.colors[index + 1])
        many = {"resnet152": "one", "brain": "billion"}.get(name, "million")
        source = Source("fact", "times_this_network", args={"what": name, "unit": many})
        times = f"{self.shown(source, '{:,.0f}')} {'' if many == 'one' else many + ' '}× this network"
        words = f"About {times}. Source: {entry.source}."
        return self._card(entry.name, f"{value} {unit}", entry.counts, words, self.colors[index + 1])

    def _card(self, name: str, number: str, counts: str, words: str, color: str) -> VGroup:
        """What the square stands for: name, number, and where the number is from."""
        number = self.says(number) if number.startswith("{") else number
        head = Paragraph(self.look, name, self.info.width, "body", color, "bold")
        value = Label(self.look, number, "title", "ink", "bold")
        unit = Label(self.look, counts, "label", "muted")
        if self.look.aspect in ("4:5", "9:16"):
            unit.next_to(value, buff=0.2).on_baseline(value.baseline)
        else:
            unit.shift((value.get_left()[0] - unit.get_left()[0], 0.0, 0.0))
            unit.on_baseline(value.baseline - 1.55 * unit.em)
        parts: list[VMobject] = [head, VGroup(value, unit)]
        if words:
            parts.append(Paragraph(self.look, words, self.info.width, "tiny", "muted"))
        y = self.info.top
        for part, gap in zip(parts, (0.0, 0.16, 0.25), strict=False):
            part.shift((self.info.left - part.get_left()[0], y - gap - part.get_top()[1], 0.0))
            y = part.get_bottom()[1]
        group = VGroup(*parts)
        if self.look.aspect in ("16:9", "1:1"):
            group.shift((0.0, self.info.center[1] - group.get_center()[1], 0.0))
        return group

    def _callouts(self, index: int, colored: bool = True) -> VGroup:
        """Names of the smaller squares that can still be seen inside, and which are too small for that."""
        names = ["this network", *(published_number(name).name for name, _ in STOPS)]
        labels, at = VGroup(), self.stage
        sides = [self.areas.side(i) for i in range(index + 2)]
        y = at.bottom
        for i, (side, around) in enumerate(pairwise(sides)):
            if side < SEEN:
                continue
            label = Label(self.look, names[i], "tiny", self.colors[i] if colored else "ink", "bold")
            bottom = max(at.bottom + side + 0.1, y)
            if bottom + label.height > at.bottom + around - 0.1 or label.width > around - 0.3:
                labels.add(self._outside(label, side, around))
                continue
            label.shift((at.left + 0.12 - label.get_left()[0], bottom - label.get_bottom()[1], 0.0))
            labels.add(label)
            y = bottom + label.height + 0.12
        if sides[0] < SEEN:
            words = Label(self.look, f"{names[0]}: too small to draw", "tiny", "ink")
            labels.add(words.shift((at.left + 0.2, at.bottom + sides[-1] - 0.2, 0.0) - words.get_corner(UL)))
        return labels.set_z_index(2)

    def _outside(self, label: Label, side: float, around: float) -> VGroup:
        """The name of a square that has no room for it, beside the square it lies in, with a line to it."""
        corner = np.array([self.stage.left, self.stage.bottom + side / 2, 0.0])
        end = corner + [around + 0.3, 0.12, 0.0]
        line = Line(corner + [side + 0.04, 0.0, 0.0], end).set_stroke(
            self.look.color("ink"), self.look.stroke("hair")
        )
        return VGroup(line, label.move_to(end + [0.1 + label.width / 2, 0.0, 0.0]))

    def _tags(self, whole: Rectangle) -> VGroup:
        """The sizes of the layer in the halves of its square: what is left, and what it was."""
        tags = VGroup()
        for sizes, role, share in ((HALVED, "ink", 0.0), (WIDE, "muted", 0.5)):
            tag = Label(self.look, f"{sizes.split('-')[1]} neurons", "tiny", role, "bold")
            corner = whole.get_corner(UL) + [share * whole.width + 0.15, -0.2, 0.0]
            tags.add(tag.shift(corner - tag.get_corner(UL)))
        return tags

    def _box(self, value: float, share: float) -> Rectangle:
        """A square of an exact area on the zoom's scale, or the left share of it."""
        side = self.stage.height * float(np.sqrt(value / 10 ** self._zoom(value)))
        box, color = Rectangle(width=side * share, height=side), self.look.color("positive")
        box.set_fill(color, 0.2).set_stroke(color, self.look.stroke("line"))
        corner = np.array([self.stage.left, self.stage.bottom, 0.0])
        return box.move_to(corner + [side * share / 2, side / 2, 0.0])


def _nearly_square(count: int) -> tuple[int, int]:
    """(rows, columns) that hold so many blocks with the fewest left empty, not far from a square."""
    wide = range(int(np.sqrt(count)), int(1.2 * np.sqrt(count)) + 2)
    return min(((-(-count // c), c) for c in wide), key=lambda shape: shape[0] * shape[1])
