"""How a trained network reads a digit, and how it read the same digit before training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import (
    DOWN,
    RIGHT,
    AnimationGroup,
    FadeIn,
    FadeOut,
    Group,
    Rectangle,
    Transform,
    VGroup,
    linear,
    smooth,
)  # fmt: skip

from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.encodings import gray_image, readable_on, shown_scale
from scenes.kit.layout import Region
from scenes.kit.leaders import window_leaders
from scenes.kit.needs import probe_of
from scenes.kit.network_diagram import NetworkDiagram, strongest
from scenes.kit.output_bars import OutputBars
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.text import Label, Paragraph, Runs

DRAWN_PULSES = 1500
PATCH = 4
DIM = 0.35


class ForwardPass(RecordedScene):
    """One recorded test digit travels through the 784-128-10 network, trained and untrained."""

    title = "Forward pass"
    part = 1
    order = 4
    recipe = "digits"
    concept = (
        "forward pass",
        "prediction",
        "layers",
        "neurons firing",
        "input layer",
        "hidden layer",
        "inference",
    )
    seconds = 20
    params = {
        "digit": {"type": "int", "default": 2, "min": 0, "max": 9, "help": "the digit that is read"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        self.probe = probe_of(self.rec, self.settings["digit"])
        self.end, self.start = int(self.rec.steps[-1]), 0
        main, self.notes = self._regions()
        tall, square = self.look.aspect in ("4:5", "9:16"), self.look.aspect == "1:1"
        self.net = NetworkDiagram(
            self.look, main, self.rec.layer_sizes, (28, 28), tail=0.33 if square else 0.27, down=tall,
            slim=4.0 if square else None, picture=0.25 if square else 0.3,
        )  # fmt: skip
        self.pixels = self.net.image(self.rec.probe_x[self.probe]).set_z_index(1)
        ends = [self.rec.a(1, step) for step in (self.start, self.end)]
        self.scales = {1: shown_scale(np.stack(ends), 0.98), 2: 1.0}
        self.status(f"after training: step {self.says('{n_steps:,}')}")

    def _regions(self) -> tuple[Region, Region]:
        """(the network, the notes under it)."""
        wide = self.look.wide
        notes = 1.3 if self.look.upright else 0.85
        return (
            Region(wide.left, wide.bottom + notes, wide.right, wide.top),
            Region(wide.left, wide.bottom, wide.right, wide.bottom + notes - 0.1),
        )

    def note(self, text: str, role: str = "muted", size: str = "label") -> Paragraph:
        """A line or two under the network."""
        made = Paragraph(self.look, text, self.notes.width, size, role, align="center")
        return made.move_to(self.notes.center)

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("A digit is {image_pixels} numbers.")
    def pixels_are_numbers(self) -> None:
        stage, side = self.look.wide.along(1, 1, gap=0.6)
        big = self.pixels.copy()
        square = stage.square().inset(0.15)
        big.points = _corners(square)
        patch = self._patch(square, side.square().inset(0.15))
        self.play(FadeIn(big), run_time=0.6)
        self.play(FadeIn(patch.set_z_index(2)), run_time=0.8)
        self.wait(1.2)
        self.big, self.patch = big, patch

    @beat("Each hidden neuron hears every pixel.")
    def connections(self) -> None:
        small = self.pixels.copy()
        self.play(FadeOut(self.patch), Transform(self.big, small), run_time=0.8, rate_func=smooth)
        self.remove(self.big)
        self.add(self.pixels)
        self._cast(self.end, lit=0.0)
        counts = self._counts()
        self.play(FadeIn(self.hidden), FadeIn(self.outputs), run_time=0.6)
        self.play(FadeIn(self.wires), FadeIn(counts), run_time=1.0)
        self.counts = counts

    @beat("Weighted sums make neurons fire.")
    def hidden_fires(self) -> None:
        pulses, carried, note = self._pulses(1, self.end)
        self.play(
            FadeOut(self.counts), *[Transform(w, w.changed(opacity=DIM)) for w in self.wires], run_time=0.4
        )
        self.add(pulses)
        self.play(
            Transform(pulses, pulses.changed(phase=1.0)),
            FadeIn(carried),
            FadeIn(note),
            run_time=1.6,
            rate_func=linear,
        )
        self.remove(pulses)
        self.play(Transform(self.hidden, self.hidden.changed(lit=1.0)), run_time=0.6)
        self.first_note, self.carried = note, [carried]

    @beat("Ten outputs: chances that sum to 1.")
    def outputs_decide(self) -> None:
        pulses, carried, _ = self._pulses(2, self.end)
        self.add(pulses)
        self.play(
            FadeOut(self.first_note), Transform(pulses, pulses.changed(phase=1.0)), FadeIn(carried),
            run_time=1.2, rate_func=linear,
        )  # fmt: skip
        self.remove(pulses)
        self.carried.append(carried)
        self.bars = self._bars(np.zeros(10), ("",) * 10)
        self.add(self.bars)
        self.verdict = self._verdict(self.end)
        full = self._bars(*self._probabilities(self.end))
        self.play(
            Transform(self.outputs, self.outputs.changed(lit=1.0)),
            Transform(self.bars, full),
            FadeIn(self.verdict),
            run_time=0.9,
        )

    @beat("Untrained, it only guesses.")
    def before_training(self) -> None:
        verdict = self._verdict(self.start)
        self.play(FadeOut(self.verdict), FadeOut(self.wires), *map(FadeOut, self.carried), run_time=0.5)
        self.status(f"before training: step {self.start}")
        hidden, outputs, wires = (
            self._layer(1, self.start),
            self._layer(2, self.start),
            self._wires(self.start),
        )
        for field in wires:
            field.set_opacity(DIM)
        self.play(AnimationGroup(FadeIn(wires), Transform(self.hidden, hidden), lag_ratio=0.2), run_time=0.8)
        self.play(
            Transform(self.outputs, outputs),
            Transform(self.bars, self._bars(*self._probabilities(self.start))),
            FadeIn(verdict),
            run_time=0.9,
        )

    # --- what they are made of -----------------------------------------------------------------------------

    def _cast(self, step: int, lit: float) -> None:
        self.hidden, self.outputs = self._layer(1, step, lit), self._layer(2, step, lit)
        self.wires = self._wires(step)

    def _layer(self, layer: int, step: int, lit: float = 1.0):
        role = "hidden" if layer == 1 else "output"
        neurons = self.net.neurons(layer, self.rec.a(layer, step)[self.probe], self.scales[layer], role)
        neurons.lit = lit
        return neurons.set_z_index(1)

    def _wires(self, step: int):
        """All 101,632 weights as light, on one scale per layer for the whole recording."""
        fields = []
        for layer, strength in ((1, 0.012), (2, 0.25)):
            weights = self.rec.param(f"{layer}.W", step)
            fields.append(
                self.net.edges(layer, weights, shown_scale(self.rec.param(f"{layer}.W", self.end)), strength)
            )
        return Group(*fields)

    def _pulses(self, layer: int, step: int):
        before = self.rec.probe_x[self.probe] if layer == 1 else self.rec.a(1, step)[self.probe]
        parts = self.rec.param(f"{layer}.W", step) * before.ravel()
        keep = strongest(parts, DRAWN_PULSES)
        pulses = self.net.pulses(layer, parts.ravel()[keep], float(np.abs(parts).max()), keep)
        carried = self.net.edges(layer, parts.ravel()[keep], float(np.abs(parts).max()), 0.8, keep)
        total = self.says(f"{{connections_layer[{layer}]:,}}")
        note = self.note(
            f"drawn: the {DRAWN_PULSES:,} of {total} connections that carry most; blue adds, orange subtracts"
        )
        return pulses, carried, note

    def _counts(self) -> VGroup:
        n, h, o = (self.says(f"{{layer_size[{i}]}}") for i in range(3))
        times, equals = (" × ", "muted"), (" = ", "muted")
        first, second = ((self.says(f"{{connections_layer[{i}]:,}}"), "ink") for i in (1, 2))
        rows = [
            [(n, "input"), times, (h, "hidden"), equals, first],
            [(h, "hidden"), times, (o, "output"), equals, second],
            [("together ", "muted"), (self.says("{connections:,}"), "accent"), (" connections", "muted")],
        ]
        lines = [Runs(self.look, row, "label") for row in rows]
        biases = self.says("and {layer_size[1]} + {layer_size[2]} biases: {n_parameters:,} numbers")
        products = VGroup(*lines[: 2 if self.look.upright else 3]).arrange(RIGHT, buff=0.8)
        rest = [lines[2]] if self.look.upright else []
        group = VGroup(products, *rest, Label(self.look, biases, "tiny", "muted"))
        return group.arrange(DOWN, buff=0.16).move_to(self.notes.center)

    def _bars(self, values: np.ndarray, texts: Sequence[str]) -> OutputBars:
        """The outputs as bars; a wrong top guess has the colour of the wrong, as in the verdict."""
        place, room = self.net.layers[-1], self.net.tail_region
        names = [str(k) for k in range(len(place.centers))]
        wrong = values.any() and values.argmax() != self.settings["digit"]
        return OutputBars(
            self.look, place.centers, place.radius, room, names, values, self.net.down, texts,
            role="wrong" if wrong else "output",
        )  # fmt: skip

    def _probabilities(self, step: int):
        values = self.rec.a(2, step)[self.probe]
        texts = [self.shown(Source("a", "2", step, (self.probe, k)), "{:.0%}") for k in range(len(values))]
        return values, texts

    def _verdict(self, step: int) -> VGroup:
        best = int(self.rec.a(2, step)[self.probe].argmax())
        right = best == self.settings["digit"]
        chance = self.shown(Source("a", "2", step, (self.probe, best)), "{:.2%}")
        total = self.shown(
            Source("fact", "probability_sum", args={"probe": self.probe, "step": step}), "{:.3f}"
        )
        role = "correct" if right else "wrong"
        verdict = Runs(
            self.look, [("prediction ", "muted"), (f"{best}", role), (f" with {chance}", "ink")], "body"
        )
        check = Label(self.look, f"all ten, unrounded, sum to {total}", "body", "muted")
        parts = VGroup(verdict, check)
        parts.arrange(DOWN, buff=0.2) if self.look.upright else parts.arrange(RIGHT, buff=0.6)
        return parts.move_to(self.notes.center)

    def _patch(self, square: Region, region: Region) -> VGroup:
        """A few pixels enlarged with their recorded values; the window is the one that varies most."""
        image = self.rec.probe_x[self.probe].reshape(28, 28)
        row, column = _busiest(image, PATCH)
        cell = region.width / PATCH
        group = VGroup()
        for i in range(PATCH):
            for j in range(PATCH):
                index = (self.probe, (row + i) * 28 + column + j)
                value = float(image[row + i, column + j])
                at = (region.left + (j + 0.5) * cell, region.top - (i + 0.5) * cell, 0.0)
                box = Rectangle(width=cell * 0.96, height=cell * 0.96).move_to(at)
                shade = self._gray(value)
                box.set_stroke(width=0).set_fill(shade, 1)
                words = self.shown(Source("probe_x", "", None, index), "{:.2f}")
                text = Label(self.look, words, "label", readable_on(shade))
                group.add(box, text.move_to(at))
        side = square.width / 28
        frame = Rectangle(width=PATCH * side, height=PATCH * side)
        frame.set_stroke(self.look.color("accent"), self.look.stroke("line"))
        frame.move_to((square.left + (column + PATCH / 2) * side, square.top - (row + PATCH / 2) * side, 0.0))
        outer = Rectangle(width=region.width, height=region.height).move_to(region.center)
        outer.set_stroke(self.look.color("accent"), self.look.stroke("line"))
        return VGroup(frame, outer, window_leaders(self.look, frame, outer), group)

    def _gray(self, value: float) -> str:
        c = np.round(gray_image(self.look, np.array(value))[:3] * 255).astype(int)
        return "#{:02x}{:02x}{:02x}".format(*c)


def _corners(r: Region) -> np.ndarray:
    return np.array([[r.left, r.top, 0], [r.right, r.top, 0], [r.left, r.bottom, 0], [r.right, r.bottom, 0]])


def _busiest(image: np.ndarray, size: int) -> tuple[int, int]:
    """Upper left corner of the window with the most different values, then the widest spread."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))
    levels = np.sort(np.round(windows, 2).reshape(*windows.shape[:2], -1), axis=-1)
    spread = (np.diff(levels, axis=-1) > 0).sum(axis=-1) + windows.std(axis=(2, 3))
    return tuple(int(v) for v in np.unravel_index(spread.argmax(), spread.shape))  # type: ignore[return-value]
