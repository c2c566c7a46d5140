"""What the first layer learns: its weights as pictures, from noise to what they truly become."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from manim import DOWN, RIGHT, FadeIn, FadeOut, Group, Rectangle, Transform, VGroup

from nncore.feature_facts import activations_on_test
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.encodings import gray_image, shown_scale, signed_image
from scenes.kit.layout import Region
from scenes.kit.legend import SignedLegend
from scenes.kit.needs import image_reader, probe_of
from scenes.kit.path_marks import placed
from scenes.kit.pixel_image import PixelImage
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.scrub import between, scrubbing, step_counting
from scenes.kit.text import Label, Paragraph
from scenes.kit.weight_grid import WeightGrid

SHARE = 0.995
#: Room for two short lines of words, in units.
WORDS = 1.36


class LearnedFeatures(RecordedScene):
    """All 128 first-layer weight pictures while training, what in them was learned, and what excites them."""

    title = "What neurons look for"
    part = 1
    order = 7
    recipe = "digits"
    concept = (
        "learned features",
        "weights as images",
        "hidden neurons",
        "first layer",
        "initial noise",
        "filters",
    )
    seconds = 44
    params = {
        "digit": {
            "type": "int",
            "default": 2,
            "min": 0,
            "max": 9,
            "help": "whose favourite neuron is followed",
        },
    }

    def open_stage(self) -> None:
        super().open_stage()
        self.size = image_reader(self.rec)
        self.history = self.rec.param_history("1.W").reshape(len(self.rec.steps), -1, *self.size)
        self.first, self.last = self.history[0], self.history[-1]
        self.end = int(self.rec.steps[-1])
        change = self.last - self.first
        self.scale, self.change_scale = shown_scale(self.last, SHARE), shown_scale(change, SHARE)
        digit = self.settings["digit"]
        self.neuron = int(self._read("favourite_neuron", label=digit))
        self.probe = probe_of(self.rec, digit)
        wide, notes = self.look.wide, 1.1 if self.look.upright else 0.75
        self.main = Region(wide.left, wide.bottom + notes, wide.right, wide.top - 0.1)
        self.notes = Region(wide.left, wide.bottom, wide.right, wide.bottom + notes - 0.1)
        self._at_step(0)

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("A neuron has {layer_size[0]} weights, one for each pixel: a picture.")
    def one_neuron(self) -> None:
        left, right, end = self._product_places()
        digit = PixelImage(self.look, gray_image(self.look, self._digit(self.probe)), left)
        self.weights = self._weights(self.first[self.neuron], self.scale, right)
        sign = Label(self.look, "×", "title", "muted").move_to((left.center + right.center) / 2)
        z = self.shown(Source("z", "1", 0, (self.probe, self.neuron)), "{:.2f}")
        answer = VGroup(Label(self.look, f"= {z}", "title", "accent", "bold"))
        answer.move_to(end.center)
        self.legend = self._legend(self.scale, "weight", "pixel × weight, all summed, plus the bias")
        self.play(FadeIn(digit), run_time=0.6)
        self.play(FadeIn(sign), FadeIn(self.weights), FadeIn(self.legend), run_time=0.8)
        self.play(FadeIn(answer), run_time=0.5)
        self.aside = [digit, sign, answer]

    @beat("All {layer_size[1]} hidden neurons start as noise. Trained, they still look like it.")
    def all_of_them(self) -> None:
        self.grid = WeightGrid(self.look, self.main, self.first, self.scale)
        small = placed(self.weights, self.grid.place(self.neuron))
        self.play(*map(FadeOut, [*self.aside, self.legend]), run_time=0.4)
        self.legend = self._legend(self.scale, "weight")
        self.play(Transform(self.weights, small), FadeIn(self.grid), FadeIn(self.legend), run_time=0.9)
        self.remove(self.weights)
        self.wait(0.8)
        self._train(lambda i, share: between(self.history, i, share), 5.0)

    @beat("Most of what is there is the starting noise. Subtract it: this was learned.")
    def subtract(self) -> None:
        pictures, words = self._subtraction()
        start = self._weights(self.last[self.neuron], self.scale, self.grid.place(self.neuron))
        self.add(start)
        self.play(FadeOut(self.grid), FadeOut(self.legend), run_time=0.4)
        self.play(Transform(start, pictures[0]), FadeIn(words[0]), run_time=0.9)
        self.play(FadeIn(pictures[1]), FadeIn(words[1]), run_time=0.7)
        self.wait(0.6)
        note = self._note(
            f"all weights, after against before: correlation {self.says('{start_correlation[last]:.2f}')}"
        )
        self.play(FadeIn(pictures[2]), FadeIn(words[2]), FadeIn(note), run_time=0.8)
        self.pictures, self.aside = [start, *pictures[1:]], [*words, note]

    @beat("Learned: blobs and strokes all over the digit, not clean edges.")
    def what_was_learned(self) -> None:
        self.grid = WeightGrid(self.look, self.main, self.last - self.first, self.change_scale)
        self._at_step(self.end)
        small = placed(self.pictures[2], self.grid.place(self.neuron))
        fading = [*self.aside, *self.pictures[:2]]
        self.play(*map(FadeOut, fading), run_time=0.4)
        silent = self.says("outlined: the {dead_neurons[last]} that fire for no test digit")
        self.legend = self._legend(self.change_scale, "change", silent)
        self.play(Transform(self.pictures[2], small), FadeIn(self.grid), FadeIn(self.legend[0]), run_time=0.9)
        self.remove(self.pictures[2])
        self.wait(0.8)
        self._at_step(0)
        self.play(Transform(self.grid, self.grid.changed(values=self.grid.values * 0)), run_time=0.6)
        self._train(lambda i, share: between(self.history, i, share) - self.first, 5.0)
        self.outlines = self._silent()
        self.play(FadeIn(self.outlines), FadeIn(self.legend[1]), run_time=0.6)

    @beat("The neuron that each digit excites most, and how strongly.")
    def favourites(self) -> None:
        cells = self._cells()
        pictures, words = self._favourites(cells)
        legend = self._legend(
            self.change_scale, "change", "fires: mean activation; several digits may share a neuron"
        )
        self.play(*map(FadeOut, [self.grid, self.legend, self.outlines]), run_time=0.4)
        self.play(FadeIn(pictures), FadeIn(words), FadeIn(legend), run_time=0.9)

    # --- what they are made of -----------------------------------------------------------------------------

    def _at_step(self, step: int) -> None:
        self.status(f"step {step:,}")

    def _train(self, values, seconds: float) -> None:
        """The grid through all snapshots, which lie evenly in log time, with the step counter."""
        steps = self.rec.steps

        def show(grid: WeightGrid, i: int, share: float) -> None:
            grid.values = values(i, share).astype(np.float32)

        self.play(scrubbing(self.grid, len(steps), show), step_counting(self, steps), run_time=seconds)

    def _digit(self, probe: int) -> np.ndarray:
        return self.rec.probe_x[probe].reshape(self.size)

    def _weights(self, values: np.ndarray, scale: float, region: Region) -> PixelImage:
        return PixelImage(self.look, signed_image(self.look, values, scale), region)

    def _legend(self, scale: float, word: str, remark: str = "") -> Group:
        legend = Group(SignedLegend(self.look, scale, word))
        if remark:
            legend.add(Label(self.look, remark, "tiny", "muted"))
            legend.arrange(DOWN if self.look.upright else RIGHT, buff=0.2 if self.look.upright else 0.9)
        return legend.move_to(self.notes.center)

    def _silent(self) -> VGroup:
        """A frame around every picture of a neuron that fires for no test example."""
        fires = activations_on_test(self.rec, 1, self.end).max(axis=0) > 0
        frames = VGroup()
        for index in np.flatnonzero(~fires):
            place = self.grid.place(int(index))
            frame = Rectangle(width=place.width, height=place.height).move_to(place.center)
            frames.add(
                frame.set_fill(opacity=0).set_stroke(self.look.color("accent"), self.look.stroke("line"))
            )
        return frames

    def _note(self, text: str) -> Paragraph:
        made = Paragraph(self.look, text, self.notes.width, "label", "muted", align="center")
        return made.move_to(self.notes.center)

    def _product_places(self) -> tuple[Region, Region, Region]:
        """Squares for a digit and for weights, and where their product stands: a row, or a column."""
        if self.main.width >= self.main.height:
            left, right, end = self.main.columns(1, 1, 0.55, gap=0.6)
        else:
            left, right, end = self.main.rows(1, 1, 0.2, gap=0.65)
        return left.square(), right.square(), end

    def _subtraction(self) -> tuple[list[PixelImage], list[VGroup]]:
        """Pictures "after - before = learned" of the followed neuron, and the signs and words with each."""
        first, last, k = self.first, self.last, self.neuron
        values = ((last[k], self.scale), (first[k], self.scale), (last[k] - first[k], self.change_scale))
        squares, signs = self._three_places()
        pictures = [self._weights(*pair, square) for pair, square in zip(values, squares, strict=True)]
        labels = []
        for i, (word, square) in enumerate(zip(("after", "before", "learned"), squares, strict=True)):
            label = Label(self.look, word, "label", "accent" if i == len(squares) - 1 else "muted")
            x, y, _ = square.point(0.5, 0)
            tone = Label(self.look, f"full colour ±{values[i][1]:.2f}", "tiny", "muted")
            group = VGroup(label.move_to((x, y - 0.3, 0)), tone.move_to((x, y - 0.66, 0)))
            if i:
                sign = Label(self.look, "−" if i == 1 else "=", "title", "muted")
                group.add(sign.move_to(signs[i - 1]))
            labels.append(group)
        return pictures, labels

    def _three_places(self) -> tuple[list[Region], list[np.ndarray]]:
        """Squares for three pictures and places of two signs: a row, or two over one where it is tall."""
        below = 0.85
        if self.look.aspect in ("4:5", "9:16"):
            top, bottom = self.main.rows(1, 1.45, gap=0.3)
            parts = [*top.columns(1, 1, gap=1.0), bottom]
        else:
            parts = self.main.columns(1, 1, 1, gap=0.7)
        squares = [Region(p.left, p.bottom + below, p.right, p.top).square() for p in parts]
        signs = [(a.center + b.center) / 2 for a, b in pairwise(squares)]
        if len({round(p.top, 3) for p in parts}) > 1:
            signs[1] = squares[2].point(0, 0.5) - [0.6, 0, 0]
        return squares, signs

    def _cells(self) -> list[Region]:
        n = self.rec.layer_sizes[-1]
        across = 2 if self.look.aspect in ("4:5", "9:16") else 5
        rows = self.main.rows(*[1] * -(-n // across), gap=0.3)
        return [cell for row in rows for cell in row.columns(*[1] * across, gap=0.3)][:n]

    def _favourites(self, cells: list[Region]) -> tuple[Group, VGroup]:
        """Beside each digit what its favourite neuron learned, its number and mean activation."""
        pictures, words = Group(), VGroup()
        for label, cell in enumerate(cells):
            at = {"step": self.end, "label": label}
            neuron = int(self._read("favourite_neuron", label=label))
            small, big, places = _pair(cell)
            probe = probe_of(self.rec, label)
            change = self.last[neuron] - self.first[neuron]
            pictures.add(PixelImage(self.look, gray_image(self.look, self._digit(probe)), small))
            pictures.add(self._weights(change, self.change_scale, big))
            name = self.shown(Source("fact", "favourite_neuron", args=at), "{:d}")
            value = self.shown(Source("fact", "mean_activation", args={**at, "neuron": neuron}), "{:.1f}")
            words.add(Label(self.look, f"neuron {name}", "tiny", "muted").move_to(places[0]))
            words.add(Label(self.look, f"fires {value}", "tiny", "accent", "bold").move_to(places[1]))
        return pictures, words

    def _read(self, name: str, **args: int) -> float:
        return self.read(Source("fact", name, args={"step": self.end, **args}))


def _pair(cell: Region) -> tuple[Region, Region, list[np.ndarray]]:
    """(a small square, a large one, places for two lines of text) in a cell, the large one as large as fits.

    The small square and the words stand at the left of the large one, or over it, or over and under it.
    """
    w, h = cell.width, cell.height
    sides = [min(h, w - WORDS), min(w, h - 0.75) if w > 1.5 * WORDS else 0.0, min(w, h - 1.3)]
    side, way = max(sides), int(np.argmax(sides))
    x, y, _ = cell.center
    small = (min(0.5 * side, 0.8), 0.65, 0.55)[way]
    if way == 0:
        left, top = x - (side + WORDS) / 2, y + side / 2
        middle = left + WORDS / 2 - 0.08
        big = Region(left + WORDS, top - side, left + WORDS + side, top)
        tag = Region(middle - small / 2, top - small, middle + small / 2, top)
        lines = [(middle, top - small - share * (side - small)) for share in (0.3, 0.8)]
    elif way == 1:
        top, left = y + (side + 0.75) / 2, x - (small + WORDS) / 2
        big = Region(x - side / 2, top - 0.75 - side, x + side / 2, top - 0.75)
        tag = Region(left, top - small, left + small, top)
        lines = [(left + small + 0.12 + WORDS / 2, top - share * small) for share in (0.25, 0.75)]
    else:
        top = y + (side + 1.3) / 2
        big = Region(x - side / 2, top - 0.65 - side, x + side / 2, top - 0.65)
        tag = Region(x - small / 2, top - small, x + small / 2, top)
        lines = [(x, big.bottom - down) for down in (0.2, 0.5)]
    return tag, big, [np.array([*line, 0.0]) for line in lines]
