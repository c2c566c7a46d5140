"""Gradient descent seen from two of the weights: the gradient points uphill, the step goes the other way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from manim import ApplyMethod, FadeIn, FadeOut, Mobject, UpdateFromAlphaFunc, VGroup, linear

from nncore.sources import Source
from scenes.kit.batch_strip import BatchStrip
from scenes.kit.beats import beat
from scenes.kit.contour_map import interval_of
from scenes.kit.descent import Descent, WholeRun
from scenes.kit.descent_layout import MapPlace, Places
from scenes.kit.descent_plots import RunPlots, SawTooth
from scenes.kit.descent_poses import Poses
from scenes.kit.loss_view import LossView, Pose, map_axes
from scenes.kit.marks import Tag
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.scales import Scale
from scenes.kit.text import Label, Paragraph, Runs
from scenes.kit.update_rule import StepPanel, UpdateRule

#: The most single steps that are shown one by one.
SINGLE = 6
#: A last map whose losses differ by less than this share of the first map's is almost flat.
FLAT = 0.1


class GradientDescent(RecordedScene):
    """Gradient descent on the digits run: every arrow is a recorded step."""

    title = "Gradient descent"
    part = 2
    order = 17
    recipe = "digits"
    concept = ("gradient descent", "gradient", "learning rate", "step", "weight update", "minibatch", "SGD")
    seconds = 26

    def open_stage(self) -> None:
        super().open_stage()
        self.descent = Descent(self.rec, SINGLE)
        self.poses = Poses(self.descent)
        self.places = Places.of(self.look, len(self.descent.pictures(0)))
        start = self.poses.valley(self.places.hero.map)
        self.view = LossView(self.look, self.descent.x, self.descent.y, start)
        self.rate = self.read(Source("series", "learning_rate", 0))
        self._count(0)

    # --- beats -------------------------------------------------------------------------------------------

    @beat("The loss, as two weights change.")
    def two_weights(self) -> None:
        d, valley = self.descent, self.view.current
        self.axes, self.strip = self._axes(valley, self.places.hero), self._strip(0, self.places.hero)
        self.note = self._note(
            "Loss on these {spec.batch_size} digits. Two of {n_parameters:,} weights and biases.",
            self.places.hero,
            "label",
        )
        self.view.pose(replace(valley, detail=valley.detail - 1, ball=0.0))
        self.play(FadeIn(self.view), FadeIn(self.axes), FadeIn(self.strip), FadeIn(self.note), run_time=0.8)
        self.play(self.view.going(valley), run_time=0.8)
        loss = self.shown(Source("series", "loss_batch", 0))
        words = Runs(self.look, [("loss ", "muted"), (loss, "ink")], "label")
        self.tags = VGroup(
            Tag(self.look, words, self.view.place(*d.path[0]), (0, -1), inside=valley.region),
            Tag(self.look, Label(self.look, "low", "tiny"), self.view.place(*d.lowest), (0, 0), 0.0),
            Tag(self.look, Label(self.look, "high", "tiny"), valley.region.point(0.93, 0.5), (0, 0), 0.0),
        )
        self.play(FadeIn(self.tags), run_time=0.4)

    @beat("The gradient points uphill.")
    def gradient(self) -> None:
        slope = self.poses.slope(self.places.hero.map)
        self.play(*self._gone(self.tags, self.axes), self.view.going(slope, run_time=1.2))
        self.axes = self._axes(slope, self.places.hero)
        self.play(FadeIn(self.axes), self.view.going(replace(slope, uphill=1.0)), run_time=1.0)
        x, y = (self._signed(self.descent.gradient(i, 0)) for i in range(2))
        words = Runs(self.look, [("gradient ", "gradient"), (f"({x}, {y})", "ink")], "label")
        tip = self.view.place(*(slope.at + slope.gradient))
        side = (0, -1 if slope.gradient[1] < 0 else 1)
        self.tags = VGroup(Tag(self.look, words, tip, side, 0.12, slope.region))
        self.play(FadeIn(self.tags), run_time=0.4)

    @beat("So all {n_parameters:,} step the other way.")
    def first_step(self) -> None:
        near = self.poses.single(self.places.one.map, 0, 1, uphill=self.rate)
        self.panel = self._panel()
        self.play(*self._gone(self.tags, self.axes, self.note, self.strip))
        self.play(self.view.going(near), run_time=1.2)
        self.axes, self.strip = self._axes(near, self.places.one), self._strip(0, self.places.one)
        rule = self.panel.rule
        self.play(*map(FadeIn, (self.axes, self.strip, rule.left, rule.middle)), run_time=0.6)
        self.view.pose(replace(near, step=self.rate))
        self.play(self.view.going(replace(near, step=self.rate, turn=1.0)), run_time=0.8)
        landed = self.poses.landed(near, 0)
        self.play(self.view.going(landed), FadeIn(rule.right), run_time=0.8)
        self._count(1)
        self.tags = self._step_tags(landed)
        self.play(FadeIn(self.tags), FadeIn(self.panel.loss_line), run_time=0.4)

    @beat("New digits each step: the map shifts.")
    def more_steps(self) -> None:
        d, place = self.descent, self.places.many
        moved = self.poses.landed(self.poses.single(place.map, 0, d.singles, uphill=self.rate), 0)
        steps = range(d.singles)
        after = np.array([self.read(Source("fact", "batch_loss_after", args={"step": s})) for s in steps])
        tooth = SawTooth(self.look, self.places.plot_many, d.losses[: d.singles], after)
        self.tooth = tooth
        self.play(
            *self._gone(self.axes, self.tags, self.strip), self.view.going(moved, run_time=0.8),
            ApplyMethod(self.panel.move_to, self.places.rule_many.center, run_time=0.8),
        )  # fmt: skip
        self.axes, self.strip = self._axes(moved, place), self._strip(0, place)
        self.play(*map(FadeIn, (self.axes, self.strip, tooth, tooth.dots[0])), run_time=0.4)
        self.play(tooth.falls[0].drawing(0, 1), run_time=0.4)
        for step in range(1, d.singles):
            self._single_step(step, 0.4 if step < 3 else 0.2)

    def _single_step(self, step: int, pace: float) -> None:
        """One more step: its batch and map, its arrow, then the way the other way."""
        d = self.descent
        here = self.poses.single(self.places.many.map, step, d.singles, uphill=self.rate, path=d.path[:step])
        self.play(
            self.view.going(here), self.panel.turning(step), FadeIn(self.tooth.dots[step]),
            self.strip.turning(d.pictures(step)), run_time=pace,
        )  # fmt: skip
        fall = self.tooth.falls[step].drawing(step, step + 1)
        self.play(self.view.going(self.poses.landed(here, step)), fall, run_time=pace + 0.2)
        self._count(step + 1)

    @beat("{n_steps:,} steps on: {accuracy_test[last]:.1%} of new digits right.")
    def whole_run(self) -> None:
        d, place = self.descent, self.places.run
        here = self.poses.run_start(place.map)
        gone = [self.panel, self.tooth, *self.tooth.dots, *self.tooth.falls, self.axes, self.strip]
        self.play(*self._gone(*gone), self.view.going(here, run_time=0.8))
        run = WholeRun(d, here.window.span(place.map))
        first, last = float(run.steps[0]), float(run.steps[-1])
        start = self.poses.run_at(run, here, first)
        whole = LossView(self.look, run.x, run.y, start)
        words = "Loss on all {n_train:,} training digits, over 2 of {n_parameters:,} directions."
        self.axes, self.note = self._axes(start, place), self._note(words, place)
        plots = RunPlots(self.look, self.places.plots_run, self.rec, *self._evaluations()).draw_to(first)
        self.play(*map(FadeIn, (whole, self.axes, self.note, plots)), run_time=0.6)
        self.remove(self.view)
        log = Scale(first, last, "symlog")

        def step(share: float) -> float:
            return log.value(share) if share < 1 else last

        status = UpdateFromAlphaFunc(self._count(first), lambda _, share: self._count(step(share)))
        running = whole.following(lambda share: self.poses.run_at(run, here, step(share)))
        self.play(running, plots.drawing(step), status, run_time=4.0, rate_func=linear)
        finer = self.poses.run_end(run, here)
        axes, note = self._axes(finer, place), self._note(self._end_words(run), place)
        self.play(whole.going(finer), *map(FadeOut, (self.axes, self.note)), *map(FadeIn, (axes, note)),
                  run_time=0.8)  # fmt: skip
        self.axes, self.note = axes, note

    # --- parts -------------------------------------------------------------------------------------------

    @staticmethod
    def _gone(*mobjects: Mobject) -> list[FadeOut]:
        """What leaves goes fast, before anything it stands on has moved far."""
        return [FadeOut(mobject, run_time=0.4) for mobject in mobjects]

    def _count(self, step: float) -> Label:
        return self.status(f"step {int(step):,}")

    def _signed(self, source: Source) -> str:
        return self.shown(source, "{:.3f}").replace("-", "−")

    def _axes(self, pose: Pose, place: MapPlace) -> VGroup:
        interval = f"{interval_of(int(pose.detail)):.7f}".rstrip("0")
        names = [self.descent.name(i) for i in range(2)]
        if not place.named:
            names = [name.split(":")[0] for name in names]
        legends = (f"a line every {interval} of loss", f"a line every {interval}", f"{interval} a line")
        return map_axes(self.look, pose, (names[0], names[1]), legends, place.named)

    def _strip(self, step: int, place: MapPlace) -> BatchStrip:
        """The pictures of a step's batch under the map."""
        return BatchStrip(self.look, self.descent.pictures(step), place.digits, place.rows)

    @staticmethod
    def _end_words(run: WholeRun) -> str:
        """What the last map is, and why a ball off its lowest place is no fault, if it is none."""
        flat = np.ptp(run.maps[-1]) < FLAT * np.ptp(run.maps[0])
        return "Drawn at the end: 2 of {n_parameters:,} directions" + (", almost flat." if flat else ".")

    def _note(self, words: str, place: MapPlace, size: str = "tiny") -> Paragraph:
        """What the map is a map of and what is left out, at the foot of the map's place."""
        note = Paragraph(self.look, self.says(words), place.map.width, size, "muted")
        corner = (place.map.left - note.get_left()[0], place.digits.bottom - 0.14 - note.get_top()[1], 0.0)
        return note.shift(corner)

    def _step_tags(self, pose: Pose) -> VGroup:
        """The names of both arrows of a single step, beside their middles."""
        text = self.shown(Source("series", "learning_rate", 0), "{:g}")
        half = 0.5 * self.rate * pose.gradient
        side = np.sign([pose.gradient[1], -pose.gradient[0]])
        up = Runs(self.look, [(f"{text} × ", "ink"), ("gradient", "gradient")], "tiny")
        down = Label(self.look, "step", "tiny", "accent")
        return VGroup(
            Tag(self.look, up, self.view.place(*(pose.origin + half)), tuple(side), 0.08, pose.region),
            Tag(self.look, down, self.view.place(*(pose.origin - half)), tuple(-side), 0.08, pose.region),
        )

    def _panel(self) -> StepPanel:
        """The rule with the recorded numbers of every single step, and the loss of its batch."""
        d, steps = self.descent, range(self.descent.singles)
        old = [[(s, self._signed(d.weight(i, s))) for s in steps] for i in range(2)]
        slope = [[(s, self._signed(d.gradient(i, s))) for s in steps] for i in range(2)]
        new = [[(s, self._signed(d.weight(i, s + 1))) for s in steps] for i in range(2)]
        rate = self.shown(Source("series", "learning_rate", 0), "{:g}")
        room = min(self.places.rule_one.width, self.places.rule_many.width)
        rule = UpdateRule(self.look, ("w₁", "w₂"), old, slope, new, rate)
        if rule.width > room:
            rule = UpdateRule(self.look, ("w₁", "w₂"), old, slope, new, rate, "label")
        before = [(s, self.shown(Source("series", "loss_batch", s))) for s in steps]
        after = [(s, self.shown(Source("fact", "batch_loss_after", args={"step": s}))) for s in steps]
        words = self.says("loss on these {spec.batch_size} digits")
        others = "" if self.look.aspect == "9:16" else "all {n_parameters:,} step at once; the map shows two"
        return StepPanel(self.look, rule, words, before, after, self.says(others)).move_to(
            self.places.rule_one.center
        )

    def _evaluations(self) -> list[list[tuple[float, str]]]:
        """The readings of accuracy, training loss and test loss at every evaluation."""
        kinds = (("accuracy_test", "{:.1%}"), ("loss_train", "{:.2f}"), ("loss_test", "{:.2f}"))
        return [
            [(float(step), self.shown(Source("eval", kind, int(step)), form)) for step in self.rec.eval_steps]
            for kind, form in kinds
        ]
