"""A process for every job, forked from a server that has imported manim: memory goes back after each of them.

A job's process tells how far it is, then what came of it, through a pipe; when nobody reads that any more, it
ends by itself.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from threading import Lock
from types import ModuleType
from typing import Any

from nncore.errors import Busy, NNReelError, OutputError
from studio.files import OUTPUT_ERRNOS, cache_dir, sweep_parts, sweep_workspaces
from studio.forks import one_thread_each, server_context
from studio.plan import Job

#: Frames are told together: every message wakes another process.
_REPORT_EVERY = 0.25
#: What a start changes for a moment belongs to the whole process.
_STARTING = Lock()


class JobProcess:
    """The process of one job, from its start on.

    `task` names the function of studio.worker that it runs. `connection` is ready when there is a message.
    """

    def __init__(self, job: Job, task: str) -> None:
        self.job = job
        with _STARTING, one_thread_each():
            context = server_context()
            self.connection, there = context.Pipe(duplex=False)
            self._process = context.Process(target=_work, args=(task, job, there), daemon=True)
            with _as_any_parent():
                self._process.start()
        there.close()

    def receive(self) -> tuple[Any, ...]:
        """The next message.

        It is ("frames", frames, key) while the job runs, at last ("done", answer of the task),
        ("error", message, exit code, traceback), or ("lost", exit code) of a process that died.
        """
        message: tuple[Any, ...]
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            message = ("lost",)
        if message[0] == "frames":
            return message
        self.connection.close()
        self._process.join()
        if message[0] == "lost":
            self.sweep()
            return ("lost", self._process.exitcode)
        return message

    def terminate(self) -> None:
        """Tells the process to end."""
        self._process.terminate()

    def sweep(self) -> None:
        """Waits for the end and removes what is left in the cache; a zombie would still count as alive."""
        self._process.join()
        sweep_parts(self.job.store, {self._process.pid})
        sweep_workspaces(cache_dir() / "work", {self._process.pid})


def end(processes: Collection[JobProcess]) -> None:
    """Ends all of them before their jobs are done."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.sweep()


@contextmanager
def _as_any_parent() -> Iterator[None]:
    """This process may start others here, whoever started it, and they don't load its program again.

    Dask marks its workers as daemonic, and to those multiprocessing refuses children, for fear that they
    outlive them; ours end with their pipe. And a child runs the main file, which none of ours needs.
    """
    config: dict[str, Any] = vars(multiprocessing.current_process())["_config"]
    main = sys.modules["__main__"]
    daemonic = config.get("daemon")
    config["daemon"], sys.modules["__main__"] = False, ModuleType("__main__")
    try:
        yield
    finally:
        config["daemon"], sys.modules["__main__"] = daemonic, main


def _work(task: str, job: Job, connection: Connection) -> None:
    """A job's process's whole life. A broken pipe means that nobody waits for it any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        from studio import worker

        connection.send(("done", getattr(worker, task)(job, _together(connection))))
    except BrokenPipeError:
        os._exit(1)
    except Exception as error:
        connection.send(("error", *described(job, error)))


def _together(connection: Connection) -> Callable[[int, str], None]:
    """Reports frames, several at once; a published segment at once."""
    waiting, last = 0, -_REPORT_EVERY

    def report(frames: int, key: str) -> None:
        nonlocal waiting, last
        waiting += frames
        if key or time.monotonic() - last >= _REPORT_EVERY:
            connection.send(("frames", waiting, key))
            waiting, last = 0, time.monotonic()

    return report


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


@contextmanager
def terminable() -> Iterator[None]:
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
