"""Optimizers: five ways to turn a slope into a step, in step on one valley, with what each remembers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import FadeIn, FadeOut, Transform, VGroup, smooth

from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.division_panel import DivisionPanel
from scenes.kit.duel import DuelScene, changing
from scenes.kit.layout import Look, Region
from scenes.kit.lit_landscape import MANY
from scenes.kit.marks import Arrow, Tag
from scenes.kit.shared_landscape import SharedLandscape, stepping
from scenes.kit.state_table import StateTable
from scenes.kit.text import Label, Paragraph

#: Where the camera stands: for the single runs, for the race.
FIRST, LAST = 58.0, 68.0
ELEVATION = {"16:9": 37.0, "1:1": 40.0, "4:5": 40.0, "9:16": 42.0}
LOSS = "{:#.3g}"
#: The longest velocity on the map, as a share of half its width.
REACH = 0.55
#: Velocities on the way are drawn every so many steps, where they are at least this share of the largest.
EVERY, LEAST = 4, 0.1
#: A run whose loss is less than so many times the lowest has arrived.
ARRIVED = 1.5


def regions(look: Look) -> tuple[Region, Region, Region]:
    """(landscape, table, small print): table beside the landscape in 16:9 and 1:1, else below it."""
    if look.aspect in ("16:9", "1:1"):
        shares, note = ((0.62, 0.38), 0.5) if look.aspect == "16:9" else ((4.05, 2.95), 0.95)
        stage, side = look.wide.columns(*shares, gap=0.35 if look.aspect == "16:9" else 0.2)
        if look.aspect == "1:1":
            stage, small = stage.rows(stage.height - note - 0.15, note, gap=0.15)
            return stage, side, small
        table, small = side.rows(side.height - note - 0.45, note + 0.3, gap=0.15)
        return stage, table, small
    rows = (5.1, 3.3, 0.7) if look.aspect == "9:16" else (4.2, 2.85, 0.7)
    stage, table, small = look.wide.rows(*rows, gap=0.12)
    return stage, table, small


class Optimizers(DuelScene):
    """SGD, momentum, RMSprop, Adam and AdamW on one recorded valley, their memories drawn beside them."""

    title = "Optimizers"
    part = 2
    order = 21
    recipes = ("opt_sgd", "opt_momentum", "opt_rmsprop", "opt_adam", "opt_adamw")
    concept = (
        "optimizer",
        "SGD",
        "momentum",
        "RMSprop",
        "Adam",
        "AdamW",
        "velocity",
        "adaptive learning rate",
    )
    seconds = 52

    # --- the cast ----------------------------------------------------------------------------------------

    def open_stage(self) -> None:
        super().open_stage()
        look = self.look
        self.last = self.rec.n_steps
        stage, table, self.small = regions(look)
        self.table_room = table
        self.elevation = ELEVATION[look.aspect]
        self.land = SharedLandscape(look, stage, self.contestants, FIRST, self.elevation, margin=0.1)
        self.land.dash(4)
        readings = [
            [
                (float(s), self.shown(Source("eval", "loss_train", int(s)), LOSS, each.recording))
                for s in each.recording.eval_steps
            ]
            for each in self.contestants
        ]
        self.table = StateTable(look, table, self.contestants, readings)
        nowhere = np.zeros(3)
        self.arrows = [
            None if kept.velocity is None else Arrow(look, nowhere, nowhere, each.role, 0.1)
            for kept, each in zip(self.table.kept, self.contestants, strict=True)
        ]
        self.stations = VGroup()
        self.note = self._note("Ground: one neuron's weight and bias. Height: its loss.")

    def _note(self, words: str) -> Paragraph:
        note = Paragraph(self.look, words, self.small.width, "tiny", "muted")
        return note.shift((self.small.left - note.get_left()[0], self.small.top - note.get_top()[1], 0))

    # --- in step -----------------------------------------------------------------------------------------

    def _show(self, step: float, only: Sequence[int]) -> None:
        self.table.turn_to(step, only)
        for i in only:
            arrow = self.arrows[i]
            if arrow is not None:
                self._aim(arrow, i, step)

    def _aim(self, arrow: Arrow, index: int, step: float, lifted: bool = True) -> Arrow:
        """A run's velocity as an arrow from its ball's rim (or foot), the ball being at that step."""
        move = REACH * self.land.half * self.table.kept[index].heading(step)
        start, end = self.land.ahead(index, move, lifted)
        rim = self.land.radius * self.land.camera().scale if lifted else 0.0
        away = float(np.linalg.norm(end - start))
        offset = (end - start) * (rim / max(away, rim)) if rim else np.zeros(3)
        return arrow.between(start + offset, end + offset)

    def _stations(self, index: int) -> VGroup:
        """The velocity at every few steps of the way a run has come, where it is not too small to be seen."""
        kept, each = self.table.kept[index], self.contestants[index]
        heads, group = self.land.heads.copy(), VGroup()
        for step in range(EVERY, self.last, EVERY):
            if float(np.linalg.norm(kept.heading(step))) >= LEAST:
                self.land.to_step(step, [index])
                arrow = Arrow(self.look, np.zeros(3), np.zeros(3), each.role, 0.07)
                group.add(self._aim(arrow, index, step, lifted=False))
        self.land.heads = heads
        return group

    def _go(self, only: Sequence[int], run_time: float, still: int | None = None) -> None:
        """The runs of `only` from first step to last; then the velocities of run `still` on its way."""
        self.table.light(only)
        arrows = VGroup(*[arrow for i in only if (arrow := self.arrows[i]) is not None])
        self._show(0, only)
        self.add(arrows)
        moving = stepping(self, self.land, lambda step: self._show(step, only), self.last, only, ease=1.5)
        self.play(moving, run_time=run_time)
        self.remove(arrows)
        if still is not None:
            self.stations = self._stations(still)
            self.play(FadeIn(self.stations), run_time=0.6)

    def _crowd(self) -> Tag:
        """How many balls stand together at the bottom, beside them."""
        losses = [float(each.recording.evals("loss_train")[-1]) for each in self.contestants]
        there = [i for i, loss in enumerate(losses) if loss < ARRIVED * min(losses)]
        spot = np.mean([self.land.ball_spot(i) for i in there], axis=0)
        words = Label(self.look, MANY[len(there)], "tiny", "ink")
        away = 1.6 * self.land.radius * self.land.camera().scale
        return Tag(self.look, words, spot, (1, 0), away, self.land.region)

    def _says(self, words: str) -> None:
        """Other small print; the arrows of the run before go with the old."""
        note = self._note(words)
        self.play(FadeOut(self.note), FadeOut(self.stations), FadeIn(note), run_time=0.4)
        self.note, self.stations = note, VGroup()

    def _unveil(self, column: str, only: Sequence[int]) -> None:
        """A column of the table comes in with the beat that speaks of it."""
        self.play(changing(self, lambda alpha: self.table.unveil(column, alpha, only)), run_time=0.5)

    def _division(self, index: int) -> DivisionPanel:
        """The first update of a run that divides: each slope, what it is divided by, the step it becomes."""
        rec, role = self.contestants[index].recording, self.contestants[index].role
        keys = ("1.W", "1.b")
        slopes = [Source("grad", key, 0, (0,) * rec.grad(key, 0).ndim) for key in keys]
        usual, made = (
            [Source("fact", name, args={"step": 0, "key": key}) for key in keys]
            for name in ("usual_slope", "step_made")
        )
        rate = [Source("spec", "learning_rate")] * len(keys)
        usually = "÷ usual" if self.look.upright else "÷ usual size"
        rows = [
            (name, [self.shown(source, template, rec) for source in sources], color)
            for name, sources, template, color in (
                ("slope", slopes, "{:+.3f}", "gradient"),
                (usually, usual, "{:.3f}", "ink"),
                ("× −rate", rate, "−{:g}", "ink"),
                ("= step", made, "{:+.3f}", role),
            )
        ]
        before, after = ([self.read(source, rec) for source in sources] for sources in (slopes, made))
        return DivisionPanel(self.look, self.table_room, ("weight", "bias"), rows, before, after, role)

    # --- the beats ---------------------------------------------------------------------------------------

    @beat("One valley, one start: five ways to step.")
    def start(self) -> None:
        up = self.land.changed()
        self.land.rise, self.land.balls, self.land.zoom = 0.0, 0.0, 0.9
        self.land.set_camera(self.land.seen_from(FIRST, 74.0))
        self.play(FadeIn(self.land), run_time=0.6)
        self.play(Transform(self.land, up), run_time=1.4, rate_func=smooth)
        self.axes = self.land.axis_names(("weight", "bias"))
        self.play(FadeIn(self.axes), FadeIn(self.table), FadeIn(self.note), run_time=0.6)

    @beat("SGD knows only the slope: it crawls along the floor.")
    def sgd(self) -> None:
        self._go([0], 3.2)

    @beat("Momentum keeps a velocity: faster, and past the bottom.")
    def momentum(self) -> None:
        self._says("Arrows: the velocity, each run's largest alike.")
        self._go([1], 4.4, still=1)

    @beat("RMSprop divides each slope by its usual size, kept as an average.")
    def divide(self) -> None:
        self._says("The average starts at 0, so it is still small. Bars: two scales.")
        self.count(0)
        self.division = panel = self._division(2)
        self.play(FadeOut(self.table), run_time=0.4)
        first = (panel.heads, panel.lines[0], panel.slope_bars, panel.step_bars)
        self.play(*map(FadeIn, first), run_time=0.6)
        self.wait(0.6)
        self.play(FadeIn(panel.lines[1]), run_time=0.6)
        self.wait(0.6)
        turn = changing(self, panel.turn, rate_func=smooth)
        self.play(*map(FadeIn, (*panel.lines[2:], panel.step_heads)), turn, run_time=1.2)

    @beat("So weight and bias step alike, steep or flat.")
    def rmsprop(self) -> None:
        self.play(FadeOut(self.division), run_time=0.4)
        self.play(FadeIn(self.table), run_time=0.4)
        self._says("Area: the average squared slope, relative to the run's largest.")
        self._unveil("slope²", [2])
        self._go([2], 3.2)

    @beat("Adam keeps both memories. AdamW's path is nearly the same here.")
    def adam(self) -> None:
        self._says("Arrows: Adam's velocity. Dashed: AdamW's path, on Adam's.")
        self._go([3, 4], 3.6, still=3)
        self.crowd = self._crowd()
        self.play(FadeIn(self.crowd), run_time=0.4)

    @beat("Four arrive, SGD is still on its way. Elsewhere, another may win.")
    def race(self) -> None:
        self._says("All five: the same data, start, learning rate.")
        back = self.land.changed(
            heads=np.zeros(len(self.contestants)), **self.land.seen_from(LAST, self.elevation, FIRST)
        )
        self.table.turn_to(0)
        self.count(0)
        gone = (FadeOut(self.axes), FadeOut(self.crowd))
        self.play(*gone, Transform(self.land, back), run_time=1.0, rate_func=smooth)
        self._go(range(len(self.contestants)), 5.0)
        self.axes = self.land.axis_names(("weight", "bias"))
        self.play(FadeIn(self.axes), FadeIn(self._crowd()), run_time=0.4)
