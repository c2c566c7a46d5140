"""How softmax turns ten scores into ten chances, on a recorded digit the network is still in doubt about."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    FadeIn,
    FadeOut,
    Mobject,
    ReplacementTransform,
    TransformFromCopy,
    UpdateFromAlphaFunc,
    VGroup,
    linear,
)

from nncore.facts import compute_fact
from nncore.sources import Source
from scenes.kit.bar_rows import BarRows
from scenes.kit.beats import beat
from scenes.kit.encodings import gray_image
from scenes.kit.formula import formula
from scenes.kit.layout import Region
from scenes.kit.needs import probe_of
from scenes.kit.pixel_image import PixelImage
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.text import Label, Paragraph, Runs
from scenes.kit.whole_bar import WholeBar

DIM = 0.3


class Softmax(RecordedScene):
    """Ten recorded scores become ten chances that sum to 1; then training sharpens them."""

    title = "Softmax"
    part = 1
    order = 6
    recipe = "digits"
    concept = ("softmax", "probabilities", "logits", "scores", "argmax", "output layer", "prediction")
    seconds = 32
    params = {
        "digit": {"type": "int", "default": 2, "min": 0, "max": 9, "help": "the digit that is read"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        self.probe = probe_of(self.rec, self.settings["digit"])
        self.step = int(compute_fact(self.rec, "first_likely_step", probe=self.probe))
        self.layer = len(self.rec.spec.layers)
        self.names = self.rec.dataset().class_names
        self._places()
        image = gray_image(self.look, self.rec.probe_x[self.probe].reshape(28, 28))
        self.image = PixelImage(self.look, image, self.picture)
        self.about = self._about()
        self.status(f"training step {self.step:,}")

    def _places(self) -> None:
        wide, tall = self.look.wide, self.look.aspect in ("4:5", "9:16")
        strip = 1.7 if self.look.aspect == "9:16" else 1.25
        self.strip = Region(wide.left, wide.bottom, wide.right, wide.bottom + strip)
        rest = Region(wide.left, self.strip.top, wide.right, wide.top)
        if tall:
            side = 0.22 * rest.height
            top, table = rest.rows(side, rest.height - side - 0.2, gap=0.2)
            self.picture = Region(top.left, top.bottom, top.left + top.height, top.top)
            self.words = Region(top.left + top.height + 0.4, top.bottom, top.right, top.top)
        else:
            side = 1.55 if self.look.aspect == "1:1" else 3.0
            left = Region(rest.left, rest.bottom, rest.left + side, rest.top - 0.2)
            self.picture = Region(left.left, left.top - side, left.right, left.top)
            self.words = Region(left.left, left.bottom, left.right, left.top - side - 0.1)
            table = Region(left.right + (0.4 if side < 2 else 0.9), rest.bottom, rest.right, rest.top)
        self.head, self.table = table.rows(0.62, table.height - 0.62, gap=0)
        self.columns = self.table.columns(1.1, 1, gap=0.5)

    def _about(self) -> Mobject:
        digit = self.settings["digit"]
        small = self.look.aspect == "1:1"
        doubt = "early in training" if small else "read early in training: still in doubt"
        if self.look.aspect in ("4:5", "9:16"):
            doubt = "read early in training: the network is still in doubt"
        text = f"a {digit}, {doubt}"
        made = Paragraph(self.look, text, self.words.width, "tiny" if small else "label", "muted")
        made.shift((self.words.left - made.get_left()[0], self.words.top - made.get_top()[1] - 0.1, 0))
        if self.look.upright and not small:
            made.move_to((made.get_center()[0], self.words.center[1], 0))
        return made

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("Ten scores, one per digit: any size, either sign.")
    def ten_scores(self) -> None:
        self.scores = self._scores(self.table)
        self.heads = [self._head("z", self.scores.zero, "the scores")]
        self.play(FadeIn(self.image), FadeIn(self.about), run_time=0.6)
        flat = self._scores(self.table)
        for bar, end in zip(flat.bars, self.scores.bars, strict=True):
            bar.stretch(0.001, 0, about_point=np.array([self.scores.zero, end.get_center()[1], 0]))
        self.play(FadeIn(flat.names), FadeIn(self.heads[0]), run_time=0.5)
        self.play(ReplacementTransform(flat.bars, self.scores.bars), FadeIn(self.scores.texts), run_time=1.0)
        self.remove(flat.names)
        self.add(self.scores)

    @beat("Take e to the power of each score: all positive, gaps wider.")
    def exponentials(self) -> None:
        narrow = self._scores(self.columns[0])
        head = self._head("z", narrow.zero)
        self.play(
            ReplacementTransform(self.scores, narrow), ReplacementTransform(self.heads[0], head), run_time=0.8
        )
        self.scores, self.exps = narrow, self._exps(self.columns[1], names=False)
        self.heads = [head, self._head("e^z", self.exps.zero)]
        self.play(FadeIn(self.heads[1]), run_time=0.4)
        self.play(TransformFromCopy(self.scores.bars, self.exps.bars), run_time=1.1)
        self.play(FadeIn(self.exps.texts), run_time=0.4)
        self.add(self.exps)

    @beat("Divide each by their sum: that is its chance.")
    def divide_by_sum(self) -> None:
        left = self._exps(self.columns[0], names=True)
        head, total = self._head("e^z", left.zero), self._under(left.zero)
        self.play(FadeOut(self.scores.bars), FadeOut(self.scores.texts), FadeOut(self.heads[0]), run_time=0.4)
        self.play(
            ReplacementTransform(self.scores.names, left.names),
            ReplacementTransform(self.exps.bars, left.bars),
            ReplacementTransform(self.exps.texts, left.texts),
            ReplacementTransform(self.heads[1], head),
            run_time=0.8,
        )
        self.add(left)
        self.play(FadeIn(total), run_time=0.5)
        values, texts = self._chances(self.step, "{:.0%}")
        self.chances = BarRows(self.look, self.columns[1], values, texts, 1.0)
        self.exps, self.heads = left, [head, self._head('e^z slash "sum"', self.chances.zero)]
        self.play(FadeIn(self.heads[1]), run_time=0.4)
        self.play(TransformFromCopy(left.bars, self.chances.bars), run_time=1.1)
        self.play(FadeIn(self.chances.texts), run_time=0.4)
        self.add(self.chances)
        self.total = total

    @beat("End to end, the ten chances fill one whole.")
    def sum_to_one(self) -> None:
        dimmed = VGroup(self.exps.bars, self.exps.texts, self.heads[0])
        self.play(dimmed.animate.set_opacity(DIM), FadeOut(self.total), run_time=0.5)
        self.whole = self._whole(self.step)
        self.ends = self._ends()
        self.play(FadeIn(self.ends), run_time=0.3)
        self.play(TransformFromCopy(self.chances.bars, self.whole.pieces), run_time=1.2)
        self.play(FadeIn(self.whole.digits), run_time=0.3)
        self.add(self.whole)

    @beat("The largest is the answer. Training makes it surer.")
    def training_decides(self) -> None:
        values, texts = self._chances(self.step)
        whole = [f"{1:.2%}"] * len(texts)  # room for the widest number to come
        large = BarRows(self.look, self.table, values, whole, 1.0, names=self.names)
        large.set_values(values, texts)
        head = self._head('e^z slash "sum"', large.zero, "the chances")
        self.play(
            *map(FadeOut, (self.exps.bars, self.exps.texts, self.chances.texts, self.heads[0])), run_time=0.4
        )
        self.play(
            ReplacementTransform(self.exps.names, large.names),
            ReplacementTransform(self.chances.bars, large.bars),
            ReplacementTransform(self.heads[1], head),
            run_time=0.8,
        )
        self.play(FadeIn(large.texts), run_time=0.4)
        self.add(large)
        self.chances = large
        moments = [self._moment(int(step)) for step in self.rec.steps if step >= self.step]
        self._turn_to(moments[0])
        self.play(FadeOut(self.about), run_time=0.3)
        verdict = self._verdict(int(self.rec.steps[-1]))
        self.wait(0.4)

        def turn(_: Mobject, alpha: float) -> None:
            self._turn_to(moments[min(int(alpha * len(moments)), len(moments) - 1)])

        status = self.status(f"training step {self.step:,}")
        moving = VGroup(self.chances, self.whole, self.ends, status)
        self.play(UpdateFromAlphaFunc(moving, turn), run_time=3.6, rate_func=linear)
        self.play(FadeIn(verdict), run_time=0.5)

    # --- parts ---------------------------------------------------------------------------------------------

    def _z(self, step: int) -> np.ndarray:
        return self.rec.z(self.layer, step)[self.probe]

    def _fact(self, name: str, template: str, **args: Any) -> str:
        return self.shown(
            Source("fact", name, args={"probe": self.probe, "step": self.step, **args}), template
        )

    def _scores(self, region: Region) -> BarRows:
        z = self._z(self.step)
        sources = [Source("z", str(self.layer), self.step, (self.probe, k)) for k in range(len(z))]
        texts = [self.shown(source, "{:+.2f}") for source in sources]
        return BarRows(
            self.look, region, z, texts, float(z.max()), self.names, min(float(z.min()), 0.0), signed=True
        )

    def _exps(self, region: Region, names: bool) -> BarRows:
        values = np.exp(self._z(self.step).astype(float))
        texts = [self._fact("exp_score", "{:.2f}", unit=k) for k in range(len(values))]
        named = self.names if names else ()
        return BarRows(self.look, region, values, texts, float(values.max()), named, role="hidden")

    def _chances(self, step: int, template: str = "{:.2%}") -> tuple[np.ndarray, list[str]]:
        values = self.rec.a(self.layer, step)[self.probe]
        sources = [Source("a", str(self.layer), step, (self.probe, k)) for k in range(len(values))]
        return values, [self.shown(source, template) for source in sources]

    def _head(self, source: str, zero: float, words: str = "") -> VGroup:
        """A column's formula, its left end on the column's zero line."""
        math = formula(self.look, source, "body", "ink")
        group = VGroup(math.move_to((zero + math.width / 2, self.head.center[1], 0)))
        if words:
            label = Label(self.look, words, "label", "muted")
            group.add(label.move_to((math.get_right()[0] + 0.25 + label.width / 2, self.head.center[1], 0)))
        return group

    def _under(self, left: float) -> Runs:
        total = self._fact("exp_sum", "{:.2f}")
        runs = Runs(self.look, [("sum ≈ ", "muted"), (total, "hidden")], "body", "bold")
        return runs.move_to((left + runs.width / 2, self.strip.top - 0.35, 0))

    def _bar_region(self) -> Region:
        high = min(0.62, 0.42 * self.strip.height)
        return Region(
            self.strip.left, self.strip.bottom + 0.05, self.strip.right, self.strip.bottom + 0.05 + high
        )

    def _whole(self, step: int) -> WholeBar:
        return WholeBar(self.look, self._bar_region(), self.rec.a(self.layer, step)[self.probe], self.names)

    def _ends(self) -> Runs:
        """What the whole bar is, written above it; the last run is the recorded sum."""
        at = self._bar_region()
        words = Runs(
            self.look,
            [("all ten chances, 0 to 9, add up to ", "muted"), (self._total(self.step), "ink")],
            "label",
        )
        return words.move_to((at.left + words.width / 2, at.top + 0.27, 0))

    def _total(self, step: int) -> str:
        return self.shown(
            Source("fact", "probability_sum", args={"probe": self.probe, "step": step}), "{:.3f}"
        )

    def _moment(self, step: int) -> tuple[int, np.ndarray, list[str], str]:
        return (step, *self._chances(step), self._total(step))

    def _turn_to(self, moment: tuple[int, np.ndarray, list[str], str]) -> None:
        step, values, texts, total = moment
        self.ends[-1].set_text(total)
        best = int(values.argmax())
        self.chances.role = role = "output" if best == self.settings["digit"] else "wrong"
        self.chances.set_values(values, texts, winner=best)
        self.whole.set_values(values, role)
        self.status(f"training step {step:,}")

    def _verdict(self, step: int) -> Mobject:
        best = int(
            self.shown(Source("fact", "predicted_label", args={"probe": self.probe, "step": step}), "{}")
        )
        role = "correct" if best == self.settings["digit"] else "wrong"
        if self.look.aspect == "1:1":
            return Label(self.look, f"it is a {best}", "label", role, "bold").move_to(
                (self.words.center[0], self.words.top - 0.25, 0)
            )
        lines = VGroup(
            Label(self.look, "the largest is the answer", "label", "muted"),
            Label(self.look, f"it is a {best}", "title", role, "bold"),
        )
        for line, y in zip(lines, (0.0, -0.65), strict=True):
            line.shift((-line.get_left()[0], 0, 0)).on_baseline(y)
        lines.move_to((self.words.left + lines.width / 2, 0, 0))
        where = self.words.center[1] if self.look.upright else self.words.top - 0.15 - lines.height / 2
        return lines.move_to((lines.get_center()[0], where, 0))
