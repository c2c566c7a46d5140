"""A recurrent network reads a digit row by row: its memory changes, and so does what it would answer."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, FadeIn, FadeOut, Group, Transform, UpdateFromAlphaFunc, VGroup, linear

from nncore.sequence_facts import early_guesses
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.encodings import activation_rgb, gray_image, signed_image
from scenes.kit.flows import likeness_order
from scenes.kit.layout import Region
from scenes.kit.needs import probe_of
from scenes.kit.notes import above_notes, note
from scenes.kit.path_marks import placed
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
    seconds = 48
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
        rule = note(self.look, self.notes, "new memory = tanh(U · memory + W · row + b)")
        self.apart = self._apart()
        for image, name, away in zip(self.maps, self.names, self.apart, strict=False):
            Group(image, name).shift(away)
        frames = VGroup(self.digit.row_frame(0), self.memory.row_frame(0))
        self.play(FadeIn(self.digit), FadeIn(self.names[0]), run_time=0.6)
        self.play(FadeIn(self.memory), FadeIn(self.names[1]), FadeIn(rule), FadeIn(frames), run_time=0.8)
        self.frames = frames
        self._read_to(self.rows // 4, 2.4, (self.digit, self.memory))
        self.rule = rule

    @beat("Every row changes the memory. Blue is positive, orange is negative.")
    def memory_changes(self) -> None:
        words = note(self.look, self.notes, "a column is a number; sorted so that like stands with like")
        self.play(FadeOut(self.rule), FadeIn(words), run_time=0.4)
        self._read_to(self.rows, 4.0, (self.digit, self.memory))
        self.rule = words

    @beat("What if it had to answer already? After every row it has a guess.")
    def guesses_early(self) -> None:
        self.play(FadeOut(self.rule), FadeOut(self.frames), run_time=0.4)
        self._rewind()
        self.words = self._so_far()
        self.note = note(self.look, self.notes, "the stronger the green, the surer the guess")
        self.frames = VGroup(*[image.row_frame(0) for image in self.maps])
        new = [self.guess, self.names[2], self.words, self.frames, self.note]
        self.play(*map(FadeIn, new), run_time=0.6)
        self._read_to(self.rows, 7.0, self.maps, self.guess_counter)

    @beat("It settles in the empty rows at the end: only the last guess has to be right.")
    def settles(self) -> None:
        at = Source("fact", "settled_after", args={"probe": self.probe, "step": self.end})
        row = int(self.read(at))
        inked = self.shown(Source("fact", "last_inked_row", args={"probe": self.probe}), "{:d}")
        words = note(
            self.look, self.notes,
            f"the ink ends with row {inked}; it settles on {self._label(self.rows)} with row "
            + self.shown(at, "{:d}"),
        )  # fmt: skip
        self.play(FadeOut(self.note), run_time=0.3)
        self.play(FadeIn(words), run_time=0.4)
        self._read_to(row, 0.8, self.maps, self.guess_counter)
        self.note = words

    @beat("Untrained, a row hardly changes the memory. Training teaches what to keep.")
    def learns_to_keep(self) -> None:
        steps, last = self.rec.steps, len(self.rec.steps) - 1
        places = self._before_after()
        whole = self.memory.copy()
        whole.read = float(self.rows)
        before, start = [
            whole.changed(whole=self._memory_rgba(0), points=placed(whole, place).points) for place in places
        ]
        fading = [self.frames, self.note, self.words, self.digit, self.guess, *self.names]
        self.play(*map(FadeOut, fading), run_time=0.4)
        self.play(Transform(self.memory, placed(whole, places[1])), run_time=0.8)
        self.status("step 0")
        counter, words = self._accuracy(places)
        self.play(Transform(self.memory, start), FadeIn(before), FadeIn(words), run_time=0.8)
        self.wait(0.4)

        def show(shown: ReadImage, i: int, share: float) -> None:
            shown.whole = self._signed(between(self.memories, i, share))

        counting = counter.counting(0, last, rate_func=linear)
        scrub = scrubbing(self.memory, len(steps), show)
        self.play(scrub, counting, step_counting(self, steps), run_time=6.0)

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

    def _apart(self) -> list[np.ndarray]:
        """Where digit and memory stand while the guess is not there yet: moved into the middle."""
        digit, memory, _ = (image.region for image in self.maps)
        if self.look.aspect in ("4:5", "9:16"):
            return [(self.main.center - digit.center) * [1, 0, 0], np.zeros(3)]
        return [(self.main.center - digit.around(memory).center) * [1, 0, 0]] * 2

    def _before_after(self) -> list[Region]:
        """Places of the memory before and after training: beside each other, or one under another."""
        m, name = self.main.inset(0, 0.1), 0.75
        parts = m.columns(1, 1, gap=0.6) if self.look.aspect in ("16:9", "1:1") else m.rows(1, 1, gap=0.25)
        high = parts[0].height - name
        wide = min(parts[0].width, 2.4 * high)
        high = min(high, 1.1 * wide)
        places = []
        for part in parts:
            x, top = part.center[0], part.top - (part.height - name - high) / 2
            places.append(Region(x - wide / 2, top - high, x + wide / 2, top))
        return places

    def _places(self) -> list[Region]:
        """Digit, memory, guess side by side; in tall shapes the memory lies wide below the other two."""
        m, over, under, gap = self.main, 0.45, 0.5, 0.35
        if self.look.aspect in ("4:5", "9:16"):
            high, top = 0.36 * m.height, m.top - over
            digit = Region(m.left, top - high, m.left + high, top)
            guess = Region(digit.right + gap, digit.bottom, m.right, top)
            memory = Region(m.left, m.bottom + under + 0.75, m.right, digit.bottom - under - 0.2)
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
        label = Label(self.look, text, "tiny", "muted").move_to(place.center)
        return label.on_baseline(place.bottom - 0.33)

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
        """Nothing read yet, and room for the guess."""
        moved = []
        for image, name, away in zip(self.maps, self.names, self.apart, strict=False):
            moved += [Transform(image, image.changed(read=0.0).shift(-away)), name.animate.shift(-away)]
        self.play(*moved, run_time=0.6)

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

    def _accuracy(self, places: list[Region]) -> tuple[Counter, VGroup]:
        """The test accuracy under the two memories: at the start, and through all evaluations."""
        rec = self.rec
        at = np.interp(rec.eval_steps, rec.steps, np.arange(len(rec.steps)))
        right = [self.shown(Source("eval", "accuracy_test", int(s)), "{:.0%}") for s in rec.eval_steps]
        now = Counter(self.look, list(zip(at.tolist(), right, strict=True)), "body", "correct", "bold")
        first = Label(self.look, right[0], "body", "muted", "bold")
        words = VGroup()
        for number, name, place in zip((first, now), ("untrained", "trained"), places, strict=True):
            line = VGroup(Label(self.look, f"{name}:", "label", "ink"), number).arrange(buff=0.18)
            for part in line:
                part.on_baseline(place.bottom - 0.5)
            words.add(line.shift((place.center[0] - line.get_center()[0], 0, 0)))
        return now, words.add(
            note(self.look, self.notes, "memory for this digit; percent of test digits read right")
        )
