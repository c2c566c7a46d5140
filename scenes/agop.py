"""AGOP: which pixels move a network's answer, and how the first layer's weights come to say the same."""

from __future__ import annotations

import numpy as np
from manim import DOWN, RIGHT, FadeIn, FadeOut, Group, Rectangle, Transform, VGroup, linear

from nncore.agop import agop_growth, agop_row, input_slopes
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.encodings import gray_image, photo_image, shown_scale, signed_image
from scenes.kit.face_pictures import face_reader, lines_of_squares, probe_with_glasses, tiled
from scenes.kit.formula import formula
from scenes.kit.layout import Look, Region
from scenes.kit.legend import SignedLegend
from scenes.kit.marks import Arrow
from scenes.kit.notes import above_notes, note
from scenes.kit.pixel_image import PixelImage
from scenes.kit.pixel_marks import pixel_marks
from scenes.kit.readouts import Counter
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.scrub import between, scrubbing, step_counting
from scenes.kit.style import rgb
from scenes.kit.text import Label

#: Image rows where the glasses of all faces sit: from TOP up to, not including, BOTTOM.
TOP, BOTTOM = 8, 14
SHARE = 0.995
#: Faces in a row of those that stand for all.
ACROSS = 4
#: How strongly the mean face shines through where no heat covers it.
FAINT_FACE = 0.26
#: Height for a name under a square, in units.
NAME = 0.6
#: The most room between two squares beside each other, in units.
GAP = 2.0


class AGOP(RecordedScene):
    """Gradients by pixel, squared and averaged over faces: the network comes to look at the glasses."""

    title = "Where a network looks"
    part = 1
    order = 9
    recipe = "faces_glasses"
    concept = (
        "AGOP",
        "average gradient outer product",
        "feature learning",
        "input gradient",
        "saliency",
        "neural feature matrix",
    )
    seconds = 44
    params = {
        "face": {"type": "int", "default": 2, "min": 0, "max": 5, "help": "which probe with glasses"},
    }

    def open_stage(self) -> None:
        super().open_stage()
        self.shape = face_reader(self.rec, BOTTOM)
        self.data, self.end = self.rec.dataset(), int(self.rec.steps[-1])
        self.probe = probe_with_glasses(self.rec, self.settings["face"])
        growth = agop_growth(self.rec)
        flat = growth.diagonal.reshape(len(growth.steps), -1)
        self.share = (flat / flat.sum(axis=1, keepdims=True)).reshape(growth.diagonal.shape)
        self.scale = shown_scale(self.share[-1], SHARE)
        self.mean_face = self.data.x_train.mean(axis=0).reshape(self.shape)
        self.main, self.notes = above_notes(self.look)
        self.squares = self._two(self.main)

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("Glasses or none? {n_train} drawn faces teach a network to tell.")
    def faces(self) -> None:
        rows = self.main.inset(0, 0.1).rows(1, 1, gap=0.5)
        pictures, words = Group(), VGroup()
        for label, row in zip((1, 0), rows, strict=True):
            cells = lines_of_squares(row)
            name = Label(self.look, self.data.class_names[label], "label", "muted")
            words.add(name.move_to((row.center[0], cells[-1].bottom - 0.3, 0)))
            for cell, example in zip(cells, np.flatnonzero(self.data.y_test == label), strict=False):
                pictures.add(PixelImage(self.look, self._photo(self.data.x_test[example]), cell))
        right = self.says("after training it is right on {accuracy_test[last]:.0%} of {n_test} new faces")
        words.add(note(self.look, self.notes, right))
        self.play(FadeIn(pictures), FadeIn(words), run_time=0.9)

    @beat("Nudge one pixel: how far does the answer move? That is its gradient.")
    def one_gradient(self) -> None:
        x = self.rec.probe_x[self.probe]
        slopes = self._slopes(x[None])[0]
        scale = shown_scale(slopes, SHARE)
        self.face = PixelImage(self.look, self._photo(x), self.squares[0])
        self.slopes = PixelImage(self.look, signed_image(self.look, slopes, scale), self.squares[1])
        self.squared = self._heat(slopes**2 / (slopes**2).sum(), None)
        self.arrow = _between(self.look, *self.squares)
        self.words = self._names("one face", "its gradient")
        self.words.add(self._signs(scale))
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.4)
        self.status(f"step {self.end:,}")
        self.play(FadeIn(self.face), FadeIn(self.words[0]), run_time=0.5)
        self.play(FadeIn(self.arrow), FadeIn(self.slopes), FadeIn(self.words[1:]), run_time=0.8)

    @beat("Square it, average over {agop_examples} faces: the pixels it really uses.")
    def averaged(self) -> None:
        x = self.data.x_train[self._some()]
        squares = self._slopes(x) ** 2
        each = [self._heat(one, None) for one in squares / squares.sum(axis=(1, 2), keepdims=True)]
        crowd = PixelImage(self.look, tiled(photo_image(x.reshape(-1, *self.shape)), ACROSS), self.squares[0])
        heats = PixelImage(self.look, tiled(np.stack(each), ACROSS), self.squares[1])
        average = PixelImage(self.look, self._heat(self.share[-1], None), self.squares[1])
        old, some = self.words, f"{len(x)} of " + self.says("{agop_examples} faces")
        self.play(FadeOut(old), run_time=0.3)
        self.play(Transform(self.slopes, self.slopes.changed(rgba=self.squared)), run_time=0.8)
        words = self._names(some, "average of gradient²")
        each_word = self._names(some, "gradient² of each")[1]
        self.play(FadeOut(self.face), FadeOut(self.slopes), FadeIn(crowd), FadeIn(heats),
                  FadeIn(words[0]), FadeIn(each_word), run_time=0.8)  # fmt: skip
        self.wait(0.8)
        words.add(note(self.look, self.notes, "the diagonal of the average gradient outer product, AGOP"))
        self.play(
            FadeOut(heats), FadeOut(each_word), FadeIn(average), FadeIn(words[1:]), run_time=1.0
        )  # fmt: skip
        self.old = [crowd, average, words, self.arrow]

    @beat("At the start it looks everywhere. Training moves it up to the glasses.")
    def climbs(self) -> None:
        pictures = [
            PixelImage(self.look, self._heat(self.share[0], self.mean_face), square)
            for square in self.squares
        ]
        bands = VGroup(*[self._band(square) for square in self.squares])
        words, counters = self._frame_words()
        self.status("step 0")
        self.play(*map(FadeOut, self.old), run_time=0.4)
        self.play(*map(FadeIn, [*pictures, bands, words]), run_time=0.8)
        self.wait(0.6)

        def show(image: PixelImage, i: int, share: float) -> None:
            image.rgba = self._heat(between(self.share, i, share), self.mean_face)

        steps = self.rec.steps
        counting = [each.counting(0, len(steps) - 1, rate_func=linear) for each in counters]
        scrub = scrubbing(pictures[1], len(steps), show)
        self.play(scrub, step_counting(self, steps), *counting, run_time=5.0)
        self.old = [*pictures, bands, words]

    @beat("Which pixels act with the framed one? The weights come to say the same.")
    def pairs(self) -> None:
        pixel = int(self.share[-1].argmax())
        rows, m = agop_row(self.rec, pixel), self.main
        # The framed pixel keeps the colour that its gradient had in the face of the second beat.
        way = float(np.sign(self._slopes(self.rec.probe_x[[self.probe]]).ravel()[pixel]))
        squares = self._two(Region(m.left, m.bottom + 0.75, m.right, m.top))
        images, scrubs = [], []
        for table, square in zip((rows.agop, rows.features), squares, strict=True):
            table = way * table
            image = PixelImage(self.look, self._signed(table[0], table), square)

            def show(shown: PixelImage, i: int, share: float, table: np.ndarray = table) -> None:
                shown.rgba = self._signed(between(table, i, share), table)

            images.append(image)
            scrubs.append(scrubbing(image, len(table), show))
        marks = VGroup(*[self._mark(square, pixel) for square in squares])
        names, counter = self._pair_words(squares, way)
        self.status("step 0")
        self.play(*map(FadeOut, self.old), run_time=0.4)
        self.play(*map(FadeIn, [*images, marks, names, counter]), run_time=0.8)
        steps = self.rec.steps
        counting = counter[0].counting(0, len(steps) - 1)
        self.play(*scrubs, step_counting(self, steps), counting, run_time=4.0)

    # --- what they are made of -----------------------------------------------------------------------------

    def _photo(self, x: np.ndarray) -> np.ndarray:
        return photo_image(x.reshape(self.shape))

    def _some(self) -> np.ndarray:
        """The first training faces with and without glasses, in turn."""
        y = self.data.y_train
        turn = np.where(y == 1, np.cumsum(y == 1), np.cumsum(y != 1))
        return np.argsort(turn, kind="stable")[: min(ACROSS, len(y) // ACROSS) * ACROSS]

    def _slopes(self, x: np.ndarray) -> np.ndarray:
        return input_slopes(self.rec, self.end, x).reshape(-1, *self.shape)

    def _heat(self, share: np.ndarray, under: np.ndarray | None) -> np.ndarray:
        """Each pixel's part in the gradient's colour, over a picture or over the empty surface."""
        level = np.clip(share / self.scale, 0, 1)[..., None] ** 0.7
        if under is None:
            ground = np.broadcast_to(rgb(self.look.color("surface")), (*self.shape, 3))
        else:
            face = (under - under.min()) / np.ptp(under)
            ground = gray_image(self.look, FAINT_FACE * face)[..., :3]
        color = ground * (1 - level) + rgb(self.look.color("gradient")) * level
        return np.concatenate([color, np.ones_like(level)], axis=-1).astype(np.float32)

    def _signed(self, values: np.ndarray, history: np.ndarray) -> np.ndarray:
        return signed_image(self.look, values, shown_scale(history[-1], SHARE)).astype(np.float32)

    def _two(self, room: Region) -> list[Region]:
        """Two squares beside each other, or under one another where it is tall, with room for names."""
        if room.width < room.height:
            parts = room.rows(1, 1, gap=0.6)
            return [Region(p.left, p.bottom + NAME, p.right, p.top).square() for p in parts]
        side = min(room.height - NAME, (room.width - 0.8) / 2)
        over = (room.width - 2 * side - min(GAP, room.width - 2 * side)) / 2
        parts = room.inset(over, 0).columns(1, 1, gap=min(GAP, room.width - 2 * side))
        return [Region(p.left, p.bottom + NAME, p.right, p.top).square() for p in parts]

    def _names(self, *texts: str) -> Group:
        """A name under each of the two squares."""
        names = Group()
        for text, square in zip(texts, self.squares, strict=True):
            name = Label(self.look, text, "label", "muted").move_to(square.center)
            names.add(name.on_baseline(square.bottom - 0.42))
        return names

    def _signs(self, scale: float) -> Group:
        """What the two colours of the gradient say."""
        remark = Label(self.look, "brighter here: blue says glasses, orange says none", "tiny", "muted")
        signs = Group(SignedLegend(self.look, scale, "gradient"), remark)
        signs.arrange(DOWN if self.look.upright else RIGHT, buff=0.08 if self.look.upright else 0.6)
        return signs.move_to(self.notes.center)

    def _band(self, picture: Region) -> VGroup:
        """The image rows that are counted, outlined."""
        cell = picture.height / self.shape[0]
        box = Rectangle(width=picture.width, height=(BOTTOM - TOP) * cell).set_fill(opacity=0)
        box.set_stroke(self.look.color("accent"), self.look.stroke("line"))
        return VGroup(box.move_to((picture.center[0], picture.top - (TOP + BOTTOM) / 2 * cell, 0)))

    def _mark(self, square: Region, pixel: int) -> VGroup:
        """A frame around one pixel that stands off from any colour."""
        halo, line = (
            pixel_marks(self.look, square, [pixel], self.shape[1], role) for role in ("background", "ink")
        )
        return VGroup(halo.set_stroke(width=3 * self.look.stroke("line")), line)

    def _frame_words(self) -> tuple[VGroup, list[Counter]]:
        """How much lies inside the frame, at the start and through all snapshots; what counts in it."""
        texts = [self.shown(Source("fact", "agop_share", args={"step": int(s), "top": TOP, "bottom": BOTTOM}),
                            "{:.0%}") for s in self.rec.steps]  # fmt: skip
        counter = Counter(self.look, list(enumerate(texts)), "body", "gradient", "bold", align="right")
        first = Label(self.look, texts[0], "body", "gradient", "bold")
        last = len(texts) - 1
        moments = [(0, "at the start"), (0.5, "now"), (last, "after training")]
        moment = Counter(self.look, moments, "label", "muted").turn_to(last)
        words, names = VGroup(), (Label(self.look, "at the start", "label", "muted"), moment)
        for number, word, square in zip((first, counter), names, self.squares, strict=True):
            line = VGroup(number, word)
            line[1].next_to(number, buff=0.18)
            for part in line:
                part.on_baseline(square.bottom - 0.42)
            words.add(line.shift((square.center[0] - line.get_center()[0], 0, 0)))
        rows = f"part of all gradient² inside the frame: {BOTTOM - TOP} of {self.shape[0]} rows"
        return words.add(note(self.look, self.notes, rows)), [counter.turn_to(0), moment.turn_to(0)]

    def _pair_words(self, squares: list[Region], way: float) -> tuple[VGroup, VGroup]:
        """Names under the two pictures; the counter of the tables' correlation."""
        names = VGroup()
        signs = (Label(self.look, "AGOP", "label"), formula(self.look, "W_1^T W_1", "label"))
        for square, word, sign in zip(squares, ("by gradients:", "by weights:"), signs, strict=True):
            name = VGroup(Label(self.look, word, "label", "muted"), sign).arrange(buff=0.18)
            name.move_to((square.center[0], square.bottom - 0.32, 0))
            for label in (part for part in name if isinstance(part, Label)):
                label.on_baseline(square.bottom - 0.42)
            names.add(name)
        same, other = ("blue", "orange") if way > 0 else ("orange", "blue")
        names.add(
            note(self.look, self.notes, f"{same}: the same way as the framed pixel; {other}: the other")
        )
        source = [Source("fact", "agop_correlation", args={"step": int(s)}) for s in self.rec.steps]
        found = [self.shown(each, "{:.2f}") for each in source]
        counter = Counter(self.look, list(enumerate(found)), "title", "accent", "bold")
        group = VGroup(counter, Label(self.look, "alike, over all pairs of pixels", "tiny", "muted"))
        group[1].next_to(group[0], buff=0.25)
        y = (squares[-1].bottom - NAME + self.main.bottom) / 2
        return names, group.move_to((self.main.center[0], y, 0))


def _between(look: Look, one: Region, other: Region) -> Arrow:
    """A short arrow from one square to the next: beside it, or below it, under its name."""
    if other.left > one.right:
        return Arrow(look, one.point(1, 0.5) + [0.2, 0, 0], other.point(0, 0.5) - [0.2, 0, 0], "muted")
    return Arrow(look, one.point(0.5, 0) - [0, NAME + 0.05, 0], other.point(0.5, 1) + [0, 0.1, 0], "muted")
