"""The loop that trains: forward, loss, backward, update; and what it does to every test prediction."""

from __future__ import annotations

import numpy as np
from manim import (
    DOWN,
    LEFT,
    FadeIn,
    FadeOut,
    Mobject,
    Transform,
    UpdateFromAlphaFunc,
    VGroup,
    linear,
    rush_into,
)

from nncore.loop_facts import outputs_on_test, right_probabilities
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.dart_board import RINGS, DartBoard, DartField
from scenes.kit.encodings import gray_image
from scenes.kit.layout import Region
from scenes.kit.loop_diagram import LoopDiagram, Station
from scenes.kit.marks import Tag
from scenes.kit.needs import image_reader
from scenes.kit.pixel_image import PixelImage
from scenes.kit.plots import Plot
from scenes.kit.readouts import Counter
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.scales import Scale
from scenes.kit.scrub import between, scrubbing, step_counting
from scenes.kit.text import Label, Paragraph, Runs
from scenes.kit.weight_grid import best_across

TURNS = 12
GAP = 2
#: Where darts fly in from, in radii of the board.
FAR = 1.25
RULE = "One dart per test digit, in its sector. Nearer the small ring: surer of the right digit."
#: From this share on, a network that gives one answer gives it to nearly all.
NEARLY_ALL = 0.9


class TrainingLoop(RecordedScene):
    """One recorded turn of the loop, then more, then all: each dart is a test prediction."""

    title = "The training loop"
    part = 2
    order = 20
    recipe = "digits"
    concept = (
        "training loop", "epoch", "batch", "step", "iteration", "accuracy", "forward", "backward", "update",
    )  # fmt: skip
    seconds = 37

    def open_stage(self) -> None:
        super().open_stage()
        rec = self.rec
        self.size, self.data, self.end = image_reader(rec), rec.dataset(), int(rec.steps[-1])
        consecutive = np.flatnonzero(np.diff(rec.steps) > 1)
        self.turns = min(TURNS, int(consecutive[0]) if len(consecutive) else len(rec.steps) - 1)
        wide, notes = self.look.wide, 0.65
        self.main = Region(wide.left, wide.bottom + notes, wide.right, wide.top - 0.05)
        self.notes = Region(wide.left, wide.bottom, wide.right, wide.bottom + notes - 0.1)
        self.status("step 0")

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("One step: read a batch, measure the loss, trace it back, move the weights.")
    def one_turn(self) -> None:
        self.loop = LoopDiagram(self.look, self.main, self._stations(), self._card())
        self.batch, self.place = self._batch(), self._places()
        self.play(FadeIn(self.loop), FadeIn(self.batch), FadeIn(self.place), run_time=0.8)
        self.play(*self._turning(0.0, 1.0, linear), run_time=7.0)

    @beat("Then the next {spec.batch_size} digits. {steps_per_epoch} batches are one epoch: all seen once.")
    def again(self) -> None:
        self.play(*self._turning(1.0, float(self.turns), rush_into), run_time=8.0)

    @beat("Each dart is one prediction. Before training, all land near the rim.")
    def board_before(self) -> None:
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.5)
        self.status("step 0")
        stage, self.right = self._board_regions()
        self.board = DartBoard(self.look, stage, self.data.class_names)
        self.rule = self._rule()
        self.play(FadeIn(self.board), FadeIn(self.rule), run_time=0.7)
        landed = self._darts(0)
        self.darts = landed.changed(distances=landed.distances * 0 + FAR, opacity=0.0)
        self.play(Transform(self.darts, landed), run_time=0.9)

    @beat("{n_steps:,} steps later, {accuracy_test[last]:.0%} are read right, and most darts hit the middle.")
    def board_training(self) -> None:
        plot, counters = self._plot(), self._counters()
        steps, curves = self.rec.steps, []
        self._place_counters(counters, plot)
        drawn = [plot, *self._plates(counters), *counters] if plot else counters
        self.play(FadeOut(self.rule), *map(FadeIn, drawn), run_time=0.6)
        if plot:
            evals = (self.rec.eval_steps.astype(float), self.rec.evals("accuracy_test"))
            curves = [plot.curve(*evals, "correct", "bold").draw_to(float(steps[0]))]
            self.add(*curves)
        distances = 1 - np.stack([right_probabilities(self.rec, int(s)) for s in steps])
        hits = np.stack([self._hits(int(s)) for s in steps])

        def show(darts: DartField, i: int, share: float) -> None:
            darts.distances, darts.hits = between(distances, i, share), between(hits, i, share)

        def draw(line: Mobject, i: int, share: float) -> None:
            line.draw_to(float(between(steps, i, share)))

        count = len(steps)
        self.play(
            scrubbing(self.darts, count, show), *[scrubbing(curve, count, draw) for curve in curves],
            step_counting(self, steps), *[c.counting(0.0, float(count - 1)) for c in counters], run_time=7.0,
        )  # fmt: skip

    # --- the loop ------------------------------------------------------------------------------------------

    def _stations(self) -> list[Station]:
        turns = range(self.turns)
        size = self.says("{spec.batch_size}")
        right = [self._fact("batch_right", step, "{:d}") + f" of {size}" for step in turns]
        loss = [self.shown(Source("series", "loss_batch", step), "{:.2f}") for step in turns]
        gradient = [self.shown(Source("series", "grad_norm", step), "{:.2f}") for step in turns]
        change = [self._fact("update_size", step, "{:.3f}") for step in turns]
        spec = self.rec.spec
        plain = spec.optimizer == "sgd" and spec.schedule == "constant" and not (spec.l2 or spec.clip_norm)
        step_rule = self.says("{spec.learning_rate:g} × gradient") if plain else "size of the change"
        table = (
            ("forward", "read right", right, "hidden"),
            ("loss", "mean of the batch", loss, "accent"),
            ("backward", "size of the gradient", gradient, "gradient"),
            ("update", step_rule, change, "positive"),
        )
        return [
            Station(word, meaning, ((-1.0, "?"), *((float(i), text) for i, text in enumerate(texts))), role)
            for word, meaning, texts, role in table
        ]

    def _card(self) -> tuple[float, float]:
        return (3.3, 1.7) if self.look.wide.width > 10 else (2.95, 1.6)

    def _pictures(self) -> list[np.ndarray]:
        """The batch of each turn as one sheet of images. Shapes: each (rows, columns, 4)."""
        sheets = []
        for step in range(self.turns):
            x = self.data.x_train[self.rec.batch(step)].reshape(-1, *self.size)
            sheets.append(_sheet(gray_image(self.look, x), self.across))
        return sheets

    def _batch(self) -> PixelImage:
        room = self.loop.inside
        self.across = best_across(self.rec.spec.batch_size, room.width / room.height)
        self.sheets = self._pictures()
        height, width = self.sheets[0].shape[:2]
        scale = min(room.width / width, room.height / height) / 2
        x, y, _ = room.center
        return PixelImage(
            self.look,
            self.sheets[0],
            Region(x - width * scale, y - height * scale, x + width * scale, y + height * scale),
        )

    def _places(self) -> Counter:
        """Which batch of which epoch each turn takes."""
        readings = []
        for step in range(self.turns):
            batch = self._fact("batch_number", step, "{:d}")
            epoch = self._fact("epoch_number", step, "{:d}")
            readings.append(
                (float(step), f"batch {batch} of {self.says('{steps_per_epoch}')}, epoch {epoch}")
            )
        counter = Counter(self.look, readings, "label", "muted", align="center")
        return counter.move_to(self.notes.center)

    def _turning(self, start: float, stop: float, rate) -> list[UpdateFromAlphaFunc]:
        """The loop, the batch, its place and the step counter from one number of turns to another."""

        def turns(alpha: float) -> float:
            return stop if alpha >= 1 else start + alpha * (stop - start)

        def now(alpha: float) -> int:
            return max(0, int(np.ceil(turns(alpha))) - 1)

        def turn(loop: Mobject, alpha: float) -> None:
            loop.turn_to(turns(alpha))

        def deal(batch: Mobject, alpha: float) -> None:
            batch.rgba = self.sheets[now(alpha)]  # type: ignore[attr-defined]

        def tell(place: Mobject, alpha: float) -> None:
            place.turn_to(float(now(alpha)))

        def count(label: Mobject, alpha: float) -> None:
            self.status(f"step {int(np.ceil(turns(alpha)))}")

        assert self.status_label is not None
        parts = ((self.loop, turn), (self.batch, deal), (self.place, tell), (self.status_label, count))
        return [UpdateFromAlphaFunc(mobject, change, rate_func=rate) for mobject, change in parts]

    # --- the board -----------------------------------------------------------------------------------------

    def _board_regions(self) -> tuple[Region, Region]:
        wide = self.look.wide
        if not self.look.upright:
            board, right = wide.columns(0.87, 1, gap=0.5)
        else:
            board, right = wide.rows(2.6 if self.look.aspect == "1:1" else 1.75, 1, gap=0.2)
        return board, right

    def _hits(self, step: int) -> np.ndarray:
        right = outputs_on_test(self.rec, step).argmax(axis=1) == self.data.y_test
        return right.astype(float)

    def _darts(self, step: int) -> DartField:
        """All test predictions of a snapshot; within a class's sector, in the order of the test set."""
        y = self.data.y_test
        share = np.zeros(len(y))
        for label in range(self.data.n_classes):
            share[y == label] = (np.arange((y == label).sum()) + 0.5) / (y == label).sum()
        distances = 1 - right_probabilities(self.rec, step)
        return DartField(self.board, distances, self.board.angle(y, share), self._hits(step))

    def _rule(self) -> VGroup:
        size = "tiny" if self.look.aspect in ("1:1", "4:5") else "label"
        words = Paragraph(self.look, RULE, self.right.width, size, "muted")
        colors = Runs(
            self.look,
            [("green", "correct"), (" read right, ", "muted"), ("orange", "wrong"), (" not", "muted")],
            size,
        )
        rows = VGroup(words, colors)
        answers = np.bincount(outputs_on_test(self.rec, 0).argmax(axis=1))
        if answers.max() > NEARLY_ALL * answers.sum():
            name = self.data.class_names[int(answers.argmax())]
            rows.add(Label(self.look, f"So far it reads nearly all of them as {name}.", size, "muted"))
        rows.arrange(DOWN, buff=0.12 if size == "tiny" else 0.25, aligned_edge=LEFT)
        return rows.move_to(self.right.center)

    def _plot(self) -> Plot | None:
        """Axes for the test accuracy over the steps, where there is room for them."""
        if self.look.aspect == "1:1":
            return None
        region = self.right if self.look.upright else self.right.inset(0, 0.35)
        return Plot(
            self.look, region, Scale(0, self.end, "symlog"), Scale(0, 1), "step (log time)",
            "test digits read right", y_template="{:.0%}",
        )  # fmt: skip

    def _counters(self) -> list[Counter]:
        """The test accuracy, and how many darts are inside the innermost ring, through all snapshots."""
        rec, steps = self.rec, self.rec.steps
        at = np.interp(rec.eval_steps, steps, np.arange(len(steps)))
        form = "{:.0%} read right" if self.look.aspect == "1:1" else "{:.0%}"
        sources = [Source("eval", "accuracy_test", int(step)) for step in rec.eval_steps]
        right = [(float(a), self.shown(source, form)) for a, source in zip(at, sources, strict=True)]
        words = "{:d} darts in the inner ring"
        inside = [self._fact("darts_inside", int(step), words, ring=RINGS[0]) for step in steps]
        return [
            Counter(self.look, right, "title", "correct", "bold", align="center"),
            Counter(self.look, list(enumerate(inside)), "tiny", "muted", align="center"),
        ]

    def _plates(self, counters: list[Counter]) -> list[Mobject]:
        """What keeps the plot's lines off the counters, as large as those are at the end."""
        last = [counter.copy().turn_to(len(self.rec.steps) - 1) for counter in counters]
        return [Tag(self.look, words, words.get_center(), (0, 0), 0.0)[0] for words in last]

    def _place_counters(self, counters: list[Counter], plot: Plot | None) -> None:
        """Under the curve's end where there is one, else in the middle of the room."""
        middle = plot.area.point(0.72, 0.45) if plot else self.right.center
        counters[0].move_to(middle + [0, 0.25, 0])
        counters[1].move_to(middle - [0, 0.3, 0])

    def _fact(self, name: str, step: int, template: str, **args: float) -> str:
        return self.shown(Source("fact", name, args={"step": step, **args}), template)


def _sheet(images: np.ndarray, across: int) -> np.ndarray:
    """Images in reading order with gaps between them, transparent where there is none.

    Shapes: (n, rows, columns, 4) -> (..., ..., 4).
    """
    n, rows, columns, _ = images.shape
    down = -(-n // across)
    sheet = np.zeros((down * across, rows + GAP, columns + GAP, 4))
    sheet[:n, :rows, :columns] = images
    sheet = sheet.reshape(down, across, rows + GAP, columns + GAP, 4).transpose(0, 2, 1, 3, 4)
    return sheet.reshape(down * (rows + GAP), -1, 4)[:-GAP, :-GAP]
