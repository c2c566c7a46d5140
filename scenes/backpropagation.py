"""Backpropagation, followed through one weight: every factor of the chain rule is a recorded number."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    RIGHT,
    Animation,
    Create,
    FadeIn,
    FadeOut,
    Group,
    ReplacementTransform,
    Transform,
    VGroup,
    linear,
)

from nncore.backprop_facts import probe_gradients
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.chain_path import ChainPath
from scenes.kit.edge_field import PulseField
from scenes.kit.factor_row import Factor, FactorRow
from scenes.kit.layout import Region
from scenes.kit.needs import image_reader, probe_of
from scenes.kit.network_diagram import NetworkDiagram
from scenes.kit.network_views import gradient_light, hidden_scale, probability_bars, weight_light
from scenes.kit.number_table import NumberTable, Row
from scenes.kit.path_marks import answer, marked_path, output_numbers, placed
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.slope_plot import weight_slope
from scenes.kit.text import Label, Paragraph, Runs

DRAWN = 1500
GREY = 0.8
NUDGE = 0.0001
DIM = 0.3
CHAIN = (
    Factor("partial L \\/ partial w", "gradient"),
    Factor("partial L \\/ partial a", "error, summed", "="),
    Factor("partial a \\/ partial z", "ReLU's slope"),
    Factor("partial z \\/ partial w", "pixel"),
)


class Backpropagation(RecordedScene):
    """One weight of an untrained network: its gradient by the chain rule, then a nudge, then all."""

    title = "Backpropagation"
    part = 2
    order = 16
    recipe = "digits"
    concept = (
        "backpropagation", "chain rule", "gradient", "backward pass", "derivative", "gradient check", "error",
    )  # fmt: skip
    seconds = 44
    params = {
        "digit": {"type": "int", "default": 2, "min": 0, "max": 9, "help": "the digit that is read"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        rec, self.step = self.rec, 0
        self.size, self.probe = image_reader(rec), probe_of(rec, self.settings["digit"])
        self.y = int(rec.probe_y[self.probe])
        self.x, self.p = rec.probe_x[self.probe].ravel(), rec.a(2, self.step)[self.probe]
        self.gradients = probe_gradients(rec, self.probe, self.step)
        grey = np.where(self.x <= GREY, np.abs(self.gradients.params["1.W"]), 0)
        self.row, self.column = (int(i) for i in np.unravel_index(grey.argmax(), grey.shape))
        self.place: dict[str, Any] = {"probe": self.probe, "step": self.step}
        wide, notes = self.look.wide, 1.5 if self.look.upright else 1.6
        down = self.look.aspect in ("4:5", "9:16")
        self.main = Region(wide.left, wide.bottom + notes, wide.right, wide.top - (0.25 if down else 0))
        self.notes = Region(wide.left, wide.bottom, wide.right, wide.bottom + notes - 0.12)
        tail = 0.27 if down or not self.look.upright else 0.36
        self.net = NetworkDiagram(self.look, self.main, rec.layer_sizes, self.size, tail=tail, down=down)
        foot = 0.45 if self.look.upright else 0.4  # for the sum under its column
        close = Region(self.main.left, self.main.bottom + foot, self.main.right, self.main.top)
        self.path = ChainPath(self.look, close, rec.layer_sizes[-1])
        self.status(f"before training: step {self.step}")

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("If this one weight grew, would the loss rise or fall?")
    def one_weight(self) -> None:
        self.image = self.net.image(self.x).set_z_index(1)
        fired = self.rec.a(1, self.step)[self.probe]
        self.hidden = self.net.neurons(1, fired, hidden_scale(self.rec)).set_z_index(1)
        self.outputs = self.net.neurons(2, self.p, 1.0, "output").set_z_index(1)
        wires = [weight_light(self.net, self.rec, layer, self.step).set_opacity(DIM) for layer in (1, 2)]
        self.wires = Group(*wires)
        self.bars = probability_bars(self, self.net, self.probe, self.step, self.y)
        self.play(*map(FadeIn, (self.image, self.hidden, self.outputs, self.wires, self.bars)), run_time=0.8)
        self.close_up = marked_path(self.look, self.net, self.row, self.column)
        self.note = self._question()
        self.play(Create(self.close_up), FadeIn(self.note), run_time=1.2)
        for lines in (self.close_up[1:2], self.close_up[3]):
            starts, ends = (np.array([line.points[k] for line in lines]) for k in (0, -1))
            pulses = PulseField(self.look, starts, ends, np.ones(len(lines)), 1.0, 0.12, "accent")
            self._run(pulses.set_z_index(3), 1.0, 1.0)

    @beat("Each output's error is its chance minus the truth.")
    def output_error(self) -> None:
        self._zoom_in()
        bars = self.path.bars(self.p, ["output"] * len(self.p))
        start = self.path.bars(self.p * 0, ["output"] * len(self.p))
        self.target, self.zero = self.path.target(self.y), self.path.zero_line()
        self.note = self._loss_note()
        self.play(FadeIn(self.zero), Transform(start, bars), FadeIn(self.note), run_time=0.8)
        self.play(Create(self.target), run_time=0.5)
        self.wait(1.0)
        errors = [self._error(unit) for unit in range(len(self.p))]
        values = np.array([value for value, _ in errors])
        signed = self.path.bars(values, ["positive" if v >= 0 else "negative" for v in values])
        self.errors = self.path.column("p − y", [text for _, text in errors], 0, 1, "gradient", self.y)
        self.play(Transform(start, signed), FadeOut(self.target), FadeIn(self.errors), run_time=1.0)
        self.signed = start

    @beat("Errors run back along ten weights and add up in the neuron.")
    def sent_back(self) -> None:
        errors, weights, parts, total = self._columns()
        self.chain = FactorRow(self.look, self.notes, CHAIN)
        self.play(
            *map(FadeOut, (self.signed, self.zero, self.note)), ReplacementTransform(self.errors, errors),
            FadeIn(weights), run_time=0.8,
        )  # fmt: skip
        self.play(FadeIn(parts), FadeIn(self.chain), run_time=0.6)
        products = self.gradients.delta[-1][0] * self.rec.param("2.W", self.step)[:, self.row]
        neurons = np.tile(self.path.neuron, (len(products), 1))
        self._run(self.path.pulses_back(neurons, self.path.outputs, products), 0.0, 1.6)
        ring = self.path.ring()
        added = self.path.total(total)
        self.play(FadeIn(ring), FadeIn(added), self._finds(1, total), run_time=0.7)
        self.table, self.ring = VGroup(errors, weights, parts, added), ring

    @beat("Times the ReLU's slope, times the pixel: the weight's gradient.")
    def weights_gradient(self) -> None:
        slope = self._fact("relu_slope", "{:d}", layer=1, neuron=self.row)
        z = self.rec.z(1, self.step)[self.probe]
        shown = self.shown(Source("z", "1", self.step, (self.probe, self.row)), "z = {:.2f}")
        label = self.path.neuron_label(shown)
        icon = self.path.relu_icon(float(z[self.row]), float(np.abs(z).max())).set_z_index(3)
        self.play(self.table.animate.set_opacity(DIM), FadeIn(icon), FadeIn(label), run_time=0.6)
        self.play(self._finds(2, slope), run_time=0.5)
        start, end = self.pixel.get_center(), self.path.neuron
        self._run(self.path.pulses_back(start[None], end[None], np.ones(1)), 0.0, 1.0)
        pixel = self.shown(Source("probe_x", "", None, (self.probe, self.column)), "{:.3f}")
        self.play(self._finds(3, pixel), run_time=0.5)
        gradient = self._fact("weight_gradient", "{:+.3f}", **self._weight())
        self.play(
            self._finds(0, gradient), Create(self.chain.box),
            self.weight.animate.set_stroke(self.look.color("gradient")), run_time=0.7,
        )  # fmt: skip
        self.play(FadeOut(self.table), FadeIn(answer(self.look, self.path, gradient)), run_time=0.6)

    @beat("Nudge that weight and measure the loss: the same slope.")
    def nudge(self) -> None:
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.5)
        wide = self.look.wide
        stage, side = wide.rows(1.1, 1) if self.look.upright else wide.columns(1.15, 1, gap=0.7)
        slope = weight_slope(
            self.look, stage.inset(0.1), self.rec, self.probe, self.step, (1, self.row, self.column)
        )
        self.play(FadeIn(slope.plot), Create(slope.curve), FadeIn(slope.ball), run_time=0.8)
        low, high = slope.values[0], slope.values[-1]
        self.play(slope.rolling(slope.here, high, low, slope.here), run_time=1.8)
        rows = NumberTable(self.look, side.inset(0.05), self._nudge_rows())
        label = slope.slope_label("slope " + self._fact("weight_gradient", "{:+.3f}", **self._weight()))
        words = VGroup(label, slope.note_at(low, "neuron silent"), *rows[:2])
        self.play(Create(slope.tangent), FadeIn(words), run_time=0.8)
        self.play(FadeIn(rows[2]), run_time=0.5)
        self.play(FadeIn(VGroup(*rows[3:])), run_time=0.6)

    @beat("One pass backward gives all {n_parameters:,} slopes, biases too.")
    def everywhere(self) -> None:
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.5)
        delta = self.gradients.delta
        self.net = net = NetworkDiagram(
            self.look, self.main, self.rec.layer_sizes, self.size, tail=0.16, down=self.net.down
        )
        hidden = net.neurons(1, np.abs(delta[1][0]), float(np.abs(delta[1]).max()), "gradient").set_z_index(1)
        outputs = net.neurons(2, np.abs(delta[2][0]), 1.0, "gradient").set_z_index(1)
        hidden.lit = outputs.lit = 0.0
        units = range(len(self.p))
        errors = [self._error(k)[1] for k in units]
        numbers = output_numbers(self.look, net, [str(k) for k in units], errors, self.y)
        image = net.image(self.x).set_z_index(1)
        self.play(*map(FadeIn, (image, hidden, outputs, self._totals())), run_time=0.6)
        self.play(Transform(outputs, outputs.changed(lit=1.0)), FadeIn(numbers), run_time=0.5)
        for layer, field in ((2, hidden), (1, None)):
            light, pulses = gradient_light(net, layer, self.gradients.params[f"{layer}.W"], DRAWN)
            self._run(pulses, 0.0, 1.6, FadeIn(light))
            if field is not None:
                self.play(Transform(field, field.changed(lit=1.0)), run_time=0.5)

    # --- the whole network ---------------------------------------------------------------------------------

    def _question(self) -> VGroup:
        loss = self.shown(Source("fact", "probe_loss", args=self.place), "{:.2f}")
        best = int(self.p.argmax())
        role = "correct" if best == self.y else "wrong"
        runs = [("reads ", "muted"), (f"{best}", role), (f", is {self.y}: loss ", "muted"), (loss, "ink")]
        rule = self._small(f"chosen: the largest gradient from a pixel of at most {GREY}")
        return VGroup(Runs(self.look, runs), rule).arrange(DOWN, buff=0.18).move_to(self.notes.center)

    def _totals(self) -> Paragraph:
        text = f"drawn: the {DRAWN:,} of {self.says('{connections_layer[1]:,}')} first-layer weights with the"
        return self._small(f"{text} largest gradient for this image, and all of the second layer")

    def _small(self, text: str) -> Paragraph:
        made = Paragraph(self.look, text, self.notes.width, "tiny", "muted", align="center")
        return made.move_to(self.notes.center)

    # --- the close-up --------------------------------------------------------------------------------------

    def _zoom_in(self) -> None:
        """From the whole network to the marked path alone."""
        path, cell = self.path, divmod(self.column, self.size[1])
        level = float(np.clip(self.rec.a(1, self.step)[self.probe, self.row] / hidden_scale(self.rec), 0, 1))
        close = path.close_up(cell, self.size[1], self.rec.param("2.W", self.step)[:, self.row], level)
        discs, names = path.output_discs(self.p), path.names([str(k) for k in range(len(self.p))], self.y)
        weight = self.shown(Source("param", "1.W", self.step, (self.row, self.column)), "w = {:.3f}")
        away = [self.hidden, self.outputs, self.wires, self.bars, self.note]
        self.play(*map(FadeOut, away), run_time=0.4)
        self.play(
            Transform(self.image, placed(self.image, path.image)), ReplacementTransform(self.close_up, close),
            FadeIn(discs), FadeIn(names), FadeIn(path.weight_label(weight)), run_time=1.0,
        )  # fmt: skip
        self.remove(close)
        self.add(*close)
        self.pixel, self.weight = close[0], close[1]

    def _loss_note(self) -> VGroup:
        chance = self.shown(Source("a", "2", self.step, (self.probe, self.y)), "{:.4f}")
        loss = self.shown(Source("fact", "probe_loss", args=self.place), "{:.2f}")
        slope = self._fact("loss_slope", "{:.2f}")
        runs = [("loss = −log ", "muted"), (chance, "output"), (" = ", "muted"), (loss, "ink")]
        one = Runs(self.look, runs, "label")
        two = Runs(self.look, [("its slope: −1 / p = ", "muted"), (slope, "gradient")], "label")
        three = Label(self.look, "through the softmax, that is p − y at every output", "tiny", "muted")
        if self.look.upright:
            rows = VGroup(one, two, three).arrange(DOWN, buff=0.13)
        else:
            rows = VGroup(VGroup(one, two).arrange(RIGHT, buff=0.7), three).arrange(DOWN, buff=0.2)
        return rows.move_to(self.notes.center)

    def _columns(self) -> tuple[VGroup, VGroup, VGroup, str]:
        """The three columns p - y, W and their product, and the products' sum as text."""
        units, path = range(len(self.p)), self.path
        errors = [self._error(unit, "{:+z.3f}")[1] for unit in units]
        at = [Source("param", "2.W", self.step, (unit, self.row)) for unit in units]
        weights = [self.shown(source, "{:+z.3f}") for source in at]
        parts = [self._fact("carried_error", "{:+z.3f}", unit=unit, neuron=self.row) for unit in units]
        return (
            path.column("p − y", errors, 0, 3, "gradient", self.y),
            path.column("× weight" if path.roomy else "× W", weights, 1, 3, "muted", self.y),
            path.column("sent back" if path.roomy else "=", parts, 2, 3, "gradient", self.y),
            self._fact("neuron_error", "{:+.3f}", neuron=self.row),
        )

    def _error(self, unit: int, template: str = "{:+z.2f}") -> tuple[float, str]:
        source = Source("fact", "output_error", args={**self.place, "unit": unit})
        return self.read(source), self.shown(source, template)

    def _run(self, pulses: PulseField, phase: float, seconds: float, *others: Animation) -> None:
        """Pulses along their lines to a phase, gone when they arrive."""
        self.add(pulses)
        run = Transform(pulses, pulses.changed(phase=phase))
        self.play(run, *others, run_time=seconds, rate_func=linear)
        self.remove(pulses)

    def _finds(self, index: int, text: str) -> Transform:
        found = self.chain.found(index, text, "gradient" if index < 2 else "ink")
        return Transform(self.chain.numbers[index], found)

    def _fact(self, name: str, template: str, **args: Any) -> str:
        return self.shown(Source("fact", name, args={**self.place, **args}), template)

    def _nudge_rows(self) -> list[Row]:
        up, down = (self._fact("nudged_loss", "{:.11f}", **self._weight(), nudge=d) for d in (NUDGE, -NUDGE))
        measured = self._fact("difference_quotient", "{:+.6f}", **self._weight(), nudge=NUDGE)
        computed = self._fact("weight_gradient", "{:+.6f}", **self._weight())
        role = "correct" if measured == computed else "wrong"
        return [
            Row(f"loss at w + {NUDGE}", up),
            Row(f"loss at w − {NUDGE}", down),
            Row(f"difference / {2 * NUDGE}", measured, "ink", "body", "bold", rule=True),
            Row("backpropagation", computed, role, "body", "bold"),
            Row("the same to all 6 decimals" if role == "correct" else "not the same", "", role),
        ]

    def _weight(self) -> dict[str, Any]:
        return {"layer": 1, "row": self.row, "column": self.column}
