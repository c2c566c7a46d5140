"""What the hidden layer makes of the test digits: a heap before training, ten crowds after it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from manim import DOWN, FadeIn, FadeOut, Line, Transform, VGroup, linear

from nncore.embedding_facts import embedded
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.encodings import gray_image
from scenes.kit.layout import Look, Region
from scenes.kit.marks import Arrow, Ball
from scenes.kit.needs import image_reader, probe_of
from scenes.kit.network_views import hidden_scale
from scenes.kit.neuron_field import NeuronField
from scenes.kit.pixel_image import PixelImage
from scenes.kit.readouts import Counter
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.scrub import between, scrubbing, step_counting
from scenes.kit.stamp_field import Plane, StampField, class_rgb
from scenes.kit.text import Label, Paragraph

MAGNIFIED = 6
DIM = 0.12
SIZE = 0.4


class Embeddings(RecordedScene):
    """The hidden activations of all test digits in one projection, from the first step to the last."""

    title = "Ten crowds"
    part = 1
    order = 10
    recipe = "digits"
    concept = (
        "embeddings",
        "representation",
        "hidden activations",
        "clusters",
        "projection",
        "PCA",
        "latent space",
    )
    seconds = 43
    params = {
        "digit": {"type": "int", "default": 2, "min": 0, "max": 9, "help": "the digit of the first beat"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        rec = self.rec
        self.picture, self.data = embedded(rec), rec.dataset()
        self.end = int(rec.steps[-1])
        self.size, self.probe = image_reader(rec), probe_of(rec, self.settings["digit"])
        self.example = int(rec.probe_indices[self.probe])
        wide = self.look.wide
        if self.look.upright:
            self.main, self.side = wide.rows(1, 0.0001, gap=1.5)
            self.side = Region(wide.left, wide.bottom, wide.right, self.main.bottom - 0.1)
        else:
            self.main, self.side = wide.columns(2.1, 1, gap=0.4)
        points = self.picture.points
        inner = self.main.inset(SIZE / 2)
        self.plane = Plane(inner, points.min(axis=(0, 1)), points.max(axis=(0, 1)))
        self._at_step(0)

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("Inside, a digit is {layer_size[1]} numbers: how strongly each hidden neuron fires.")
    def many_numbers(self) -> None:
        wide = self.look.wide
        parts, room = wide.along(1, 1, 1, gap=0.9), 0.0 if wide.height > wide.width else 0.5
        squares = [Region(p.left, p.bottom + room, p.right, p.top).square() for p in parts]
        image = PixelImage(self.look, gray_image(self.look, self._image(self.example)), squares[0])
        neurons = self._neurons(squares[1])
        dot, axes = self._one_point(squares[2])
        words = [
            self.says("{image_pixels} pixels"),
            self.says("{layer_size[1]} numbers"),
            self._point_text(),
        ]
        labels = [self._beside(square, text) for square, text in zip(squares, words, strict=True)]
        arrows = [_arrow(self.look, a, b) for a, b in pairwise(squares)]
        self.play(FadeIn(image), FadeIn(labels[0]), run_time=0.6)
        self.play(FadeIn(arrows[0]), FadeIn(neurons), FadeIn(labels[1]), run_time=0.8)
        self.play(FadeIn(arrows[1]), FadeIn(axes), FadeIn(dot), FadeIn(labels[2]), run_time=0.8)

    @beat("{n_test} test digits as points: before training, one crowded heap.")
    def before_training(self) -> None:
        first = self.picture.points[0]
        near = self.plane.places(first, MAGNIFIED, first.mean(axis=0))
        self.field = self._stamps(near)
        self.readouts = self._readouts()
        self.note = self._note(f"magnified {MAGNIFIED} times; only similar shapes lie close")
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.5)
        self.play(FadeIn(self.field), FadeIn(self.readouts), FadeIn(self.note), run_time=0.9)

    @beat("Training pulls the ten kinds apart, though nobody said where to put them.")
    def training_sorts(self) -> None:
        points, steps = self.picture.points, self.rec.steps
        self.play(
            Transform(self.field, self.field.changed(centers=self.plane.places(points[0]))),
            FadeOut(self.note), run_time=1.0,
        )  # fmt: skip

        def show(field: StampField, i: int, share: float) -> None:
            field.centers = self.plane.places(between(points, i, share))

        counting = [counter.counting(0, self.end_at, rate_func=linear) for counter in self.counters]
        status = step_counting(self, steps)
        self.play(scrubbing(self.field, len(steps), show), status, *counting, run_time=7.0)
        self.note = self._note("flat view: the two widest directions at the end (PCA)")
        self.play(FadeIn(self.note), run_time=0.4)

    @beat("It is only a shadow: what overlaps here lies apart in other directions.")
    def shadow(self) -> None:
        one, other = self._closest()
        levels = np.where(np.isin(self.picture.labels, (one, other)), 1.0, DIM)
        right = self._count("read_right", one, other, step=self.end)
        total = self._count("examples_of_two", one, other)
        self.play(FadeOut(self.note), run_time=0.3)
        self.note = self._note(f"{one} and {other} share a place here, yet {right} of {total} are read right")
        self.play(Transform(self.field, self.field.changed(levels=levels)), FadeIn(self.note), run_time=0.9)

    @beat("Lit: {n_test_wrong[last]} misread digits; {misread_strays[last]} lie closest to another crowd.")
    def misread(self) -> None:
        y_hat = self.rec.network(self.end).predict(self.data.x_test).argmax(axis=1)
        levels = np.where(y_hat != self.data.y_test, 1.0, DIM)
        note = self._note(self.says("closest: by all {layer_size[1]} numbers; colour: the true digit"))
        self.play(FadeOut(self.note), run_time=0.3)
        self.play(Transform(self.field, self.field.changed(levels=levels)), FadeIn(note), run_time=0.9)

    # --- what they are made of -----------------------------------------------------------------------------

    def _at_step(self, step: int) -> None:
        self.status(f"step {step:,}")

    def _image(self, example: int) -> np.ndarray:
        return self.data.x_test[example].reshape(self.size)

    def _colors(self) -> np.ndarray:
        return np.array([class_rgb(self.look, int(label)) for label in self.picture.labels])

    def _stamps(self, centers: np.ndarray) -> StampField:
        pictures = np.stack([self._image(i) for i in range(len(self.data.x_test))])
        return StampField(self.look, self.main, centers, pictures, self._colors(), SIZE)

    def _neurons(self, square: Region) -> NeuronField:
        """The probe's hidden layer before training as a block of discs."""
        values = self.rec.a(1, 0)[self.probe]
        across = int(np.ceil(np.sqrt(len(values))))
        i, j = np.divmod(np.arange(len(values)), across)
        pitch = square.width / across
        centers = np.stack([square.left + (j + 0.5) * pitch, square.top - (i + 0.5) * pitch], axis=1)
        return NeuronField(self.look, centers, 0.4 * pitch, values, hidden_scale(self.rec))

    def _one_point(self, square: Region) -> tuple[Ball, VGroup]:
        """The example before training as one point between two axes."""
        axes = VGroup(
            Line(square.point(0, 0.5), square.point(1, 0.5)), Line(square.point(0.5, 0), square.point(0.5, 1))
        ).set_stroke(self.look.color("faint"), self.look.stroke("thin"))
        points = self.picture.points[0]
        reach = 1.3 * np.abs(points).max()
        share = points[self.example] / reach / 2 + 0.5
        return Ball(self.look, square.point(*share), 0.16), axes

    def _point_text(self) -> str:
        at = {"step": 0, "example": self.example}
        sources = [Source("fact", "embedding_point", args={**at, "axis": axis}) for axis in (0, 1)]
        return f"point ({', '.join(self.shown(source, '{:.2f}') for source in sources)})"

    def _beside(self, square: Region, text: str) -> Label:
        """A word under a square, or at its right where they stand under one another."""
        label = Label(self.look, text, "label" if self.look.wide.width > 10 else "tiny", "muted")
        if self.look.wide.height > self.look.wide.width:
            return label.move_to((square.right + 0.2 + label.width / 2, square.center[1], 0))
        return label.move_to((square.center[0], square.bottom - 0.32, 0))

    def _readouts(self) -> VGroup:
        """Accuracy, and the share of the spread that the two directions show, through all snapshots."""
        steps, rec = self.rec.steps, self.rec
        self.end_at = float(len(steps) - 1)
        at = [float(np.interp(step, steps, np.arange(len(steps)))) for step in rec.eval_steps]
        accuracy = [self.shown(Source("eval", "accuracy_test", int(s)), "{:.0%}") for s in rec.eval_steps]
        seen = [
            self.shown(Source("fact", "embedding_variance", args={"step": int(s)}), "{:.0%}") for s in steps
        ]
        readings = (list(zip(at, accuracy, strict=True)), [(float(i), text) for i, text in enumerate(seen)])
        words_of = (("of test digits read right", "correct"), ("of the spread in this flat view", "ink"))
        groups, self.counters = VGroup(), []
        for (words, role), pairs, place in zip(words_of, readings, self._readout_places(), strict=True):
            counter = Counter(self.look, pairs, "title", role, "bold", align="center")
            label = Label(self.look, words, "tiny", "muted")
            self.counters.append(counter)
            groups.add(VGroup(counter, label).arrange(DOWN, buff=0.2).move_to(place))
        return groups

    def _readout_places(self) -> list[np.ndarray]:
        r = self.side
        if self.look.upright:
            return [np.array([r.point(x, 0)[0], r.top - 0.45, 0.0]) for x in (0.23, 0.75)]
        return [r.point(0.5, y) for y in (0.72, 0.42)]

    def _note(self, text: str) -> Paragraph:
        r = self.side
        size = "tiny" if self.look.upright else "label"
        made = Paragraph(self.look, text, r.width, size, "muted", align="center")
        return made.move_to((r.center[0], r.bottom + (0.25 if self.look.upright else 0.75), 0))

    def _closest(self) -> tuple[int, int]:
        """The two classes whose middles lie closest at the end."""
        labels, points = self.picture.labels, self.picture.points[-1]
        middles = np.stack([points[labels == k].mean(axis=0) for k in range(self.data.n_classes)])
        apart = np.linalg.norm(middles[:, None] - middles[None], axis=-1)
        np.fill_diagonal(apart, np.inf)
        one, other = np.unravel_index(apart.argmin(), apart.shape)
        return int(one), int(other)

    def _count(self, name: str, one: int, other: int, **args: int) -> str:
        return self.shown(Source("fact", name, args={**args, "one": one, "other": other}), "{:d}")


def _arrow(look: Look, one: Region, other: Region) -> Arrow:
    """A short arrow from one square to the next, beside or below it."""
    if other.left > one.right:
        ends = ((one.right + 0.2, one.center[1]), (other.left - 0.2, other.center[1]))
    else:
        ends = ((one.center[0], one.bottom - 0.15), (other.center[0], other.top + 0.15))
    start, end = (np.array([*at, 0.0]) for at in ends)
    return Arrow(look, start, end, "muted")
