"""What a convolutional network sees in a digit: edges in its first layer, parts of digits in its second."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from manim import FadeIn, FadeOut, Group, Rectangle, Transform, UpdateFromAlphaFunc, VGroup, linear

from nncore.filter_facts import exciting_patches, receptive_field
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.encodings import activation_rgb, gray_image, shown_scale, signed_image
from scenes.kit.layout import Look, Region
from scenes.kit.legend import SignedLegend
from scenes.kit.marks import Arrow
from scenes.kit.needs import probe_of
from scenes.kit.notes import above_notes, note
from scenes.kit.path_marks import placed
from scenes.kit.picture_grid import borders, line_of_squares
from scenes.kit.picture_grid import cells as picture_cells
from scenes.kit.pixel_image import PixelImage
from scenes.kit.read_image import ReadImage
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.text import Label

#: The two convolutional layers of the recorded run.
FIRST, SECOND = 1, 3
#: The window crosses the picture this many times while it slides down.
CROSSINGS = 7
TALL = ("4:5", "9:16")
GAP = 0.2


class FeatureHierarchy(RecordedScene):
    """Filters and feature maps of one digit, and the pieces of test digits that excite each filter most."""

    title = "Edges, then parts"
    part = 1
    order = 8
    recipe = "digits_cnn"
    concept = (
        "convolution",
        "CNN",
        "filters",
        "feature maps",
        "feature hierarchy",
        "edges",
        "receptive field",
    )
    seconds = 46
    params = {
        "digit": {"type": "int", "default": 2, "min": 0, "max": 9, "help": "the digit that is read"},
        "filter": {"type": "int", "default": 0, "min": 0, "max": 7, "help": "the filter of the first beat"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        rec, self.end = self.rec, int(self.rec.steps[-1])
        self.probe = probe_of(rec, self.settings["digit"])
        self.filter = int(self.settings["filter"])
        self.weights = rec.param(f"{FIRST}.W", self.end)[:, 0]
        self.scale = shown_scale(self.weights, 1.0)
        self.full = {layer: shown_scale(rec.a(layer, self.end), 0.98) for layer in (FIRST, SECOND)}
        self.main, self.notes = above_notes(self.look)

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("A filter is a small picture. It slides over the digit and looks for its match.")
    def slides(self) -> None:
        places = self._three()
        self.digit = PixelImage(self.look, gray_image(self.look, self._digit()), places[0])
        self.kernel = self._kernel(self.filter, places[1])
        self.map = ReadImage(self.look, self._map_rgba(FIRST, self.filter), places[2])
        legend = SignedLegend(self.look, self.scale, "weight").move_to(self.notes.center)
        words, arrows = self._three_words(places), _arrows(self.look, places)
        window = self._window()
        self.play(FadeIn(self.digit), FadeIn(words[0]), run_time=0.6)
        self.play(FadeIn(self.kernel), FadeIn(legend), FadeIn(words[1]), FadeIn(arrows[0]), run_time=0.6)
        self.play(FadeIn(window), FadeIn(self.map), FadeIn(words[2]), FadeIn(arrows[1]), run_time=0.4)
        self._slide(window)
        self.play(FadeOut(window), run_time=0.3)
        self.aside = [legend, *words, *arrows]

    @beat("{filters[1]} filters give {filters[1]} maps: each lights up where it found its edge.")
    def maps_of_edges(self) -> None:
        cells = self._grid(len(self.weights), {"16:9": 4, "1:1": 3}.get(self.look.aspect, 2))
        pairs = [_pair(cell) for cell in cells]
        self.kernels = Group(*[self._kernel(k, small) for k, (small, _) in enumerate(pairs)])
        maps = Group(
            *[PixelImage(self.look, self._map_rgba(FIRST, k), big) for k, (_, big) in enumerate(pairs)]
        )
        words = note(self.look, self.notes, self._strongest(FIRST))
        chosen = self.filter
        self.play(*map(FadeOut, [self.digit, *self.aside]), run_time=0.4)
        self.map.read = float(len(self.map.whole))
        self.play(
            Transform(self.kernel, placed(self.kernel, pairs[chosen][0])),
            Transform(self.map, placed(self.map, pairs[chosen][1])), run_time=0.8,
        )  # fmt: skip
        self.play(FadeIn(self.kernels), FadeIn(maps), FadeIn(words), run_time=0.8)
        self.remove(self.kernel, self.map)
        self.shown_now = [self.kernels, maps, words]

    @beat("What excites each most in {n_test} test digits? Mostly edges, each one direction.")
    def edges(self) -> None:
        seen = self.says("{seen_pixels[1]} × {seen_pixels[1]} pixels")
        words = note(self.look, self.notes, f"a filter, then the {seen} that excite it most")
        columns = 1 if self.look.aspect in TALL else 2
        cells = self._grid(len(self.weights), columns, gap=0.25)
        lines = [line_of_squares(cell, 1 + self._count(FIRST)) for cell in cells]
        kernels = [self._kernel(k, line[0]) for k, line in enumerate(lines)]
        patches = self._patches(FIRST, [line[1:] for line in lines])
        self.play(FadeOut(self.shown_now[1]), FadeOut(self.shown_now[2]), run_time=0.4)
        moves = [Transform(a, b) for a, b in zip(self.kernels, kernels, strict=True)]
        self.play(*moves, run_time=0.8)
        self.play(FadeIn(patches), FadeIn(words), run_time=0.8)
        self.shown_now = [self.kernels, patches, words]

    @beat("The second layer does the same to those maps: {filters[3]} maps of combined edges.")
    def maps_of_parts(self) -> None:
        first, second, start = self._two_blocks()
        small = [p.square() for p in picture_cells(first, len(self.weights), 2, GAP)]
        count = int(self.rec.param(f"{SECOND}.W", 0).shape[0])
        large = [p.square() for p in picture_cells(second, count, 4, GAP)]
        one = Group(*[PixelImage(self.look, self._map_rgba(FIRST, k), p) for k, p in enumerate(small)])
        two = Group(*[PixelImage(self.look, self._map_rgba(SECOND, k), p) for k, p in enumerate(large)])
        names = VGroup(self._under(first, "layer 1"), self._under(second, "layer 2"))
        words = note(self.look, self.notes, self._strongest(SECOND))
        self.play(*map(FadeOut, self.shown_now), run_time=0.4)
        if start is not None:
            digit = PixelImage(self.look, gray_image(self.look, self._digit()), start)
            names.add(self._beside(start, "digit") if self.look.upright else self._under(start, "digit"))
            one.add(digit)
        self.play(FadeIn(one), FadeIn(names[0]), *map(FadeIn, names[2:]), run_time=0.7)
        self.play(FadeIn(two), FadeIn(names[1]), FadeIn(words), run_time=0.9)
        self.shown_now = [one, two, names, words]

    @beat("What excites these? Arches, hooks, loops, bars: parts of digits.")
    def parts(self) -> None:
        count = int(self.rec.param(f"{SECOND}.W", 0).shape[0])
        columns = 4 if self.look.aspect == "16:9" else 2
        cells = picture_cells(self.main.inset(0, 0.12), count, columns, 0.22, 0.45)
        lines = [line_of_squares(cell, self._count(SECOND)) for cell in cells]
        patches = self._patches(SECOND, lines)
        patches.add(borders(self.look, [place for line in lines for place in line]))
        seen = self.says("{seen_pixels[3]} × {seen_pixels[3]} pixels")
        text = f"the {seen} that excite each of the {self.says('{filters[3]}')} filters most"
        self.play(*map(FadeOut, self.shown_now), run_time=0.4)
        self.play(FadeIn(patches), FadeIn(note(self.look, self.notes, text)), run_time=0.9)

    # --- what they are made of -----------------------------------------------------------------------------

    def _digit(self) -> np.ndarray:
        return np.asarray(self.rec.probe_x[self.probe, 0])

    def _kernel(self, index: int, place: Region) -> PixelImage:
        return PixelImage(self.look, signed_image(self.look, self.weights[index], self.scale), place)

    def _map_rgba(self, layer: int, index: int) -> np.ndarray:
        values = self.rec.a(layer, self.end)[self.probe, index]
        color = activation_rgb(self.look, values, self.full[layer])
        return np.concatenate([color, np.ones((*values.shape, 1))], axis=-1)

    def _strongest(self, layer: int) -> str:
        peaks = [float(self.rec.a(layer, self.end)[self.probe, k].max()) for k in range(self._n(layer))]
        best = int(np.argmax(peaks))
        args = {"step": self.end, "probe": self.probe, "layer": layer, "index": best}
        top = self.shown(Source("fact", "map_peak", args=args), "{:.1f}")
        return f"colour: activation; the strongest cell has {top}"

    def _n(self, layer: int) -> int:
        return int(self.rec.param(f"{layer}.W", 0).shape[0])

    def _count(self, layer: int) -> int:
        """How many patches stand in a line."""
        if layer == FIRST:
            return 6 if self.look.aspect != "1:1" else 4
        return {"16:9": 4, "1:1": 7}.get(self.look.aspect, 5)

    def _three(self) -> list[Region]:
        """Places of digit, filter and map: a row, or under one another where it is tall."""
        if self.look.aspect in TALL:
            parts = self.main.inset(0, 0.1).rows(2.0, 1.0, 2.0, gap=0.65)
        else:
            room = Region(self.main.left, self.main.bottom + 0.5, self.main.right, self.main.top)
            parts = room.columns(1.6, 0.8, 1.6, gap=0.75)
        return [part.square() for part in parts]

    def _three_words(self, places: list[Region]) -> list[Label]:
        texts, named = ("digit", "filter", "its map"), self._under
        if self.look.aspect in TALL:
            named = self._beside
        return [named(place, text) for place, text in zip(places, texts, strict=True)]

    def _beside(self, place: Region, text: str) -> Label:
        label = Label(self.look, text, "label", "muted")
        return label.move_to((place.right + 0.25 + label.width / 2, place.center[1], 0))

    def _under(self, place: Region, text: str) -> Label:
        label = Label(self.look, text, "label", "muted")
        return label.move_to((place.center[0], place.bottom - 0.3, 0))

    def _window(self) -> VGroup:
        """What the filter sees of the digit, and the cell of the map it fills."""
        cell = self.digit.width / len(self._digit())
        side = receptive_field(self.rec, FIRST)[0] * cell
        frames = VGroup(Rectangle(width=side, height=side), Rectangle(width=1.6 * cell, height=1.6 * cell))
        frames.set_fill(opacity=0).set_stroke(self.look.color("accent"), self.look.stroke("line"))
        for frame, image in zip(frames, (self.digit, self.map), strict=True):
            frame.move_to(image.region.inset(frames[0].width / 2).point(0, 1))
        return frames

    def _slide(self, window: VGroup) -> None:
        """Back and forth and down over the digit; the map is there as far as the window has come."""

        def move(frames: Any, alpha: float) -> None:
            turn = alpha * CROSSINGS
            x = abs((turn % 2) - 1)
            y = min((np.floor(turn) + 0.5) / CROSSINGS, 1.0)
            for frame, image in zip(frames, (self.digit, self.map), strict=True):
                frame.move_to(image.region.inset(frames[0].width / 2).point(1 - x, 1 - y))

        def fill(image: Any, alpha: float) -> None:
            image.read_to(alpha * len(image.whole))

        self.play(
            UpdateFromAlphaFunc(window, move, rate_func=linear),
            UpdateFromAlphaFunc(self.map, fill, rate_func=linear), run_time=5.0,
        )  # fmt: skip

    def _grid(self, count: int, across: int, gap: float = 0.3, between: float | None = None) -> list[Region]:
        return picture_cells(self.main, count, across, gap, between)

    def _patches(self, layer: int, lines: list[list[Region]]) -> Group:
        patches = exciting_patches(self.rec, self.end, layer, len(lines[0]))
        return Group(
            *[
                PixelImage(self.look, gray_image(self.look, picture), place)
                for pictures, places in zip(patches, lines, strict=True)
                for picture, place in zip(pictures, places, strict=True)
            ]
        )

    def _two_blocks(self) -> tuple[Region, Region, Region | None]:
        """(the first layer's maps, the second's, the digit before them where there is room)."""
        m = self.main
        room = Region(m.left, m.bottom + 0.5, m.right, m.top)
        if self.look.aspect in TALL:
            cell = (room.width - 0.7 - 4 * GAP) / 6
            low = Region(m.left, room.bottom, m.right, room.bottom + 4 * cell + 3 * GAP)
            one, two = low.columns(2 * cell + GAP, 4 * cell + 3 * GAP, gap=0.7)
            return one, two, Region(m.left, low.top + 0.4, m.right, m.top).square()
        if self.look.upright:
            one, two = room.columns(1, 2, gap=0.7)
            return one, two, None
        # Blocks no wider than their squares: two and four in a row, four rows.
        cell = (room.height + GAP) / 4
        widths = (room.width - 6 * cell - 1.6, 2 * cell - GAP, 4 * cell - GAP)
        digit, one, two = room.columns(*widths, gap=(room.width - sum(widths)) / 2)
        return one, two, digit.square()


def _arrows(look: Look, places: list[Region]) -> list[Arrow]:
    """A short arrow from every place to the next, beside or below it."""
    made = []
    for one, other in pairwise(places):
        ends = one.point(0.5, 0) - [0, 0.12, 0], other.point(0.5, 1) + [0, 0.12, 0]
        if other.left > one.right:
            ends = one.point(1, 0.5) + [0.12, 0, 0], other.point(0, 0.5) - [0.12, 0, 0]
        made.append(Arrow(look, *ends, "muted"))
    return made


def _pair(cell: Region) -> tuple[Region, Region]:
    """(a small square for the filter, a large one for its map) side by side in a cell."""
    gap = 0.12
    side = min(cell.height, (cell.width - gap) / 1.45)
    small, left, top = 0.45 * side, cell.center[0] - (1.45 * side + gap) / 2, cell.center[1] + side / 2
    x = left + small + gap
    return Region(left, top - small, left + small, top), Region(x, top - side, x + side, top)
