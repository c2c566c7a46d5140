"""The same forward pass as two matrix products: what a computer does, drawn with the recorded weights."""

from __future__ import annotations

import numpy as np
from manim import DOWN, FadeIn, FadeOut, LaggedStart, Mobject, Rectangle, Transform, VGroup, linear, smooth

from nncore.softmax_facts import layers_on_test
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.encodings import activation_rgb, gray_image, shown_scale, signed_image
from scenes.kit.formula import formula
from scenes.kit.layout import Region
from scenes.kit.needs import probe_of
from scenes.kit.pixels import PixelImage, PixelMobject
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.sweep import SweptImage
from scenes.kit.text import Label, Paragraph, Runs

#: Thickness of a list drawn as a strip, and the gap beside it, in units.
STRIP, GAP = 0.34, 0.2
DIM = 0.5


class MatrixView(RecordedScene):
    """One recorded digit times two recorded matrices; then ten thousand at once, timed."""

    title = "Two matrix products"
    part = 1
    order = 5
    recipe = "digits"
    concept = (
        "matrix",
        "matrix multiplication",
        "vector",
        "batch",
        "inference time",
        "forward pass",
        "shapes",
    )
    seconds = 30
    params = {
        "digit": {"type": "int", "default": 2, "min": 0, "max": 9, "help": "the digit that is read"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        self.step = int(self.rec.steps[-1])
        self.probe = probe_of(self.rec, self.settings["digit"])
        self._places()
        self.x = np.asarray(self.rec.probe_x[self.probe]).ravel()
        self.hidden_scale = shown_scale(self.rec.a(1, self.step), 0.98)
        self.status("blue +, orange −")

    def _places(self) -> None:
        """x lies over the first matrix, its product beside it; the second goes on from there, downwards."""
        wide, em = self.look.wide, self.look.em("tiny")
        foot = 0.75 if self.look.upright else 0.0
        top, bottom = wide.top - 1.5 * em, wide.bottom + foot + 2.6 * em
        second = 0.29 * wide.width if self.look.upright else 3.4
        left_end = wide.right - second - GAP - STRIP - GAP
        high = top - STRIP - GAP - (bottom + STRIP + GAP + 0.1)
        self.at_x = Region(wide.left, top - STRIP, left_end, top)
        base = self.at_x.bottom - GAP - high
        self.at_w1 = Region(wide.left, base, left_end, base + high)
        self.at_a1 = Region(left_end + GAP, base, left_end + GAP + STRIP, base + high)
        self.at_w2 = Region(self.at_a1.right + GAP, base, wide.right, base + high)
        self.at_y = Region(self.at_w2.left, base - GAP - STRIP, wide.right, base - GAP)
        self.foot = Region(wide.left, wide.bottom, wide.right, wide.bottom + 0.75)
        if not self.look.upright:
            self.foot = Region(wide.left, wide.bottom, self.at_w1.right, base - 1.4 * em - 0.1)

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("The picture's rows, end to end: {layer_size[0]} numbers.")
    def unroll(self) -> None:
        wide = self.look.wide
        long = Region(wide.left, self.at_x.bottom, wide.right, self.at_x.top)
        square = Region(wide.left, wide.bottom, wide.right, long.bottom - 0.4).square()
        rows = gray_image(self.look, self.x.reshape(28, 28))
        self.picture = PixelImage(self.look, rows, square)
        self.play(FadeIn(self.picture), run_time=0.6)
        self.wait(0.6)
        self.name_x = self._shape_of("x", long, "{layer_size[0]} numbers")
        self.play(FadeIn(self.name_x), run_time=0.3)
        cell, share = square.height / 28, long.width / 28
        moves, strips = [], []
        for i, row in enumerate(rows):
            y, x = square.top - i * cell, long.left + i * share
            strip = PixelImage(self.look, row[None], Region(square.left, y - cell, square.right, y))
            end = PixelImage(self.look, row[None], Region(x, long.bottom, x + share, long.top))
            strips.append(strip)
            moves.append(Transform(strip, end))
        self.play(
            LaggedStart(*moves, lag_ratio=0.06), Transform(self.picture, self.picture.changed(opacity=DIM)),
            run_time=2.4,
        )  # fmt: skip
        self.remove(*strips)
        self.list = PixelImage(self.look, rows.reshape(1, -1, 4), long)
        self.add(self.list)

    @beat("{layer_size[1]} rows of W₁, each times the list: {layer_size[1]} neurons.")
    def first_product(self) -> None:
        weights = self.rec.param("1.W", self.step)
        self.w1 = PixelImage(
            self.look, signed_image(self.look, weights, shown_scale(weights), 1.0), self.at_w1
        )
        a1 = activation_rgb(self.look, self.rec.a(1, self.step)[self.probe], self.hidden_scale)
        self.a1 = SweptImage(self.look, _opaque(a1)[:, None], self.at_a1)
        short = PixelImage(self.look, self.list.rgba, self.at_x)
        self.play(FadeOut(self.picture), Transform(self.list, short), run_time=0.7)
        self.play(
            FadeIn(self.w1),
            FadeIn(self.a1),
            FadeIn(self._shape_of("W₁", self.at_w1, "{layer_size[1]} × {layer_size[0]}", True)),
            run_time=0.7,
        )
        self.play(FadeIn(self._shape_of("", self.at_a1, "{layer_size[1]}", True)), run_time=0.3)
        self._sweep(self.list, self.at_w1, self.a1, down=True)

    @beat("W₂ does the same with those {layer_size[1]}: ten chances.")
    def second_product(self) -> None:
        weights = self.rec.param("2.W", self.step).T
        self.w2 = PixelImage(
            self.look, signed_image(self.look, weights, shown_scale(weights), 1.0), self.at_w2
        )
        chances = self.rec.a(2, self.step)[self.probe]
        self.y = SweptImage(
            self.look, _opaque(activation_rgb(self.look, chances, 1.0, "output"))[None], self.at_y, down=False
        )
        turned = ", turned" if self.look.upright else ", on its side"
        label = self._shape_of("W₂", self.at_w2, "{layer_size[2]} × {layer_size[1]}" + turned)
        self.play(FadeIn(self.w2), FadeIn(self.y), FadeIn(label), FadeIn(self._digits()), run_time=0.7)
        self._sweep(self.a1, self.at_w2, self.y, down=False)
        self.verdict = self._verdict()
        self.play(FadeIn(self.verdict), run_time=0.4)

    @beat("The whole network: multiply, bend, multiply.")
    def one_formula(self) -> None:
        made = formula(
            self.look,
            'hat(y) = "softmax"(W_2 "ReLU"(W_1 x + b_1) + b_2)',
            "label" if self.look.upright else "body",
        )
        work = Runs(
            self.look, [(self.says("{connections:,}"), "accent"), (" multiplications", "muted")], "tiny"
        )
        VGroup(made, work).arrange(DOWN, buff=0.14).move_to(self.foot.center)
        frames = VGroup(*[self._frame(region) for region in (self.at_w1, self.at_w2)])
        self.play(FadeIn(made), FadeIn(frames), run_time=0.8)
        self.play(FadeIn(work), run_time=0.4)

    @beat("{inference_examples:,} pictures at once take {inference_seconds:.3f} seconds.")
    def ten_thousand(self) -> None:
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.5)
        self.status("")
        blocks, labels, note = self._batch()
        self.play(*map(FadeIn, blocks), FadeIn(labels), run_time=0.6)
        filled = [Transform(block, block.changed(done=1.0)) for block in blocks[1:]]
        self.play(*filled, run_time=2.4, rate_func=linear)
        self.play(FadeIn(note), run_time=0.5)

    # --- motion --------------------------------------------------------------------------------------------

    def _sweep(self, carried: PixelMobject, matrix: Region, result: SweptImage, down: bool) -> None:
        """The list slides over the matrix; each line it has covered has its number."""
        copy, start = carried.copy(), self._start(matrix, down)
        end = matrix.center + (matrix.center - start)
        self.play(Transform(copy, carried.copy().move_to(start)), run_time=0.6, rate_func=smooth)
        self.play(
            Transform(copy, carried.copy().move_to(end)),
            Transform(result, result.changed(done=1.0)),
            run_time=2.6,
            rate_func=linear,
        )
        self.play(FadeOut(copy), run_time=0.3)

    def _start(self, matrix: Region, down: bool) -> np.ndarray:
        if down:
            return np.array([matrix.center[0], matrix.top - STRIP / 2, 0.0])
        return np.array([matrix.left + STRIP / 2, matrix.center[1], 0.0])

    def _frame(self, region: Region) -> Rectangle:
        box = Rectangle(width=region.width, height=region.height).move_to(region.center)
        return box.set_fill(opacity=0).set_stroke(self.look.color("accent"), self.look.stroke("line"))

    # --- parts ---------------------------------------------------------------------------------------------

    def _shape_of(self, name: str, region: Region, shape: str, below: bool = False) -> Runs:
        """A list's or matrix's name and shape above it, or below."""
        runs = [(f"{name}  ", "ink")] if name else []
        made = Runs(self.look, [*runs, (self.says(shape), "muted")], "tiny", "regular")
        em = self.look.em("tiny")
        x = region.left if name else region.center[0] - made.width / 2
        made.shift((x - made.get_left()[0], 0.0, 0.0))
        for label in made:
            label.on_baseline(region.bottom - em if below else region.top + 0.45 * em)
        return made

    def _digits(self) -> VGroup:
        """The class of each output under its cell."""
        names, em = self.rec.dataset().class_names, self.look.em("tiny")
        cell = self.at_y.width / len(names)
        labels = VGroup()
        for k, name in enumerate(names):
            label = Label(self.look, name, "tiny", "muted")
            label.move_to((self.at_y.left + (k + 0.5) * cell, 0.0, 0.0))
            labels.add(label.on_baseline(self.at_y.bottom - em))
        return labels

    def _verdict(self) -> Runs:
        label = Source("fact", "predicted_label", args={"probe": self.probe, "step": self.step})
        best = int(self.shown(label, "{}"))
        text = self.shown(Source("a", "2", self.step, (self.probe, best)), "{:.2%}")
        made = Runs(self.look, [("it is a ", "muted"), (f"{best}: {text}", "output")], "label", "bold")
        made.shift((self.at_w2.right - made.get_right()[0], 0.0, 0.0))
        for part in made:
            part.on_baseline(self.at_y.bottom - 2.4 * self.look.em("tiny"))
        return made

    def _batch(self) -> tuple[list[PixelMobject], VGroup, Mobject]:
        """All test digits as rows, sorted by digit: pictures, hidden neurons, chances."""
        data = self.rec.dataset()
        order = np.argsort(data.y_test, kind="stable")
        x, a1, y_hat = (np.asarray(a)[order] for a in layers_on_test(self.rec, self.step))
        wide, em = self.look.wide, self.look.em("tiny")
        foot = 2.0 if self.look.upright else 1.35
        area = Region(wide.left, wide.bottom + foot, wide.right, wide.top - 2.2 * em)
        at = area.columns(4.0, 2.0, 1.15, gap=0.35)
        images: list[PixelMobject] = [
            PixelImage(self.look, gray_image(self.look, x.reshape(len(x), -1)), at[0], smooth=True),
            SweptImage(
                self.look, _opaque(activation_rgb(self.look, a1, self.hidden_scale)), at[1], smooth=True
            ),
            SweptImage(self.look, _opaque(activation_rgb(self.look, y_hat, 1.0, "output")), at[2]),
        ]
        labels = VGroup()
        words = ("pictures", "neurons", "chances")
        for i, (region, word) in enumerate(zip(at, words, strict=True)):
            for text, role, lift in (
                (word, "ink", 1.6),
                (f"n × {self.says(f'{{layer_size[{i}]}}')}", "muted", 0.4),
            ):
                label = Label(self.look, text, "tiny", role)
                label.move_to((region.center[0], 0.0, 0.0))
                labels.add(label.on_baseline(region.top + lift * em))
        return images, labels, self._timing(Region(wide.left, wide.bottom, wide.right, area.bottom - 0.15))

    def _timing(self, region: Region) -> VGroup:
        seconds = Label(self.look, self.says("{inference_seconds:.3f} s"), "title", "accent", "bold")
        words = self.says(
            "for n = {inference_examples:,} digits, timed once on the recording computer: "
            "{inference_microseconds_each:.0f} millionths of a second each. "
            "Drawn: the {n_test} test digits, sorted by digit."
        )
        room = region.width - (0.0 if self.look.upright else seconds.width + 0.5)
        text = Paragraph(self.look, words, room, "tiny", "muted")
        seconds.move_to((region.left + seconds.width / 2, region.top - 0.3, 0.0))
        if self.look.upright:
            text.move_to((region.left + text.width / 2, seconds.get_bottom()[1] - 0.2 - text.height / 2, 0.0))
        else:
            seconds.move_to((seconds.get_center()[0], region.center[1], 0.0))
            text.move_to((region.right - room + text.width / 2, region.center[1], 0.0))
        return VGroup(seconds, text)


def _opaque(color: np.ndarray) -> np.ndarray:
    return np.concatenate([color, np.ones((*color.shape[:-1], 1))], axis=-1)
