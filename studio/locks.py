"""One process at a time for one file, by the system's lock: a killed process cannot leave it behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nncore.cache import cache_dir
from nncore.errors import Busy


def lock_folder() -> Path:
    """Where the locks of outputs are: in the cache, never beside the output."""
    return cache_dir() / "locks"


def drawing() -> list[str]:
    """The other processes that are making an output now and need what is in the cache, by their numbers."""
    found = set()
    for path in lock_folder().glob("*.lock"):
        with suppress(OSError):
            handle = os.open(path, os.O_RDWR)
            try:
                if not _take(handle, wait=False, shared=True):
                    found.add(_holder(handle))
            finally:
                os.close(handle)
    return sorted(found - {str(os.getpid())})


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[None]:
    """Holds the lock file while the block runs; the file stays, empty of meaning, and names the last holder.

    Raises: Busy if another process holds it and `wait` is False.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _take(handle, wait):
            raise Busy(f"{path} is held by process {_holder(handle)}; try again when it has ended.")
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


def _holder(handle: int) -> str:
    """The number of the process that holds a lock, as the file says it."""
    os.lseek(handle, 0, os.SEEK_SET)
    return os.read(handle, 32).decode(errors="replace").strip() or "unknown"


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int, wait: bool, shared: bool = False) -> bool:
        os.lseek(handle, 1 << 20, os.SEEK_SET)  # beyond the text, so that others can read the holder
        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except OSError:
                if not wait:
                    return False
            else:
                os.lseek(handle, 0, os.SEEK_SET)
                return True

else:
    import fcntl

    def _take(handle: int, wait: bool, shared: bool = False) -> bool:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX  # two that only look do not see each other
        try:
            fcntl.flock(handle, kind | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True
