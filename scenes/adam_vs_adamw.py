"""Adam and AdamW: the same decay, inside the gradient or on its own, seen on every first-layer weight."""

from __future__ import annotations

import numpy as np
from manim import (
    DOWN,
    LEFT,
    Animation,
    FadeIn,
    FadeOut,
    Group,
    LaggedStart,
    Mobject,
    Transform,
    UpdateFromAlphaFunc,
    VGroup,
    linear,
)

from nncore.decay_facts import input_sizes, unused_inputs_of
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.duel import DuelScene, moment, snapshot_at
from scenes.kit.encodings import sequential_rgb
from scenes.kit.layout import Look, Region
from scenes.kit.mask_outline import MaskOutline
from scenes.kit.needs import image_reader
from scenes.kit.pixel_image import PixelImage
from scenes.kit.plots import Curve, Plot
from scenes.kit.ramp_bar import RampBar
from scenes.kit.readouts import Counter
from scenes.kit.scales import Scale
from scenes.kit.scrub import between
from scenes.kit.text import Label, Paragraph, Runs

SIZE, WEIGHT = "{:.1f}", "{:.5f}"
#: Brightness is the size's share of the largest to this power: small sizes stay apart.
GAMMA = 0.6
#: Room between the two pictures, in units: their colour scale stands there.
BETWEEN = 0.9
#: By how much the other pixels fade where some are spoken of.
FADED = 0.3
#: What the two curves of a plot are of.
KINDS = ("weight_norm", "unused_weight_size")


def regions(look: Look) -> tuple[list[Region], list[Region], Region]:
    """(a place for each run's picture, two for the plots, the small print)."""
    if look.aspect == "16:9":
        stage, side = look.wide.columns(0.65, 0.35, gap=0.55)
        plots, small = side.rows(4.75, 0.75, gap=0.1)
        return stage.columns(1, 1, gap=BETWEEN), plots.rows(1, 1, gap=0.15), small
    shares = {"1:1": (3.5, 1.9, 0.4), "4:5": (4.4, 2.7, 0.7), "9:16": (4.5, 3.5, 0.8)}[look.aspect]
    stage, plots, small = look.wide.rows(*shares, gap=0.15)
    return stage.columns(1, 1, gap=BETWEEN), plots.columns(1, 1, gap=0.4), small


class AdamVsAdamW(DuelScene):
    """Two runs with the same decay, coupled and decoupled: the size of every pixel's weights over time."""

    title = "Adam and AdamW"
    part = 2
    order = 22
    recipes = ("decay_adam", "decay_adamw")
    concept = ("weight decay", "AdamW", "Adam", "decoupled decay", "L2", "regularisation", "weights' size")
    seconds = 41
    hues = (3, 4)

    # --- the cast ----------------------------------------------------------------------------------------

    def open_stage(self) -> None:
        super().open_stage()
        look = self.look
        places, plots, self.small = regions(look)
        self.shape = image_reader(self.rec)
        self.sizes = [
            np.array([input_sizes(each.recording, int(s)) for s in each.recording.steps])
            for each in self.contestants
        ]
        self.focus, self.unused_inputs = 0.0, unused_inputs_of(self.rec)
        self.note: Mobject = Group()
        self.most = max(float(sizes.max()) for sizes in self.sizes)
        made = [self._picture(i, place) for i, place in enumerate(places)]
        self.pictures = [picture for picture, _, _ in made]
        self.numbers = [number for _, number, _ in made]
        self.words = [words for _, _, words in made]
        self.scale_bar = self._scale_bar()
        first = self._plot(KINDS[0], "all weights", plots[0])
        # Both axes start as far from their places' edges.
        room = first[0].area.left - plots[0].left
        self.plots = [first, self._plot(KINDS[1], "pixels never inked", plots[1], plots[1].left + room)]

    def _picture(self, index: int, place: Region) -> tuple[PixelImage, Counter, VGroup]:
        """The size of every pixel's weights as a picture, the run's name above, the size of all below."""
        look, each = self.look, self.contestants[index]
        em = look.em("label")
        side = min(place.width, place.height - 3.1 * em)
        x, top = float(place.center[0]), place.top - 1.55 * em
        picture = PixelImage(
            look, self._rgba(index, 0.0), Region(x - side / 2, top - side, x + side / 2, top)
        )
        name = Label(look, each.name, "body", each.role, "bold")
        name.shift((x - side / 2 - name.get_left()[0], 0, 0)).on_baseline(place.top - 1.05 * em)
        words = Label(look, "size of all", "label", "muted")
        words.shift((x - side / 2 - words.get_left()[0], 0, 0)).on_baseline(top - side - 1.1 * em)
        number = Counter(look, self._readings(KINDS[0], index), "label", "ink", "bold", align="right")
        number.shift((x + side / 2 - number.get_right()[0], 0, 0)).on_baseline(top - side - 1.1 * em)
        return picture, number, VGroup(name, words)

    def _scale_bar(self) -> RampBar:
        """The scale of both pictures, from zero to the largest size there ever is, between them."""
        left, right = (picture.region for picture in self.pictures)
        largest = [float(sizes.max()) for sizes in self.sizes]
        index = int(np.argmax(largest))
        rec = self.contestants[index].recording
        step = int(rec.steps[self.sizes[index].max(axis=1).argmax()])
        text = self.shown(Source("fact", "largest_input_size", args={"step": step}), SIZE, rec)
        middle = (left.right + right.left) / 2
        place = Region(middle - BETWEEN / 2, left.bottom, middle + BETWEEN / 2, left.top)
        return RampBar(self.look, place, text, GAMMA)

    def _readings(self, kind: str, index: int) -> list[tuple[float, str]]:
        rec = self.contestants[index].recording
        return [(float(s), self.shown(self._source(kind, int(s)), SIZE, rec)) for s in rec.steps]

    @staticmethod
    def _source(kind: str, step: int) -> Source:
        more = {"key": "1.W"} if kind == "weight_norm" else {}
        return Source("fact", kind, args={"step": step, **more})

    def _rgba(self, index: int, step: float) -> np.ndarray:
        """The picture at a step; the pixels that have ink fade by `focus`."""
        sizes = between(self.sizes[index], *moment(self.contestants[index].recording, step))
        color = sequential_rgb(self.look, (sizes.reshape(self.shape) / self.most) ** GAMMA)
        opacity = 1 - FADED * self.focus * ~self.unused_inputs.reshape(self.shape)
        return np.concatenate([color, opacity[..., None]], axis=-1)

    def _focused(self, focus: float) -> list[Animation]:
        """The pixels that are never inked stand out (1), or all are alike (0)."""
        self.focus = focus
        last = self.in_step.last
        return [
            Transform(picture, picture.changed(rgba=self._rgba(i, last).astype(np.float32)))
            for i, picture in enumerate(self.pictures)
        ]

    def _plot(self, kind: str, name: str, place: Region, left: float | None = None) -> tuple[Plot, VGroup]:
        values = [
            [self.read(self._source(kind, int(s)), each.recording) for s in each.recording.steps]
            for each in self.contestants
        ]
        y = Scale(0.0, 1.05 * float(np.max(values)))
        plot = Plot(
            self.look,
            place,
            Scale(0, self.in_step.last, "symlog"),
            y,
            "step (log time)",
            f"size: {name}",
            end_room=0.6,
            left=left,
        )
        curves = VGroup(*[
            plot.curve(each.recording.steps, np.array(found), each.role, "bold").draw_to(0)
            for each, found in zip(self.contestants, values, strict=True)
        ])  # fmt: skip
        return plot, curves

    def _note(self, words: str) -> Paragraph:
        note = Paragraph(self.look, self.says(words), self.small.width, "tiny", "muted")
        return note.shift((self.small.left - note.get_left()[0], self.small.top - note.get_top()[1], 0))

    def _turned(self, words: str) -> list[Animation]:
        """The small print says something else."""
        old, self.note = self.note, self._note(words)
        return [FadeOut(old, run_time=0.3), FadeIn(self.note, run_time=0.6)]

    # --- the beats ---------------------------------------------------------------------------------------

    @beat("How large are each pixel's weights? Two runs, one start.")
    def start(self) -> None:
        self.note = self._note("The only difference: the optimizer.")
        region = self.plots[0][0].region
        words = self.says(
            "A square is a pixel. Its colour: how large its {layer_size[1]} weights are, together."
        )
        width = self.look.wide.width if self.look.upright else region.width
        self.key = Paragraph(self.look, words, width, "label", "muted")
        self.key.shift((region.left - self.key.get_left()[0], region.top - 0.2 - self.key.get_top()[1], 0))
        shown = (*self.pictures, self.scale_bar, *self.words, *self.numbers, self.note, self.key)
        self.play(*map(FadeIn, shown), run_time=0.8)

    @beat("Decay pulls weights to 0. Adam rescales that pull; AdamW leaves it as set.")
    def train(self) -> None:
        plot, curves = self.plots[0]
        words = "Decay: {spec.l2} in both. AdamW's learning outweighs it."
        self.play(FadeOut(self.key, run_time=0.3), FadeIn(plot), *self._turned(words))
        self.add(curves)
        self._run(curves, 5.0)

    @beat("{unused_inputs} pixels never have ink: Adam wipes out their weights.")
    def unused(self) -> None:
        plot, curves = self.plots[1]
        words = "Outlined: the pixels that are 0 in all {n_train:,} digits learned from."
        mask = self.unused_inputs.reshape(self.shape)
        self.outlines = VGroup(*[MaskOutline(self.look, each.region, mask, "ink") for each in self.pictures])
        self.play(*self._focused(1.0), FadeIn(self.outlines), FadeIn(plot), *self._turned(words))
        self.add(curves)
        self._run(curves, 4.0)

    @beat("No slope there: Adam turns even a tiny pull into a full step.")
    def why(self) -> None:
        words = "Adam: a step of {spec.learning_rate}. AdamW: every weight × {decay_factor:.4f}."
        self.play(*self._turned(words))
        self.ends, self.steps = self._end_numbers(), self._first_steps()
        plot, curves = self.plots[0]
        self.play(FadeOut(plot), FadeOut(curves), run_time=0.4)
        self.play(LaggedStart(*map(FadeIn, self.steps), lag_ratio=0.4, run_time=1.6))
        self.play(FadeIn(self.ends), run_time=0.6)

    @beat("Same decay: it crushes Adam's weights, AdamW's can still grow.")
    def verdict(self) -> None:
        gone = [FadeOut(part) for part in (*self.words, *self.numbers, self.outlines)]
        self.play(*gone, *self._turned("Right: how many of the {n_test} test digits."), run_time=0.6)
        self.play(
            FadeOut(self.steps, run_time=0.3), *map(FadeIn, self.plots[0]), *self._focused(0.0), run_time=0.6
        )
        lines = Group(*[self._verdict(i) for i in range(len(self.contestants))])
        self.play(FadeIn(lines), run_time=0.6)

    # --- in step -----------------------------------------------------------------------------------------

    def _run(self, curves: VGroup, run_time: float) -> None:
        """Both runs from the first step to the last: pictures, numbers, curves."""
        assert self.status_label is not None

        def show(_: object, share: float) -> None:
            step = self.in_step.step(share)
            self.count(step)
            for i, curve in enumerate(curves):
                curve.draw_to(step)
                self.pictures[i].rgba = self._rgba(i, step)
                self.numbers[i].turn_to(snapshot_at(self.contestants[i].recording, step))

        self.play(UpdateFromAlphaFunc(self.status_label, show), run_time=run_time, rate_func=linear)

    def _first_steps(self) -> VGroup:
        """What the first update does to one weight that no slope ever reaches: the largest of them."""
        look, region = self.look, self.plots[0][0].region
        start = np.abs(self.rec.param("1.W", 0)) * self.unused_inputs
        at = tuple(int(i) for i in np.unravel_index(start.argmax(), start.shape))
        heading = Paragraph(look, "one of these weights, step 0 → 1", region.width, "label", "muted")
        size = "label" if region.width > 4 else "tiny"
        lines = VGroup(heading)
        for each in self.contestants:
            texts = [self.shown(Source("param", "1.W", step, at), WEIGHT, each.recording) for step in (0, 1)]
            runs = [(f"{each.name}  ", each.role), (f"{texts[0]} → {texts[1]}", "ink")]
            lines.add(Runs(look, runs, size))
        lines.arrange(DOWN, buff=0.25, aligned_edge=LEFT)
        return lines.shift((region.left - lines.get_left()[0], region.top - 0.1 - lines.get_top()[1], 0))

    def _end_numbers(self) -> VGroup:
        """The size that is left of the weights that nothing but decay moves, at the ends of their curves."""
        plot, curves = self.plots[1]
        labels = [
            self.number(
                self._source(KINDS[1], each.recording.n_steps),
                SIZE,
                "tiny",
                each.role,
                "bold",
                each.recording,
            )
            for each in self.contestants
        ]
        plot.put_at_ends(labels, [curve for curve in curves if isinstance(curve, Curve)])
        return VGroup(*labels)

    def _verdict(self, index: int) -> VGroup:
        """A run's name and, under its picture, its test accuracy."""
        look, each, picture = self.look, self.contestants[index], self.pictures[index].region
        em = look.em("label")
        step = int(each.recording.eval_steps[-1])
        right = self.shown(Source("eval", "accuracy_test", step), "{:.1%}", each.recording)
        name = Label(look, each.name, "body", each.role, "bold")
        name.shift((picture.left - name.get_left()[0], 0, 0)).on_baseline(picture.top + 0.5 * em)
        line = Runs(look, [(f"{right} ", each.role), ("right", "muted")], "label", "bold")
        line.shift((picture.left - line.get_left()[0], picture.bottom - 0.45 * em - line.get_top()[1], 0))
        return VGroup(name, line)
