"""How weights start: all zero, far too large, He. Signals, gradients and losses as recorded."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import FadeIn, FadeOut, Group, Transform, VGroup

from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.duel import DuelScene, moment
from scenes.kit.encodings import shown_scale
from scenes.kit.layer_bars import LayerBars
from scenes.kit.layout import Region
from scenes.kit.needs import probe_of
from scenes.kit.network_diagram import NetworkDiagram
from scenes.kit.network_views import hidden_scale
from scenes.kit.plots import Plot
from scenes.kit.scales import Scale
from scenes.kit.scrub import between
from scenes.kit.text import Label, Runs

#: Optical density of a weight at full strength, into layer 1, 2 and 3.
WIRES = (0.006, 0.05, 0.16)
HEAD = 0.5


class Initialisation(DuelScene):
    """Three starts of one network: zeros never move, too large explodes, He keeps signals their size."""

    title = "Initialisation"
    part = 2
    order = 24
    recipes = ("init_zeros", "init_large", "init_he")
    names = ("all zero", "too large", "just right")
    roles = ("muted", "wrong", "correct")
    concept = (
        "weight initialisation", "He initialisation", "zero initialisation", "symmetry", "exploding signal",
        "exploding gradient",
    )  # fmt: skip
    seconds = 34
    params = {
        "digit": {"type": "int", "default": 3, "min": 0, "max": 9, "help": "the digit that goes in"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        self.probe = probe_of(self.rec, self.settings["digit"])
        self._places()
        self.layers = len(self.rec.spec.layers)
        he = self.contestants[-1].recording
        self.weight_scale = [shown_scale(he.param(f"{i}.W", 0), 0.98) for i in range(1, self.layers + 1)]
        self.lit_scale = hidden_scale(he)
        sizes = self.rec.layer_sizes
        self.nets = [
            NetworkDiagram(self.look, room, sizes, (28, 28), tail=0.0, down=False) for room in self.rooms
        ]

    def _places(self) -> None:
        """One row per run: its name, its network, and what is measured on the right."""
        wide = self.look.wide
        self.foot = Region(wide.left, wide.bottom, wide.right, wide.bottom + 0.4)
        rows = Region(wide.left, self.foot.top + 0.1, wide.right, wide.top).rows(1, 1, 1, gap=0.3)
        self.heads_at, self.rooms, self.measures = [], [], []
        for row in rows:
            if self.look.upright:
                head = Region(row.left, row.top - HEAD, row.right, row.top)
                net, right = Region(row.left, row.bottom, row.right, head.bottom).columns(1.2, 1, gap=0.35)
            else:
                head, net, right = row.columns(0.45, 1.45, 1.2, gap=0.4)
            self.heads_at.append(head)
            self.rooms.append(net)
            self.measures.append(right)
        self.plot_room = Region(right.left, rows[-1].bottom, right.right, rows[0].top)

    # --- beats -------------------------------------------------------------------------------------------

    @beat("One network, three starts: all zero, too large and just right.")
    def three_starts(self) -> None:
        self.heads = VGroup(*[self._head(i) for i in range(3)])
        self.wires = [self._wires(i, 0) for i in range(3)]
        image = self.rec.probe_x[self.probe]
        self.images = Group(*[net.image(image).set_z_index(1) for net in self.nets])
        self.discs = [self._discs(i, 0) for i in range(3)]
        self.sizes = VGroup(*[self._size(i) for i in range(3)])
        self.play(FadeIn(self.heads), FadeIn(self.images), *map(FadeIn, self.discs), run_time=0.7)
        self.play(*map(FadeIn, self.wires), run_time=0.9)
        self.note = self._foot([("lines: weights, ", "muted"), ("blue +", "positive"), (", ", "muted"),
                                ("orange −", "negative"),
                                ("; just right: Kaiming He's rule", "muted")])  # fmt: skip
        self.play(FadeIn(self.note), FadeIn(self.sizes), run_time=0.4)

    @beat("A digit goes in: its signal is lost, explodes, or keeps its size.")
    def signal(self) -> None:
        self.bars, low = self._bars("signal_size", "hidden")
        note = self._foot([(f"bars: size of the signal z in each layer, log scale from {low:g}", "muted")])
        self.play(
            FadeOut(self.note), FadeOut(self.sizes), *map(FadeIn, self.bars), FadeIn(note), run_time=0.5
        )
        self.note = note
        for layer in range(1, self.layers + 1):
            self.play(
                *[Transform(d[layer - 1], d[layer - 1].changed(lit=1.0)) for d in self.discs], run_time=0.4
            )
        self._grow("signal_size")

    @beat("Backwards the same: no gradient, a huge one, a healthy one.")
    def gradients(self) -> None:
        old, (self.bars, low) = self.bars, self._bars("gradient_norm", "gradient")
        note = self._foot([(f"bars: gradient of each layer's weights, log scale from {low:g}", "muted")])
        self.play(*map(FadeOut, (self.note, *old)), *map(FadeIn, (note, *self.bars)), run_time=0.6)
        self.note = note
        self._grow("gradient_norm")

    @beat("Zeros never learn, too large starts far off, just right wins.")
    def learning(self) -> None:
        plot = self._plot()
        first = [wires[0] for wires in self.wires]
        self.play(*map(FadeOut, (self.note, *self.bars, *first)), run_time=0.4)
        self.scores = [self._score(i, 0) for i in range(3)]
        self.play(FadeIn(plot), *map(FadeIn, self.scores), run_time=0.5)
        curves = []
        for i, each in enumerate(self.contestants):
            losses = each.recording.series("loss_batch")
            curves.append(
                plot.curve(np.arange(len(losses)), losses, each.role, "line" if i == 0 else "thin").draw_to(0)
            )
        self.add(*curves, self._flat(plot))

        def draw(step: float) -> None:
            for i, curve in enumerate(curves):
                curve.draw_to(step)
                self._turn(i, step)
                self.scores[i].set_text(self._score_text(i, step), align=self._side())

        self.run_steps(draw, run_time=5.0)
        ends = [
            net.edges(1, each.recording.param("1.W", each.recording.n_steps), self.weight_scale[0], WIRES[0])
            for net, each in zip(self.nets, self.contestants, strict=True)
        ]
        self.play(FadeIn(self._moved()), *map(FadeIn, ends), run_time=0.6)

    # --- networks ----------------------------------------------------------------------------------------

    def _side(self) -> str:
        return "right" if self.look.upright else "left"

    def _head(self, index: int) -> Label:
        at, each = self.heads_at[index], self.contestants[index]
        name = Label(self.look, each.name, "body", each.role, "bold")
        y = at.bottom + 0.14 if self.look.upright else at.center[1]
        return name.shift((at.left - name.get_left()[0], 0, 0)).on_baseline(y)

    def _size(self, index: int) -> VGroup:
        """What a run's first weights amount to, large, in the place for measures."""
        each, room = self.contestants[index], self.measures[index]
        size = self.shown(Source("fact", "weight_norm", args={"step": 0}), "{:.0f}", each.recording)
        number = Label(self.look, size, "title", each.role, "bold")
        words = Label(self.look, "size of all weights", "tiny", "muted")
        number.shift((room.center[0] - number.get_center()[0], 0, 0)).on_baseline(room.center[1] - 0.05)
        words.shift((room.center[0] - words.get_center()[0], 0, 0)).on_baseline(room.center[1] - 0.5)
        return VGroup(number, words)

    def _wires(self, index: int, step: int) -> Group:
        """All weights as lines of light, on one scale per layer for the three networks."""
        rec, net = self.contestants[index].recording, self.nets[index]
        return Group(*[
            net.edges(i, rec.param(f"{i}.W", step), self.weight_scale[i - 1], WIRES[i - 1])
            for i in range(1, self.layers + 1)
        ])  # fmt: skip

    def _discs(self, index: int, step: int) -> Group:
        """The neurons with the digit's recorded activations, not lit yet."""
        rec, net = self.contestants[index].recording, self.nets[index]
        discs = []
        for layer in range(1, self.layers + 1):
            role, scale = ("output", 1.0) if layer == self.layers else ("hidden", self.lit_scale)
            field = net.neurons(layer, rec.a(layer, step)[self.probe], scale, role).set_z_index(1)
            field.lit = 0.0
            discs.append(field)
        return Group(*discs)

    def _turn(self, index: int, step: float) -> None:
        """Neurons and the weights between them at a step, in place."""
        rec = self.contestants[index].recording
        i, share = moment(rec, step)
        at = [int(rec.steps[i]), int(rec.steps[min(i + 1, len(rec.steps) - 1)])]
        field: Any
        for layer, field in enumerate(self.discs[index], 1):
            field.values = between([rec.a(layer, s)[self.probe] for s in at], 0, share).astype(np.float32)
        for layer, field in enumerate(self.wires[index][1:], 2):
            weights = between([rec.param(f"{layer}.W", s) for s in at], 0, share)
            field.values = np.ravel(weights).astype(np.float32)

    # --- bars and curves ---------------------------------------------------------------------------------

    def _fact(self, name: str, layer: int) -> Source:
        args: dict[str, Any] = {"step": 0}
        args |= {"layer": layer} if name == "signal_size" else {"key": f"{layer}.W"}
        return Source("fact", name, args=args)

    def _values(self, name: str, index: int) -> np.ndarray:
        rec = self.contestants[index].recording
        return np.array([self.read(self._fact(name, layer), rec) for layer in range(1, self.layers + 1)])

    def _bars(self, name: str, role: str) -> tuple[list[LayerBars], float]:
        """(bars for each run, the size at which all of them begin)."""
        every = np.concatenate([self._values(name, i) for i in range(3)])
        every = every[every > 0]
        scale = Scale(10.0 ** np.floor(np.log10(every.min() / 1.5)), float(every.max()), "log")
        names = [f"layer {i}" for i in range(1, self.layers + 1)]
        bars = [LayerBars(self.look, room, names, scale, role) for room in self.measures]
        return bars, scale.low

    def _grow(self, name: str) -> None:
        moves = []
        for i, bars in enumerate(self.bars):
            rec, values = self.contestants[i].recording, self._values(name, i)
            texts = [
                self.shown(self._fact(name, layer), "{:,.0f}" if value >= 10 else "{:.2g}", rec)
                for layer, value in enumerate(values, 1)
            ]
            moves.append(bars.growing(values, texts))
        self.play(*moves, run_time=1.0)

    def _plot(self) -> Plot:
        losses = np.concatenate([each.recording.series("loss_batch") for each in self.contestants])
        x = Scale(0, self.in_step.last - 1, "symlog")
        y = Scale(float(losses.min()) / 1.2, float(losses.max()) * 1.2, "log")
        return Plot(
            self.look, self.plot_room, x, y, "step (log time)", "loss on each batch (log)",
            y_template="{:g}", end_room=0.1,
        )  # fmt: skip

    def _flat(self, plot: Plot) -> Label:
        """The name of the flat curve, over its end."""
        each = self.contestants[0]
        at = plot.point(self.in_step.last - 1, float(each.recording.series("loss_batch")[-1]))
        label = Label(self.look, each.name, "tiny", each.role, "bold")
        return label.shift((at[0] - label.get_right()[0], 0, 0)).on_baseline(at[1] + 0.1)

    def _score(self, index: int, step: float) -> Label:
        """The recorded accuracy: under the name, in upright shapes at the right end of its row."""
        at, room = self.heads_at[index], self.rooms[index]
        label = Label(self.look, self._score_text(index, step), "label", "ink")
        if self.look.upright:
            label.shift((room.right - label.get_right()[0], 0, 0))
            return label.on_baseline(at.bottom + 0.14)
        return label.shift((at.left - label.get_left()[0], 0, 0)).on_baseline(at.center[1] - 0.55)

    def _score_text(self, index: int, step: float) -> str:
        rec = self.contestants[index].recording
        at = int(rec.eval_steps[np.searchsorted(rec.eval_steps, step, side="right") - 1])
        return self.shown(Source("eval", "accuracy_test", at), "{:.0%} right", rec)

    def _moved(self) -> Runs:
        zeros = self.contestants[0].recording
        source = Source("fact", "weights_moved", args={"step": zeros.n_steps})
        moved = self.shown(source, "{:,}", zeros)
        of = self.says(" of its {connections:,} weights ever moved", zeros)
        return self._foot([("all zero: ", "muted"), (moved, "ink"), (of, "muted")])

    def _foot(self, runs: list[tuple[str, str]]) -> Runs:
        return Runs(self.look, runs, "tiny").move_to(self.foot.center)
