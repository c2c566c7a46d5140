"""Why layers need an activation: without one they multiply into one matrix, and the boundary is a line."""

from __future__ import annotations

from functools import partial

import numpy as np
from manim import DOWN, FadeIn, FadeOut, Group, VGroup, smooth

from nncore.collapse_facts import collapsed
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.duel import DuelScene, changing, evaluated_at, snapshot_at
from scenes.kit.encodings import shown_scale
from scenes.kit.formula import formula
from scenes.kit.layout import Region
from scenes.kit.legend import SignedLegend
from scenes.kit.matrix_image import GAMMA, MatrixImage
from scenes.kit.matrix_product import BETWEEN, MatrixProduct, sign_between
from scenes.kit.plane_views import PlaneRun, PlaneView, map_places
from scenes.kit.readouts import Counter
from scenes.kit.text import Label, Paragraph, Runs


class WhyNonlinearity(DuelScene):
    """Two linear layers are one matrix; on spirals their boundary stays straight, with ReLU it bends."""

    title = "Why activations?"
    part = 1
    order = 3
    recipes = ("spirals_linear", "spirals")
    names = ("no activation", "with ReLU")
    roles = ("ink", "accent")
    concept = (
        "nonlinearity", "activation function", "linear layer", "matrix multiplication", "ReLU",
        "linear separability", "hidden layer",
    )  # fmt: skip
    seconds = 34

    def open_stage(self) -> None:
        super().open_stage()
        self.end = self.rec.n_steps
        self.status("after training")
        self.layers = [np.asarray(self.rec.param(f"{i}.W", self.end), float) for i in (1, 2, 3)]
        self.product, self.whole = (collapsed(self.rec, self.end, n)[0] for n in (2, 3))
        # Rounded up, so that no number that is written lies off the scale.
        self.scale = float(np.ceil(10 * np.abs(self.product).max()) / 10)
        wide = self.look.wide
        if self.look.upright:
            low = 2.1 if self.look.aspect == "9:16" else 1.5
            self.stage_room = Region(wide.left, wide.bottom + low, wide.right, wide.top)
            self.words_room = Region(wide.left, wide.bottom, wide.right, wide.bottom + low - 0.1)
        else:
            self.stage_room, self.words_room = wide.columns(1.9, 1, gap=0.5)
        one, two, _ = self.layers
        room, names = self.stage_room, ("W₂", "W₁", "W₂W₁")
        # In the low shapes the names take the height that is left: the scale has a line of its own.
        low = 0.0 if self.look.aspect in ("4:5", "9:16") else 0.45
        above = Region(room.left, room.bottom + low, room.right, room.top)
        self.made = MatrixProduct(self.look, above, (two, one, self.product), self.scale, names)
        self.both = self.made.both

    # --- beats -------------------------------------------------------------------------------------------

    @beat("Without an activation, a layer only multiplies.")
    def two_layers(self) -> None:
        self.words = self._words("two layers:", "h = W_2 (W_1 x)", self._sizes())
        self.legend = self._legend()
        self.play(FadeIn(self.made.right), FadeIn(self.words[0]), run_time=0.7)
        self.play(*map(FadeIn, (self.made.left, self.made.times, *self.words[1:])), run_time=0.7)
        self.play(FadeIn(self.legend), run_time=0.4)

    @beat("Two matrices in a row are one matrix.")
    def one_matrix(self) -> None:
        row = int(np.abs(self.product).max(axis=1).argmax())
        words = self._words("the same with one:", "h = (W_2 W_1) x", self._entry(row))
        made, both = self.made, self.both
        both.fill_to(0)
        self.play(*map(FadeIn, (both, made.equals, made.boxes)), FadeOut(self.words), run_time=0.6)
        count = len(self.product)

        def sweep(alpha: float) -> None:
            at = min(int(alpha * count), count - 1)
            both.fill_to(count if alpha >= 1 else at + 1)
            made.frame_row(at)

        self.play(changing(self, sweep), run_time=3.2)

        def settle(alpha: float) -> None:
            made.frame_row(count - 1 + alpha * (row - count + 1))

        self.words = words
        self.play(changing(self, settle, rate_func=smooth), FadeIn(self.words), run_time=0.8)

    @beat("All three: {connections} weights do the work of two numbers and a bias.")
    def two_numbers(self) -> None:
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.5)
        chain, sentence = self._chain(), self._equation()
        self.play(FadeIn(chain[0]), run_time=0.7)
        self.play(FadeIn(chain[1]), run_time=0.7)
        self.play(FadeIn(sentence[0]), run_time=0.6)
        self.play(FadeIn(sentence[1]), run_time=0.5)

    @beat("Two numbers and a bias only ever draw a straight line.")
    def straight_line(self) -> None:
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.5)
        self.runs = [PlaneRun(each.recording) for each in self.contestants]
        self._place_maps()
        self.views = [
            PlaneView(self.look, square, run) for square, run in zip(self.squares, self.runs, strict=True)
        ]
        self.heads = self.headings(self.heads_at)
        self.scores = [self._score(i, 0) for i in range(2)]
        self.count(0)
        self.live = self._live()
        self.play(*map(FadeIn, (self.views[0], self.heads[0], self.scores[0], self.live)), run_time=0.7)
        self._train(self.views[:1], 3.6)

    @beat("With ReLU in between, the same network bends the line.")
    def bends(self) -> None:
        self.difference_words = self._difference()
        self.play(FadeOut(self.live), run_time=0.3)
        self.play(*map(FadeIn, (self.views[1], self.heads[1], self.scores[1])), run_time=0.7)
        self._train(self.views, 5.0)
        self.play(FadeIn(self.difference_words), run_time=0.4)

    # --- matrices ----------------------------------------------------------------------------------------

    def _words(self, head: str, math: str, more: VGroup) -> VGroup:
        """What is going on, beside or under the matrices: a head, a formula, a line of numbers."""
        group = VGroup(Label(self.look, head, "label", "muted"), formula(self.look, math, "title"), more)
        if self.look.aspect in ("1:1", "4:5"):
            top = VGroup(*group[:2])
            top.arrange(buff=0.35).move_to((self.words_room.center[0], self.words_room.top - 0.42, 0))
            more.move_to((self.words_room.center[0], self.words_room.bottom + 0.32, 0))
            return group
        return group.arrange(DOWN, buff=0.3).move_to(self.words_room.center)

    def _sizes(self) -> VGroup:
        n, h, k = (self.says(f"{{layer_size[{i}]}}") for i in range(3))
        ways = [(f"x: {n}", "ink"), (" inputs, ", "muted"), (f"h: {k}", "ink"), (" outputs", "muted")]
        sizes = [(f"{h} × {n}", "ink"), (" weights, then ", "muted"), (f"{k} × {h}", "ink")]
        lines = [Runs(self.look, runs, "tiny") for runs in (sizes, ways)]
        if self.look.upright:
            lines[1].shift((lines[0].get_right()[0] + 0.35 - lines[1].get_left()[0], 0, 0))
            return VGroup(*lines)
        return VGroup(*lines).arrange(DOWN, buff=0.12)

    def _entry(self, row: int) -> VGroup:
        args = {"step": self.end, "layers": 2, "row": row}
        texts = [
            self.shown(Source("fact", "collapsed_weight", args={**args, "column": c}), "{:+.2f}")
            for c in (0, 1)
        ]
        words = [("the framed row: ", "muted"), (f"{texts[0]}  {texts[1]}", "accent")]
        return VGroup(Runs(self.look, words, "label"))

    def _legend(self) -> SignedLegend:
        legend = SignedLegend(self.look, self.scale, "weight", 1.8, "{:.1f}", GAMMA)
        return legend.move_to((self.stage_room.center[0], self.stage_room.bottom + 0.18, 0))

    def _chain(self) -> tuple[Group, Group]:
        """(the third layer times the one matrix, equals two large numbers), centred above."""
        wide = self.look.wide
        room = Region(wide.left, wide.bottom + 0.32 * wide.height, wide.right, wide.top)
        third = self.layers[2]
        cell = min(0.62 * room.width / (third.shape[1] + self.product.shape[1] + BETWEEN), room.height / 18.5)
        scale, own = self.scale, shown_scale(third, 0.98)
        numbers = self._two_numbers()
        wides = (third.shape[1] * cell, self.product.shape[1] * cell, numbers.width)
        gap = (room.width - sum(wides)) / 2 if self.look.upright else 1.0
        gap = min(gap, 1.0)
        x, y = room.center[0] - (sum(wides) + 2 * gap) / 2, room.center[1]
        left = MatrixImage(self.look, third, np.array([x + wides[0] / 2, y]), cell, own, "W₃, own scale")
        x += wides[0] + gap
        right = MatrixImage(self.look, self.product, np.array([x + wides[1] / 2, y]), cell, scale, "W₂W₁")
        x += wides[1] + gap
        numbers.move_to((x + numbers.width / 2, y, 0))
        equals = Label(self.look, "=", "body").move_to((x - gap / 2, y, 0))
        return Group(left, sign_between(self.look, "×", left, right), right), Group(equals, numbers)

    def _two_numbers(self) -> VGroup:
        texts = [self._weight(c, "{:+.3f}") for c in (0, 1)]
        roles = ["positive" if value >= 0 else "negative" for value in self.whole[0]]
        size = "body" if self.look.upright else "title"
        numbers = [
            Label(self.look, text, size, role, "bold") for text, role in zip(texts, roles, strict=True)
        ]
        return (
            VGroup(*numbers).arrange(DOWN, buff=0.3)
            if self.look.upright
            else VGroup(*numbers).arrange(buff=0.4)
        )

    def _weight(self, column: int, template: str, step: int | None = None) -> str:
        args = {"step": self.end if step is None else step, "layers": 3, "row": 0, "column": column}
        return self.shown(Source("fact", "collapsed_weight", args=args), template)

    def _bias(self, template: str, step: int | None = None) -> str:
        args = {"step": self.end if step is None else step, "layers": 3}
        return self.shown(Source("fact", "collapsed_bias", args=args), template)

    def _equation(self) -> VGroup:
        """The whole network as one line, and how exactly it agrees."""
        wide = self.look.wide
        bias = self._bias("{:+.3f}")
        parts = [
            ("score = ", "muted"), (self._weight(0, "{:.3f}"), "ink"), (" x₁ ", "input"),
            (self._signed(self._weight(1, "{:+.3f}")), "ink"), (" x₂ ", "input"), (self._signed(bias), "ink"),
        ]  # fmt: skip
        line = Runs(self.look, parts, "title")
        if line.width > wide.width:
            line = Runs(self.look, parts, "body")
        same = self.shown(Source("fact", "collapse_decimals", args={"step": self.end}), "{:d}")
        check = self.says(f"equals the network on {{n_test}} new points, to {same} decimals")
        note = Paragraph(self.look, check, 0.95 * wide.width, "tiny", "muted", align="center")
        line.move_to((wide.center[0], wide.bottom + 0.2 * wide.height, 0))
        return VGroup(line, note.move_to((wide.center[0], line.get_bottom()[1] - 0.3 - note.height / 2, 0)))

    @staticmethod
    def _signed(text: str) -> str:
        """ "+0.107" as "+ 0.107"."""
        return f"{'−' if text[0] == '-' else '+'} {text[1:]}"

    # --- maps --------------------------------------------------------------------------------------------

    def _place_maps(self) -> None:
        wide = self.look.wide
        foot = {"4:5": 0.1, "9:16": 0.7}.get(self.look.aspect, 0.4)
        top = wide.top - (0.25 if self.look.aspect == "9:16" else 0.15)
        room = Region(wide.left, wide.bottom + foot, wide.right, top)
        self.squares, self.heads_at, self.beside = map_places(self.look, room, 2)

    def _difference(self) -> Runs:
        """What differs: under the maps, or on two lines between their headings where those stand beside."""
        line = self.difference_line()
        if not self.beside:
            under = 0.5 if self.look.aspect == "1:1" else 0.28
            return line.move_to((self.look.wide.center[0], self.squares[1].bottom - under, 0))
        line[1].shift((line[0].get_left()[0] - line[1].get_left()[0], 0, 0))
        line[1].shift((0, -1.4 * self.look.em("tiny"), 0))
        y = (self.squares[0].bottom + self.squares[1].top) / 2
        return line.move_to((self.heads_at[0].left + line.width / 2, y, 0))

    def _live(self) -> VGroup:
        """The two numbers the linear network amounts to, to be counted while it learns; in the free half."""
        steps = [int(step) for step in self.rec.steps]
        self.counters = []
        rows = VGroup(Label(self.look, "all that it learns:", "label", "muted"))
        for column, name in enumerate(("× x₁", "× x₂", "bias")):
            read = self._bias if column == 2 else partial(self._weight, column)
            texts = [read("{:+.3f}", step) for step in steps]
            counter = Counter(
                self.look, list(zip(steps, texts, strict=True)), "title", "ink", "bold", "right"
            )
            words = Label(self.look, name, "body", "muted")
            words.shift((counter.get_right()[0] + 0.3 - words.get_left()[0], 0, 0)).on_baseline(
                counter.baseline
            )
            rows.add(VGroup(counter, words))
            self.counters.append(counter)
        rows.arrange(DOWN, buff=0.4)
        return rows.move_to(self.squares[1].center)

    def _score(self, index: int, step: float) -> Label:
        """The recorded accuracy on new points at the last evaluation, with the run's heading."""
        text = self._score_text(index, step)
        label = Label(self.look, text, "label", self.contestants[index].role)
        at = self.heads_at[index]
        x = at.left - label.get_left()[0] if self.beside else at.right - label.get_right()[0]
        return label.shift((x, 0, 0)).on_baseline(at.top - (2.2 if self.beside else 0.8) * label.em)

    def _score_text(self, index: int, step: float) -> str:
        rec = self.contestants[index].recording
        at = evaluated_at(rec, snapshot_at(rec, step))
        return self.shown(Source("eval", "accuracy_test", at), "{:.0%} right", rec)

    def _train(self, views: list[PlaneView], seconds: float) -> None:
        def draw(step: float) -> None:
            for i, view in enumerate(views):
                view.turn_to(step)
                self.scores[i].set_text(self._score_text(i, step), align="left" if self.beside else "right")
            if len(views) == 1:
                for counter in self.counters:
                    counter.turn_to(step)

        self.run_steps(draw, run_time=seconds)
