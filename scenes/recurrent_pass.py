"""A recurrent network reads a digit row by row: its memory changes, and so does what it would answer."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, FadeIn, FadeOut, Transform, UpdateFromAlphaFunc, VGroup, linear

from nncore.sequence_facts import early_guesses
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.encodings import activation_rgb, gray_image, signed_image
from scenes.kit.flows import likeness_order
from scenes.kit.layout import Region
from scenes.kit.needs import probe_of
from scenes.kit.notes import above_notes, note
from scenes.kit.read_image import ReadImage, whole_rows
from scenes.kit.readouts import Counter
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.scrub import between, scrubbing, step_counting
from scenes.kit.text import Label

#: tanh's largest value: the memory's full colour.
FULL = 1.0
#: Share of its brightness that a row not read yet has.
UNREAD = 0.22


class RecurrentPass(RecordedScene):
    """One recorded digit, 28 rows in turn: the hidden state after each row and the guess it would give."""

    title = "Reading row by row"
    part = 1
    order = 12
    recipe = "rows_rnn"
    concept = (
        "recurrent network",
        "RNN",
        "hidden state",
        "memory",
        "sequence",
        "time steps",
    )
    seconds = 46
    params = {
        "digit": {"type": "int", "default": 2, "min": 0, "max": 9, "help": "the digit that is read"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        rec, self.end = self.rec, int(self.rec.steps[-1])
        self.probe = probe_of(rec, self.settings["digit"])
        self.rows = rec.probe_x.shape[1]
        memories = np.array([rec.hidden(1, int(s))[self.probe] for s in rec.steps])
        self.memories = memories[..., likeness_order(memories[-1])]
        self.guesses = np.array([early_guesses(rec, self.probe, int(s)) for s in rec.steps])
        self.main, self.notes = above_notes(self.look)
        self._cast()
        self.status("after training")

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("This network gets one row of pixels at a time, and a memory of {spec.layers[0][units]} numbers.")
    def a_row_and_a_memory(self) -> None:
        rule = note(self.look, self.notes, "new memory = tanh(U · old memory + W · row + b)")
        frames = VGroup(self.digit.row_frame(0), self.memory.row_frame(0))
        self.play(FadeIn(self.digit), FadeIn(self.names[0]), run_time=0.6)
        self.play(FadeIn(self.memory), FadeIn(self.names[1]), FadeIn(rule), FadeIn(frames), run_time=0.8)
        self.frames = frames
        self._read_to(self.rows // 4, 2.4, (self.digit, self.memory))
        self.rule = rule

    @beat("Every row changes the memory. Blue is positive, orange is negative.")
    def memory_changes(self) -> None:
        words = note(self.look, self.notes, "numbers that rise and fall together stand side by side")
        self.play(FadeOut(self.rule), FadeIn(words), run_time=0.4)
        self._read_to(self.rows, 4.0, (self.digit, self.memory))
        self.rule = words

    @beat("What if it had to answer already? After every row it has a guess.")
    def guesses_early(self) -> None:
        self.play(FadeOut(self.rule), FadeOut(self.frames), run_time=0.4)
        self._rewind()
        self.words = self._so_far()
        self.frames = VGroup(*[image.row_frame(0) for image in self.maps])
        self.play(*map(FadeIn, [self.guess, self.names[2], self.words, self.frames]), run_time=0.6)
        self._read_to(self.rows, 7.0, self.maps, self.guess_counter)

    @beat("Its guess settles late: only the last one has to be right.")
    def settles(self) -> None:
        at = {"probe": self.probe, "step": self.end}
        row = int(self.read(Source("fact", "settled_after", args=at)))
        text = self.shown(Source("fact", "settled_after", args=at), "{:d}")
        words = note(
            self.look, self.notes, f"it settles on {self._label(self.rows)} with row {text} of {self.rows}"
        )
        frames = VGroup(*[image.row_frame(row - 1) for image in self.maps])
        self.play(Transform(self.frames, frames), FadeIn(words), run_time=0.8)
        self.note = words

    @beat("Untrained, a row hardly changes the memory. Training teaches what to keep.")
    def learns_to_keep(self) -> None:
        steps, last = self.rec.steps, len(self.rec.steps) - 1
        colors = [self._memory_rgba(0), self._guess_rgba(0)]
        maps = (self.memory, self.guess)
        self.play(*map(FadeOut, [self.frames, self.note, self.words]), run_time=0.4)
        self.status("step 0")
        self.play(
            *[Transform(m, m.changed(whole=c)) for m, c in zip(maps, colors, strict=True)], run_time=0.8
        )
        counter = self._accuracy()
        self.play(FadeIn(counter), run_time=0.4)
        scrubs = []
        for image, values, paint in (
            (self.memory, self.memories, self._signed),
            (self.guess, self.guesses, self._chance),
        ):

            def show(shown: ReadImage, i: int, share: float, values=values, paint=paint) -> None:
                shown.whole = paint(between(values, i, share))

            scrubs.append(scrubbing(image, len(steps), show))
        counting = counter[0].counting(0, last, rate_func=linear)
        self.play(*scrubs, counting, step_counting(self, steps), run_time=6.0)

    # --- what they are made of -----------------------------------------------------------------------------

    def _cast(self) -> None:
        """The digit, the memory after each row and the guess after each row: rows side by side in line."""
        places = self._places()
        last = len(self.rec.steps) - 1
        x = self.rec.probe_x[self.probe].reshape(self.rows, -1)
        self.digit = ReadImage(self.look, gray_image(self.look, x), places[0], UNREAD)
        self.memory = ReadImage(self.look, self._memory_rgba(last), places[1])
        self.guess = ReadImage(self.look, self._guess_rgba(last), places[2])
        self.maps = (self.digit, self.memory, self.guess)
        texts = (f"{self.rows} rows", self.says("memory: {spec.layers[0][units]} numbers"), "guess by row")
        self.names = [VGroup(self._name(p, t)) for p, t in zip(places, texts, strict=True)]
        width = places[2].width / self.guesses.shape[2]
        for k in range(self.guesses.shape[2]):
            label = Label(self.look, str(k), "tiny", "muted")
            x0 = places[2].left + (k + 0.5) * width
            self.names[2].add(label.move_to((x0, places[2].top + 0.24, 0)))

    def _places(self) -> list[Region]:
        """Digit, memory, guess side by side; in tall shapes the memory lies wide below the other two."""
        m, over, under, gap = self.main, 0.45, 0.5, 0.35
        if self.look.aspect in ("4:5", "9:16"):
            high = min((m.width - gap) / 1.8, 0.55 * m.height)
            top, left = m.top - over, m.center[0] - (1.8 * high + gap) / 2
            right = left + 1.8 * high + gap
            digit = Region(left, top - high, left + high, top)
            guess = Region(right - 0.8 * high, top - high, right, top)
            memory = Region(left, m.bottom + under + 0.75, right, top - high - under - 0.2)
            return [digit, memory, guess]
        shares, foot = ((1.0, 0.85, 0.8), 0.9) if self.look.upright else ((1.0, 1.6, 0.95), 0.65)
        high = min((m.width - 2 * gap) / sum(shares), m.height - over - under - foot)
        top = m.top - over - max(m.height - over - under - foot - high, 0) / 2
        x = m.center[0] - (sum(shares) * high + 2 * gap) / 2
        places = []
        for share in shares:
            places.append(Region(x, top - high, x + share * high, top))
            x += share * high + gap
        return places

    def _name(self, place: Region, text: str) -> Label:
        return Label(self.look, text, "tiny", "muted").move_to((place.center[0], place.bottom - 0.26, 0))

    def _memory_rgba(self, snapshot: int) -> np.ndarray:
        return self._signed(self.memories[snapshot])

    def _guess_rgba(self, snapshot: int) -> np.ndarray:
        return self._chance(self.guesses[snapshot])

    def _signed(self, values: np.ndarray) -> np.ndarray:
        return signed_image(self.look, values, FULL).astype(np.float32)

    def _chance(self, values: np.ndarray) -> np.ndarray:
        color = activation_rgb(self.look, values, 1.0, "output")
        return np.concatenate([color, np.ones((*values.shape, 1))], axis=-1).astype(np.float32)

    def _read_to(self, row: int, seconds: float, maps: tuple, counter: Counter | None = None) -> None:
        """The reading line goes down over all maps to the end of `row`."""
        start = float(maps[0].read)
        parts: list[Animation] = []
        for image, frame in zip(maps, self.frames, strict=True):

            def show(shown: Any, alpha: float) -> None:
                shown.read_to(start + alpha * (row - start))

            def move(shown: Any, alpha: float, image: ReadImage = image) -> None:
                at = whole_rows(start + alpha * (row - start)) - 1
                shown.move_to(image.row_frame(float(np.maximum(at, 0))))

            parts += [UpdateFromAlphaFunc(image, show, rate_func=linear),
                      UpdateFromAlphaFunc(frame, move, rate_func=linear)]  # fmt: skip
        if counter is not None:
            parts.append(counter.counting(start, row, rate_func=linear))
        self.play(*parts, run_time=seconds)

    def _rewind(self) -> None:
        """Nothing read yet."""
        self.play(*[Transform(m, m.changed(read=0.0)) for m in (self.digit, self.memory)], run_time=0.6)

    def _label(self, rows: int) -> str:
        at = {"probe": self.probe, "step": self.end, "rows": rows}
        return self.shown(Source("fact", "early_label", args=at), "{:d}")

    def _so_far(self) -> VGroup:
        """The guess so far with its chance, through all rows."""
        readings = [(0.0, "–")]
        for rows in range(1, self.rows + 1):
            label = self._label(rows)
            at = {"probe": self.probe, "step": self.end, "rows": rows, "label": int(label)}
            chance = self.shown(Source("fact", "early_probability", args=at), "{:.0%}")
            readings.append((float(rows), f"{label} ({chance})"))
        word = Label(self.look, "guess so far", "label", "muted")
        counter = Counter(self.look, readings, "title", "output", "bold")
        at_foot = self._foot()
        word.move_to((at_foot[0] - word.width / 2 - 0.1, 0, 0)).on_baseline(at_foot[1] - 0.15)
        counter.move_to((at_foot[0] + 0.2 + counter.width / 2, 0, 0)).on_baseline(at_foot[1] - 0.15)
        self.guess_counter = counter
        return VGroup(word, counter)

    def _foot(self) -> np.ndarray:
        """Where the number under the pictures stands."""
        low = min(image.region.bottom for image in self.maps) - 0.5
        return np.array([self.main.center[0], (low + self.main.bottom) / 2, 0.0])

    def _accuracy(self) -> VGroup:
        """The test accuracy through all evaluations."""
        rec = self.rec
        at = np.interp(rec.eval_steps, rec.steps, np.arange(len(rec.steps)))
        right = [self.shown(Source("eval", "accuracy_test", int(s)), "{:.0%}") for s in rec.eval_steps]
        counter = Counter(self.look, list(zip(at.tolist(), right, strict=True)), "title", "correct", "bold")
        words = Label(self.look, "of test digits read right", "label", "muted")
        group = VGroup(counter, words)
        words.next_to(counter, buff=0.25)
        counter.on_baseline(self._foot()[1] - 0.15)
        words.on_baseline(self._foot()[1] - 0.15)
        return group.shift((self._foot()[0] - group.get_center()[0], 0, 0))
