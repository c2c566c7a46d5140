"""A job as the preview plans it; apart from tasks.py, because the server must not import drawing code."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from studio.plan import Job


@dataclass(frozen=True)
class WatchedJob(Job):
    """A job that knows its code by the files' times, which is quicker than by their content."""

    stamps: tuple[tuple[str, int], ...] = ()

    def is_current(self) -> bool:
        """Whether no file of the scene's code was saved since the job was planned."""
        return self.stamps == stamps_of([path for path, _ in self.stamps])


def stamps_of(paths: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Each file with the time of its last change, 0 for one that is gone."""
    found = []
    for path in paths:
        with suppress(OSError):
            found.append((path, os.stat(path).st_mtime_ns))
            continue
        found.append((path, 0))
    return tuple(found)
