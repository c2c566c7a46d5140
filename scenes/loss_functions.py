"""What a prediction costs: squared error as a square, cross-entropy as a curve, confident mistakes."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import FadeIn, FadeOut, Rectangle, ReplacementTransform, Transform, VGroup, smooth

from nncore.facts import compute_fact
from nncore.softmax_facts import chances_on_test, nearest_prediction
from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.dots import Dots
from scenes.kit.encodings import gray_image
from scenes.kit.error_square import ErrorSquare
from scenes.kit.formula import Formula, formula
from scenes.kit.layout import Region
from scenes.kit.marks import Tag
from scenes.kit.pixel_image import PixelImage
from scenes.kit.plots import Curve, Plot
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.scales import Scale
from scenes.kit.text import Label, Paragraph, Runs

#: Two chances to look at: the recorded predictions nearest to them are shown.
DOUBTFUL, SURE = 0.33, 0.95
#: The loss at the top of the first plot.
FIRST_TOP = 4.0
POINTS = 400


class LossFunctions(RecordedScene):
    """Squared error and cross-entropy on recorded predictions, down to the costliest mistake of the run."""

    title = "The cost of being wrong"
    part = 2
    order = 15
    recipe = "digits"
    concept = (
        "loss function",
        "squared error",
        "mean squared error",
        "cross-entropy",
        "log loss",
        "confidence",
    )
    seconds = 39

    def open_stage(self) -> None:
        super().open_stage()
        self.end = int(self.rec.steps[-1])
        self.pairs = [nearest_prediction(self.rec, chance) for chance in (DOUBTFUL, SURE)]
        self.worst = int(compute_fact(self.rec, "costliest_example", step=self.end))
        wide = self.look.wide
        self.top_row, below = wide.rows(0.75, wide.height - 0.75, gap=0.1)
        if self.look.upright:
            self.at_plot, self.at_table = below.rows(below.height - 1.75, 1.6, gap=0.15)
        else:
            self.at_plot, self.at_table = below.columns(8.1, 4.8, gap=0.5)

    # --- beats ---------------------------------------------------------------------------------------------

    @beat("Two answers. The right digit should have got all of the chance: 1.")
    def two_predictions(self) -> None:
        self.cards = [
            self._prediction(pair, at)
            for pair, at in zip(self.pairs, self.look.wide.columns(1, 1, gap=0.5), strict=True)
        ]
        self.legends = VGroup()
        for image, words, square in self.cards:
            self.play(FadeIn(image), FadeIn(words), run_time=0.5)
            self.play(*map(FadeIn, (square.frame, square.base, square.marks, square.goal)), run_time=0.4)
            if not self.legends:  # the other square's dots mean the same
                self.legends.add(square.legend(given="chance given", ideal="ideal"))
            self.play(*map(FadeIn, (square.dot, square.value, self.legends)), run_time=0.4)
            self.add(square.gap, square.dot, square.goal)

    @beat("Squared error: small gaps cost almost nothing.")
    def squared_error(self) -> None:
        self.areas = []
        for (_, _, square), pair in zip(self.cards, self.pairs, strict=True):
            text = self._of(pair, "squared_error", "{:.3f}")
            gap = self._of(pair, "error_size", "{:.4f}")
            area = Runs(self.look, [(f"{gap}² = ", "muted"), (text, "wrong")], "label", "bold")
            r = square.room
            area.move_to((r.center[0], 0.0, 0.0))
            for label in area:
                label.on_baseline(r.top - 1.3 * self.look.em("label"))
            self.areas.append(area)
        flats = [square.flat() for _, _, square in self.cards]
        self.add(*flats)
        self.play(
            FadeOut(self.legends),
            *[
                ReplacementTransform(flat, card[2].square)
                for flat, card in zip(flats, self.cards, strict=True)
            ],
            run_time=1.0,
        )
        self.play(*map(FadeIn, self.areas), run_time=0.5)

    @beat("Cross-entropy: minus the logarithm of the right digit's chance.")
    def cross_entropy(self) -> None:
        self.play(*[FadeOut(m) for m in self.cleared()], run_time=0.5)
        self.formula = self._formula()
        self.plot, self.lines = self._plot(FIRST_TOP)
        self.table = self._table(2)
        self.play(FadeIn(self.formula), FadeIn(self.plot), run_time=0.6)
        low = float(np.exp(-FIRST_TOP))
        self.play(self.lines[1].drawing(0.0, 1.0, run_time=0.9))
        self.play(self.lines[0].drawing(low, 1.0, run_time=0.9))
        self.dots = self._two_dots()
        self.play(FadeIn(self.dots), FadeIn(self.table), run_time=0.6)

    @beat("Sure but wrong: squared error stops at 1, the logarithm keeps rising.")
    def confident_mistake(self) -> None:
        loss = float(compute_fact(self.rec, "example_loss", example=self.worst, step=self.end))
        plot, lines = self._plot(float(np.ceil(loss + 0.5)))
        self.play(FadeOut(self.plot), FadeIn(plot), FadeOut(self.dots), run_time=0.5)
        self.play(
            *[Transform(a, b) for a, b in zip(self.lines, lines, strict=True)], run_time=0.8, rate_func=smooth
        )
        self.remove(*self.lines)
        self.plot, self.lines = plot, lines
        self.add(*lines)
        mistake = self._mistake()
        chance = float(compute_fact(self.rec, "example_right_chance", example=self.worst, step=self.end))
        self.dots = VGroup(
            plot.dot(chance, loss, "wrong", 0.11), plot.dot(chance, (1 - chance) ** 2, "hidden", 0.09)
        )
        self.play(*map(FadeIn, mistake), run_time=0.6)
        table = self._table(3)
        self.play(FadeIn(self.dots), FadeOut(self.table), FadeIn(table), run_time=0.5)
        self.table, self.mistake = table, mistake

    @beat(
        "The {n_test_wrong[last]} wrong of {n_test} digits make {loss_share_of_wrong[last]:.0%} of the loss."
    )
    def all_test_digits(self) -> None:
        self.play(FadeOut(self.table), FadeOut(self.dots), *map(FadeOut, self.mistake), run_time=0.4)
        chances, right = chances_on_test(self.rec, self.end)
        places = self.plot.frame.places(chances, -np.log(chances))
        ground = self.plot.frame.places(chances, np.zeros_like(chances))
        groups = [(right, "correct", 0.06), (~right, "wrong", 0.095)]
        dots = [Dots(self.look, ground[mask], radius, role, 0.7) for mask, role, radius in groups]
        self.play(*map(FadeIn, dots), run_time=0.4)
        self.play(
            *[Transform(d, d.at(places[mask])) for d, (mask, _, _) in zip(dots, groups, strict=True)],
            run_time=1.0,
        )
        self.shares = self._shares(right)
        self.play(FadeIn(self.shares), run_time=0.6)

    # --- parts ---------------------------------------------------------------------------------------------

    def _of(self, pair: tuple[int, int], name: str, template: str) -> str:
        return self.shown(Source("fact", name, args={"probe": pair[0], "step": pair[1]}), template)

    def _of_worst(self, name: str, template: str, **more: Any) -> str:
        args = {"example": self.worst, **({} if name == "example_label" else {"step": self.end})}
        return self.shown(Source("fact", name, args=args), template)

    def _prediction(self, pair: tuple[int, int], region: Region) -> tuple[PixelImage, Label, ErrorSquare]:
        """A picture, which answer it is, and its error square."""
        probe, step = pair
        text = self._of(pair, "right_chance", "{:.2f}")
        em, foot = self.look.em("label"), 1.5 * self.look.em("tiny")
        if self.look.upright:
            side = min(region.width, 0.55 * region.height)
            picture = min(region.height - side - foot - 2.3 * em, 0.85 * region.width)
            free = (region.height - side - foot - picture - 1.6 * em) / 2
            middle, top = region.center[0], region.top - 0.4 * free
            square = Region(middle - side / 2, region.bottom, middle + side / 2, region.bottom + foot + side)
        else:
            side, picture = min(0.66 * region.width, region.height - foot - 0.4), 1.9
            middle, top = region.left + picture / 2, region.center[1] + (side + foot) / 2
            square = Region(region.right - side, top - side - foot, region.right, top)
        box = Region(middle - picture / 2, top - picture, middle + picture / 2, top)
        image = PixelImage(self.look, gray_image(self.look, self.rec.probe_x[probe].reshape(28, 28)), box)
        words = Label(self.look, f"a {int(self.rec.probe_y[probe])}, step {step:,}", "label", "muted")
        words.move_to((middle, 0.0, 0.0)).on_baseline(box.bottom - 1.1 * em)
        chance = float(compute_fact(self.rec, "right_chance", probe=probe, step=step))
        return image, words, ErrorSquare(self.look, square, chance, text)

    def _formula(self) -> Formula:
        """The loss; of its two terms one is always 0, here the one for y = 0."""
        made = formula(
            self.look, "L = -bracket.l {{y log p : yes}} + {{(1 - y) log(1 - p) : no}} bracket.r", "body"
        )
        made.move_to(self.top_row.center)
        made.select("no").set_opacity(0.35)
        return made

    def _plot(self, top: float) -> tuple[Plot, list[Curve]]:
        """Axes up to a loss, the cross-entropy's curve and the squared error's."""
        plot = Plot(
            self.look,
            self.at_plot,
            Scale(0.0, 1.0),
            Scale(0.0, top),
            "chance p given to the right digit",
            "loss",
        )
        losses = np.linspace(top, 0.0, POINTS)
        p = np.linspace(0.0, 1.0, POINTS)
        return plot, [
            plot.curve(np.exp(-losses), losses, "accent", "bold"),
            plot.curve(p, (1 - p) ** 2, "hidden"),
        ]

    def _two_dots(self) -> VGroup:
        dots = VGroup()
        for probe, step in self.pairs:
            p = float(compute_fact(self.rec, "right_chance", probe=probe, step=step))
            dots.add(
                self.plot.dot(p, (1 - p) ** 2, "hidden", 0.09), self.plot.dot(p, -np.log(p), "accent", 0.11)
            )
        return dots

    def _table(self, rows: int) -> VGroup:
        """Chance, squared error and cross-entropy of the predictions looked at."""
        found = [
            [
                self._of(pair, "right_chance", "{:.2f}"),
                self._of(pair, "squared_error", "{:.3f}"),
                self._of(pair, "log_loss", "{:.2f}"),
            ]
            for pair in self.pairs
        ]
        if rows > 2:
            found.append(
                [
                    self._of_worst("example_right_chance", "{:.7f}"),
                    self._of_worst("example_squared_error", "{:.3f}"),
                    self._of_worst("example_loss", "{:.2f}"),
                ]
            )
        heads, roles = ("chance", "squared", "cross-entropy"), ("ink", "hidden", "accent")
        r, em = self.at_table, self.look.em("label")
        pitch = min(1.45 * em, r.height / (len(found) + 1))
        top = r.top - 0.8 * em if self.look.upright else r.center[1] + 0.5 * pitch * len(found)
        ends = [r.left + share * r.width for share in (0.3, 0.56, 1.0)]
        group = VGroup()
        for i, row in enumerate([heads, *found]):
            for text, end, role in zip(row, ends, roles, strict=True):
                last = rows > 2 and i == len(found)
                label = Label(
                    self.look,
                    text,
                    "label",
                    role if i else ("muted" if role == "ink" else role),
                    "bold" if last else "regular",
                )
                label.shift((end - label.get_right()[0], 0.0, 0.0))
                group.add(label.on_baseline(top - i * pitch))
        return group

    def _mistake(self) -> list[Any]:
        """The costliest test digit, in the empty corner of the plot."""
        area = self.plot.area
        side = min(2.3, 0.5 * area.height)
        said = self._of_worst("example_prediction", "{}")
        text = f"a {self._of_worst('example_label', '{}')}, taken for a {said}: "
        text += f"{self._of_worst('example_confidence', '{:.2%}')} sure"
        x, top = area.left + 0.22 * area.width, area.top - 0.1
        box = Region(x, top - side, x + side, top)
        x_data = np.asarray(self.rec.dataset().x_test[self.worst]).reshape(28, 28)
        image = PixelImage(self.look, gray_image(self.look, x_data), box)
        room = area.right - box.right - 0.25
        words = Paragraph(self.look, text, min(room, 3.1), "label", "ink")
        middle = np.array([box.right + 0.25 + words.width / 2, box.center[1], 0.0])
        return [image, Tag(self.look, words, middle, (0, 0), 0.0)]

    def _shares(self, right: np.ndarray) -> VGroup:
        """Two bars of one length: how many are wrong, and how much of the loss is theirs."""
        share = float(compute_fact(self.rec, "loss_share_of_wrong", step=self.end))
        r = self.at_table if self.look.upright else self.at_table.inset(0.0, self.at_table.height / 2 - 1.2)
        rows = (
            ("{n_test_wrong[last]} of {n_test} digits", " are wrong", float((~right).mean())),
            ("{loss_share_of_wrong[last]:.0%} of the loss", " is theirs", share),
        )
        group, em = VGroup(), self.look.em("label")
        for (part, rest, size), band in zip(rows, r.rows(1, 1, gap=0.2), strict=True):
            words = Runs(self.look, [(self.says(part), "wrong"), (rest, "muted")], "label", "bold")
            words.shift((band.left - words.get_left()[0], 0.0, 0.0))
            for label in words:
                label.on_baseline(band.top - 0.85 * em)
            high = min(0.5, band.height - 1.2 * em)
            y = band.top - 1.2 * em - high / 2
            group.add(words, self._bar(band.left, y, band.width, high, "correct"))
            group.add(self._bar(band.left, y, max(band.width * size, 1e-3), high, "wrong"))
        return group

    def _bar(self, left: float, y: float, long: float, high: float, role: str) -> Rectangle:
        bar = Rectangle(width=long, height=high, stroke_width=0).set_fill(self.look.color(role), 1)
        return bar.move_to((left + long / 2, y, 0.0))
