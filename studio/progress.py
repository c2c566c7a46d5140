"""One bar for a whole job on a terminal, plain lines elsewhere; nothing else prints while drawing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.plan import Job

_LINE_EVERY = 5.0


class Progress:
    """Counts frames and segments of jobs and steps of trainings; shows them on stderr.

    The total is estimated from the captions until the beats are drawn, and corrected as each one ends.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._bar: Any = None
        self._task: Any = None
        self._drawn: dict[int, float] = {}
        self._expected: dict[int, float] = {}
        self._left: dict[int, int] = {}
        self._jobs = 0
        self._title = ""
        self._last_line = 0.0
        self._began = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _open(self, title: str, total: float) -> None:
        self._close()
        self._title, self._began, self._last_line = title, time.monotonic(), time.monotonic()
        if self._quiet or not self._terminal:
            self._say(title)
            return
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            TextColumn("·"),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
        self._bar.start()
        self._task = self._bar.add_task(title, total=total, note="")

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _say(self, text: str) -> None:
        if not self._quiet:
            print(text, file=sys.stderr, flush=True)

    def _show(self, done: float, total: float, note: str) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=max(total, done), note=note)
        elif time.monotonic() - self._last_line >= _LINE_EVERY:
            self._last_line = time.monotonic()
            share = min(1.0, done / total) if total else 1.0
            spent = time.monotonic() - self._began
            left = f", about {spent / share - spent:.0f} s left" if share > 0.02 else ""
            self._say(f"{self._title}: {share:.0%}, {note}, {spent:.0f} s{left}")

    # -- drawing --------------------------------------------------------------------------------------------

    def start(self, jobs: Sequence[Job]) -> None:
        """Begins the bar of a render."""
        if not jobs:
            return
        scenes = list(dict.fromkeys(job.request.ref.name for job in jobs))
        names = ", ".join(scenes) if len(scenes) <= 4 else f"{len(scenes)} scenes"
        self._jobs, self._left = len(jobs), {}
        self._drawn = dict.fromkeys(map(id, jobs), 0.0)
        self._expected = {id(job): job.seconds * job.request.quality.fps for job in jobs}
        self._open(f"Drawing {names}", sum(self._expected.values()))

    def report(self, job: Job, frames: int, key: str) -> None:
        """Counts frames drawn and segments published; a job runs from the first report about it."""
        left = self._left.setdefault(id(job), len(job.keys))
        self._drawn[id(job)] += frames
        if key:
            self._left[id(job)] = left - 1
            if left == 1:
                self._expected[id(job)] = self._drawn[id(job)]
        self._expected[id(job)] = max(self._expected[id(job)], self._drawn[id(job)])
        done = sum(self._drawn.values())
        speed = done / max(time.monotonic() - self._began, 1e-3)
        running = sum(1 for each in self._left.values() if each > 0)
        ended = len(self._left) - running
        note = f"{ended} of {self._jobs} jobs done, {running} running, {speed:.0f} frames/s"
        self._show(done, sum(self._expected.values()), note)

    def counting(self, title: str, total: int) -> Callable[[], None]:
        """A bar over things that are counted; call what it returns as each is done."""
        self._open(title, total)
        done = 0

        def step() -> None:
            nonlocal done
            done += 1
            self._show(done, total, f"{done} of {total} done")

        return step

    # -- training -------------------------------------------------------------------------------------------

    def training(self, recipe: str) -> Any:
        """A callback for nncore.training.train that shows one run's steps."""
        opened = False

        def step(state: Any) -> None:
            nonlocal opened
            total = int(getattr(state, "n_steps", 0))
            if not opened:
                self._open(f"Training {recipe}", total)
                opened = True
            if state.step % 25 == 0 or state.step == total:
                self._show(state.step, total, f"step {state.step}/{total}, loss {float(state.loss):.3f}")

        return step

    def done(self, text: str) -> None:
        """Ends the bar and says what came of it."""
        self._close()
        self._say(text)
