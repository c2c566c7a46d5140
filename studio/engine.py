"""Runs jobs: an engine takes a list of them and returns when every segment is published.

The local engine gives each job a process of its own, forked from a server that has imported manim, so memory
goes back after every job and a crash costs one job. A worker that dies is replaced once.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Protocol

from nncore.errors import Busy, NNReelError, OutputError
from studio.files import OUTPUT_ERRNOS, cache_dir, sweep_parts, sweep_workspaces
from studio.forks import one_thread_each, server_context
from studio.plan import Job

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


def _sweep(ended: Iterable[tuple[Any, Job, int]]) -> None:
    """Removes what ended processes left in the cache; as zombies they would still count as alive."""
    gone: dict[Path, set[int]] = defaultdict(set)
    for process, job, _ in ended:
        gone[job.store].add(process.pid)
    for folder, pids in gone.items():
        sweep_parts(folder, pids)
        sweep_workspaces(cache_dir() / "work", pids)


class LocalEngine:
    """Worker processes on this machine."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or cores()

    def run(self, jobs: Sequence[Job], report: JobReport) -> None:
        """Runs all jobs, at most `workers` at once, in the order given."""
        waiting = [(job, 1) for job in reversed(jobs)]
        running: dict[Connection, tuple[Any, Job, int]] = {}
        with one_thread_each(), _terminable():
            context = server_context()
            try:
                while waiting or running:
                    while waiting and len(running) < self.workers:
                        job, attempt = waiting.pop()
                        running.update(_start(context, job, attempt))
                        report(job, 0, "")
                    for connection in wait(list(running), timeout=0.5):
                        assert isinstance(connection, Connection)
                        self._receive(connection, running, waiting, report)
            finally:
                for process, _, _ in running.values():
                    process.terminate()
                for process, _, _ in running.values():
                    process.join()
                _sweep(running.values())

    def _receive(
        self,
        connection: Connection,
        running: dict[Connection, tuple[Any, Job, int]],
        waiting: list[tuple[Job, int]],
        report: JobReport,
    ) -> None:
        process, job, attempt = running[connection]
        try:
            kind, *values = connection.recv()
        except (EOFError, OSError):
            kind, values = "lost", []
        if kind == "frames":
            report(job, *values)
            return
        del running[connection]
        connection.close()
        process.join()
        if kind == "error":
            raise rebuilt(*values)
        if kind == "lost":
            if attempt > 1:
                raise WorkerLost(
                    f"{job.request.scene}: its process ended twice with code {process.exitcode}."
                )
            waiting.append((job, attempt + 1))


def _start(context: Any, job: Job, attempt: int) -> dict[Connection, tuple[Any, Job, int]]:
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(job, there), daemon=True)
    process.start()
    there.close()
    return {here: (process, job, attempt)}


def _work(job: Job, connection: Connection) -> None:
    """A worker process's whole life. A broken pipe means that nobody waits for it any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        from studio.worker import draw

        draw(job, lambda frames, key: connection.send(("frames", frames, key)))
        connection.send(("done",))
    except BrokenPipeError:
        os._exit(1)
    except Exception as error:
        connection.send(("error", *described(job, error)))


def described(job: Job, error: Exception) -> tuple[str, int, str]:
    """(message, exit code, traceback) of what went wrong in a worker."""
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, NNReelError):
        return str(error), error.exit_code, trace
    if isinstance(error, OSError) and error.errno in OUTPUT_ERRNOS:
        return f"cannot write to {job.store}: {error.strerror}", OutputError.exit_code, trace
    if isinstance(error, FileNotFoundError) and not job.store.is_dir():
        return (
            f"{job.store} was removed while it was drawn into. Give the same command again.",
            Busy.exit_code,
            trace,
        )
    frames = traceback.extract_tb(error.__traceback__)
    place = next(
        (f for f in reversed(frames) if "manim" not in f.filename and "numpy" not in f.filename), frames[-1]
    )
    return f"{job.request.scene}: {type(error).__name__}: {error} ({place.filename}:{place.lineno})", 1, trace


def rebuilt(message: str, exit_code: int, trace: str) -> NNReelError:
    """The error of a worker, here."""
    error = SceneFailed(message)
    error.exit_code = exit_code
    if os.environ.get("NNREEL_DEBUG"):
        error.add_note(trace)
        sys.stderr.write(trace)
    return error


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends the run in order, as Ctrl-C does."""
    try:
        before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
