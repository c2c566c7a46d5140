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
from scenes.kit.pixel_image import PixelImage
from scenes.kit.pixels import PixelMobject
from scenes.kit.product_places import STRIP, product_places
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.sweep import SweptImage
from scenes.kit.text import Label, Paragraph, Runs


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
    seconds = 33
    params = {
        "digit": {"type": "int", "default": 2, "min": 0, "max": 9, "help": "the digit that is read"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        self.step = int(self.rec.steps[-1])
        self.probe = probe_of(self.rec, self.settings["digit"])
        self.at = product_places(self.look)
        self.x = np.asarray(self.rec.probe_x[self.probe]).ravel()
        self.hidden_scale = shown_scale(self.rec.a(1, self.step), 0.98)
        self.status("blue +, orange −")

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("The picture's rows, end to end: {layer_size[0]} numbers.")
    def unroll(self) -> None:
        wide = self.look.wide
        long = Region(wide.left, self.at.x.bottom, wide.right, self.at.x.top)
        square = Region(wide.left, wide.bottom, wide.right, long.bottom - 0.4).square()
        rows = gray_image(self.look, self.x.reshape(28, 28))
        self.picture = PixelImage(self.look, rows, square)
        self.play(FadeIn(self.picture), run_time=0.6)
        self.wait(0.6)
        self.name_x = self._name("x", "the picture as a list of {layer_size[0]} numbers", long)
        self.play(FadeIn(self.name_x), run_time=0.3)
        cell, share = square.height / 28, long.width / 28
        moves, strips = [], []
        for i, row in enumerate(rows):
            y, x = square.top - i * cell, long.left + i * share
            strip = PixelImage(self.look, row[None], Region(square.left, y - cell, square.right, y))
            end = PixelImage(self.look, row[None], Region(x, long.bottom, x + share, long.top))
            strips.append(strip)
            moves.append(Transform(strip, end))
        self.play(LaggedStart(*moves, lag_ratio=0.06), run_time=2.4)
        self.remove(*strips)
        self.list = PixelImage(self.look, rows.reshape(1, -1, 4), long)
        self.add(self.list)

    @beat("Each row of W₁ times the list, added up, is one neuron.")
    def first_product(self) -> None:
        weights, home = self.rec.param("1.W", self.step), self.at
        self.at, down = home.first_alone(self.look)
        self.w1 = self._table(weights, self.at.w1)
        self.a_rgba = _opaque(
            activation_rgb(self.look, self.rec.a(1, self.step)[self.probe], self.hidden_scale)
        )
        self.a1 = SweptImage(self.look, self.a_rgba[:, None], self.at.a)
        short = PixelImage(self.look, self.list.rgba, self.at.x)
        arrive = [Transform(self.list, short), self.name_x.animate.shift(down)]
        self.play(FadeOut(self.picture), *arrive, run_time=0.7)
        names = VGroup(
            self._name("W₁", "{layer_size[1]} × {layer_size[0]} weights", self.at.w1, below=True),
            self._name("", "{layer_size[1]} neurons", self.at.a, below=True),
        )
        self.play(FadeIn(self.w1), FadeIn(self.a1), FadeIn(names), run_time=0.7)
        self.first = [self.list, self.name_x, self.w1, self.a1, names]
        self._sweep(self.list, self.at.w1, self.a1, down=True)
        self.at, self.lift = home, -down

    @beat("W₂ does the same with those {layer_size[1]}; softmax makes chances of it.")
    def second_product(self) -> None:
        weights = self.rec.param("2.W", self.step)
        stacked = self.at.stacked
        if self.lift.any():  # the first product makes room
            self.play(*[Transform(m, m.copy().shift(self.lift)) for m in self.first], run_time=0.7)
        self.w2 = self._table(weights if stacked else weights.T, self.at.w2)
        chances = _opaque(activation_rgb(self.look, self.rec.a(2, self.step)[self.probe], 1.0, "output"))
        self.y = SweptImage(
            self.look, chances[:, None] if stacked else chances[None], self.at.y, down=stacked
        )
        carried = self._laid_down() if stacked else self.a1
        shape = "{layer_size[2]} × {layer_size[1]} weights" + ("" if stacked else ", on its side")
        name = self._name("W₂", shape, self.at.w2, below=stacked)
        self.play(FadeIn(self.w2), FadeIn(self.y), FadeIn(name), FadeIn(self._digits()), run_time=0.7)
        self._sweep(carried, self.at.w2, self.y, down=stacked)
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
            self.look,
            [(self.says("{connections:,}"), "accent"), (" multiplications; b: biases, ŷ: chances", "muted")],
            "tiny",
        )
        VGroup(made, work).arrange(DOWN, buff=0.14).move_to(self.at.foot.center)
        frames = VGroup(*[self._frame(region) for region in (self.at.w1, self.at.w2)])
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

    def _laid_down(self) -> PixelImage:
        """The column of neurons, one after the other, as a list over the second table."""
        at, column = self.at.turned, self.at.a
        count = len(self.a_rgba)
        high, wide = column.height / count, at.width / count
        cells, moves = [], []
        for i, color in enumerate(self.a_rgba):
            y, x = column.top - i * high, at.left + i * wide
            cell = PixelImage(self.look, color[None, None], Region(column.left, y - high, column.right, y))
            end = PixelImage(self.look, color[None, None], Region(x, at.bottom, x + wide, at.top))
            cells.append(cell)
            moves.append(Transform(cell, end))
        name = self._name("", "the same {layer_size[1]} neurons", at)
        self.play(LaggedStart(*moves, lag_ratio=0.01), FadeIn(name), run_time=1.4)
        self.remove(*cells)
        row = PixelImage(self.look, self.a_rgba[None], at)
        self.add(row)
        return row

    # --- parts ---------------------------------------------------------------------------------------------

    def _table(self, weights: np.ndarray, region: Region) -> PixelImage:
        return PixelImage(self.look, signed_image(self.look, weights, shown_scale(weights), 1.0), region)

    def _name(self, name: str, words: str, region: Region, below: bool = False) -> VGroup:
        """A list's or table's name and size above or below it, in two lines where one is too long."""
        em = self.look.em("tiny")
        head = [(f"{name}  ", "ink")] if name else []
        lines = [Runs(self.look, [*head, (self.says(words), "muted")], "tiny")]
        if lines[0].width > max(region.width, 12 * em):
            first, _, second = self.says(words).rpartition(", ")
            lines = [Runs(self.look, [*head, (first, "muted")], "tiny")]
            lines.append(Runs(self.look, [(second, "muted")], "tiny"))
        up = region.bottom - em if below else region.top + (0.45 + 1.15 * (len(lines) - 1)) * em
        for i, line in enumerate(lines):
            # What is under a column ends with it: beside it another name begins.
            x = (
                region.right - line.get_right()[0]
                if region.width < STRIP + 0.01
                else region.left - line.get_left()[0]
            )
            line.shift((x, 0.0, 0.0))
            for label in line:
                label.on_baseline(up - 1.15 * i * em)
        return VGroup(*lines)

    def _digits(self) -> VGroup:
        """The class of each output beside its cell."""
        names, em, y = self.rec.dataset().class_names, self.look.em("tiny"), self.at.y
        labels = VGroup()
        for k, name in enumerate(names):
            label, share = Label(self.look, name, "tiny", "muted"), (k + 0.5) / len(names)
            if self.at.stacked:
                label.move_to((y.right + 0.7 * em, y.top - share * y.height, 0.0))
            else:
                label.move_to((y.left + share * y.width, 0.0, 0.0)).on_baseline(y.bottom - em)
            labels.add(label)
        return labels

    def _verdict(self) -> Runs:
        label = Source("fact", "predicted_label", args={"probe": self.probe, "step": self.step})
        best = int(self.shown(label, "{}"))
        text = self.shown(Source("a", "2", self.step, (self.probe, best)), "{:.2%}")
        role = "output" if best == self.settings["digit"] else "wrong"
        made = Runs(self.look, [("it is a ", "muted"), (f"{best}: {text}", role)], "label", "bold")
        em, stacked = self.look.em("tiny"), self.at.stacked
        made.shift((self.look.wide.right - made.get_right()[0], 0.0, 0.0))
        for part in made:
            part.on_baseline(self.at.y.bottom - (1.3 if stacked else 2.4) * em)
        return made

    def _batch(self) -> tuple[list[PixelMobject], VGroup, Mobject]:
        """All test digits as rows, sorted by digit: pictures, hidden neurons, chances."""
        data = self.rec.dataset()
        order = np.argsort(data.y_test, kind="stable")
        x, a1, y_hat = (np.asarray(a)[order] for a in layers_on_test(self.rec, self.step))
        wide, em = self.look.wide, self.look.em("tiny")
        foot = 2.0 if self.look.upright else 1.35
        area = Region(wide.left, wide.bottom + foot, wide.right, wide.top - 2.7 * em)
        at = area.columns(4.0, 2.0, 1.15, gap=0.35)
        images: list[PixelMobject] = [
            PixelImage(self.look, gray_image(self.look, x.reshape(len(x), -1)), at[0], smooth=True),
            SweptImage(
                self.look, _opaque(activation_rgb(self.look, a1, self.hidden_scale)), at[1], smooth=True
            ),
            SweptImage(self.look, _opaque(activation_rgb(self.look, y_hat, 1.0, "output")), at[2]),
        ]
        labels, count = VGroup(), self.says("{n_test}")
        words = ("pictures", "neurons", "chances")
        for i, (region, word) in enumerate(zip(at, words, strict=True)):
            for text, role, lift in (
                (word, "ink", 1.6),
                (f"{count} × {self.says(f'{{layer_size[{i}]}}')}", "muted", 0.4),
            ):
                label = Label(self.look, text, "tiny", role)
                label.move_to((region.center[0], 0.0, 0.0))
                labels.add(label.on_baseline(region.top + lift * em))
        return images, labels, self._timing(Region(wide.left, wide.bottom, wide.right, area.bottom - 0.15))

    def _timing(self, region: Region) -> VGroup:
        seconds = Label(self.look, self.says("{inference_seconds:.3f} s"), "title", "accent", "bold")
        words = self.says(
            "for {inference_examples:,} digits at once: {inference_microseconds_each:.0f} millionths of a "
            "second each, timed once on the recording computer. Shown: the {n_test} test digits, sorted by "
            "digit; off the diagonal: doubt."
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
