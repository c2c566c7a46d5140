"""The loss of a recorded network over a plane through its own path, and the path rolling down it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from manim import (
    RIGHT,
    AnimationGroup,
    FadeIn,
    FadeOut,
    Group,
    LaggedStart,
    Mobject,
    Transform,
    UpdateFromAlphaFunc,
    VGroup,
    linear,
    smooth,
)

from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.landscape_view import LandscapeView, loss_scale
from scenes.kit.layout import Look, Region
from scenes.kit.loss_gauge import LossGauge
from scenes.kit.marks import Arrow, Ball, Tag
from scenes.kit.readouts import Counter
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.relief import BASE
from scenes.kit.text import Label, Paragraph, even_width

#: Where the camera stands around the map: first, after the descent, at the end.
FIRST, ROLLED, LAST = 64.0, 77.0, 52.0
#: The clock of the descent is logarithmic from about this step on, even before it.
EARLY = 8.0
#: The flat map is drawn this much smaller, so that it can turn while it tilts.
FLAT = 0.9
#: How far it looks down, by shape: more where there is height to fill.
ELEVATION = {"16:9": 31.0, "1:1": 42.0, "4:5": 37.0, "9:16": 43.0}
#: How many batches show their own surface: those of the first recorded steps.
BATCHES = 4
LOSS = "{:#.3g}"
LOG_NOTE = "Height is logarithmic: each line doubles the loss."
LINEAR_NOTE = "Each line is a tenth of the loss's range."


@dataclass(frozen=True)
class Places:
    """Where things are: the surface, the step counter, the loss gauge, the small print."""

    stage: Region
    step: Region
    gauge: Region
    note: Region
    form: str

    @classmethod
    def of(cls, look: Look) -> Places:
        """Gauge and counter beside the surface in wide and square shapes, below it in upright ones."""
        if look.aspect == "16:9":
            stage, side = look.panels(0.69)
            step, gauge, note = side.rows(1.05, 3.1, 1.05, gap=0.25)
            return cls(stage, step, gauge, note, "standing")
        if look.aspect == "1:1":
            above, note = look.wide.rows(5.0, 0.65, gap=0.15)
            stage, side = above.columns(5.4, 1.7, gap=0.2)
            step, gauge = side.rows(1.1, 3.8, gap=0.2)
            return cls(stage, step, gauge, note, "narrow")
        stage, strip, note = look.wide.rows(*UPRIGHT_ROWS[look.aspect], gap=0.15)
        step, gauge = strip.columns(1.5, 5.0, gap=0.4)
        return cls(stage, step, gauge, note, "lying")


UPRIGHT_ROWS = {"4:5": (5.2, 1.65, 0.65), "9:16": (6.2, 1.7, 0.8)}


class LossLandscape(RecordedScene):
    """The loss over the plane that best holds a recorded run's path, and the run rolling down it."""

    title = "Loss landscape"
    part = 2
    order = 18
    recipe = "digits"
    concept = ("loss landscape", "loss surface", "gradient descent", "PCA", "valley", "training path")
    seconds = 28

    # --- the cast ----------------------------------------------------------------------------------------

    def open_stage(self) -> None:
        super().open_stage()
        self.land = self.rec.landscape()
        self.places = Places.of(self.look)
        self.elevation = ELEVATION[self.look.aspect]
        land = self.land
        self.batches = [int(step) for step in land.steps if step < self.rec.n_steps][:BATCHES]
        alone = [self.rec.landscape(batch=step).loss for step in self.batches]
        self.view = LandscapeView(
            self.look, self.places.stage, land.alpha, land.beta, land.loss, azimuth=90.0, elevation=90.0,
            scale=loss_scale(np.stack([land.loss, *alone])),
        )  # fmt: skip
        self.view.add_path(land.path, land.path_loss, land.slice_loss)
        for loss in alone:
            self.view.add_surface(loss)
        self.view.add_surface(land.loss)
        self.view.rise, self.view.balls, self.view.zoom = 0.0, 0.0, FLAT
        self.clock = np.log1p(land.steps / EARLY)
        self.gauge = self._gauge()
        self.counter = self._step_counter()
        self.note = Group()

    def _fact(self, name: str, template: str, **args: int) -> str:
        return self.shown(Source("fact", name, args=args), template)

    def _gauge(self) -> LossGauge:
        readings = [
            (float(at), self._fact("path_loss", LOSS, step=int(step)))
            for at, step in zip(self.clock, self.land.steps, strict=True)
        ]
        gauge = LossGauge(
            self.look,
            self.places.gauge,
            self.view.loss_scale,
            readings,
            lines=self.view.line_losses(),
            form=self.places.form,
        )
        return gauge.point_to(float(self.land.path_loss[0]), 0.0)

    def _step_counter(self) -> VGroup:
        """ "step", and the number of updates made so far under it."""
        region, look = self.places.step, self.look
        steps = [(float(at), f"{int(step):,}") for at, step in zip(self.clock, self.land.steps, strict=True)]
        self.step = Counter(look, steps, "title", "ink", "bold")
        word = Label(look, "step", "label", "muted")
        left = self.gauge.bar.left if self.places.form == "standing" else region.left
        for label in (word, self.step):
            label.shift((left - label.get_left()[0], 0.0, 0.0))
        low = region.bottom + 0.12
        if self.places.form == "lying":
            low = float(self.gauge.bar.center[1]) - 0.34 * self.step.em
        self.step.on_baseline(low)
        word.on_baseline(low + 1.15 * self.step.em)
        return VGroup(self.step, word)

    def _note(self, text: str) -> Paragraph:
        region = self.places.note
        note = Paragraph(self.look, text, region.width, "tiny", "muted")
        return note.shift((region.left - note.get_left()[0], region.top - note.get_top()[1], 0.0))

    # --- the beats ---------------------------------------------------------------------------------------

    @beat("Each spot is a network; its height, its loss.")
    def surface(self) -> None:
        key = self._key()
        self.play(FadeIn(self.view, run_time=0.8))
        self.play(
            Transform(self.view, self.view.changed(balls=1.0)),
            FadeIn(key, shift=0.2 * RIGHT),
            run_time=0.6,
            rate_func=smooth,
        )
        self.wait(0.8)
        risen = self.view.changed(
            rise=1.0, zoom=1.0, **self.view.seen_from(FIRST, self.elevation, ROLLED, LAST)
        )
        self.play(FadeOut(key, run_time=0.5), Transform(self.view, risen, run_time=2.0, rate_func=smooth))
        log = self.view.loss_scale.kind == "log"
        note = self._note(LOG_NOTE if log else LINEAR_NOTE)
        self.note = Group(note)
        self.play(FadeIn(self.counter), FadeIn(self.gauge), FadeIn(note), run_time=0.6)

    def _key(self) -> Group:
        """What the ball stands for, with a ball beside it."""
        region = self.places.gauge
        if self.look.upright:
            region = (
                self.places.step.around(self.places.note) if self.places.form == "lying" else self.places.note
            )
        count = self._fact("n_parameters", "{:,}")
        em = self.look.em("body")
        text = f"one setting of all {count} weights and biases"
        words = Paragraph(self.look, text, even_width(text, region.width - 1.1 * em, em), "body")
        words.move_to(region.center + [0.55 * em, 0, 0])
        ball = Ball(self.look, np.array([words.get_left()[0] - 0.65 * em, words[0].get_center()[1]]), 0.14)
        return Group(ball, words)

    @beat("This slice holds {landscape_variance:.1%} of the path's variance.")
    def slice(self) -> None:
        axes = self._axes()
        points = self._fact("landscape_points", "{:,}")
        count, digits = self._fact("n_parameters", "{:,}"), self._fact("n_train", "{:,}")
        note = self._note(
            f"Left out: all but 2 of {count} directions. Surface: {points} losses over {digits} digits."
        )
        self.play(LaggedStart(*[FadeIn(axis) for axis in axes], lag_ratio=0.5, run_time=1.0))
        self.play(
            Transform(self.view, self.view.changed(beads=1.0)),
            FadeOut(self.note),
            FadeIn(note),
            run_time=0.8,
        )
        self.note, self.axes = Group(note), axes

    def _axes(self) -> Group:
        """An arrow along each cut side with the share of the variance its direction explains."""
        left, right = (
            (self.view.place(*one, -BASE), self.view.place(*two, -BASE))
            for one, two in (((-0.55, -1.13), (0.55, -1.13)), ((1.13, -0.55), (1.13, 0.55)))
        )
        words = [self._share(axis) for axis in (0, 1)]
        # The left arrow falls to the right: its words stand where there is room before it, or under its head.
        room = self.places.stage.left + words[0].width + 0.15
        share = max(0.45, float((room - left[0][0]) / (left[1][0] - left[0][0])))
        corner = left[0] + (left[1] - left[0]) * share
        words[0].move_to(corner - [words[0].width / 2 + 0.15, words[0].height / 2, 0])
        if share > 1:
            head = self.places.stage.left + words[0].width / 2, left[1][1] - 0.12 - words[0].height / 2
            words[0].move_to((*head, 0.0))
        # The right one rises to the right: its words hang where there is room under it.
        room = self.places.stage.bottom + words[1].height + 0.15
        share = float(np.clip((room - right[0][1]) / (right[1][1] - right[0][1]), 0.45, 1.1))
        corner = right[0] + (right[1] - right[0]) * share
        words[1].move_to(corner + [words[1].width / 2, -words[1].height / 2 - 0.15, 0])
        return Group(
            *[
                Group(text, Arrow(self.look, *ends, "muted", 0.05))
                for ends, text in zip((left, right), words, strict=True)
            ]
        )

    def _share(self, axis: int) -> VGroup:
        name = Label(self.look, f"direction {axis + 1}", "tiny", "muted")
        share = self._fact("landscape_variance", "{:.1%}", axis=axis)
        number = Label(self.look, share, "label", "ink", "bold")
        number.shift((name.get_center()[0] - number.get_center()[0], 0.0, 0.0))
        number.on_baseline(name.baseline - 1.15 * number.em)
        return VGroup(name, number)

    @beat("Each batch of {spec.batch_size} sees its own surface.")
    def batch_noise(self) -> None:
        """The surface of a few single batches, on the same scale; the ball and its numbers are not theirs."""
        count = self.shown(Source("spec", "batch_size"), "{:,}")
        bare = self.view.changed(beads=0.0, balls=0.0)
        self.reading = [self.counter, *self.gauge.reading]
        gone = map(FadeOut, (self.axes, self.note, *self.reading))
        self.play(*gone, Transform(self.view, bare), run_time=0.3)
        self.note = Group()
        for at, step in enumerate(self.batches, 1):
            self._morph(f"Loss on the {count} digits of step {step:,} alone.", surface=float(at))

    def _morph(self, text: str, **changes: float) -> None:
        """The surface moves on, and the small print says at once what it becomes."""
        self.remove(self.note)
        self.note = Group(self._note(text))
        self.add(self.note)
        self.play(Transform(self.view, self.view.changed(**changes)), run_time=0.6, rate_func=smooth)

    @beat("{n_steps:,} training steps roll it downhill.")
    def descent(self) -> None:
        snapshots, digits = self._fact("n_snapshots", "{:,}"), self._fact("n_train", "{:,}")
        surface = len(self.batches) + 1.0
        if self.entering:  # no batch's surface was seen
            self.view.surface, self.view.balls = surface, 1.0
            self.add(*self.reading)
        else:
            self._morph(f"Back to the loss on all {digits} digits.", surface=surface, balls=1.0)
            self.play(*map(FadeIn, self.reading), run_time=0.3)
        note = self._note(f"Path: {snapshots} recorded snapshots. Time is logarithmic.")
        self.play(FadeOut(self.note), FadeIn(note), run_time=0.5)
        self.note = Group(note)
        places = np.arange(len(self.clock), dtype=float)

        def roll(view: Mobject, alpha: float) -> None:
            assert isinstance(view, LandscapeView)
            view.heads = np.array([np.interp(alpha * self.clock[-1], self.clock, places)])
            view.azimuth = FIRST + (ROLLED - FIRST) * float(smooth(alpha))

        def gauge(gauge: Mobject, alpha: float) -> None:
            assert isinstance(gauge, LossGauge)
            now = alpha * self.clock[-1] if alpha < 1 else self.clock[-1]
            gauge.point_to(float(np.interp(now, self.clock, self.land.path_loss)), now)

        self.play(
            UpdateFromAlphaFunc(self.view, roll, rate_func=linear),
            UpdateFromAlphaFunc(self.gauge, gauge, rate_func=linear),
            self.step.counting(0.0, self.clock[-1]),
            run_time=3.2,
        )

    @beat("Training ends at a loss of {path_loss[last]:#.3g}.")
    def landing(self) -> None:
        self.play(Transform(self.view, self.view.changed(azimuth=LAST)), run_time=2.0, rate_func=smooth)
        tag = Tag(self.look, Label(self.look, "last step", "label"), self.view.ball_spot(), (0.8, 1), 0.32)
        deeper = self.land.loss.min() < self.land.path_loss[-1]
        early = "Training stopped before the deepest spot. " if deeper else ""
        note = self._note(early + "The flat slice shows only part of the way.")
        self.play(FadeIn(tag), AnimationGroup(FadeOut(self.note), FadeIn(note)), run_time=0.6)
