"""Why gradients vanish: eight layers of sigmoids against eight of ReLUs, gradients as recorded."""

from __future__ import annotations

import numpy as np
from manim import FadeIn, FadeOut, Line, Mobject, VGroup, smooth

from nncore.gradient_flow import gradient_flow
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.curve_icon import CurveIcon
from scenes.kit.duel import DuelScene, changing, evaluated_at
from scenes.kit.gradient_panel import SHOWN, GradientPanel, LogLevels
from scenes.kit.layout import Region
from scenes.kit.plots import Curve, Plot
from scenes.kit.scales import Scale
from scenes.kit.style import rgb
from scenes.kit.text import Label, Runs

#: Room for a run's name, in units.
HEAD = 0.62
#: A number that stands so far above its own bar, in units, has a line down to it.
LEAD = 0.15
#: A number's least distance from a grid line, in units.
CLEAR = 0.08


class VanishingGradients(DuelScene):
    """Each layer's gradient in a deep sigmoid and in a deep ReLU network, at the start and over training."""

    title = "Vanishing gradients"
    part = 2
    order = 23
    recipes = ("deep_sigmoid", "deep_relu")
    names = ("sigmoid", "ReLU")
    roles = ("ink", "ink")
    concept = (
        "vanishing gradient", "gradient", "deep network", "sigmoid", "ReLU", "backpropagation", "depth",
    )  # fmt: skip
    seconds = 30

    def open_stage(self) -> None:
        super().open_stage()
        self.flows = [gradient_flow(each.recording) for each in self.contestants]
        first = np.concatenate([flow.norms[0] for flow in self.flows])
        low, high = np.floor(np.log10(first.min())), np.ceil(np.log10(first.max()))
        decades = Scale(10.0**low, 10.0**high, "log")
        norms = np.concatenate([flow.norms.ravel() for flow in self.flows])
        self.all_norms = Scale(norms[norms > 0].min() / 1.3, norms.max() * 1.3, "log")
        wide = self.look.wide
        foot = Region(wide.left, wide.bottom, wide.right, wide.bottom + 0.4)
        self.foot = foot
        stacked = self.look.aspect == "9:16"
        self.rooms = self.panels(
            Region(wide.left, foot.top, wide.right, wide.top), 0.15 if stacked else 0.5, stacked=stacked
        )
        levels = LogLevels.of([each.recording for each in self.contestants])
        self.scenery = []
        for each, room in zip(self.contestants, self.rooms, strict=True):
            body = Region(room.left, room.bottom, room.right, room.top - HEAD)
            self.scenery.append(GradientPanel(self.look, body, each.recording, decades, levels).reveal(0))
        self.last = len(self.flows[0].layers)

    # --- beats -------------------------------------------------------------------------------------------

    @beat("Eight layers twice: once with sigmoids, once with ReLUs.")
    def two_networks(self) -> None:
        self.heads = VGroup(*[self._head(i) for i in range(2)])
        self.note = self._foot([(f"drawn: the first {SHOWN} neurons of each layer, no inputs", "muted")])
        nets = [m for panel in self.scenery for m in (panel.wires, panel.discs)]
        self.play(FadeIn(self.heads), *map(FadeIn, nets), run_time=0.8)
        self.play(*[FadeIn(panel.axes) for panel in self.scenery], FadeIn(self.note), run_time=0.6)
        for panel in self.scenery:
            self.remove(panel.wires, panel.discs, panel.axes)
            self.add(panel)

    @beat("Back through sigmoids, the gradient fades, layer after layer.")
    def sigmoid_fades(self) -> None:
        self._reveal(0, 3.0)
        self.numbers = [self._numbers(0)]
        times = self.says(f"{{depth_ratio[0,1]:,.0f}} times smaller in layer 1 than in layer {self.last}")
        self.play(FadeIn(self.numbers[0]), FadeOut(self.note), run_time=0.4)
        self.note = self._foot([("log scale: ", "muted"), (times, "gradient")])
        self.play(FadeIn(self.note), run_time=0.4)

    @beat("Through ReLUs it arrives: where one is on, its slope is 1.")
    def relu_arrives(self) -> None:
        self._reveal(1, 3.0)
        self.numbers.append(self._numbers(1))
        counts = self.says("{connections_layer[1]:,} weights, the next ones {connections_layer[2]:,} each")
        note = self._foot([(f"layer 1 has {counts}", "muted")])
        self.play(FadeIn(self.numbers[1]), FadeOut(self.note), FadeIn(note), run_time=0.5)
        self.note = note

    @beat("So the sigmoid network's first layers hardly learn.")
    def over_training(self) -> None:
        gone: list[Mobject] = [*self.numbers, self.note]
        if self.look.aspect in ("1:1", "4:5"):  # the accuracy stands where the curves stood
            gone += [head[1] for head in self.heads]
        bars = [m for panel in self.scenery for m in (panel.axes, panel.bars)]
        plots = [self._history(i) for i in range(2)]
        self.scores = [self._score(i, 0) for i in range(2)]
        note = self._foot(
            [
                ("each line a layer, ", "muted"),
                ("1", "gradient"),
                (f" to {self.last}; across: step (log time)", "muted"),
            ]
        )
        self.play(*map(FadeOut, (*gone, *bars)), run_time=0.4)
        for panel in self.scenery:
            panel.remove(panel.axes, panel.bars)
        self.play(*map(FadeIn, (*plots, *self.scores, note)), run_time=0.5)
        self.curves = [self._curves(i, plot) for i, plot in enumerate(plots)]
        self.add(*[curve for curves in self.curves for curve in curves])

        def draw(step: float) -> None:
            for i, panel in enumerate(self.scenery):
                panel.turn_to(step)
                self.scores[i].set_text(self._score_text(i, step), align="right")
                for curve in self.curves[i]:
                    curve.draw_to(step)

        self.run_steps(draw, run_time=5.0)
        ends = [plot.end_labels(self._ends(i)) for i, plot in enumerate(plots)]
        self.play(*map(FadeIn, ends), run_time=0.4)

    # --- parts -------------------------------------------------------------------------------------------

    def _reveal(self, index: int, seconds: float) -> None:
        """The gradient's way back through one network, from the output to layer 1."""
        panel = self.scenery[index]

        def reveal(alpha: float) -> None:
            panel.reveal(alpha * self.last)

        self.play(changing(self, reveal, rate_func=smooth), run_time=seconds)

    def _head(self, index: int) -> VGroup:
        """A run's name and the curve of its activation."""
        room, each = self.rooms[index], self.contestants[index]
        label = Label(self.look, each.name, "body", each.role, "bold")
        layer = each.recording.spec.layers[0]
        label.shift((room.left - label.get_left()[0], 0, 0)).on_baseline(room.top - 0.5)
        wide = 0.6 if self.look.aspect in ("1:1", "4:5") else 0.9
        x = label.get_right()[0] + 0.25
        spot = Region(x, room.top - 0.55, x + wide, room.top - 0.1)
        return VGroup(label, CurveIcon(self.look, spot, layer["activation"], "accent"))

    def _numbers(self, index: int) -> VGroup:
        """The recorded gradient of the first and of the last layer, on their bars."""
        panel, rec = self.scenery[index], self.contestants[index].recording
        labels = VGroup()
        for layer in (1, self.last):
            text = self.shown(Source("series", f"grad_norm {layer}.W", 0), "{:.3g}", rec)
            label = Label(self.look, text, "tiny", "gradient", "bold")
            label.set_stroke(self.look.color("background"), 2 * self.look.stroke("bold"), background=True)
            at = panel.bar_top(layer)
            room, half = panel.frame.area, label.width / 2
            x = float(np.clip(at[0], room.left + half, room.right - half))
            tops = [panel.bar_top(k) for k in range(1, self.last + 1)]
            under = [top[1] for top in tops if abs(top[0] - x) < half + panel.bar_half]
            lift = 0.3 if max(under) > at[1] + LEAD else 0.1
            beside_ticks = at[0] < room.center[0]
            base = max(under) + lift
            if beside_ticks:
                base = self._between(panel, base, label.height)
            if beside_ticks and base + label.height > room.top:
                # No room above: beside its bar, over the lower neighbours.
                x = float(at[0]) + panel.bar_half + CLEAR + half
                under = [top[1] for top in tops if 0 < top[0] - at[0] < 2 * half + 2 * panel.bar_half]
                base, lift = self._between(panel, max(under) + 0.1, label.height), 0.1
            labels.add(label.move_to((x, 0, 0)).on_baseline(base))
            if lift > 0.1:  # it stands over its neighbours too: a line says whose number it is
                line = Line(at + [0, 0.05, 0], np.array([at[0], label.get_bottom()[1] - 0.06, 0]))
                labels.add(line.set_stroke(self.look.color("gradient"), self.look.stroke("thin")))
        return labels

    def _between(self, panel: GradientPanel, base: float, height: float) -> float:
        """A baseline no lower than `base` from which a number does not cross a grid line.

        On one, it would read on from that line's own number.
        """
        scale, room = panel.norm_scale, panel.frame.area
        decade = room.height / round(np.log10(scale.high / scale.low))
        clear = min(CLEAR, (decade - height) / 2)
        above = (base - room.bottom) % decade
        if clear > 0 and above + height + clear > decade:
            return base - above + decade + clear
        return base + max(0.0, clear - above)

    def _foot(self, runs: list[tuple[str, str]]) -> Runs:
        return Runs(self.look, runs, "tiny").move_to(self.foot.center)

    def _history(self, index: int) -> Plot:
        room = self.scenery[index].bar_room
        steps = Scale(0, self.in_step.last - 1, "symlog")
        return Plot(
            self.look, room, steps, self.all_norms, "", "size of the gradient",
            y_template="{:g}", end_room=0.35,
        )  # fmt: skip

    def _curves(self, index: int, plot: Plot) -> list[Curve]:
        """One curve per layer through the snapshots' steps: layer 1 in full colour, later ones paler."""
        rec, flow = self.contestants[index].recording, self.flows[index]
        steps = np.array([int(step) for step in rec.steps if step < rec.n_steps])
        steps = np.unique(np.append(steps, rec.n_steps - 1))
        curves = []
        for k in reversed(range(self.last)):
            role = self._shade(k / (self.last - 1))
            curve = plot.curve(steps, flow.norms[steps, k], role, "line" if k else "bold")
            curves.append(curve.draw_to(0))
        return curves

    def _ends(self, index: int) -> list[tuple[Curve, str]]:
        """The numbers of the first and the last layer, for their curves' ends."""
        return [(self.curves[index][-1], "1"), (self.curves[index][0], f"{self.last}")]

    def _shade(self, share: float) -> str:
        """From the gradient's colour (layer 1) to the muted one (the last layer)."""
        first, last = (rgb(self.look.color(role)) for role in ("gradient", "muted"))
        mixed = np.round((first + (last - first) * share) * 255).astype(int)
        return "#{:02x}{:02x}{:02x}".format(*mixed)

    def _score(self, index: int, step: float) -> Label:
        label = Label(self.look, self._score_text(index, step), "label", "ink")
        room = self.rooms[index]
        label.shift((room.right - label.get_right()[0], 0, 0))
        return label.on_baseline(room.top - 0.5)

    def _score_text(self, index: int, step: float) -> str:
        rec = self.contestants[index].recording
        return self.shown(Source("eval", "accuracy_test", evaluated_at(rec, step)), "{:.0%} right", rec)
