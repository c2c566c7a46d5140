"""Duels: several runs kept in step, their names on screen, and the one field in which their specs differ.

A `DuelScene` checks that its recordings are a fair duel, says which field differs and what each run has
there, and moves all of them by one step counter in log time. Drawing them is the scene's work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from manim import Animation, UpdateFromAlphaFunc, VGroup, linear

from nncore.recipes import check_duel
from nncore.recording import Recording
from nncore.sources import Source
from scenes.kit.duel_words import Difference, field_words, find_difference, value_words
from scenes.kit.layout import Look, Region
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.scales import Scale
from scenes.kit.text import Label, Runs


@dataclass(frozen=True)
class Contestant:
    """One run of a duel: its recording, the name on screen, its colour (a role or a hex colour)."""

    recording: Recording
    name: str
    role: str


class InStep:
    """One step counter for several recordings, even in log time from 0 to the last step of the longest."""

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self.last = max(recording.n_steps for recording in recordings)
        self.scale = Scale(0.0, float(self.last), "symlog")

    def step(self, share: float) -> float:
        """The step at a share of the way; exactly the last at 1."""
        return float(self.last) if share >= 1 else max(self.scale.value(share), 0.0)

    def between(self, start: float, stop: float, alpha: float) -> float:
        """The step `alpha` of the way from one step to another, even in log time; exactly `stop` at 1."""
        first, end = float(self.scale.share(start)), float(self.scale.share(stop))
        return float(stop) if alpha >= 1 else self.step(first + alpha * (end - first))


def changing(scene: RecordedScene, change: Callable[[float], None], **kwargs: Any) -> Animation:
    """`change(alpha)` alters anything on stage, alpha from 0 to 1.

    It is tied to the step counter, which is on stage first, so that all that came after it is drawn anew.
    """
    assert scene.status_label is not None
    kwargs.setdefault("rate_func", linear)
    return UpdateFromAlphaFunc(scene.status_label, lambda _, alpha: change(alpha), **kwargs)


def moment(recording: Recording, step: float) -> tuple[int, float]:
    """(snapshot index, share of the way to the next) at a step; a run that has ended stays at its end.

    `scrub.between(values, *moment(...))` gives values between two snapshots.
    """
    steps = recording.steps
    i = int(np.searchsorted(steps, step, side="right")) - 1
    if i >= len(steps) - 1:
        return len(steps) - 1, 0.0
    return i, float((step - steps[i]) / (steps[i + 1] - steps[i]))


def snapshot_at(recording: Recording, step: float) -> int:
    """The step of the last snapshot at or before a step: the one whose numbers may be written."""
    return int(recording.steps[moment(recording, step)[0]])


def evaluated_at(recording: Recording, step: float) -> int:
    """The last step at or before a step at which loss and accuracy were measured on all points."""
    steps = recording.eval_steps
    return int(steps[np.searchsorted(steps, step, side="right") - 1])


def difference_of(recordings: Sequence[Recording]) -> Difference:
    """The one field in which the runs differ. Raises: BadInput where it is not exactly one."""
    specs = [recording.spec for recording in recordings]
    return find_difference(check_duel(specs), [spec.to_json() for spec in specs])


def panels(
    look: Look, region: Region, count: int, gap: float = 0.4, *, stacked: bool | None = None
) -> list[Region]:
    """One place per run: beside each other in wide regions, stacked in tall ones (or as `stacked` says)."""
    down = region.height > region.width if stacked is None else stacked
    return region.rows(*[1.0] * count, gap=gap) if down else region.columns(*[1.0] * count, gap=gap)


def heading(
    look: Look, region: Region, words: str, role: str, size: str = "label", *, center: bool = False
) -> Label:
    """A run's name in its colour at the top of its panel."""
    label = Label(look, words, size, role, "bold")
    x = region.center[0] - label.get_center()[0] if center else region.left - label.get_left()[0]
    return label.shift((x, 0, 0)).on_baseline(region.top - 0.8 * label.em)


class DuelScene(RecordedScene):
    """A scene of runs that differ in one field.

    `names` are the runs' names on screen; left empty, each run is named by what it has in that field, with
    every number entered in the ledger. `roles` are their colours; left empty, each has a category's: the
    first ones, or those of `hues`.
    """

    names: ClassVar[tuple[str, ...]] = ()
    roles: ClassVar[tuple[str, ...]] = ()
    hues: ClassVar[tuple[int, ...]] = ()

    def open_stage(self) -> None:
        super().open_stage()
        recordings = [self.recs[recipe] for recipe in self.recipes]
        self.difference = difference_of(recordings)
        self.in_step = InStep(recordings)
        names = self.names or tuple(self.value(i) for i in range(len(recordings)))
        hues = self.hues or range(len(recordings))
        roles = self.roles or tuple(self.look.style.category(i) for i in hues)
        self.contestants = [Contestant(*each) for each in zip(recordings, names, roles, strict=True)]
        self.status("step 0")

    # --- what differs ------------------------------------------------------------------------------------

    def value(self, index: int) -> str:
        """What one run has in the field that differs, as words; numbers go through the ledger."""
        recording = self.recs[self.recipes[index]]
        parts = []
        for path, raw in self.difference.values[index]:
            number = isinstance(raw, int | float) and not isinstance(raw, bool)
            parts.append(
                self.shown(Source("spec", path), "{:g}", recording) if number and path else value_words(raw)
            )
        return (" + " if self.difference.field == "units" else " ").join(parts) or "none"

    def difference_line(self, size: str = "tiny") -> Runs:
        """One line: the field that differs, and that nothing else does."""
        words = field_words(self.difference.field)
        return Runs(self.look, [("the only difference: ", "muted"), (words, "ink")], size)

    # --- in step -----------------------------------------------------------------------------------------

    def panels(self, region: Region, gap: float = 0.4, *, stacked: bool | None = None) -> list[Region]:
        """One place per run; see `panels`."""
        return panels(self.look, region, len(self.contestants), gap, stacked=stacked)

    def headings(self, places: Sequence[Region], size: str = "label", *, center: bool = False) -> VGroup:
        """Every run's name at the top of its panel."""
        rows = zip(self.contestants, places, strict=True)
        return VGroup(
            *[heading(self.look, at, each.name, each.role, size, center=center) for each, at in rows]
        )

    def count(self, step: float) -> None:
        """The step counter."""
        self.status(f"step {int(step):,}")

    def run_steps(
        self, draw: Callable[[float], None], *others: Animation, start: float = 0.0,
        stop: float | None = None, run_time: float = 4.0,
    ) -> None:  # fmt: skip
        """Plays all runs in step: `draw(step)` changes what is on stage, the step counter goes with it."""
        end = float(self.in_step.last if stop is None else stop)

        def show(alpha: float) -> None:
            step = self.in_step.between(start, end, alpha)
            draw(step)
            self.count(step)

        self.play(changing(self, show), *others, run_time=run_time, rate_func=linear)
