"""Overfitting on noisy points: the two losses part, three remedies help; and underfitting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Create, FadeIn, FadeOut, Group, Mobject, VGroup, smooth

from nncore.boundary_facts import learned_between
from nncore.recording import Recording
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.drop_mask import DropMask, recorded_masks
from scenes.kit.duel import InStep, changing, evaluated_at
from scenes.kit.fit_places import fit_places
from scenes.kit.growing_rows import GrowingRows
from scenes.kit.plane_map import on_plane
from scenes.kit.plane_views import PlaneRun, PlaneView
from scenes.kit.plots import Curve, Plot
from scenes.kit.readouts import Counter
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.ring_marks import ring_marks
from scenes.kit.scales import Scale
from scenes.kit.text import Label, Runs

ROWS = ("no brake", "early stop", "L2", "dropout", "one neuron")
DIM = 0.3


class Overfitting(RecordedScene):
    """A large network learns noise by heart; three remedies bring it back; a tiny one can't learn."""

    title = "Overfitting"
    part = 2
    order = 26
    recipes = ("overfit", "overfit_l2", "overfit_dropout", "overfit_early_stop", "underfit")
    concept = (
        "overfitting", "underfitting", "regularisation", "L2", "weight decay", "dropout", "early stopping",
        "generalisation", "training loss", "test loss",
    )  # fmt: skip
    seconds = 48

    def open_stage(self) -> None:
        super().open_stage()
        self.runs = {name: PlaneRun(self.recs[name]) for name in self.recipes}
        self.best, self.end = self.rec.best_step, self.rec.n_steps
        self.in_step = InStep([self.rec])
        places = fit_places(self.look)
        self.square, self.room, self.table = places.square, places.beside_table, places.table
        high = max(float(np.nanmax(rec.evals(kind))) for rec in self.recs.values() for kind in self._kinds)
        y = Scale(0.0, 1.02 * high)
        words = ("loss on points ", "learned from", " and ", "new")
        name = list(zip(words, ("muted", "accent", "muted", "output"), strict=True))
        x = Scale(0, self.end, "symlog")
        self.plot, self.small_plot = (
            Plot(self.look, room, x, y, "training step (log time)", name, end_room=0.75)
            for room in (places.curves, places.beside_table)
        )
        # The accent is lost on the light map.
        self.ring_role = "accent" if self.look.theme == "dark" else "ink"
        self.old = Group()
        self.view = self._view("overfit", 0)
        worst = max(float(rec.evals("loss_test")[-1]) for rec in self.recs.values())
        self.bars = GrowingRows(self.look, self.table, "loss on new points", ROWS, worst)
        self._count(0)

    _kinds = ("loss_train", "loss_test")

    def _view(self, name: str, step: int) -> PlaneView:
        radius = max(0.0125 * self.square.width, 0.068)
        return PlaneView(self.look, self.square, self.runs[name], step, both=True, radius=radius)

    # --- beats -------------------------------------------------------------------------------------------

    @beat("Learning from {n_train} points, it gets better on new ones too.")
    def learns(self) -> None:
        self.key, self.about = self._key(), self._counts()
        self.curves = self._curves(self.rec)
        for curve in self.curves:
            curve.draw_to(0)
        self.play(*map(FadeIn, (self.view, self.key, self.about, self.plot)), run_time=0.8)
        self.add(*self.curves)
        self._train(self.view, self.curves, 0, self.best, 3.0)
        self.ends = self._ends(self.curves, self.best)
        self.play(FadeIn(self.ends), run_time=0.4)

    @beat("Then it learns points by heart, and on new ones it gets worse.")
    def memorises(self) -> None:
        self.play(FadeOut(self.ends), run_time=0.3)
        self._train(self.view, self.curves, self.best, self.end, 3.6)
        odd = learned_between(self.rec, self.best, self.end)
        x = self.rec.dataset().x_train[odd]
        run = self.runs["overfit"]
        self.rings = ring_marks(self.look, on_plane(self.square, x, run.x, run.y), 0.17, self.ring_role)
        self.ends = self._ends(self.curves, self.end)
        words = self.says(f"{{points_learned[{self.best},last]}} points it had wrong before")
        self.ring_key = self._ring_key(words)
        self.play(
            FadeIn(self.ends), Create(self.rings), FadeIn(self.ring_key), FadeOut(self.key), run_time=0.8
        )

    @beat("Early stopping: once it stops improving, keep the best step.")
    def early_stopping(self) -> None:
        rec = self.recs["overfit_early_stop"]
        best, end = rec.best_step, rec.n_steps
        gone = (self.rings, self.ring_key, self.ends, self.about, self.plot, *self.curves)
        self.plot = self.small_plot
        self.waited = self._waited(rec)
        self._instead(gone, (self.plot, self.bars))
        self._show_bar(0, "overfit", self.end)
        self._replace(rec, "overfit_early_stop", end)
        self.play(FadeIn(self.waited), run_time=0.4)
        self._back(end, best)
        self.line = self.plot.upright(best, "ink")
        self.mark = self._mark_best(best)
        self.play(Create(self.line), FadeIn(self.mark), run_time=0.6)
        self._show_bar(1, "overfit_early_stop", best)

    @beat("L2 puts a price on large weights: the boundary turns smoother.")
    def l2(self) -> None:
        gone = (self.line, self.mark, self.waited, *self.curves)
        self.play(*map(FadeOut, gone), FadeIn(self.key), run_time=0.4)
        rec = self.recs["overfit_l2"]
        self._replace(rec, "overfit_l2", 0)
        self._train(self.view, self.curves, 0, self.end, 3.0)
        self.ends, self.size_words = self._ends(self.curves, self.end), self._weights(rec)
        self.play(FadeIn(self.ends), FadeOut(self.key), FadeIn(self.size_words), run_time=0.5)
        self._show_bar(2, "overfit_l2", self.end)

    @beat("Dropout: a random half of the neurons sits out each time.")
    def dropout(self) -> None:
        rec = self.recs["overfit_dropout"]
        gone = (self.plot, *self.curves, *self.old, self.ends, self.size_words)
        self.mask = DropMask(self.look, self.room, recorded_masks(rec, self.in_step))
        self._instead(gone, (self.mask, self.key))
        self.mask_words = self._mask_words(rec)
        self._replace(rec, "overfit_dropout", 0, curves=False)
        self.play(FadeIn(self.mask_words), run_time=0.4)
        self._train(self.view, (), 0, self.end, 4.0, self.mask)
        self._show_bar(3, "overfit_dropout", self.end)

    @beat("Underfitting: with one hidden neuron, neither loss falls far.")
    def underfit(self) -> None:
        rec = self.recs["underfit"]
        self._instead((self.mask, self.mask_words), (self.plot,))
        self._replace(rec, "underfit", 0)
        self._train(self.view, self.curves, 0, self.end, 2.6)
        self.ends = self._ends(self.curves, self.end)
        self.play(FadeIn(self.ends), run_time=0.4)
        self._show_bar(4, "underfit", self.end)

    def _instead(self, old: Sequence[Mobject], new: Sequence[Mobject]) -> None:
        """The old goes before the new comes, so that neither shows through the other."""
        self.play(*map(FadeOut, old), run_time=0.3)
        self.play(*map(FadeIn, new), run_time=0.4)

    # --- training ----------------------------------------------------------------------------------------

    def _count(self, step: float) -> None:
        self.status(f"step {int(step):,}")

    def _train(
        self, view: PlaneView, curves: Sequence[Curve], start: float, stop: float, seconds: float,
        mask: DropMask | None = None,
    ) -> None:  # fmt: skip
        """The map, the curves, the masks and the counter from one step to another, in log time."""

        def draw(alpha: float) -> None:
            step = self.in_step.between(start, stop, alpha)
            view.turn_to(step)
            self._count(step)
            for curve in curves:
                curve.draw_to(step)
            if mask is not None:
                mask.turn_to(step)
                for counter in self.mask_words:
                    counter.turn_to(step)

        self.play(changing(self, draw), run_time=seconds)

    def _back(self, end: int, best: int) -> None:
        """The map from the last step back to the best one."""

        def draw(alpha: float) -> None:
            step = best if alpha >= 1 else end + alpha * (best - end)
            self.view.turn_to(step)
            self._count(step)

        self.play(changing(self, draw, rate_func=smooth), run_time=1.2)

    def _replace(self, rec: Recording, name: str, step: int, curves: bool = True) -> None:
        """Another run on the same points: its map in place of the one before, its curves to be drawn."""
        before = self.view
        self.view = self._view(name, step)
        self.remove(self.old, *self.old, *self.curves)
        if curves:
            self.old = Group(*self._curves(self.rec))
            for curve in self.old:
                curve.set_stroke(opacity=DIM)
            self.curves = self._curves(rec)
            for curve in self.curves:
                curve.draw_to(step)
            self.add(self.old, *self.curves)
        self._count(step)
        self.play(FadeIn(self.view), run_time=0.5)
        self.remove(before)

    # --- plot and bars -----------------------------------------------------------------------------------

    def _curves(self, rec: Recording) -> list[Curve]:
        roles = ("accent", "output")
        return [
            self.plot.curve(rec.eval_steps, rec.evals(kind), role, "line" if role == "accent" else "bold")
            for kind, role in zip(self._kinds, roles, strict=True)
        ]

    def _ends(self, curves: Sequence[Curve], step: int) -> VGroup:
        """The recorded losses beside the curves' ends."""
        rec = self.view.run.recording
        texts = [
            self.shown(Source("eval", kind, evaluated_at(rec, step)), "{:.2f}", rec) for kind in self._kinds
        ]
        return self.plot.end_labels(list(zip(curves, texts, strict=True)), "label")

    def _show_bar(self, row: int, name: str, step: int) -> None:
        """One more row: a run's recorded loss on new points."""
        rec = self.recs[name]
        source = Source("eval", "loss_test", evaluated_at(rec, step))
        value, text = self.read(source, rec), self.shown(source, "{:.2f}", rec)
        self.play(self.bars.growing(row, value, text), run_time=0.6)

    # --- words -------------------------------------------------------------------------------------------

    def _note(self, words: Runs | Label) -> Runs | Label:
        """A tiny line under the map."""
        return words.shift(
            (self.square.left - words.get_left()[0], self.square.bottom - 0.22 - words.get_center()[1], 0)
        )

    def _key(self) -> Runs | Label:
        return self._note(Label(self.look, "filled: learned from   hollow: new", "tiny", "muted"))

    def _counts(self) -> VGroup:
        """In upright shapes, where there is room beside the map: what the points are."""
        if not self.look.upright:
            return VGroup()
        counts = (("{n_train}", "points to learn from"), ("{n_test}", "new points, to test it"))
        lines = VGroup()
        for i, (count, words) in enumerate(counts):
            number = Label(self.look, self.says(count), "title", ("accent", "output")[i], "bold")
            name = Label(self.look, words, "label", "muted")
            y = self.table.center[1] + 0.6 - 1.3 * i
            number.shift((self.table.left - number.get_left()[0], 0, 0)).on_baseline(y)
            lines.add(number, name.shift((self.table.left - name.get_left()[0], 0, 0)).on_baseline(y - 0.45))
        return lines

    def _ring_key(self, words: str) -> Runs | Label:
        return self._note(Runs(self.look, [("ringed: ", self.ring_role), (words, "muted")], "tiny"))

    def _waited(self, rec: Recording) -> Runs | Label:
        words = self.says("it waited for better until step {n_steps:,}", rec)
        return self._note(Label(self.look, words, "tiny", "muted"))

    def _mark_best(self, step: int) -> Label:
        words = self.says("kept: step {best_step:,}", self.recs["overfit_early_stop"])
        label = Label(self.look, words, "tiny", "ink", "bold")
        at = self.plot.point(step, self.plot.y.low)
        side = -0.12 - label.width / 2
        return label.move_to((at[0] + side, 0, 0)).on_baseline(self.plot.area.bottom + 0.16)

    def _weights(self, rec: Recording) -> Runs | Label:
        place = {"step": self.end}
        before = self.shown(Source("fact", "weight_norm", args=place), "{:.1f}")
        after = self.shown(Source("fact", "weight_norm", args=place), "{:.1f}", rec)
        runs = [
            ("size of all weights: ", "muted"),
            (before, "ink"),
            (" without, ", "muted"),
            (after, "output"),
        ]
        return self._note(Runs(self.look, [*runs, (" with L2", "muted")], "tiny"))

    # --- dropout -----------------------------------------------------------------------------------------

    def _mask_words(self, rec: Recording) -> VGroup:
        """Over each block: which hidden layer it is, and how many of its neurons are out."""
        layers = [i for i, layer in enumerate(rec.spec.layers, 1) if layer["type"] == "dropout"]
        words = VGroup()
        for number, (layer, block) in enumerate(zip(layers, self.mask.blocks, strict=True), 1):
            of = self.says(f"{{layer_size[{number}]}}", rec)
            readings = []
            for step, _ in self.mask.masks.value:
                args = {"step": step, "layer": layer, "example": 0}
                out = self.shown(Source("fact", "dropped_units", args=args), "{:d}", rec)
                readings.append((float(step), f"hidden layer {number}: {out} of {of} out"))
            counter = Counter(self.look, readings, "tiny", "ink", align="left")
            counter.shift((block.left - counter.get_left()[0], 0, 0)).on_baseline(block.top + 0.15)
            words.add(counter)
        return words
