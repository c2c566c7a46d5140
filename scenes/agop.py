"""AGOP: which pixels move a network's answer, and how the first layer's weights come to say the same."""

from __future__ import annotations

import numpy as np
from manim import DOWN, FadeIn, FadeOut, Group, Rectangle, Transform, VGroup, linear

from nncore.agop import agop_growth, agop_pairs, input_slopes
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.encodings import photo_image, shown_scale, signed_image
from scenes.kit.formula import formula
from scenes.kit.layout import Region
from scenes.kit.legend import SignedLegend
from scenes.kit.marks import Arrow
from scenes.kit.notes import above_notes, note
from scenes.kit.pixels import PixelImage
from scenes.kit.readouts import Counter
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.scrub import between, scrubbing, step_counting
from scenes.kit.style import rgb
from scenes.kit.text import Label

#: Image rows where the glasses of all faces sit: from TOP up to, not including, BOTTOM.
TOP, BOTTOM = 8, 14
SHARE = 0.995


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
        data, self.end = self.rec.dataset(), int(self.rec.steps[-1])
        assert data.image_shape is not None
        self.shape, self.data = data.image_shape, data
        growth = agop_growth(self.rec)
        flat = growth.diagonal.reshape(len(growth.steps), -1)
        self.share = (flat / flat.sum(axis=1, keepdims=True)).reshape(growth.diagonal.shape)
        self.scale = shown_scale(self.share[-1], SHARE)
        self.mean_face = data.x_train.mean(axis=0).reshape(self.shape)
        self.probe = np.flatnonzero(self.rec.probe_y == 1)[self.settings["face"]]
        self.main, self.notes = above_notes(self.look)

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("Glasses or none? {n_train} drawn faces teach a network to tell.")
    def faces(self) -> None:
        rows = self.main.inset(0, 0.1).rows(1, 1, gap=0.5)
        pictures, words = Group(), VGroup()
        for label, row in zip((1, 0), rows, strict=True):
            cells = self._cells(row)
            name = Label(self.look, self.data.class_names[label], "label", "muted")
            words.add(name.move_to((row.center[0], cells[-1].bottom - 0.3, 0)))
            for cell, example in zip(cells, np.flatnonzero(self.data.y_test == label), strict=False):
                pictures.add(PixelImage(self.look, self._photo(self.data.x_test[example]), cell))
        subject = "" if self.look.upright else "of new faces "
        self.status(self.says("{accuracy_test[last]:.0%} " + subject + "right"))
        self.play(FadeIn(pictures), FadeIn(words), run_time=0.9)

    @beat("Nudge one pixel: how far does the answer move? That is its gradient.")
    def one_gradient(self) -> None:
        squares = self._two()
        x = self.rec.probe_x[self.probe]
        slopes = input_slopes(self.rec, self.end, x[None])[0].reshape(self.shape)
        scale = shown_scale(slopes, SHARE)
        self.face = PixelImage(self.look, self._photo(x), squares[0])
        self.slopes = PixelImage(self.look, signed_image(self.look, slopes, scale), squares[1])
        self.squared = self._heat(slopes**2 / (slopes**2).sum(), None)
        self.arrow = _between(self.look, *squares)
        legend = SignedLegend(self.look, scale, "gradient").move_to(self.notes.center)
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.4)
        self.play(FadeIn(self.face), run_time=0.5)
        self.play(FadeIn(self.arrow), FadeIn(self.slopes), FadeIn(legend), run_time=0.8)
        self.legend = legend

    @beat("Square it, average over {agop_examples} faces: the pixels it really uses.")
    def averaged(self) -> None:
        words = note(
            self.look, self.notes, "the average over all of them; AGOP: average gradient outer product"
        )
        self.play(FadeOut(self.legend), run_time=0.3)
        self.play(Transform(self.slopes, self.slopes.changed(rgba=self.squared)), run_time=0.8)
        self.wait(0.4)
        self.play(
            Transform(self.slopes, self.slopes.changed(rgba=self._heat(self.share[-1], None))),
            FadeIn(words), run_time=1.2,
        )  # fmt: skip
        self.words = words

    @beat("At the start it looks everywhere. Training moves it up to the glasses.")
    def climbs(self) -> None:
        big, side = self._one_and_side()
        overlay = PixelImage(self.look, self._heat(self.share[0], self.mean_face), big)
        self.readouts, counters = self._readouts(side)
        band = self._band(big)
        old = [self.face, self.arrow, self.slopes, self.words]
        self.status("step 0")
        self.play(*map(FadeOut, old), run_time=0.4)
        self.play(FadeIn(overlay), FadeIn(self.readouts), FadeIn(band), run_time=0.8)
        self.wait(0.6)

        def show(image: PixelImage, i: int, share: float) -> None:
            image.rgba = self._heat(between(self.share, i, share), self.mean_face)

        counting = [c.counting(0, len(self.share) - 1, rate_func=linear) for c in counters]
        steps = self.rec.steps
        self.play(scrubbing(overlay, len(steps), show), step_counting(self, steps), *counting, run_time=5.0)
        self.overlay, self.band = overlay, band

    @beat("Every pair of pixels as one cell: gradients and weights grow alike.")
    def pairs(self) -> None:
        tables = agop_pairs(self.rec, TOP, BOTTOM)
        m = self.main
        squares = self._two(0.6, Region(m.left, m.bottom + 0.75, m.right, m.top))
        images = [
            PixelImage(self.look, self._table(table[0], table), square)
            for table, square in zip((tables.agop, tables.features), squares, strict=True)
        ]
        names, counter = self._pair_words(squares)
        self.status("step 0")
        self.play(FadeOut(self.overlay), FadeOut(self.readouts), FadeOut(self.band), run_time=0.4)
        self.play(*map(FadeIn, [*images, names, counter]), run_time=0.8)
        scrubs = []
        for image, table in zip(images, (tables.agop, tables.features), strict=True):

            def show(shown: PixelImage, i: int, share: float, table: np.ndarray = table) -> None:
                shown.rgba = self._table(between(table, i, share), table)

            scrubs.append(scrubbing(image, len(table), show))
        steps = self.rec.steps
        counting = counter[0].counting(0, len(steps) - 1)
        self.play(*scrubs, step_counting(self, steps), counting, run_time=4.0)

    # --- what they are made of -----------------------------------------------------------------------------

    def _photo(self, x: np.ndarray) -> np.ndarray:
        return photo_image(x.reshape(self.shape))

    def _heat(self, share: np.ndarray, under: np.ndarray | None) -> np.ndarray:
        """Each pixel's part in the gradient's colour, over a picture or over the empty surface."""
        level = np.clip(share / self.scale, 0, 1)[..., None] ** 0.7
        if under is None:
            ground = np.broadcast_to(rgb(self.look.color("surface")), (*self.shape, 3))
        else:
            photo = photo_image(under)[..., :3]
            ground = 0.75 * photo if self.look.theme == "dark" else 0.5 + 0.5 * photo
        color = ground * (1 - level) + rgb(self.look.color("gradient")) * level
        return np.concatenate([color, np.ones_like(level)], axis=-1).astype(np.float32)

    def _table(self, values: np.ndarray, history: np.ndarray) -> np.ndarray:
        return signed_image(self.look, values, shown_scale(history[-1], SHARE)).astype(np.float32)

    def _cells(self, row: Region) -> list[Region]:
        """Squares over the room of a name: one line of them, or two where there is height."""
        room = Region(row.left, row.bottom + 0.55, row.right, row.top)
        lines = 2 if room.height > 0.5 * room.width else 1
        side = (room.height - 0.25 * (lines - 1)) / lines
        across = max(int((room.width + 0.25) / (side + 0.25)), 3)
        side = min(side, (room.width - 0.25 * (across - 1)) / across)
        pitch, x, y = side + 0.25, room.center[0], room.center[1]
        left, top = x - (across * pitch - 0.25) / 2, y + (lines * pitch - 0.25) / 2
        corners = [(left + j * pitch, top - i * pitch) for i in range(lines) for j in range(across)]
        return [Region(u, v - side, u + side, v) for u, v in corners]

    def _two(self, below: float = 0.0, room: Region | None = None) -> list[Region]:
        """Two squares beside each other, or under one another where it is tall; `below` is for a name."""
        parts = (room or self.main).along(1, 1, gap=max(0.3, 1.1 - below))
        return [Region(p.left, p.bottom + below, p.right, p.top).square() for p in parts]

    def _one_and_side(self) -> tuple[Region, Region]:
        if self.look.upright:
            stage, side = self.main.rows(1, 0.0001, gap=1.5)
            side = Region(side.left, self.main.bottom, side.right, stage.bottom - 0.1)
        else:
            stage, side = self.main.columns(1, 0.75, gap=0.5)
        return stage.square(), side

    def _band(self, picture: Region) -> VGroup:
        """The image rows that are counted, outlined."""
        cell = picture.height / self.shape[0]
        box = Rectangle(width=picture.width, height=(BOTTOM - TOP) * cell).set_fill(opacity=0)
        box.set_stroke(self.look.color("accent"), self.look.stroke("thin"))
        return VGroup(box.move_to((picture.center[0], picture.top - (TOP + BOTTOM) / 2 * cell, 0)))

    def _readouts(self, side: Region) -> tuple[VGroup, list[Counter]]:
        """The part inside the outlined rows, and the test accuracy, through all snapshots."""
        steps = self.rec.steps
        part = [self.shown(Source("fact", "agop_share", args={"step": int(s), "top": TOP, "bottom": BOTTOM}),
                           "{:.0%}") for s in steps]  # fmt: skip
        at = np.interp(self.rec.eval_steps, steps, np.arange(len(steps)))
        right = [self.shown(Source("eval", "accuracy_test", int(s)), "{:.0%}") for s in self.rec.eval_steps]
        pairs = (
            [(float(i), text) for i, text in enumerate(part)],
            list(zip(at.tolist(), right, strict=True)),
        )
        words = (
            (f"of gradient² in {BOTTOM - TOP} of {self.shape[0]} rows", "gradient"),
            ("of test faces right", "correct"),
        )
        groups, counters = VGroup(), []
        places = [side.point(0.27, 0.5), side.point(0.78, 0.5)]
        if not self.look.upright:
            places = [side.point(0.5, 0.68), side.point(0.5, 0.3)]
        for (text, role), readings, place in zip(words, pairs, places, strict=True):
            counter = Counter(self.look, readings, "title", role, "bold", align="center")
            counters.append(counter)
            name = Label(self.look, text, "tiny", "muted")
            groups.add(VGroup(counter, name).arrange(DOWN, buff=0.2).move_to(place))
        return groups, counters

    def _pair_words(self, squares: list[Region]) -> tuple[VGroup, VGroup]:
        """Names under the two tables; the counter of their correlation."""
        names = VGroup()
        signs = (Label(self.look, "AGOP", "label"), formula(self.look, "W_1^T W_1", "label"))
        for square, word, sign in zip(squares, ("gradients:", "weights:"), signs, strict=True):
            name = VGroup(Label(self.look, word, "label", "muted"), sign).arrange(buff=0.18)
            names.add(name.move_to((square.center[0], square.bottom - 0.32, 0)))
        pixels = f"drawn: the {(BOTTOM - TOP) * self.shape[1]} pixels of the outlined rows; blue +, orange −"
        names.add(note(self.look, self.notes, pixels))
        steps = self.rec.steps
        found = [
            self.shown(Source("fact", "agop_correlation", args={"step": int(s)}), "{:.2f}") for s in steps
        ]
        counter = Counter(self.look, list(enumerate(found)), "title", "accent", "bold")
        text = Label(
            self.look, self.says("correlation, all {agop_inputs} × {agop_inputs} pairs"), "tiny", "muted"
        )
        group = VGroup(counter, text)
        group[1].next_to(group[0], buff=0.25)
        y = self.main.bottom + 0.3
        return names, group.move_to((self.main.center[0], y, 0))


def _between(look, one: Region, other: Region) -> Arrow:
    """A short arrow from one square to the next, beside or below it."""
    gap = np.array([0.2, 0.0, 0.0]) if other.left > one.right else np.array([0.0, -0.2, 0.0])
    share = (1, 0.5) if other.left > one.right else (0.5, 0)
    start = one.point(*share) + gap
    end = (
        other.point(1 - share[0] if other.left > one.right else 0.5, 0.5 if other.left > one.right else 1)
        - gap
    )
    return Arrow(look, start, end, "muted")
