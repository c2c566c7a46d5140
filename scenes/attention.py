"""Attention on a task that needs it: the first token says where to look, and training makes it look there."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    Animation,
    FadeIn,
    FadeOut,
    MoveAlongPath,
    RoundedRectangle,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    linear,
)

from nncore.sequence_facts import pointed_at
from nncore.sources import Source
from scenes.kit.bar_rows import BarRows
from scenes.kit.beats import beat
from scenes.kit.layout import Region
from scenes.kit.notes import above_notes, note
from scenes.kit.readouts import Counter
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.scrub import between, scrubbing, step_counting
from scenes.kit.text import Label, Paragraph
from scenes.kit.token_row import AttentionArcs, TokenRow, carried

#: The recorded layers: attention, and the chances of the letters.
LAYER, OUTPUT = 3, 5
ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th")


class Attention(RecordedScene):
    """Recorded attention weights as arcs: before training anywhere, after it on the token that matters."""

    title = "Attention"
    part = 1
    order = 13
    recipe = "attention"
    concept = (
        "attention",
        "attention weights",
        "tokens",
        "transformer",
        "self-attention",
        "query and key",
    )
    seconds = 43
    params = {
        "probe": {"type": "int", "default": -1, "min": -1, "max": 19, "help": "the sequence; -1 chooses one"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        rec, self.end = self.rec, int(self.rec.steps[-1])
        self.targets = pointed_at(rec, rec.probe_x)
        chosen = self.settings["probe"]
        self.probe = self._story() if chosen < 0 else chosen
        self.weights = np.array([rec.attention(LAYER, int(s))[self.probe, 0] for s in rec.steps])
        self.chances = np.array([rec.a(OUTPUT, int(s))[self.probe] for s in rec.steps])
        self.main, self.notes = above_notes(self.look)
        self.stage, self.side = self._regions()
        count = rec.probe_x.shape[1]
        spot = self.stage
        middle = spot.bottom + 0.3 * spot.height
        band = Region(spot.left, middle - 0.75, spot.right, middle + 0.75)
        self.row = TokenRow(self.look, band, *self._tokens(self.probe), largest=1.15)
        self.room = min(0.62 * (spot.top - self.row.top(0)[1]) / 0.75, 3.4)
        self.under = [self.row.bottom(i) - [0, 0.4, 0] for i in range(count)]
        self.status("step 0")

    def _regions(self) -> tuple[Region, Region]:
        """(the row and its arcs, the letters' chances and the counters)."""
        if self.look.upright:
            stage, side = self.main.rows(1.5, 1, gap=0.2)
            return stage, side
        stage, side = self.main.columns(2, 1, gap=0.7)
        return stage, side

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("A small puzzle: the first token says which letter to give back.")
    def puzzle(self) -> None:
        target = int(self.targets[self.probe])
        self.frame = self._frame(self.row, target)
        answer = Label(self.look, f"answer: {self._letter(target)}", "body", "correct", "bold")
        answer.move_to(self.row.top(target) + [0, 0.7, 0])
        spot = self.stage
        if answer.get_right()[0] > spot.right:
            answer.shift((spot.right - answer.get_right()[0], 0, 0))
        self.away = self.main.center - self.row.get_center() - [0, 0.45, 0]
        VGroup(self.row, self.frame, answer).shift(self.away)
        self.play(FadeIn(self.row), run_time=0.8)
        self.wait(0.4)
        self.play(FadeIn(self.frame), FadeIn(answer), run_time=0.6)
        self.answer = answer

    @beat("Before training its attention, the arcs, goes anywhere: it guesses.")
    def before(self) -> None:
        self.arcs = AttentionArcs(self.look, self.row, 0, self.weights[0], self.room)
        self.bars = self._bars()
        self.parts = self._parts()
        words = note(self.look, self.notes, "below the letters: attention, softmax(query · key)")
        moved = VGroup(self.row, self.frame)
        self.play(FadeOut(self.answer), moved.animate.shift(-self.away), FadeIn(words), run_time=0.6)
        self.words = words
        self.play(FadeIn(self.arcs), FadeIn(self.parts), run_time=0.8)
        self.play(FadeIn(self.bars), FadeIn(self.guess), run_time=0.6)

    @beat("Training turns its attention to the token that is pointed to.")
    def learns(self) -> None:
        words = note(self.look, self.notes, "drawn: the first token’s attention; only its answer is read")
        readouts, counters = self._readouts()
        self.play(FadeOut(self.words), run_time=0.3)
        self.play(FadeIn(readouts), FadeIn(words), run_time=0.5)
        steps = self.rec.steps
        last = len(steps) - 1

        def show(arcs: AttentionArcs, i: int, share: float) -> None:
            arcs.set_weights(between(self.weights, i, share))

        counting = [c.counting(0, last, rate_func=linear) for c in (*self.parts, *counters)]
        moving = [scrubbing(self.arcs, len(steps), show), self._bars_moving(), *counting]
        self.play(*moving, step_counting(self, steps), run_time=6.0)

    @beat("It brings back the letter it finds there: that is the answer.")
    def brings_back(self) -> None:
        target = int(self.targets[self.probe])
        letter = carried(self.look, self._letter(target), 0.62 * self.row.side)
        path = self.arcs[target].copy().reverse_direction()
        path.pointwise_become_partial(path, 0, self._landing(path, letter.height))
        letter.move_to(path.get_start())
        self.add(letter)
        self.play(MoveAlongPath(letter, path), run_time=1.8)

    @beat("Another pointer, another place: more test sequences, after training.")
    def others(self) -> None:
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.5)
        cells = self._cells()
        group, words = VGroup(), []
        places = np.linspace(1, len(ORDINALS), len(cells)).round().astype(int)
        for place, cell in zip(places, cells, strict=True):
            probe = int(np.flatnonzero(self.targets == place)[0])
            row, arcs = self._small(cell, probe)
            at = int(self.targets[probe])
            text = self._weight(probe, self.end, at)
            label = Label(self.look, text, "tiny", "accent", "bold")
            label.move_to(row.places[-1] + [0.75 * row.side + label.width / 2, 0, 0])
            group.add(VGroup(row, self._frame(row, at), arcs))
            words.append(label)
        self.play(FadeIn(group), run_time=0.8)
        on_target = self.says(
            "attention on the framed letter; mean of {n_test} tests: {attention_on_target[last]:.0%}"
        )
        self.play(*map(FadeIn, words), FadeIn(note(self.look, self.notes, on_target)), run_time=0.6)

    # --- what they are made of -----------------------------------------------------------------------------

    def _story(self) -> int:
        """The probe whose answer stands there once and got the least attention before training."""
        x, y = self.rec.probe_x, self.rec.probe_y
        once = (x == y[:, None]).sum(axis=1) == 1
        first = self.rec.attention(LAYER, 0)[np.arange(len(x)), 0, self.targets]
        wrong = self.rec.a(OUTPUT, 0).argmax(axis=1) != y
        return int(np.where(once & wrong, first, first + 1).argmin())

    def _tokens(self, probe: int) -> tuple[list[str], list[str]]:
        """The words on the tiles and the tiles' roles."""
        x, names = self.rec.probe_x[probe], self.rec.dataset().class_names
        words = [ORDINALS[int(x[0]) - len(names)], *(names[int(k)] for k in x[1:])]
        return words, ["accent", *["faint"] * (len(x) - 1)]

    def _letter(self, position: int) -> str:
        return self.rec.dataset().class_names[int(self.rec.probe_x[self.probe, position])]

    def _frame(self, row: TokenRow, index: int) -> RoundedRectangle:
        """A frame around the tile that is pointed to."""
        side = 1.14 * row.side
        frame = RoundedRectangle(corner_radius=0.2 * side, width=side, height=side).move_to(row.places[index])
        return frame.set_fill(opacity=0).set_stroke(self.look.color("correct"), self.look.stroke("line"))

    def _landing(self, path: VMobject, high: float) -> float:
        """How far along its path a tile stands on the first token and leaves its word readable."""
        shares = np.linspace(0.5, 1, 101)
        rest = self.row.top(0)[1] + high / 2 + 0.05
        return float(max(t for t in shares if path.point_from_proportion(t)[1] >= rest))

    def _weight(self, probe: int, step: int, giver: int) -> str:
        args = {"probe": probe, "step": step, "taker": 0, "giver": giver}
        return self.shown(Source("fact", "attention_weight", args=args), "{:.0%}")

    def _parts(self) -> VGroup:
        """Under each tile how much of the first token's attention it gets, through all snapshots."""
        counters = VGroup()
        for giver, place in enumerate(self.under):
            texts = [self._weight(self.probe, int(s), giver) for s in self.rec.steps]
            counter = Counter(self.look, list(enumerate(texts)), "tiny", "accent", "bold", align="center")
            counters.add(counter.move_to(place))
        return counters

    def _bars(self) -> BarRows:
        names = self.rec.dataset().class_names
        r = self.side.columns(1.5, 1, gap=0.4)[0] if self.look.upright else self.side
        high = min(0.62 * len(names), r.height - 0.45)
        top = r.top - (0.4 if self.look.upright else 0.5)
        room = Region(r.left, top - high, r.right, top)
        self.chance_texts = [self._chance_texts(int(s)) for s in self.rec.steps]
        widest = max((text for texts in self.chance_texts for text in texts), key=len)
        bars = BarRows(self.look, room, self.chances[0], [widest] * len(names), 1.0, names, size="label")
        self.guess = Label(self.look, "its guess", "tiny", "muted")
        self.guess.shift((r.left - self.guess.get_left()[0], 0, 0)).on_baseline(top + 0.12)
        return self._guessed(bars, self.chances[0], self.chance_texts[0])

    def _guessed(self, bars: BarRows, values: np.ndarray, texts: list[str]) -> BarRows:
        """The chances as bars, the highest in the colour of a right or of a wrong guess."""
        best = int(values.argmax())
        bars.role = "correct" if best == self.rec.probe_y[self.probe] else "wrong"
        return bars.set_values(values, texts, best)

    def _chance_texts(self, step: int) -> list[str]:
        units = range(self.chances.shape[1])
        return [self.shown(Source("a", str(OUTPUT), step, (self.probe, k)), "{:.0%}") for k in units]

    def _bars_moving(self) -> Animation:
        """The letters' chances through all snapshots; a text is always that of a recorded one."""

        def show(bars: Any, alpha: float) -> None:
            at = alpha * (len(self.chances) - 1)
            i = min(int(at), len(self.chances) - 2)
            self._guessed(bars, between(self.chances, i, at - i), self.chance_texts[round(at)])

        return UpdateFromAlphaFunc(self.bars, show, rate_func=linear)

    def _readouts(self) -> tuple[VGroup, list[Counter]]:
        """The test accuracy through all evaluations."""
        rec = self.rec
        at = np.interp(rec.eval_steps, rec.steps, np.arange(len(rec.steps)))
        right = [self.shown(Source("eval", "accuracy_test", int(s)), "{:.0%}") for s in rec.eval_steps]
        readings = list(zip(at.tolist(), right, strict=True))
        counter = Counter(self.look, readings, "title", "correct", "bold", align="center")
        words = Paragraph(self.look, "of test sequences right", 2.6, "tiny", "muted", align="center")
        group = VGroup(counter, words).arrange(DOWN, buff=0.2)
        room = self.bars.room
        if self.look.upright:
            group.move_to((self.side.columns(1.5, 1, gap=0.4)[1].center[0], room.center[1], 0))
        else:
            group.move_to((self.side.center[0], room.bottom - 1.1, 0))
        return VGroup(group), [counter]

    def _cells(self) -> list[Region]:
        lines, across = {"16:9": (3, 2), "1:1": (4, 1)}.get(self.look.aspect, (6, 1))
        rows = self.main.rows(*[1] * lines, gap=0.15)
        return [cell for row in rows for cell in row.columns(*[1] * across, gap=0.6)]

    def _small(self, cell: Region, probe: int) -> tuple[TokenRow, AttentionArcs]:
        """A row of tiles with the arcs of its first token over it."""
        side = min(0.48 * cell.height, (cell.width - 1.0) / 9, 0.85)
        low = cell.bottom + 0.08 * side
        band = Region(cell.left, low, cell.right - 0.8, low + side)
        row = TokenRow(self.look, band, *self._tokens(probe), largest=side, size="tiny")
        weights = self.rec.attention(LAYER, self.end)[probe, 0]
        return row, AttentionArcs(self.look, row, 0, weights, (cell.top - low - side) * 0.95)
