"""Processes forked from a server that has imported manim: what the server is, and starting it in good time.

It takes the server about a second to import what drawing needs. This module needs next to nothing itself, so
a command that will draw starts the server first and does its own imports beside it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from nncore.errors import NNReelError, OutputError

#: The variable that names the scenes which the server imports.
SCENES = "NNREEL_SCENES"
_ROOT = Path(__file__).resolve().parents[1]
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def server_context(scenes: Iterable[str] = ()) -> Any:
    """Starts processes forked from a server that has imported manim, where the system has such servers.

    The server is started by the first call, which does not wait until it has. It imports these scenes of the
    library, too: each is then imported once and not by every job. Raises: OutputError if it can't be started.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing.forkserver import ensure_running

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["studio.preloaded"])
    with one_thread_each(), _set({SCENES: " ".join(scenes), **_findable()}), _deaf_to_ctrl_c():
        try:
            ensure_running()
        except FileNotFoundError as error:  # it listens at a socket in a temporary folder
            raise OutputError("no temporary folder can be written to; is the disk full?") from error
    return context


def _findable() -> dict[str, str]:
    """What the server needs to find the project, wherever the command is given; it has no other path."""
    if _ROOT.name.endswith("-packages"):
        return {}
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))}


def start_ahead(scenes: Iterable[str] = ()) -> None:
    """Starts the server, which loads what it needs beside this process; who needs it hears if it can't."""
    with suppress(NNReelError, OSError):
        server_context(scenes)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """What is started here ignores Ctrl-C: the parent alone decides how a run ends."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def one_thread_each() -> AbstractContextManager[None]:
    """Workers share the cores, and sums must not depend on how many threads add them up."""
    return _set(dict.fromkeys(_THREAD_VARIABLES, "1"))


@contextmanager
def _set(variables: Mapping[str, str]) -> Iterator[None]:
    """What is started here has these variables in its environment."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
