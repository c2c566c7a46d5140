"""Worker processes that start warm: forked from a server that has imported the libraries but no drawing code.

Every task gets a fresh process, so saved code is simply imported; stopping a task is ending its process.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock, Thread
from typing import Any

#: What drawing imports from outside the project, and the registry, which reads scenes as text.
_LIBRARIES = (
    "manim",
    "scipy.interpolate",
    "scipy.ndimage",
    "scipy.optimize",
    "scipy.sparse.linalg",
    "scipy.stats",
    "sklearn.datasets",
    "uharfbuzz",
    "av",
    "click",
    "PIL.ImageFont",
    "platformdirs",
    "studio.preview.preload",
)
_starting = Lock()
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def warm_up() -> None:
    """Starts the server that workers are forked from; it imports while others go on."""
    for name in _THREADS:  # what is drawn must not depend on how many threads add up
        os.environ[name] = "1"
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return
    from multiprocessing.forkserver import ensure_running

    _context().set_forkserver_preload(list(_LIBRARIES))
    ensure_running()


def _context() -> Any:
    forks = "forkserver" in multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("forkserver" if forks else "spawn")


class Worker:
    """One task in a process of its own.

    `deliver` is called on another thread with each message of the task, and at the end with ("done",),
    ("error", description) or ("lost", exit code); after `stop` with nothing.
    """

    def __init__(self, task: str, arguments: tuple[Any, ...], own: Path | None, deliver: Callable) -> None:
        self.task = task
        self.stopped = False
        self._deliver = deliver
        self._process: Any = None
        self._thread = Thread(target=self._run, args=(arguments, own), name=f"preview {task}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the process; returns at once."""
        self.stopped = True
        if self._process is not None:
            self._process.terminate()

    def join(self) -> None:
        """Waits until the process has ended."""
        self._thread.join()

    def _run(self, arguments: tuple[Any, ...], own: Path | None) -> None:
        here, there = _context().Pipe(duplex=False)
        process = _context().Process(target=work, args=(self.task, arguments, own, there), daemon=True)
        with _starting:
            process.start()
        self._process = process
        there.close()
        if self.stopped:
            process.terminate()
        last: tuple[Any, ...] = ()
        try:
            while not self.stopped and last[:1] not in (("done",), ("error",)):
                last = here.recv()
                self._pass_on(last)
        except (EOFError, OSError):
            process.join()
            self._pass_on(("lost", process.exitcode))
        here.close()
        process.join()

    def _pass_on(self, message: tuple[Any, ...]) -> None:
        if not self.stopped:
            self._deliver(self, message)


def work(task: str, arguments: tuple[Any, ...], own: Path | None, connection: Connection) -> None:
    """A worker process's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.dont_write_bytecode = True  # it is told apart by whole seconds: two saves in one would be mixed up
    try:
        from scenes.registry import scene_infos

        scene_infos.cache_clear()  # the server's list may be older than a saved file
        from studio.preview import tasks

        getattr(tasks, task)(connection.send, *arguments)
        connection.send(("done",))
    except BrokenPipeError:
        os._exit(1)
    except Exception as error:
        from studio.preview.failures import described

        connection.send(("error", described(error, own)))
