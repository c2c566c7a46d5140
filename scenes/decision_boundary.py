"""A decision boundary while it is learned, every hidden neuron showing what it answers."""

from __future__ import annotations

import numpy as np
from manim import FadeIn, FadeOut, Transform, VGroup, linear

from nncore.recording import Recording
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.duel import InStep, changing, evaluated_at, moment
from scenes.kit.encodings import shown_scale
from scenes.kit.layout import Region
from scenes.kit.plane_map import PlaneMap
from scenes.kit.plane_views import NeuronMaps, PlaneRun, PlaneView
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.text import Label, Runs, text_width
from scenes.kit.tile_network import TileNetwork

#: Optical density of an edge at full strength, by how many edges there are.
FEW, MANY = 0.55, 0.3
#: The longest text of the score.
FULL = "100% of new points right"


class DecisionBoundary(RecordedScene):
    """Moons, then spirals: hidden neurons fold the plane, their weighted sum is the boundary."""

    title = "Decision boundary"
    part = 2
    order = 27
    recipes = ("moons", "spirals")
    concept = (
        "decision boundary", "classification", "hidden neurons", "what a neuron computes", "moons", "spirals",
        "hidden layer", "depth",
    )  # fmt: skip
    seconds = 41

    def open_stage(self) -> None:
        super().open_stage()
        wide = self.look.wide
        foot = 0.42 if self.look.upright else 0.45
        self.room = Region(wide.left, wide.bottom + foot, wide.right, wide.top)
        self.foot = Region(wide.left, wide.bottom, wide.right, wide.bottom + foot)
        self._cast("moons")
        self._count(0)

    def _cast(self, name: str) -> None:
        """The network of one recording at step 0: its tiles, edges and map, none of them on stage yet."""
        rec = self.run = self.recs[name]
        self.in_step, self.maps, self.plane = InStep([rec]), NeuronMaps(rec), PlaneRun(rec)
        large = {"16:9": self.room.height, "1:1": 3.4, "4:5": 3.8, "9:16": 5.0}[self.look.aspect]
        deep = len(rec.layer_sizes) > 3 and self.look.aspect in ("4:5", "9:16")
        self.net = TileNetwork(self.look, self.room, rec.layer_sizes, large - (0.4 if deep else 0.0))
        self.last = len(rec.layer_sizes) - 1
        ends, _ = self.maps.snapshot(len(rec.steps) - 1)
        answers, scores = self.maps.at(0)
        self.tiles = [self.net.tiles(0, answers[0], float(np.abs(ends[0]).max()), None)]
        for layer in range(1, self.last):
            scale = shown_scale(ends[layer], 0.95)
            self.tiles.append(self.net.tiles(layer, answers[layer], scale, "hidden", scores[layer]))
        weights = [rec.param(f"{layer}.W", rec.n_steps) for layer in range(1, self.last + 1)]
        self.wires = [
            self.net.edges(
                layer, rec.param(f"{layer}.W", 0), shown_scale(w, 0.98), MANY if w.size > 100 else FEW
            )
            for layer, w in enumerate(weights, 1)
        ]
        self.view = PlaneView(self.look, self.net.output, self.plane, 0, radius=0.0155 * large)

    # --- beats -------------------------------------------------------------------------------------------

    @beat("Two numbers in: where a point lies. Which of two moons is it from?")
    def two_inputs(self) -> None:
        self.ground = PlaneMap(self.look, self.net.output, np.zeros((3, 3)), line=0.0)
        self.names = self._input_names()
        self.play(FadeIn(self.ground), FadeIn(self.view.train), run_time=0.8)
        self.play(FadeIn(self.tiles[0]), FadeIn(self.names), run_time=0.7)
        self.note = self._input_note()
        self.play(FadeIn(self.note), run_time=0.4)

    @beat("Each hidden neuron draws a line: silent on one side.")
    def folds(self) -> None:
        pulses = self.net.pulses(1, self.run.param("1.W", 0), self.wires[0].scale_value)
        self.play(FadeOut(self.note), FadeIn(self.wires[0]), run_time=0.5)
        self.add(pulses)
        self.play(Transform(pulses, pulses.changed(phase=1.0)), run_time=0.8, rate_func=linear)
        self.remove(pulses)
        self.note = self._tile_note()
        self.play(FadeIn(self.tiles[1]), FadeIn(self.net.frame(1)), FadeIn(self.note), run_time=0.8)

    @beat("Training moves the lines until, together, they part the moons.")
    def learning(self) -> None:
        self.play(FadeIn(self.wires[1]), FadeIn(self.view), run_time=0.7)
        self.remove(self.ground)
        self.play(FadeOut(self.note), run_time=0.3)
        self.score = self._score(0)
        self.play(FadeIn(self.score), run_time=0.3)
        self._train(5.0)

    @beat("Answers times weights, plus a bias: where that is 0, the boundary.")
    def votes(self) -> None:
        rec, layer = self.run, self.last
        weights = rec.param(f"{layer}.W", rec.n_steps)[0]
        answers, scores = self.maps.at(rec.n_steps)
        parts = weights[:, None, None] * answers[layer - 1]
        voting = self.net.tiles(layer - 1, parts, shown_scale(parts, 0.95), None, scores[layer - 1])
        dim = [self.tiles[0], self.wires[0]]
        self.play(*[m.animate.set_opacity(0.3) for m in dim], FadeOut(self.score), run_time=0.5)
        self.note = self._vote_note()
        self.play(FadeIn(voting), FadeIn(self.note), run_time=0.9)
        pulses = self.net.pulses(layer, weights[None], float(np.abs(weights).max()))
        pulses.radius = 0.09
        self.add(pulses)
        self.play(Transform(pulses, pulses.changed(phase=1.0)), run_time=1.2, rate_func=linear)
        self.remove(pulses)

    @beat("Spirals take a second layer: it folds the folds.")
    def spirals(self) -> None:
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.5)
        self._cast("spirals")
        self._count(0)
        self.names, self.score = self._input_names(), self._score(0)
        parts = (*self.wires, *self.tiles, self._layers(), self.view, self.names, self.score)
        self.play(*map(FadeIn, parts), run_time=0.8)
        self._train(6.0)

    # --- training ----------------------------------------------------------------------------------------

    def _count(self, step: float) -> None:
        self.status(f"step {int(step):,}")

    def _train(self, seconds: float) -> None:
        """Tiles, edges, map, score and counter from step 0 to the end, in log time."""
        rec, end = self.run, float(self.run.n_steps)

        def draw(alpha: float) -> None:
            step = self.in_step.between(0.0, end, alpha)
            i, share = moment(rec, step)
            here, there = int(rec.steps[i]), int(rec.steps[min(i + 1, len(rec.steps) - 1)])
            answers, scores = self.maps.at(step)
            for layer in range(1, self.last):
                self.tiles[layer].values, self.tiles[layer].scores = answers[layer], scores[layer]
            for layer, wires in enumerate(self.wires, 1):
                key = f"{layer}.W"
                mixed = rec.param(key, here) * (1 - share) + rec.param(key, there) * share
                wires.values = self.net.spread(mixed)
            self.view.turn_to(step)
            self._turn_score(step)
            self._count(step)

        self.play(changing(self, draw), run_time=seconds)

    # --- words -------------------------------------------------------------------------------------------

    def _input_names(self) -> VGroup:
        names = VGroup()
        for (x, y), name in zip(self.net.centers[0], ("x₁", "x₂"), strict=True):
            label = Label(self.look, name, "label", "input")
            if self.net.down:
                side = -1 if x < self.room.center[0] else 1
                label.move_to((x + side * (self.net.side / 2 + 0.3), y, 0))
            else:
                above = y > self.room.center[1]
                label.move_to((x, y + (1 if above else -1) * (self.net.side / 2 + 0.25), 0))
            names.add(label)
        return names

    def _layers(self) -> VGroup:
        """A line around each hidden layer, with its number."""
        group = VGroup()
        for layer in range(1, self.last):
            frame = self.net.frame(layer)
            label = Label(self.look, f"layer {layer}", "tiny", "muted")
            x, y, _ = frame.get_center()
            if self.net.down:
                label.shift((frame.get_left()[0] - 0.15 - label.get_right()[0], 0, 0))
                label.on_baseline(y - 0.33 * label.em)
            else:
                label.move_to((x, 0, 0)).on_baseline(frame.get_bottom()[1] - 1.0 * label.em)
            group.add(frame, label)
        return group

    def _note(self, runs: list[tuple[str, str]]) -> Runs:
        note = Runs(self.look, runs, "tiny")
        return note.move_to(self.foot.center)

    def _input_note(self) -> VGroup:
        """What each input says, beside its tile, and what its colours mean."""
        colors = self._note([("blue: above 0", "positive"), (", ", "muted"), ("orange: below 0", "negative")])
        words = VGroup(colors)
        for i, text in enumerate(("how far right", "how far up")):
            (x, y), label = self.net.centers[0][i], Label(self.look, text, "label", "muted")
            away = self.net.side / 2 + (0.6 if self.net.down else 0.25) + label.width / 2
            label.move_to((x + (-away if self.net.down and i == 0 else away), 0, 0))
            words.add(label.on_baseline(y - 0.33 * label.em))
        return words

    def _tile_note(self) -> Runs:
        count = self.says("{layer_size[1]}")
        words = " hidden neurons: violet where they answer"
        return self._note([("one layer of ", "muted"), (count, "hidden"), (words, "muted")])

    def _vote_note(self) -> Runs:
        return self._note(
            [("answer × weight: ", "muted"), ("blue adds", "positive"), (", ", "muted"),
             ("orange subtracts", "negative")]
        )  # fmt: skip

    def _score(self, step: float) -> Label:
        """The recorded share of new points on their right side, under the map."""
        label = Label(self.look, self._score_text(step), "label", "ink")
        # The widest it will be: every point right.
        half = text_width(FULL, label.em) / 2
        x = min(self.net.output.center[0], self.foot.right - half)
        under = self.net.output.bottom - self.foot.height + 0.1
        return label.move_to((x, 0, 0)).on_baseline(under)

    def _turn_score(self, step: float) -> None:
        self.score.set_text(self._score_text(step), align="center")

    def _score_text(self, step: float) -> str:
        rec: Recording = self.run
        return self.shown(
            Source("eval", "accuracy_test", evaluated_at(rec, step)), "{:.0%} of new points right", rec
        )
