"""Batch normalisation: deep sigmoids that see the same for every digit, and what it changes for them."""

from __future__ import annotations

import numpy as np
from manim import DOWN, FadeIn, FadeOut, VGroup

from nncore.recording import Recording
from nncore.sources import Source
from scenes.kit.batch_strip import BatchStrip
from scenes.kit.beats import beat
from scenes.kit.duel import DuelScene, moment, snapshot_at
from scenes.kit.formula import formula
from scenes.kit.layout import Region
from scenes.kit.plots import Plot
from scenes.kit.ridges import Ridges
from scenes.kit.scales import Scale
from scenes.kit.scrub import between
from scenes.kit.text import Label, Paragraph, Runs

HEAD = 0.62
REACH = 3.5


class BatchNorm(DuelScene):
    """How z spreads in four sigmoid layers with and without batch normalisation, and what the loss does."""

    title = "Batch normalisation"
    part = 2
    order = 25
    recipes = ("bn_off", "bn_on")
    names = ("without", "with")
    roles = ("wrong", "correct")
    concept = (
        "batch normalisation", "pre-activation", "distribution", "internal covariate shift", "sigmoid",
        "deep network", "gamma and beta",
    )  # fmt: skip
    seconds = 30

    def open_stage(self) -> None:
        super().open_stage()
        self.layers = [self._sigmoid_layers(each.recording.spec.layers) for each in self.contestants]
        self._places()
        names = [
            f"layer {i + 1}" if not self.look.upright else str(i + 1) for i in range(len(self.layers[0]))
        ]
        self.ridges = [
            self._ridges(room, names, each.role)
            for room, each in zip(self.rooms, self.contestants, strict=True)
        ]
        # Alone, the first has the room of both where the panels stand over the rest.
        self.alone = self.ridges[0]
        if self.look.upright:
            room = Region(self.rooms[0].left, self.rooms[0].bottom, self.rooms[1].right, self.rooms[0].top)
            self.alone = self._ridges(room, [f"layer {name}" for name in names], self.contestants[0].role)
        self._turn(0, 0, self.alone)
        self._turn_both(0)

    def _ridges(self, room: Region, names: list[str], role: str) -> Ridges:
        body = Region(room.left, room.bottom, room.right, room.top - HEAD)
        return Ridges(self.look, body, names, REACH, (-2, 0, 2), role)

    @staticmethod
    def _sigmoid_layers(layers: tuple[dict, ...]) -> list[int]:
        """The numbers of the layers whose z goes into a sigmoid, the output aside."""
        return [i for i, layer in enumerate(layers[:-1], 1) if layer.get("activation") == "sigmoid"]

    def _places(self) -> None:
        wide = self.look.wide
        self.foot = Region(wide.left, wide.bottom, wide.right, wide.bottom + 0.4)
        body = Region(wide.left, self.foot.top + 0.05, wide.right, wide.top)
        if self.look.upright:
            top, self.third = body.rows(1.5 if self.look.aspect == "1:1" else 1.3, 1, gap=0.25)
            self.rooms = top.columns(1, 1, gap=0.3)
        else:
            *self.rooms, self.third = body.columns(1, 1, 0.85, gap=0.5)

    # --- beats -------------------------------------------------------------------------------------------

    @beat("Deep in a sigmoid network, all digits give nearly the same sums.")
    def all_the_same(self) -> None:
        self.heads = self.headings(self.rooms, "body")
        self.strip, self.note = self._digits(), self._foot()
        self.play(FadeIn(self.strip), FadeIn(self.heads[0]), run_time=0.6)
        ridges = self.alone
        self.play(FadeIn(ridges.grid), FadeIn(ridges.ticks), FadeIn(self.note), run_time=0.4)
        for i in range(len(self.layers[0])):
            self.play(*map(FadeIn, (ridges.shapes[i], ridges.names[i], ridges.labels[i])), run_time=0.5)
        parts = (*ridges.shapes, *ridges.names, *ridges.labels, ridges.grid, ridges.ticks)
        self.remove(*parts)
        self.add(ridges)

    @beat("Batch normalisation centres each neuron's input and scales it.")
    def normalise(self) -> None:
        self.rule = self._rule(large=True)
        self.play(FadeOut(self.strip), run_time=0.3)
        self.play(FadeIn(self.rule[0]), run_time=0.7)
        self.play(FadeIn(VGroup(*self.rule[1:])), run_time=0.6)

    @beat("Soon the sums spread out again, in every layer.")
    def spread_out(self) -> None:
        large, self.rule = self.rule, self._rule()
        left = [] if self.alone is self.ridges[0] else [self.alone]
        # In upright shapes the note on the ridges would be read as that of what stands under them.
        gone = [self.note] if self.look.upright else []
        self.play(*map(FadeOut, (large, *left, *gone)), run_time=0.4)
        right = (self.rule, self.ridges[1], self.heads[1])
        self.play(*map(FadeIn, (*([self.ridges[0]] if left else []), *right)), run_time=0.7)
        first = int(self.rec.steps[np.searchsorted(self.rec.steps, self.in_step.last / 5)])
        self.run_steps(self._turn_both, stop=first, run_time=4.0)

    @beat("And so it learns; without it, the network keeps guessing.")
    def learns(self) -> None:
        plot = self._plot()
        self.play(FadeOut(self.rule), FadeIn(plot), run_time=0.5)
        curves = []
        for each in self.contestants:
            losses = each.recording.series("loss_batch")
            curves.append(plot.curve(np.arange(len(losses)), losses, each.role, "thin").draw_to(0))
        self.add(*curves)
        self.scores = [self._score(i, 0) for i in range(2)]
        self.play(*map(FadeIn, self.scores), run_time=0.3)

        def draw(step: float) -> None:
            self._turn_both(step)
            for i, curve in enumerate(curves):
                curve.draw_to(step)
                self.scores[i].set_text(self._score_text(i, step), align="right")

        self.run_steps(draw, run_time=4.5)

    # --- ridges ------------------------------------------------------------------------------------------

    def _turn_both(self, step: float) -> None:
        for i in range(2):
            self._turn(i, step)

    def _turn(self, index: int, step: float, ridges: Ridges | None = None) -> None:
        """One run's distributions at a step, and the recorded spreads at its last snapshot."""
        rec, layers = self.contestants[index].recording, self.layers[index]
        i, share = moment(rec, step)
        at = [int(rec.steps[i]), int(rec.steps[min(i + 1, len(rec.steps) - 1)])]
        values = []
        for layer in layers:
            z = between([rec.z(layer, s) for s in at], 0, share)
            values.append((z - z.mean(axis=0)).ravel())
        place = snapshot_at(rec, step)
        texts = [
            self.shown(
                Source("fact", "z_spread", args={"step": place, "layer": layer}),
                self._form(rec, place, layer),
                rec,
            )
            for layer in layers
        ]
        (ridges or self.ridges[index]).set_values(values, texts)

    def _form(self, rec: Recording, step: int, layer: int) -> str:
        """Two decimals for a spread, or two digits where it is smaller than that."""
        value = self.read(Source("fact", "z_spread", args={"step": step, "layer": layer}), rec)
        return "{:.2f}" if value >= 0.1 else "{:.2g}"

    # --- words and pictures ------------------------------------------------------------------------------

    def _digits(self) -> BatchStrip:
        pictures = self.rec.probe_x.reshape(-1, 28, 28)
        rows, room = (2, self.third) if self.look.upright else (4, self._free())
        across = -(-len(pictures) // rows)
        side = min(room.width / across, room.height / rows)
        x, y, _ = room.center
        half = np.array([across, rows]) * side / 2
        return BatchStrip(
            self.look, pictures, Region(x - half[0], y - half[1], x + half[0], y + half[1]), rows
        )

    def _foot(self) -> Runs:
        count = self.says("{n_probes} digits × {layer_size[1]} neurons")
        words = "how far each sum z lies from its neuron's mean"
        if not self.look.upright:
            words = f"{words}: {count}"
        return Runs(self.look, [(words, "muted")], "tiny").move_to(self.foot.center)

    def _free(self) -> Region:
        """The place of the second panel and what is beside it, while that panel is not there."""
        return Region(self.rooms[1].left, self.third.bottom, self.third.right, self.third.top)

    def _rule(self, large: bool = False) -> VGroup:
        """What batch normalisation does to one z; `large` where the second panel is still free."""
        room, size = self.third, "body"
        if large and not self.look.upright:
            room, size = self._free(), "title"
        elif self.look.aspect in ("4:5", "9:16"):
            size = "title"
        math = formula(self.look, 'z\' = gamma (z - "mean") / "spread" + beta', size)
        # The ridges are of recorded probes, which see the averages that testing uses.
        tested = "the batch's in training, here running averages"
        whose = "this neuron's, over the batch" if large else tested
        lines = (f"mean, spread: {whose}", "γ and β: learned")
        notes = [Paragraph(self.look, line, room.width, "tiny", "muted", align="center") for line in lines]
        tight = self.look.aspect == "1:1"
        return VGroup(math, *notes).arrange(DOWN, buff=0.16 if tight else 0.32).move_to(room.center)

    def _plot(self) -> Plot:
        losses = np.concatenate([each.recording.series("loss_batch") for each in self.contestants])
        x = Scale(0, self.in_step.last - 1, "symlog")
        y = Scale(0.0, float(losses.max()) * 1.02)
        return Plot(self.look, self.third, x, y, "step (log time)", "loss on each batch", end_room=0.1)

    def _score(self, index: int, step: float) -> Label:
        at = self.rooms[index]
        label = Label(self.look, self._score_text(index, step), "label", "ink")
        label.shift((at.right - label.get_right()[0], 0, 0))
        return label.on_baseline(at.top - 0.8 * self.look.em("body"))

    def _score_text(self, index: int, step: float) -> str:
        rec = self.contestants[index].recording
        at = int(rec.eval_steps[np.searchsorted(rec.eval_steps, step, side="right") - 1])
        return self.shown(Source("eval", "accuracy_test", at), "{:.0%} right", rec)
