"""What a convolutional network sees in a digit: edges in its first layer, parts of digits in its second."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import FadeIn, FadeOut, Group, Rectangle, Transform, UpdateFromAlphaFunc, VGroup, linear

from nncore.filter_facts import exciting_patches, receptive_field
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.encodings import activation_rgb, gray_image, shown_scale, signed_image
from scenes.kit.layout import Region
from scenes.kit.legend import SignedLegend
from scenes.kit.needs import probe_of
from scenes.kit.notes import above_notes, note
from scenes.kit.path_marks import placed
from scenes.kit.pixels import PixelImage
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
        self.status(self.says("{accuracy_test[last]:.0%} of new digits right"))

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("A filter is a small picture. It slides over the digit and looks for its match.")
    def slides(self) -> None:
        places = self._three()
        self.digit = PixelImage(self.look, gray_image(self.look, self._digit()), places[0])
        self.kernel = self._kernel(self.filter, places[1])
        self.map = ReadImage(self.look, self._map_rgba(FIRST, self.filter), places[2])
        legend = SignedLegend(self.look, self.scale, "weight").move_to(self.notes.center)
        words = self._three_words(places)
        window = self._window()
        self.play(FadeIn(self.digit), FadeIn(words[0]), run_time=0.6)
        self.play(FadeIn(self.kernel), FadeIn(legend), FadeIn(words[1]), run_time=0.6)
        self.play(FadeIn(window), FadeIn(self.map), FadeIn(words[2]), run_time=0.4)
        self._slide(window)
        self.play(FadeOut(window), run_time=0.3)
        self.aside = [legend, *words]

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
        lines = [self._line(cell, 1 + self._count(FIRST)) for cell in cells]
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
        across = 4 if first.width > 1.5 * first.height else 2
        small = [p.square() for p in _cells(first, len(self.weights), across)]
        count = int(self.rec.param(f"{SECOND}.W", 0).shape[0])
        large = [p.square() for p in _cells(second, count, 4)]
        one = Group(*[PixelImage(self.look, self._map_rgba(FIRST, k), p) for k, p in enumerate(small)])
        two = Group(*[PixelImage(self.look, self._map_rgba(SECOND, k), p) for k, p in enumerate(large)])
        names = VGroup(self._under(first, "layer 1"), self._under(second, "layer 2"))
        words = note(self.look, self.notes, self._strongest(SECOND))
        self.play(*map(FadeOut, self.shown_now), run_time=0.4)
        if start is not None:
            digit = PixelImage(self.look, gray_image(self.look, self._digit()), start)
            names.add(self._under(start, "digit"))
            one.add(digit)
        self.play(FadeIn(one), FadeIn(names[0]), *map(FadeIn, names[2:]), run_time=0.7)
        self.play(FadeIn(two), FadeIn(names[1]), FadeIn(words), run_time=0.9)
        self.shown_now = [one, two, names, words]

    @beat("What excites these? Arches, hooks, loops, bars: parts of digits.")
    def parts(self) -> None:
        count = int(self.rec.param(f"{SECOND}.W", 0).shape[0])
        columns = {"16:9": 4, "9:16": 2}.get(self.look.aspect, 2)
        cells = self._grid(count, columns, gap=0.22, between=0.5)
        lines = [self._line(cell, self._count(SECOND)) for cell in cells]
        patches = self._patches(SECOND, lines)
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
        return 4 if self.look.aspect == "16:9" else 5

    def _three(self) -> list[Region]:
        """Places of digit, filter and map: a row, or the filter between two large ones where it is tall."""
        room = Region(self.main.left, self.main.bottom + 0.5, self.main.right, self.main.top)
        if self.look.aspect in TALL:
            top, bottom = room.rows(1, 1, gap=0.7)
            digit, kernel = top.columns(1.9, 1, gap=0.5)
            side = bottom.columns(1.9, 1, gap=0.5)[0]
            return [digit.square(), kernel.square(), side.square()]
        parts = room.columns(1.6, 0.8, 1.6, gap=0.4)
        return [part.square() for part in parts]

    def _three_words(self, places: list[Region]) -> list[Label]:
        texts = ("digit", "filter", "its map")
        return [self._under(place, text) for place, text in zip(places, texts, strict=True)]

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
        return _cells(self.main, count, across, gap, between)

    @staticmethod
    def _line(cell: Region, count: int) -> list[Region]:
        """Squares side by side, in the middle of a cell."""
        gap = 0.1
        side = min(cell.height, (cell.width - gap * (count - 1)) / count)
        left, y = cell.center[0] - (count * (side + gap) - gap) / 2, cell.center[1]
        starts = [left + i * (side + gap) for i in range(count)]
        return [Region(x, y - side / 2, x + side, y + side / 2) for x in starts]

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
            one, two = room.rows(1, 2, gap=0.75)
            return one, two, None
        if self.look.upright:
            one, two = room.columns(1, 2, gap=0.7)
            return one, two, None
        # Blocks no wider than their squares: two and four in a row, four rows.
        cell = (room.height + GAP) / 4
        widths = (room.width - 6 * cell - 1.6, 2 * cell - GAP, 4 * cell - GAP)
        digit, one, two = room.columns(*widths, gap=(room.width - sum(widths)) / 2)
        return one, two, digit.square()


def _cells(
    room: Region, count: int, across: int, gap: float = GAP, between: float | None = None
) -> list[Region]:
    """Cells in reading order; `between` is the gap of columns where it differs."""
    rows = room.rows(*[1] * -(-count // across), gap=gap)
    return [cell for row in rows for cell in row.columns(*[1] * across, gap=between or gap)][:count]


def _pair(cell: Region) -> tuple[Region, Region]:
    """(a small square for the filter, a large one for its map) side by side in a cell."""
    gap = 0.12
    side = min(cell.height, (cell.width - gap) / 1.45)
    small, left, top = 0.45 * side, cell.center[0] - (1.45 * side + gap) / 2, cell.center[1] + side / 2
    x = left + small + gap
    return Region(left, top - small, left + small, top), Region(x, top - side, x + side, top)
