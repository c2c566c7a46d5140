"""One recorded neuron as a mixing desk: inputs, weights as volume knobs, a sum, an activation, an output."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    FadeIn,
    FadeOut,
    LaggedStart,
    Mobject,
    Transform,
    TransformFromCopy,
    UpdateFromAlphaFunc,
    VGroup,
    linear,
    smooth,
)

from nncore.facts import compute_fact
from nncore.neuron_facts import contributions, largest_inputs
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.encodings import gray_image
from scenes.kit.layout import Region
from scenes.kit.leaders import tile_leaders
from scenes.kit.mixing_desk import MixingDesk
from scenes.kit.needs import probe_of
from scenes.kit.neuron_field import NeuronField
from scenes.kit.pixel_image import PixelImage
from scenes.kit.pixel_marks import pixel_marks
from scenes.kit.plots import Plot
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.ring_marks import ring_marks
from scenes.kit.run_rows import run_rows
from scenes.kit.scales import Scale
from scenes.kit.text import Label, Paragraph, Runs

SHOWN = 6
NOTCHES = 40


class SingleNeuron(RecordedScene):
    """A hidden neuron of the digits run, its six strongest inputs as a mixing desk, and one knob turned."""

    title = "One neuron"
    part = 1
    order = 1
    recipe = "digits"
    concept = ("neuron", "weights", "weighted sum", "bias", "activation", "ReLU", "volume knobs", "inputs")
    seconds = 36
    params = {
        "digit": {"type": "int", "default": 2, "min": 0, "max": 9, "help": "the digit that is read"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        self.step = int(self.rec.steps[-1])
        self.probe = probe_of(self.rec, self.settings["digit"])
        self.neuron = int(compute_fact(self.rec, "neuron_on_the_edge", probe=self.probe, step=self.step))
        parts = contributions(self.rec, self.probe, self.step, 1, self.neuron)
        self.inputs = [int(k) for k in largest_inputs(parts, SHOWN)]
        self.weights = self.rec.param("1.W", self.step)[self.neuron, self.inputs].astype(float)
        self.limit = float(compute_fact(self.rec, "largest_weight", step=self.step))
        # The knob that is turned: of those shown, the one that can raise the sum most.
        room = (self.limit - self.weights) * self.rec.probe_x[self.probe].ravel()[self.inputs]
        self.knob = int(room.argmax())
        self._places()
        self.status(f"neuron {self.neuron + 1} of {self.says('{layer_size[1]}')}")

    def _places(self) -> None:
        wide, aspect = self.look.wide, self.look.aspect
        self.beside: Region | None = None
        sums = 0.62 if aspect == "16:9" else 1.05
        if aspect == "16:9":
            body = Region(wide.left, wide.bottom + sums, wide.right, wide.top)
            self.picture, desk, self.output = body.columns(2.3, 7.2, 3.3, gap=0.4)
            self.sums = Region(wide.left, wide.bottom, wide.right, wide.bottom + sums)
            self.picture = self.picture.square()
        else:
            shares = {"1:1": (2.75, 1.95), "4:5": (4.4, 2.2), "9:16": (5.3, 2.5)}[aspect]
            top, self.sums, self.output = wide.rows(shares[0], sums, shares[1], gap=0.12)
            if aspect == "1:1":
                left, desk = top.columns(1.1, 5.85, gap=0.2)
                self.picture = Region(left.left, left.top - left.width - 0.1, left.right, left.top - 0.1)
            else:
                high = 0.36 * top.height
                upper, desk = top.rows(high, top.height - high - 0.15, gap=0.15)
                self.picture = Region(upper.left, upper.bottom, upper.left + high, upper.top)
                self.beside = Region(upper.left + high + 0.35, upper.bottom, upper.right, upper.top)
        self.desk_region = desk

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("One neuron reads {layer_size[0]} pixels. These six count most.")
    def inputs_arrive(self) -> None:
        stage, side = self.look.wide.along(1.75, 1, gap=0.5)
        tiles, words = side.rows(1.6 if self.look.aspect == "1:1" else 1, 1)
        if not self.look.upright:
            tiles, words = side.columns(1, 2.6, gap=0.4)
        big = stage.square()
        image = gray_image(self.look, self.rec.probe_x[self.probe].reshape(28, 28))
        self.image = PixelImage(self.look, image, big)
        self.marks = pixel_marks(self.look, big, self.inputs, 28)
        self.desk = self._desk()
        self.swatches = self.desk.spread_out(tiles)
        self.note = self._note(self._rule(), words)
        self.play(FadeIn(self.image), run_time=0.6)
        self.play(LaggedStart(*map(FadeIn, self.marks), lag_ratio=0.15), run_time=0.9)
        self.play(TransformFromCopy(self.marks, self.swatches[0]), run_time=0.9)
        self.leaders = tile_leaders(self.look, self.marks, self.swatches[0])
        self.play(*map(FadeIn, (self.leaders, self.swatches[1], self.note)), run_time=0.5)

    @beat("Weights are volume knobs: blue adds, orange subtracts.")
    def weights_are_knobs(self) -> None:
        desk = self.desk
        small = PixelImage(self.look, self.image.rgba, self.picture)
        self.plot, self.lamp = self._output()
        self.play(FadeOut(self.note), FadeOut(self.leaders), run_time=0.3)
        if self.beside is not None:  # where there is room the rule stays
            self.add(self._note(self._rule(), self.beside))
        self.play(
            Transform(self.image, small),
            Transform(self.marks, pixel_marks(self.look, self.picture, self.inputs, 28)),
            Transform(self.swatches, VGroup(desk.swatches, desk.pixels)),
            run_time=0.9,
        )
        self.remove(self.swatches)
        self.add(desk.swatches, desk.pixels)
        for knob in desk.dials:
            knob.turn_to(0.0)
        limit = self.shown(Source("fact", "largest_weight", args={"step": self.step}), "{:.3f}")
        words = f"A full turn of a knob is ±{limit}, the largest weight in this layer."
        self.dial_words = self._note(words, self.sums).move_to(self.sums.center)
        self.play(
            *map(FadeIn, (desk.knobs, desk.titles[:2], self.dial_words, self.plot, self.lamp)), run_time=0.5
        )

        def turn(_: Mobject, alpha: float) -> None:
            for knob, weight in zip(desk.dials, self.weights, strict=True):
                knob.turn_to(alpha * weight)

        self.play(UpdateFromAlphaFunc(desk.knobs, turn), run_time=1.2, rate_func=smooth)
        self.play(FadeIn(desk.weight_texts), run_time=0.4)

    @beat("Multiply, add up all {layer_size[0]}, add the bias: the sum z.")
    def weighted_sum(self) -> None:
        desk = self.desk
        self.play(FadeIn(desk.base), FadeIn(desk.titles[2]), run_time=0.3)
        self.play(TransformFromCopy(desk.arcs(), desk.bars), run_time=0.9)
        self.play(FadeIn(desk.product_texts), FadeOut(self.dial_words), run_time=0.5)
        self.total = self._sum_line()
        self.play(LaggedStart(*map(FadeIn, self.total), lag_ratio=0.3), run_time=1.4)

    @beat("ReLU lets only positive sums through. This one barely fires.")
    def activation(self) -> None:
        z = np.array([self.plot.x.low, 0.0, self.plot.x.high])
        curve = self.plot.curve(z, np.maximum(z, 0.0), role="hidden")
        self.play(curve.drawing(self.plot.x.low, self.plot.x.high, run_time=0.8))
        here = float(self.rec.z(1, self.step)[self.probe, self.neuron])
        self.dot = self.plot.dot(here, max(here, 0.0), "accent", 0.11)
        self.reading = self._reading()
        lit = self.lamp.changed(lit=1.0)
        self.ring = ring_marks(self.look, self.lamp.get_center()[None, :2], self.lamp.radius, "hidden")
        self.ring.set_stroke(opacity=float(here > 0))
        self.play(*map(FadeIn, (self.dot, self.reading, self.ring)), Transform(self.lamp, lit), run_time=0.6)

    @beat("Turn one knob, and the output follows, or falls silent.")
    def turn_one_knob(self) -> None:
        desk = self.desk
        frame = desk.frame_of(self.knob)
        others = VGroup(*[desk.channel(i) for i in range(SHOWN) if i != self.knob])
        start = self._moment(float(self.weights[self.knob]))
        self.play(FadeIn(frame), others.animate.fade(0.75), FadeOut(self.total), run_time=0.5)
        self.total = self._turned_line(start)
        self.play(FadeIn(self.total), run_time=0.3)
        notch = round((self.weights[self.knob] / self.limit + 1) / 2 * NOTCHES)
        self._turn([start, *[self._at_notch(n) for n in range(notch - 1, -1, -1)]], 1.2)
        self.wait(0.8)
        self._turn([self._at_notch(n) for n in range(NOTCHES + 1)], 2.6)

    # --- turning -------------------------------------------------------------------------------------------

    def _at_notch(self, notch: int) -> dict[str, Any]:
        source = Source("fact", "dial_weight", args={"step": self.step, "notch": notch, "notches": NOTCHES})
        return self._moment(float(self.read(source)), source)

    def _moment(self, weight: float, source: Source | None = None) -> dict[str, Any]:
        """Everything that follows from one weight, with the texts that show it."""
        args = self._turned_args(weight)
        of_w = source or Source("param", "1.W", self.step, (self.neuron, self.inputs[self.knob]))
        names = ("neuron_sum_with_weight", "neuron_output_with_weight")
        of_z, of_a = (Source("fact", name, args=args) for name in names)
        of_p = Source("fact", "product_with_weight", args={k: v for k, v in args.items() if k != "neuron"})
        found = zip((of_w, of_p, of_z, of_a), ("{:+.3f}", "{:+.3f}", "{:+.3f}", "{:.3f}"), strict=True)
        return {
            "values": [weight, *(float(self.read(of)) for of in (of_p, of_z, of_a))],
            "texts": [self.shown(of, template) for of, template in found],
        }

    def _turned_args(self, weight: float) -> dict[str, Any]:
        return {
            "probe": self.probe, "step": self.step, "neuron": self.neuron,
            "source": self.inputs[self.knob], "weight": weight,
        }  # fmt: skip

    def _turn(self, moments: list[dict[str, Any]], seconds: float) -> None:
        def turn(_: Mobject, alpha: float) -> None:
            self._show(moments[min(int(alpha * len(moments)), len(moments) - 1)])

        moving = VGroup(*self.desk.channel(self.knob), self.dot, self.reading, self.ring, self.total)
        self.play(
            UpdateFromAlphaFunc(moving, turn), UpdateFromAlphaFunc(self.lamp, lambda lamp, alpha: None),
            run_time=seconds, rate_func=linear,
        )  # fmt: skip

    def _show(self, moment: dict[str, Any]) -> None:
        weight, product, z, a = moment["values"]
        of_w, of_p, of_z, of_a = moment["texts"]
        self.desk.set_channel(self.knob, weight, product, of_w, of_p)
        self.dot.move_to(self.plot.point(z, a))
        self.lamp.values = np.array([a], np.float32)
        self.ring.set_stroke(opacity=float(a > 0))
        self.reading[-1].set_text(of_a, "center")
        for label, text in zip(self.turned, (of_w, of_z, of_a), strict=True):
            label.set_text(text)

    # --- parts ---------------------------------------------------------------------------------------------

    def _desk(self) -> MixingDesk:
        x = self.rec.probe_x[self.probe].ravel()[self.inputs].astype(float)
        pixels = [self.shown(Source("probe_x", "", None, (self.probe, k)), "{:.3f}") for k in self.inputs]
        weights = [
            self.shown(Source("param", "1.W", self.step, (self.neuron, k)), "{:+.3f}") for k in self.inputs
        ]
        products = [self._fact("contribution", "{:+.3f}", source=k) for k in self.inputs]
        texts = (pixels, weights, products)
        return MixingDesk(self.look, self.desk_region, x, self.weights, self.limit, texts)

    def _fact(self, name: str, template: str, **args: Any) -> str:
        known = {"probe": self.probe, "step": self.step, "neuron": self.neuron}
        return self.shown(Source("fact", name, args={**known, **args}), template)

    def _rule(self) -> str:
        return (
            f"Shown: the {SHOWN} inputs whose weight × input is furthest from 0. The neuron: the one that "
            f"fires most faintly for this {self.settings['digit']}."
        )

    def _note(self, text: str, region: Region) -> Paragraph:
        note = Paragraph(self.look, text, region.width, "tiny", "muted")
        return note.move_to((region.left + note.width / 2, region.center[1], 0.0))

    def _sum_line(self) -> VGroup:
        rest = self.shown(Source("fact", "inputs_left_out", args={"count": SHOWN}), "{:,}")
        bias = self.shown(Source("param", "1.b", self.step, (self.neuron,)), "{:+.3f}")
        z = self.shown(Source("z", "1", self.step, (self.probe, self.neuron)), "{:+.3f}")
        parts = [
            (f"these {SHOWN} ", self._fact("largest_contributions", "{:+.3f}", count=SHOWN), "ink"),
            (f"+ the other {rest} ", self._fact("other_contributions", "{:+.3f}", count=SHOWN), "ink"),
            ("+ bias ", bias, "ink"),
            ("= sum z ", z, "accent"),
        ]
        runs = [Runs(self.look, [(words, "muted"), (text, role)], "label") for words, text, role in parts]
        return run_rows(self.look, runs, self.sums)

    def _turned_line(self, moment: dict[str, Any]) -> VGroup:
        texts = moment["texts"]
        words = (("this weight ", "ink"), ("sum z ", "accent"), ("output ", "hidden"))
        runs = [
            Runs(self.look, [(word, "muted"), (text, role)], "label")
            for (word, role), text in zip(words, (texts[0], *texts[2:]), strict=True)
        ]
        self.turned = [run[-1] for run in runs]
        return run_rows(self.look, runs, self.sums)

    def _output(self) -> tuple[Plot, NeuronField]:
        """The activation's plot, wide enough for the whole dial, and the neuron itself as a lamp."""
        args = [self._turned_args(sign * self.limit) for sign in (-1, 1)]
        ends = [self.read(Source("fact", "neuron_sum_with_weight", args=each)) for each in args]
        reach = 1.1 * max(abs(z) for z in ends)
        if self.look.upright:
            lamp, plot = self.output.columns(1.7, self.output.width - 2.0, gap=0.3)
            radius = min(0.62, 0.27 * lamp.height)
        else:
            lamp, plot = self.output.rows(1.9, self.output.height - 2.0, gap=0.1)
            radius = 0.6
        at, fires = lamp.center + (0.0, 0.3, 0.0), self.rec.a(1, self.step)[self.probe, [self.neuron]]
        neuron = NeuronField(self.look, at[None, :2], radius, fires, max(0.0, *ends))
        neuron.lit = 0.0
        scale = Scale(-reach, reach)
        return Plot(self.look, plot, scale, Scale(-0.12 * reach, reach), "sum z", "output"), neuron

    def _reading(self) -> VGroup:
        """The output under the lamp."""
        value = self.shown(Source("a", "1", self.step, (self.probe, self.neuron)), "{:.3f}")
        number = Label(self.look, value, "title", "hidden", "bold")
        number.move_to((self.lamp.get_center()[0], 0.0, 0.0)).on_baseline(self.lamp.get_bottom()[1] - 0.65)
        return VGroup(number)
