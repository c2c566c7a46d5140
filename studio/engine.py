"""Runs jobs: an engine takes a list of them and returns when every segment is published.

The local engine gives each job a process of its own, so a crash costs one job; it is drawn again once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import Protocol

from nncore.errors import NNReelError
from studio.forks import server_context
from studio.plan import Job
from studio.processes import JobProcess, end, terminable
from studio.request import library_scenes

#: Called with the job, the number of frames drawn since the last call, and a published segment's key or "".
JobReport = Callable[[Job, int, str], None]


class WorkerLost(NNReelError):
    """A job's process died twice."""


class SceneFailed(NNReelError):
    """The scene's own code raised."""


class Engine(Protocol):
    """Where jobs are run."""

    def run(self, jobs: Sequence[Job], report: JobReport) -> None:
        """Runs all jobs; the segments are in their stores afterwards.

        Raises: NNReelError for the first job that fails.
        """


def cores() -> int:
    """The processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class LocalEngine:
    """Worker processes on this machine."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or cores()

    def run(self, jobs: Sequence[Job], report: JobReport) -> None:
        """Runs all jobs, at most `workers` at once, in the order given."""
        waiting = [(job, 1) for job in reversed(jobs)]
        running: dict[Connection, tuple[JobProcess, int]] = {}
        if jobs:
            server_context(library_scenes(job.request for job in jobs))
        with terminable():
            try:
                while waiting or running:
                    while waiting and len(running) < self.workers:
                        job, attempt = waiting.pop()
                        process = JobProcess(job, "draw")
                        running[process.connection] = process, attempt
                        report(job, 0, "")
                    for connection in wait(list(running), timeout=0.5):
                        assert isinstance(connection, Connection)
                        self._receive(connection, running, waiting, report)
            finally:
                end([process for process, _ in running.values()])

    def _receive(
        self,
        connection: Connection,
        running: dict[Connection, tuple[JobProcess, int]],
        waiting: list[tuple[Job, int]],
        report: JobReport,
    ) -> None:
        process, attempt = running[connection]
        job = process.job
        kind, *values = process.receive()
        if kind == "frames":
            report(job, *values)
            return
        del running[connection]
        if kind == "error":
            raise rebuilt(*values)
        if kind == "lost":
            if attempt > 1:
                raise WorkerLost(f"{job.request.scene}: its process ended twice with code {values[0]}.")
            waiting.append((job, attempt + 1))


def rebuilt(message: str, exit_code: int, trace: str) -> NNReelError:
    """The error of a worker, here."""
    error = SceneFailed(message)
    error.exit_code = exit_code
    if os.environ.get("NNREEL_DEBUG"):
        error.add_note(trace)
        sys.stderr.write(trace)
    return error
