"""Activation functions on recorded sums: the curve, its formula, its range, and the slope below it."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    UP,
    FadeIn,
    FadeOut,
    Line,
    Mobject,
    Rectangle,
    Transform,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    smooth,
)

from nncore.facts import compute_fact
from nncore.neuron_facts import curve
from nncore.softmax_facts import scores
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.dots import Dots
from scenes.kit.formula import formula
from scenes.kit.layout import Region
from scenes.kit.needs import probe_of
from scenes.kit.plots import Curve, Plot, spread
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.scales import Scale
from scenes.kit.text import Label, Paragraph, text_width

#: Points a curve is drawn through.
POINTS = 481
FORMULAS = {
    "relu": "max(0, z)",
    "gelu": "z Phi(z)",
    "sigmoid": "1 / (1 + e^(-z))",
    "tanh": "tanh z",
    "softmax": "e^(z_k) / (sum_j e^(z_j))",
}
NAMES = {"relu": "ReLU", "gelu": "GELU", "sigmoid": "Sigmoid", "tanh": "Tanh", "softmax": "Softmax"}


class ActivationFunctions(RecordedScene):
    """ReLU, GELU, sigmoid, tanh and softmax over the recorded sums of one digit, with their slopes."""

    title = "Activation functions"
    part = 1
    order = 2
    recipe = "digits"
    concept = ("activation function", "ReLU", "sigmoid", "tanh", "softmax", "GELU", "derivative", "slope")
    seconds = 31
    params = {
        "digit": {"type": "int", "default": 2, "min": 0, "max": 9, "help": "the digit whose sums are shown"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        self.step = int(self.rec.steps[-1])
        self.probe = probe_of(self.rec, self.settings["digit"])
        self.sums = np.asarray(self.rec.z(1, self.step)[self.probe], dtype=float)
        reach = float(np.ceil(np.abs(self.sums).max()))
        self.x = Scale(-reach, reach)
        self.z = np.linspace(-reach, reach, POINTS)
        self._places()

    def _places(self) -> None:
        wide = self.look.wide
        if self.look.upright:
            high, gap = (1.75, 0.25) if self.look.aspect == "9:16" else (1.35, 0.1)
            self.head, body = wide.rows(high, wide.height - high - gap, gap=gap)
        else:
            body, self.head = wide.columns(2.1, 1, gap=0.6)
        taller = 1.3 if self.look.aspect == "1:1" else 1.75
        self.at_value, self.at_slope = body.rows(taller, 1, gap=0.1)

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("ReLU keeps positive sums and silences the rest.")
    def relu(self) -> None:
        self.plot = self._axes(Scale(-1.0, self.x.high))
        self.slopes = self._slope_axes()
        zeros = np.full_like(self.sums, self.plot.y.low)
        self.dots = Dots(self.look, self.plot.frame.places(self.sums, zeros), 0.065, density=0.45)
        self.play(FadeIn(self.plot), FadeIn(self.slopes), run_time=0.6)
        self.play(FadeIn(self.dots), run_time=0.4)
        self.play(Transform(self.dots, self.dots.at(self._on("relu"))), run_time=0.9, rate_func=smooth)
        self.line = self._curve("relu")
        self.play(self.line.drawing(self.x.low, self.x.high, run_time=0.9))
        self.bring_to_front(self.dots)
        silent = self.shown(
            Source("fact", "silent_neurons", args={"probe": self.probe, "step": self.step}), "{:,}"
        )
        note = f"dots: the sums z of {self.says('{layer_size[1]}')} recorded neurons; {silent} are silent"
        self.card = self._card("relu", "[0, infinity)", note)
        self.play(FadeIn(self.card), run_time=0.4)
        self._ride("relu")

    @beat("GELU is a smooth ReLU, never below {activation_lowest[gelu]:.2f}.")
    def gelu(self) -> None:
        lowest = self._fact("activation_lowest", "gelu", "{:.2f}")
        at = self._fact("activation_lowest_at", "gelu", "{:.2f}")
        note = f"lowest: {lowest} at z = {at} (Φ: the bell curve’s area so far)"
        self._bend("gelu", f"[{lowest}, infinity)", note, Scale(-1.0, self.x.high))

    @beat("Sigmoid: from 0 to 1, its slope never over {steepest_slope[sigmoid]:.2f}.")
    def sigmoid(self) -> None:
        self._bend("sigmoid", "(0, 1)", "far out the slope is almost 0", Scale(-0.1, 1.1))

    @beat("Tanh: from −1 to 1, and just as flat far out.")
    def tanh(self) -> None:
        self._bend(
            "tanh", "(-1, 1)", f"steepest slope: {self._fact('steepest_slope', 'tanh', '{:.0f}')}, at 0",
            Scale(-1.2, 1.2),
        )  # fmt: skip

    @beat("Softmax: ten scores in, ten shares of one whole out.")
    def softmax(self) -> None:
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.5)
        step = int(compute_fact(self.rec, "first_likely_step", probe=self.probe))
        z = scores(self.rec, self.probe, step)
        chances = np.asarray(self.rec.a(len(self.rec.spec.layers), step)[self.probe], dtype=float)
        region = Region(self.at_slope.left, self.at_slope.bottom, self.at_value.right, self.at_value.top)
        reach = float(np.ceil(np.abs(z).max()))
        plot = Plot(
            self.look, region, Scale(-reach, reach), Scale(0.0, 1.0), "score z", "chance", y_template="{:.0%}"
        )
        at = self.shown(Source("fact", "first_likely_step", args={"probe": self.probe}), "{:,}")
        note = f"dots: the outputs for a {self.settings['digit']}, at step {at} of training; they sum to 1"
        card = self._card("softmax", "(0, 1)", note)
        stems = VGroup(*[self._stem(plot, a, b) for a, b in zip(z, chances, strict=True)])
        tops = Dots(self.look, plot.frame.places(z, chances), 0.1, "output", 1.0)
        names = self._names(plot, z, chances)
        grid = np.linspace(-reach, float(z.max()), POINTS)
        line = plot.curve(grid, np.exp(grid) / np.exp(z).sum(), "output")
        self.play(FadeIn(plot), FadeIn(card), run_time=0.6)
        ground = tops.at(plot.frame.places(z, np.zeros_like(z)))
        self.play(FadeIn(ground), run_time=0.3)
        self.play(Transform(ground, tops), FadeIn(stems), run_time=0.9)
        self.play(FadeIn(names), line.drawing(-reach, float(z.max()), run_time=0.9))

    # --- motion --------------------------------------------------------------------------------------------

    def _bend(self, name: str, span: str, note: str, y: Scale) -> None:
        """The curve bends into another one and the dots ride along; the axes change where the range does."""
        card = self._card(name, span, note)
        self.play(FadeOut(self.card), *map(FadeOut, self.ridden), run_time=0.4)
        plot = self._axes(y)
        if plot.y != self.plot.y:
            self.play(FadeOut(self.plot), FadeIn(plot), run_time=0.3)
        else:
            self.remove(self.plot)
            self.add(plot)
        self.plot = plot
        self.bring_to_front(self.line, self.dots)
        line = self._curve(name)
        self.play(
            Transform(self.line, line), Transform(self.dots, self.dots.at(self._on(name))), run_time=1.0,
            rate_func=smooth,
        )  # fmt: skip
        self.remove(self.line)
        self.line = line
        self.add(line, self.dots)
        self.card = card
        self.play(FadeIn(card), run_time=0.4)
        self._ride(name)

    def _ride(self, name: str) -> None:
        """A tangent rides along the curve and its slope is drawn below it."""
        value, slope = curve(name)
        below = self.slopes.curve(self.z, slope(self.z), "gradient")
        tangent = Line().set_stroke(self.look.color("gradient"), self.look.stroke("bold"))
        reach = 0.09 * (self.x.high - self.x.low)

        def ride(_: Mobject, alpha: float) -> None:
            at = self.x.low + alpha * (self.x.high - self.x.low)
            here = np.array([at])
            y, s = float(value(here)[0]), float(slope(here)[0])
            ends = [
                self.plot.point(at + d, y + s * d)
                for d in np.clip([-reach, reach], self.x.low - at, self.x.high - at)
            ]
            tangent.put_start_and_end_on(*ends)
            below.draw_to(at)

        ride(tangent, 0.0)
        self.add(below, tangent)
        self.play(UpdateFromAlphaFunc(VGroup(below, tangent), ride), run_time=2.2, rate_func=smooth)
        self.play(FadeOut(tangent), run_time=0.2)
        self.ridden = [below]

    # --- parts ---------------------------------------------------------------------------------------------

    def _axes(self, y: Scale) -> Plot:
        return Plot(self.look, self.at_value, self.x, y, "", "output", left=self._left)

    @property
    def _left(self) -> float:
        """Where both plots' axes start: z stands at one place in either, whatever the numbers beside them."""
        return self.at_value.left + text_width("−1.0", self.look.em("tiny")) + 0.2

    def _slope_axes(self) -> Plot:
        lowest = min(float(curve(name)[1](self.z).min()) for name in ("relu", "gelu", "sigmoid", "tanh"))
        highest = max(float(curve(name)[1](self.z).max()) for name in ("relu", "gelu", "sigmoid", "tanh"))
        room = 0.06 * (highest - lowest)
        y = Scale(lowest - room, highest + room)
        return Plot(self.look, self.at_slope, self.x, y, "sum z", "slope of the curve above", left=self._left)

    def _curve(self, name: str) -> Curve:
        return self.plot.curve(self.z, curve(name)[0](self.z), "hidden", "bold")

    def _on(self, name: str) -> np.ndarray:
        return self.plot.frame.places(self.sums, curve(name)[0](self.sums))

    def _fact(self, fact: str, name: str, template: str) -> str:
        return self.shown(Source("fact", fact, args={"activation": name}), template)

    def _card(self, name: str, span: str, note: str) -> VGroup:
        """Name, formula, range and a remark."""
        em = self.look.em("tiny")
        title = Label(self.look, NAMES[name], "title", "hidden" if name != "softmax" else "output", "bold")
        math = formula(
            self.look, f"f(z) = {FORMULAS[name]}" if name != "softmax" else f"a_k = {FORMULAS[name]}", "body"
        )
        words, interval = Label(self.look, "range", "label", "muted"), formula(self.look, span, "body")
        r = self.head
        if self.look.upright:
            remark = Paragraph(self.look, note, r.width, "tiny", "muted")
            row = r.top - (0.7 if self.look.aspect == "9:16" else 0.45)
            _put(title, r.left, row)
            math.move_to((r.right - math.width / 2, row, 0.0))
            low = r.bottom + remark.height / 2 + 0.02
            remark.move_to((r.left + remark.width / 2, low, 0.0))
            span_at = r.left + title.width + 0.5
            room = r.right - math.width - span_at
            parts = VGroup(words, interval)
            _put(words, span_at, row)
            _put(interval, span_at + words.width + 0.15, row)
            if parts.width + 0.3 > room:
                _put(words, r.left, row - 0.5)
                _put(interval, r.left + words.width + 0.15, row - 0.5)
        else:
            remark = Paragraph(self.look, note, r.width, "tiny", "muted")
            y = r.center[1] + 1.9
            _put(title, r.left, y)
            _put(math, r.left, y - 1.1)
            _put(words, r.left, y - 2.1)
            _put(interval, r.left + words.width + 0.2, y - 2.1)
            remark.move_to((r.left + remark.width / 2, y - 2.6 - remark.height / 2 - em / 2, 0.0))
        return VGroup(title, math, words, interval, remark)

    def _stem(self, plot: Plot, z: float, chance: float) -> Line:
        line = Line(plot.point(z, 0.0), plot.point(z, chance))
        return line.set_stroke(self.look.color("output"), self.look.stroke("thin"))

    def _names(self, plot: Plot, z: np.ndarray, chances: np.ndarray) -> VGroup:
        """The class above each dot; where dots crowd, the names stand in a row with a line to each."""
        at = plot.frame.places(z, chances)
        order, apart = np.argsort(z, kind="stable"), 1.15 * self.look.em("tiny")
        across = spread(at[:, 0], apart)
        names, ends = VGroup(), np.flatnonzero(np.diff(across[order]) > apart + 0.001) + 1
        for crowd in np.split(order, ends):
            lift = 0.32 if len(crowd) == 1 else 0.85
            row = float(at[crowd, 1].max()) + lift
            if len(crowd) > 1:  # no grid line runs through the row
                plate = Rectangle(width=float(np.ptp(across[crowd])) + apart, height=apart, stroke_width=0)
                middle = float(across[crowd].min() + across[crowd].max()) / 2
                names.add(plate.set_fill(self.look.color("background"), 1).move_to((middle, row, 0.0)))
            for k in crowd:
                name = Label(self.look, self.rec.dataset().class_names[k], "tiny", "ink", "bold")
                names.add(name.move_to((across[k], row, 0.0)))
                if len(crowd) > 1:
                    leader = Line((across[k], row - 0.2, 0.0), at[k] + 0.12 * UP)
                    names.add(leader.set_stroke(self.look.color("muted"), self.look.stroke("hair")))
        return names


def _put(mobject: VMobject, left: float, middle: float) -> Any:
    """The mobject with its left end at `left` and its middle at the height `middle`."""
    return mobject.shift((left - mobject.get_left()[0], middle - mobject.get_center()[1], 0.0))
