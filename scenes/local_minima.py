"""Local minima: six random starts on the whole landscape of one neuron roll into different valleys."""

from __future__ import annotations

import numpy as np
from manim import FadeIn, FadeOut, Group, LaggedStart, Transform, smooth

from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.dots import Dots
from scenes.kit.duel import DuelScene
from scenes.kit.fit_cell import FitCell, FitCurve
from scenes.kit.layout import Look, Region
from scenes.kit.lit_landscape import LitLandscape
from scenes.kit.plots import Plot
from scenes.kit.scales import Scale
from scenes.kit.shared_landscape import stepping
from scenes.kit.text import Label, Paragraph

#: Where the camera stands: first, while they roll, at the end.
FIRST, ROLLED, LAST = 40.0, 58.0, 50.0
#: At the end the camera looks into the valleys.
ABOVE = 66.0
ELEVATION = {"16:9": 44.0, "1:1": 46.0, "4:5": 44.0, "9:16": 46.0}
LOSS = "{:.2f}"
#: What is left at the end of a ball whose run does not fit.
DIM = 0.4


def regions(look: Look) -> tuple[Region, Region]:
    """(landscape, fits): beside each other in 16:9 and 1:1, stacked in tall shapes."""
    if look.aspect in ("16:9", "1:1"):
        stage, side = look.wide.columns(*((0.63, 0.37) if look.aspect == "16:9" else (4.75, 2.35)), gap=0.35)
    else:
        stage, side = look.wide.rows(*((5.9, 3.0) if look.aspect == "9:16" else (4.8, 2.9)), gap=0.2)
    return stage, side


class LocalMinima(DuelScene):
    """Six runs that differ in their random start alone, each in the valley it started above."""

    title = "Local minima"
    part = 2
    order = 28
    recipes = ("minima_0", "minima_1", "minima_2", "minima_3", "minima_4", "minima_5")
    concept = (
        "local minimum",
        "global minimum",
        "random initialisation",
        "seed",
        "non-convex",
        "loss landscape",
    )
    seconds = 33

    # --- the cast ----------------------------------------------------------------------------------------

    def open_stage(self) -> None:
        super().open_stage()
        look = self.look
        self.stage_region, self.side_region = regions(look)
        self.elevation = ELEVATION[look.aspect]
        self.land = LitLandscape(
            look, self.stage_region, self.contestants, FIRST, self.elevation, margin=0.07, head_room=0.35
        )
        self.land.set_camera(self.land.seen_from(FIRST, self.elevation, ROLLED))
        self.task = self._task()
        self.heading, self.cells = self._cells()

    def _task(self) -> Group:
        """The points to be fitted, large, with what the picture is of."""
        look = self.look
        curve = FitCurve(self.rec)
        text = (
            "Every spot is one neuron: {n_parameters} numbers. "
            "Its height: how badly its wave fits these points."
        )
        region = self.side_region
        if look.aspect == "1:1":
            # The words lie under both, where the landscape leaves room.
            region, half = look.wide, 0.5 * self.side_region.width
            words = Paragraph(look, self.says(text), region.width, "tiny", "muted")
            words.shift((region.left - words.get_left()[0], region.bottom - words.get_bottom()[1], 0))
            at = self.side_region
            side = Region(at.left, at.center[1] - half, at.right, at.center[1] + half)
        else:
            words = Paragraph(look, self.says(text), region.width, "label", "muted")
            words.shift((region.left - words.get_left()[0], region.top - words.get_top()[1], 0))
            room = Region(region.left, region.bottom, region.right, float(words.get_bottom()[1]) - 0.2)
            side = Region(room.left, max(room.bottom, room.top - 0.75 * room.width), room.right, room.top)
        x, y = curve.points.T
        plot = Plot(look, side, Scale(float(x.min()), float(x.max())), Scale(float(y.min()), float(y.max())))
        dots = Dots(look, plot.frame.places(x, y), 0.05, "ink", 0.9)
        return Group(plot, dots, words)

    def _cells(self) -> tuple[Label, list[FitCell]]:
        """One small picture per run: its wave over the points, its loss in its colour."""
        look, region = self.look, self.side_region
        em = look.em("tiny")
        words = "loss and wave" if region.width < 3 else "each one's loss and wave"
        heading = Label(look, words, "tiny", "muted")
        heading.shift((region.left - heading.get_left()[0], 0, 0)).on_baseline(region.top - 0.75 * em)
        room = Region(region.left, region.bottom, region.right, region.top - 1.35 * em)
        across = 3 if look.aspect in ("4:5", "9:16") else 2
        down = -(-len(self.contestants) // across)
        places = [
            cell for row in room.rows(*[1] * down, gap=0.22) for cell in row.columns(*[1] * across, gap=0.4)
        ]
        cells = []
        for each, place in zip(self.contestants, places, strict=False):
            readings = [
                (float(s), self.shown(Source("eval", "loss_train", int(s)), LOSS, each.recording))
                for s in each.recording.eval_steps
            ]
            cells.append(FitCell(look, place, FitCurve(each.recording), readings, each.role))
        return heading, cells

    # --- the beats ---------------------------------------------------------------------------------------

    @beat("One neuron that draws a wave: its loss has many valleys.")
    def landscape(self) -> None:
        up = self.land.changed(balls=0.0)
        self.land.rise, self.land.balls, self.land.zoom = 0.0, 0.0, 0.9
        self.land.set_camera(self.land.seen_from(FIRST - 15, 74.0))
        self.play(FadeIn(self.land), FadeIn(self.task), run_time=0.8)
        self.play(Transform(self.land, up), run_time=1.8, rate_func=smooth)
        self.axes = self.land.axis_names(("weight", "bias"))
        self.play(FadeIn(self.axes), run_time=0.4)

    @beat("Six starts. Nothing else differs.")
    def starts(self) -> None:
        self.play(FadeOut(self.task), run_time=0.4)
        self.play(Transform(self.land, self.land.changed(balls=1.0)), FadeIn(self.heading), run_time=0.6)
        self.play(LaggedStart(*[FadeIn(cell) for cell in self.cells], lag_ratio=0.25), run_time=1.6)

    @beat("Each run only ever steps downhill.")
    def roll(self) -> None:
        self.play(FadeOut(self.axes), run_time=0.3)

        def show(step: float) -> None:
            for cell in self.cells:
                cell.turn_to(step)
            self.land.azimuth = FIRST + (ROLLED - FIRST) * float(smooth(step / self.rec.n_steps))

        self.play(stepping(self, self.land, show, self.rec.n_steps, ease=1.4), run_time=5.0)
        self.axes = self.land.axis_names(("weight", "bias"))
        self.tags = self.land.crowd_tags()
        self.play(FadeIn(self.axes), FadeIn(self.tags), run_time=0.3)

    @beat("Each ends in a valley: every way out is uphill.")
    def ends(self) -> None:
        self.play(FadeOut(self.axes), FadeOut(self.tags), run_time=0.3)
        above = self.land.changed(**self.land.seen_from(LAST, ABOVE))
        self.play(Transform(self.land, above), run_time=2.6, rate_func=smooth)
        self.axes = self.land.axis_names(("weight", "bias"))
        self.tags = self.land.crowd_tags()
        self.play(FadeIn(self.axes), FadeIn(self.tags), run_time=0.4)

    @beat("Only the deepest valleys fit the points: the start decides.")
    def best(self) -> None:
        losses = [each.recording.evals("loss_train")[-1] for each in self.contestants]
        low = np.array(losses) <= 2 * min(losses)
        dimmed = [Transform(self.land, self.land.changed(lit=np.where(low, 1.0, DIM)))]
        for cell, good in zip(self.cells, low, strict=True):
            if not good:
                line = cell.line.copy().set_stroke(opacity=0.4)
                number = cell.number.copy().set_opacity(0.4)
                dimmed += [Transform(cell.line, line), Transform(cell.number, number)]
        self.play(FadeOut(self.tags), *dimmed, run_time=0.8)
        self.wait(0.4)
