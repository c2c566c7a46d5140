"""The plots beside gradient descent: each step's loss before and after, and the whole run in log time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import Animation, UpdateFromAlphaFunc, VGroup, linear

from scenes.kit.layout import Look, Region
from scenes.kit.plots import Plot
from scenes.kit.readouts import Counter
from scenes.kit.scales import Scale
from scenes.kit.text import text_width

Readings = Sequence[tuple[float, str]]


class SawTooth(VGroup):
    """The loss of each step's batch before its update (a dot) and after it (the end of a falling line).

    Shapes: before, after (n,).
    """

    def __init__(self, look: Look, region: Region, before: np.ndarray, after: np.ndarray) -> None:
        n = len(before)
        every = np.concatenate([before, after])
        room = 0.08 * np.ptp(every)
        words = [("loss  ", "muted"), ("before", "ink"), ("  and  ", "muted"), ("after", "accent")]
        longer = [*words, ("  each step", "muted")]
        if text_width("".join(text for text, _ in longer), look.em("tiny")) < region.width:
            words = longer
        self.axes = Plot(
            look, region, Scale(-0.25, n + 0.1), Scale(every.min() - room, every.max() + room), "step", words
        )
        self.dots = [self.axes.dot(s, before[s], "ink", 0.07) for s in range(n)]
        ends = [np.array([before[s], after[s]]) for s in range(n)]
        self.falls = [self.axes.curve(np.array([s, s + 1.0]), ends[s], "accent") for s in range(n)]
        for s, fall in enumerate(self.falls):
            fall.draw_to(s)
        super().__init__(self.axes)


class RunPlots(VGroup):
    """The loss, above it the accuracy if there are two regions, in log time, with their recorded numbers.

    `accuracy`, `train`, `test` are the readings at the evaluations.
    """

    def __init__(
        self, look: Look, regions: Sequence[Region], recording: Any, accuracy: Readings, train: Readings,
        test: Readings,
    ) -> None:  # fmt: skip
        n, steps = recording.n_steps, recording.eval_steps
        log = Scale(0, n, "symlog")
        room = text_width("100.0%", look.em("label"), "bold") + 0.2
        words = [("loss on ", "muted"), ("training", "accent"), (" and ", "muted"), ("new digits", "output")]
        top = float(np.nanmax(recording.series("loss_batch")))
        left = None
        self.upper, self.accuracy = VGroup(), VGroup()
        if len(regions) > 1:
            self.upper = Plot(
                look, regions[0], log, Scale(0, 1), "", [("accuracy on ", "muted"), ("new digits", "output")],
                y_template="{:.0%}", end_room=room,
            )  # fmt: skip
            left = self.upper.area.left
            right = self.upper.curve(steps, recording.evals("accuracy_test"), "output")
            self.accuracy = VGroup(right, Counter(look, accuracy, "label", "output", "bold"))
        self.lower = Plot(
            look, regions[-1], log, Scale(0, top), "step (log time)", words, end_room=room, left=left
        )
        one = self.lower.curve(steps, recording.evals("loss_train"), "accent")
        two = self.lower.curve(steps, recording.evals("loss_test"), "output")
        self.losses = (one, two)
        self.numbers = (
            Counter(look, train, "tiny", "accent", "bold"), Counter(look, test, "tiny", "output", "bold")
        )  # fmt: skip
        super().__init__(self.upper, self.lower, self.accuracy, one, two, *self.numbers)

    def draw_to(self, step: float) -> RunPlots:
        """Every line and number at a step; in place."""
        for curve in self.losses:
            curve.draw_to(step)
        for number in self.numbers:
            number.turn_to(step)
        self.lower.put_at_ends(self.numbers, self.losses)
        if isinstance(self.upper, Plot):
            right, reading = self.accuracy
            self.upper.put_at_ends([reading.turn_to(step)], [right.draw_to(step)])
        return self

    def drawing(self, steps: Callable[[float], float], **kwargs: Any) -> Animation:
        """The motion of all lines along the steps that a share from 0 to 1 stands for."""
        return UpdateFromAlphaFunc(
            self, lambda plots, share: plots.draw_to(steps(share)), rate_func=linear, **kwargs
        )
