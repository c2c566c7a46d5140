"""Four kinds of network side by side, each with the recorded data of its own run flowing through it."""

from __future__ import annotations

import numpy as np
from manim import FadeIn, FadeOut, RoundedRectangle, VGroup

from nncore.recording import Recording
from scenes.kit.beats import beat
from scenes.kit.flows import STAGES, AttentionFlow, ConvFlow, DenseFlow, Flow, RecurrentFlow
from scenes.kit.layout import Region
from scenes.kit.needs import probe_of
from scenes.kit.notes import above_notes, note
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.text import Label

NAMES = ("Feed-forward", "Convolutional", "Recurrent", "Transformer")
ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th")
PAD = 0.2
#: A panel lower than the one share of its width has its words at its left, one higher than the other its
#: facts at its foot.
LOW, HIGH = 0.25, 0.6
#: A panel wider than this has room for all words beside its name; the width of words at its left, in units.
WIDE, COLUMN = 9.0, 2.4


class Architectures(RecordedScene):
    """Feed-forward, convolutional, recurrent, attention: what each lets through to what, as recorded."""

    title = "Four architectures"
    part = 1
    order = 11
    recipes = ("digits", "digits_cnn", "rows_rnn", "attention")
    concept = (
        "architectures",
        "feed-forward network",
        "MLP",
        "CNN",
        "RNN",
        "transformer",
    )
    seconds = 44
    params = {
        "digit": {"type": "int", "default": 2, "min": 0, "max": 9, "help": "the digit three of them read"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        self.main, self.notes = above_notes(self.look)
        self.stage_region = self.main

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("Feed-forward: every pixel reaches every neuron, all at once.")
    def feed_forward(self) -> None:
        self._one(0, "drawn: strongest connections; blue adds, orange subtracts")

    @beat("Convolutional: small filters slide over the picture, layer upon layer.")
    def convolutional(self) -> None:
        maps = [self.says(f"{{filters[{layer}]}}", self.recs[self.recipes[1]]) for layer in (1, 3)]
        self._one(1, f"{maps[0]} maps of edges, then {maps[1]} maps of parts")

    @beat("Recurrent: one row at a time, into a memory that is carried along.")
    def recurrent(self) -> None:
        self._one(2, "the memory after each row: blue positive, orange negative")

    @beat("Transformer: each token looks at the others and takes what it needs.")
    def transformer(self) -> None:
        rec = self.recs[self.recipes[3]]
        pointer = self._tokens(rec, self._far_pointer(rec))[0]
        self._one(3, f"its core, attention; puzzle: give back the {pointer} letter")

    @beat("Four ways to connect numbers; the same learning trains them all.")
    def side_by_side(self) -> None:
        places = self._places()
        panels = [self._panel(place, i) for i, place in enumerate(places)]
        flows = [self._flow(self._inside(place), i) for i, place in enumerate(places)]
        facts = [self._facts(place, i) for i, place in enumerate(places)]
        words = note(self.look, self.notes, "percent of test digits, or test puzzles, it gets right")
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.5)
        self.play(*map(FadeIn, [*panels, *flows, *facts, words]), run_time=0.8)
        for flow in flows:
            flow.turn_to(0.0)
        for stage in range(STAGES):
            self.play(*[flow.flowing(stage, stage + 1) for flow in flows], run_time=1.4)

    # --- what they are made of -----------------------------------------------------------------------------

    def _one(self, index: int, text: str) -> None:
        """One network large on the stage: its input appears, then its data flows."""
        panel = self._panel(self.stage_region, index)
        flow = self._flow(self._inside(self.stage_region), index)
        facts, words = self._facts(self.stage_region, index), note(self.look, self.notes, text)
        if self.cleared():
            self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.4)
        self.play(*map(FadeIn, [panel, flow, facts, words]), run_time=0.7)
        flow.turn_to(0.0)
        for stage in range(STAGES):
            self.play(flow.flowing(stage, stage + 1), run_time=1.4)

    def _places(self) -> list[Region]:
        """The four panels: two by two, or one under another in upright shapes."""
        if self.look.upright:
            return self.main.rows(1, 1, 1, 1, gap=0.12)
        return [cell for row in self.main.rows(1, 1, gap=0.25) for cell in row.columns(1, 1, gap=0.25)]

    @property
    def head(self) -> float:
        """The height of a panel's heading, in units."""
        return 1.5 * self.look.em("label")

    def _panel(self, place: Region, index: int) -> VGroup:
        """A frame with a name in its upper left corner."""
        frame = RoundedRectangle(corner_radius=0.15, width=place.width, height=place.height)
        frame.move_to(place.center).set_fill(opacity=0)
        frame.set_stroke(self.look.color("faint"), self.look.stroke("thin"))
        name = Label(self.look, NAMES[index], "label", "ink", "bold")
        name.shift((place.left + PAD - name.get_left()[0], 0, 0)).on_baseline(place.top - 0.85 * self.head)
        return VGroup(frame, name)

    def _inside(self, place: Region) -> Region:
        """A panel without its name and its facts."""
        shape = place.height / place.width
        if shape < LOW:
            return Region(place.left + PAD + COLUMN, place.bottom + 0.1, place.right - 0.1, place.top - 0.1)
        foot = 0.45 if shape > HIGH else 0.05
        low, high = place.bottom + 0.1 + foot, place.top - self.head - 0.1
        return Region(place.left + PAD, low, place.right - PAD, high)

    def _flow(self, room: Region, index: int) -> Flow:
        rec = self.recs[self.recipes[index]]
        if index == len(NAMES) - 1:
            probe = self._far_pointer(rec)
            return AttentionFlow(self.look, room, rec, probe, self._tokens(rec, probe))
        probe = probe_of(rec, self.settings["digit"])
        kinds: tuple[type[DenseFlow | ConvFlow | RecurrentFlow], ...] = (DenseFlow, ConvFlow, RecurrentFlow)
        return kinds[index](self.look, room, rec, probe)

    def _far_pointer(self, rec: Recording) -> int:
        """The probe that points farthest, of those whose answer stands there once; of several the first."""
        once = (rec.probe_x == rec.probe_y[:, None]).sum(axis=1) == 1
        return int(np.where(once, rec.probe_x[:, 0], -1).argmax())

    def _tokens(self, rec: Recording, probe: int) -> list[str]:
        """The pointer as an ordinal, then the letters."""
        x, names = rec.probe_x[probe], rec.dataset().class_names
        place = int(x[0]) - len(names)
        return [ORDINALS[place], *(names[int(k)] for k in x[1:])]

    def _facts(self, place: Region, index: int) -> VGroup:
        """How many parameters, and how often it is right: under the name, at its right or at the foot."""
        rec, shape = self.recs[self.recipes[index]], place.height / place.width
        kind = "puzzles" if index == len(NAMES) - 1 else "digits"
        size = self.says("{n_parameters:,} parameters", rec)
        share = self.says("{accuracy_test[last]:.0%}", rec)
        if shape < LOW:
            texts = [size, f"{share} of {kind}"]
        elif shape > HIGH or place.width > WIDE:
            texts = [f"{size}; {share} of test {kind} right"]
        else:
            texts = [f"{size}; {share} of {kind}"]
        labels = VGroup(*[Label(self.look, text, "tiny", "accent") for text in texts])
        for i, label in enumerate(labels):
            if shape < LOW:
                label.shift((place.left + PAD - label.get_left()[0], 0, 0))
                label.on_baseline(place.top - 0.72 - 0.27 * i)
            elif shape > HIGH:
                label.move_to((place.center[0], 0, 0)).on_baseline(place.bottom + 0.2)
            else:
                label.shift((place.right - PAD - label.get_right()[0], 0, 0))
                label.on_baseline(place.top - 0.85 * self.head)
        return labels
