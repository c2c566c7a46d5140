"""How large networks are: parameters as area, from the one recorded here to language models and the brain."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from manim import FadeIn, FadeOut, Rectangle, Transform, VGroup, VMobject, smooth

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
    seconds = 38

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
            side, gap = (wide.height, 0.7) if self.look.aspect == "16:9" else (4.55, 0.3)
            top = wide.center[1] + side / 2
            left = wide.left + (0.9 if self.look.aspect == "16:9" else 0.0)
            square = Region(left, top - side, left + side, top)
            return square, Region(square.right + gap, square.bottom, wide.right, square.top)
        below = 2.0
        upper = Region(wide.left, wide.bottom + below + 0.15, wide.right, wide.top)
        return upper.square(), Region(upper.square().left, wide.bottom, wide.right, wide.bottom + below)

    def _zoom(self, value: float) -> float:
        """The zoom at which a square fills its share of the stage."""
        return float(np.log10(value / FULL**2))

    def _mosaic(self) -> np.ndarray:
        """Every learned number as one cell: the first layer's weight images, then the rest.

        Shapes: (rows, columns, 4).
        """
        params = self.rec.params(int(self.rec.steps[-1]))
        arrays = list(params.values())
        scales = [shown_scale(w) for w in arrays]
        first = arrays[0] / scales[0]
        rest = np.concatenate([(w / s).ravel() for w, s in zip(arrays[1:], scales[1:], strict=True)])
        tile = int(np.sqrt(first.shape[1]))
        filled = np.concatenate([first.ravel(), rest])
        columns = round(np.sqrt(len(filled)) / tile + 0.5)
        count = -(-len(filled) // tile**2)
        count = -(-count // columns) * columns
        cells = np.zeros(count * tile**2)
        cells[: len(filled)] = filled
        tiles = cells.reshape(count // columns, columns, tile, tile).swapaxes(1, 2)
        return signed_image(self.look, tiles[::-1].reshape(-1, columns * tile), 1.0, gamma=1.0)

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

    @beat("Half as many hidden neurons, half the parameters.")
    def halve_a_layer(self) -> None:
        large, small = (self.read(self._sized(sizes)) for sizes in (WIDE, HALVED))
        self._leave()
        zoom = self._zoom(large)
        self.areas.set_z_index(1)
        self.play(Transform(self.areas, self.areas.changed(zoom=zoom)), run_time=1.0, rate_func=smooth)
        box, ghost = self._box(large, 1.0), self._box(large, 1.0).set_fill(opacity=0.05)
        numbers = [self.shown(self._sized(sizes), "{:,.0f}") for sizes in (WIDE, HALVED)]
        self.card = self._card(WIDE, numbers[0], "parameters", "", "positive")
        callouts = self._callouts(0)
        self.play(FadeIn(box), FadeIn(self.card), FadeIn(callouts), run_time=0.6)
        self.wait(0.8)
        ghost.set_stroke(self.look.color("faint"), self.look.stroke("thin"))
        words = f"With 512 hidden neurons it was {numbers[0]}."
        card = self._card(HALVED, numbers[1], "parameters", words, "positive")
        self.add(ghost)
        self.play(Transform(box, self._box(large, small / large)), FadeOut(self.card), run_time=0.9)
        self.play(FadeIn(card), run_time=0.4)
        self.card = VGroup(card, box, ghost, callouts)

    @beat("ResNet-152, which names things in photos, has {published[resnet152,million]:.0f} million.")
    def image_network(self) -> None:
        self._leave()
        self._go("resnet152", 2.2)

    @beat(
        "GPT-3: {published[gpt3,billion]:.0f} billion; GPT-4, reported: {published[gpt4,trillion]} trillion."
    )
    def language_models(self) -> None:
        self._leave()
        self._go("gpt3", 2.4, rest=False)
        self.wait(0.4)
        self._go("gpt4", 1.2)

    @beat("A brain: about {published[brain,trillion]:.0f} trillion synapses.")
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

    def _go(self, name: str, seconds: float, rest: bool = True) -> None:
        """Zoom out until a published number's square fills the stage, then say what it is."""
        index = [n for n, _ in STOPS].index(name)
        zoom = self._zoom(self.values[index + 1])
        self.play(Transform(self.areas, self.areas.changed(zoom=zoom)), run_time=seconds, rate_func=smooth)
        self.areas.zoom = zoom
        if rest:
            self.card = VGroup(self._published_card(index), self._callouts(index))
            self.play(FadeIn(self.card), run_time=0.5)

    def _own_card(self) -> VGroup:
        pixels = self.says("{layer_size[0]}")
        words = f"Each block is one neuron's {pixels} weights: blue adds, orange subtracts."
        return self._card("this network", "{n_parameters:,}", "parameters", words, self.colors[0])

    def _published_card(self, index: int) -> VGroup:
        name, unit = STOPS[index]
        entry = published_number(name)
        template = "{:,.1f}" if name == "gpt4" else "{:,.0f}"
        value = self.shown(self._published(name, unit), template)
        many = "one" if name == "resnet152" else "million"
        source = Source("fact", "times_this_network", args={"what": name, "unit": many})
        times = f"{self.shown(source, '{:,.0f}')} {'' if many == 'one' else 'million '}× this network"
        words = f"About {times}. Source: {entry.source}."
        return self._card(entry.name, f"{value} {unit}", entry.counts, words, self.colors[index + 1])

    def _card(self, name: str, number: str, counts: str, words: str, color: str) -> VGroup:
        """What the square stands for: name, number, and where the number is from."""
        number = self.says(number) if number.startswith("{") else number
        lines = [Label(self.look, name, "body", color, "bold")]
        lines += [
            Label(self.look, number, "title", "ink", "bold"),
            Label(self.look, counts, "label", "muted"),
        ]
        parts: list[VMobject] = list(lines)
        if words:
            parts.append(Paragraph(self.look, words, self.info.width, "tiny", "muted"))
        if self.look.aspect in ("4:5", "9:16"):
            lines[2].next_to(lines[1], buff=0.2).on_baseline(lines[1].baseline)
            parts[1:3] = [VGroup(*lines[1:3])]
        y = self.info.top
        for part, gap in zip(parts, (0.0, 0.16, 0.16, 0.25), strict=False):
            part.shift((self.info.left - part.get_left()[0], y - gap - part.get_top()[1], 0.0))
            y = part.get_bottom()[1]
        group = VGroup(*parts)
        if self.look.aspect in ("16:9", "1:1"):
            group.shift((0.0, self.info.center[1] - group.get_center()[1], 0.0))
        return group

    def _callouts(self, index: int) -> VGroup:
        """Names over the smaller squares that can still be seen inside."""
        names = ["this network", *(published_number(name).name for name, _ in STOPS)]
        labels = VGroup().set_z_index(2)
        at = self.stage
        shown = [(i, self.areas.side(i)) for i in range(index + 1)]
        y = at.bottom
        for (i, side), (_, above) in pairwise([*shown, (index + 1, self.areas.side(index + 1))]):
            if side < SEEN:
                continue
            label = Label(self.look, names[i], "tiny", "ink", "bold")
            bottom = max(at.bottom + side + 0.1, y)
            if bottom + label.height > at.bottom + above - 0.1 or label.width > above - 0.3:
                continue
            label.shift((at.left + 0.12 - label.get_left()[0], bottom - label.get_bottom()[1], 0.0))
            labels.add(label.set_z_index(2))
            y = bottom + label.height + 0.12
        return labels

    def _box(self, value: float, share: float) -> Rectangle:
        """A square of an exact area on the zoom's scale, or the left share of it."""
        side = self.stage.height * float(np.sqrt(value / 10 ** self._zoom(value)))
        box, color = Rectangle(width=side * share, height=side), self.look.color("positive")
        box.set_fill(color, 0.2).set_stroke(color, self.look.stroke("line"))
        corner = np.array([self.stage.left, self.stage.bottom, 0.0])
        return box.move_to(corner + [side * share / 2, side / 2, 0.0])
