"""Learning rates: the same slope, three step lengths, on the whole landscape of one neuron."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import DOWN, LEFT, FadeIn, FadeOut, Transform, VGroup, smooth

from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.duel import DuelScene
from scenes.kit.layout import Look, Region
from scenes.kit.marks import Tag
from scenes.kit.plots import Plot
from scenes.kit.run_table import RunRow, RunTable
from scenes.kit.scales import Scale
from scenes.kit.shared_landscape import SharedLandscape, stepping
from scenes.kit.text import Label, Paragraph

#: Where the camera stands: beside the valley, then looking along it.
FIRST, LAST = 64.0, 74.0
ELEVATION = {"16:9": 33.0, "1:1": 52.0, "4:5": 38.0, "9:16": 40.0}
UPRIGHT_ROWS = {"4:5": (4.9, 2.6), "9:16": (5.9, 2.9)}
LOSS = "{:#.3g}"


def regions(look: Look) -> tuple[Region, Region, Region]:
    """(landscape, table, plot): the panels beside the landscape, below it in tall shapes."""
    if look.aspect in ("16:9", "1:1"):
        shares, gap = ((0.66, 0.34), 0.5) if look.aspect == "16:9" else ((0.64, 0.36), 0.2)
        stage, side = look.wide.columns(*shares, gap=gap)
        table, plot = side.rows(1.75, 3.6, gap=0.35)
        return stage, table, plot
    stage, below = look.wide.rows(*UPRIGHT_ROWS[look.aspect], gap=0.2)
    table, plot = below.columns(2.7, 4.5, gap=0.5)
    return stage, table, plot


class LearningRates(DuelScene):
    """Three runs that differ in the learning rate alone, in step on one landscape."""

    title = "Learning rate"
    part = 2
    order = 19
    recipes = ("lr_small", "lr_good", "lr_large")
    concept = (
        "learning rate",
        "step size",
        "overshooting",
        "divergence",
        "gradient descent",
        "hyperparameter",
    )
    seconds = 33

    # --- the cast ----------------------------------------------------------------------------------------

    def open_stage(self) -> None:
        super().open_stage()
        look = self.look
        stage, table, plot = regions(look)
        self.stage_region = stage
        self.last = self.rec.n_steps
        self.elevation = ELEVATION[look.aspect]
        self.land = SharedLandscape(look, stage, self.contestants, FIRST, self.elevation, margin=0.06)
        self.flat = {"rise": 0.0, "balls": 0.0, "zoom": 0.9, **self.land.seen_from(FIRST, 74.0)}
        self.table = RunTable(look, table, self._rows(), ("learning rate", "loss"))
        self.plot, self.curves = self._plot(plot)
        self.key = self._key(plot)

    def _rows(self) -> list[RunRow]:
        return [
            RunRow(each.name, each.role, [
                (float(step), self.shown(Source("eval", "loss_train", int(step)), LOSS, each.recording))
                for step in each.recording.eval_steps
            ])
            for each in self.contestants
        ]  # fmt: skip

    def _plot(self, region: Region) -> tuple[Plot, VGroup]:
        losses = [each.recording.evals("loss_train") for each in self.contestants]
        y = Scale(float(np.min(losses)) / 1.5, float(np.max(losses)) * 1.5, "log")
        plot = Plot(self.look, region, Scale(0, self.last), y, "step", "loss (log scale)", end_room=0.15)
        curves = VGroup(*[
            plot.curve(each.recording.eval_steps, values, each.role).draw_to(0)
            for each, values in zip(self.contestants, losses, strict=True)
        ])  # fmt: skip
        return plot, curves

    def _key(self, region: Region) -> VGroup:
        """What the picture is of; it makes room for the plot."""
        lines = ("Spot: a neuron's {n_parameters} numbers.", "Its height: the loss.")
        key = VGroup(*[
            Paragraph(self.look, self.says(line), region.width, "label", "ink") for line in lines
        ]).arrange(DOWN, buff=0.25, aligned_edge=LEFT)  # fmt: skip
        return key.shift((region.left - key.get_left()[0], region.top - 0.3 - key.get_top()[1], 0))

    def _axes(self) -> VGroup:
        """The names of the map's two sides, and of its height in the corner."""
        height, room = Label(self.look, "height: loss", "tiny", "muted"), self.stage_region
        height.shift((room.right - height.get_right()[0], room.bottom - height.get_bottom()[1], 0))
        return VGroup(*self.land.axis_names(("weight", "bias")), height)

    # --- in step -----------------------------------------------------------------------------------------

    def _go(self, only: Sequence[int], run_time: float, ease: float = 1.3) -> None:
        """The runs of `only` from the first step to the last."""

        def show(step: float) -> None:
            self.table.turn_to(step, only)
            for i in only:
                self.curves[i].draw_to(step)

        self.play(stepping(self, self.land, show, self.last, only, ease), run_time=run_time)

    def _light(self, only: Sequence[int]) -> None:
        """The rows of `only` are lit, the others wait."""
        for i, row in enumerate(self.table.rows_):
            row.set_opacity(1.0 if i in only else 0.4)

    def _tag(self) -> None:
        """The loss at which the run that flies apart has ended, beside its ball."""
        each = self.contestants[2]
        words = self.shown(Source("eval", "loss_train", each.recording.n_steps), LOSS, each.recording)
        ball = self.land.ball_spot(2)
        label = Label(self.look, f"loss {words}", "tiny", "ink", "bold")
        self.tag = Tag(self.look, label, ball, away=0.5, inside=self.stage_region)
        self.play(FadeIn(self.tag), run_time=0.4)

    # --- the beats ---------------------------------------------------------------------------------------

    @beat("One start. Only the step length differs.")
    def start(self) -> None:
        up = self.land.changed()
        self.land.set_camera(self.flat)
        self.play(FadeIn(self.land), FadeIn(self.key), run_time=0.6)
        self.play(Transform(self.land, up), run_time=1.4, rate_func=smooth)
        self.axes = self._axes()
        self.play(FadeIn(self.axes), FadeIn(self.table), run_time=0.6)

    @beat("Too small: {n_steps} steps later, still up the slope.")
    def small(self) -> None:
        self._light([0])
        self.play(FadeOut(self.key, run_time=0.3), FadeIn(self.plot, run_time=0.6))
        self.add(self.curves)
        self._go([0], 2.6)

    @beat("About right: down to the bottom, and it stays there.")
    def good(self) -> None:
        self._light([1])
        self._go([1], 2.6)

    @beat("Too large: it falls at first, then every jump lands higher.")
    def large(self) -> None:
        self._light([2])
        self._go([2], 4.0)
        self._tag()

    @beat("One crawls, one arrives, one flies apart.")
    def together(self) -> None:
        self._light([0, 1, 2])
        # The square has no room beside a turned map for the name of its side.
        view = self.land.seen_from(FIRST if self.look.aspect == "1:1" else LAST, self.elevation, FIRST)
        for curve in self.curves:
            curve.draw_to(0)
        self.play(FadeOut(self.tag), run_time=0.2)
        back = self.land.changed(heads=np.zeros(3), **view)
        self.table.turn_to(0)
        self.count(0)
        self.play(FadeOut(self.axes), Transform(self.land, back), run_time=1.0, rate_func=smooth)
        self._go([0, 1, 2], 4.0)
        self.axes = self._axes()
        self._tag()
        self.play(FadeIn(self.axes), run_time=0.4)
