"""How files get where they go: private work folders, publishing by rename.

A file a reader may open appears under its name only when it is whole and on disk; everything else lives
under a temporary name that says which process made it, so that a later run can sweep what a killed one left.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nncore.cache import cache_dir
from nncore.errors import OutputError

#: What the operating system says when the place, not the work, is the problem.
OUTPUT_ERRNOS = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS", "EFBIG", "ENOTDIR", "EISDIR")
    if hasattr(errno, name)  # EDQUOT is not on Windows
)
_MARK = ".part-"


@contextmanager
def workspace() -> Iterator[Path]:
    """A private folder for what a run needs while it lasts, removed afterwards; crashed ones are swept."""
    home = cache_dir() / "work"
    home.mkdir(parents=True, exist_ok=True)
    sweep_workspaces(home)
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep_workspaces(home: Path, gone: Collection[int] = ()) -> None:
    """Removes the work folders of processes that no longer run, or are known to be `gone`."""
    if not home.is_dir():
        return
    for folder in home.iterdir():
        owner = folder.name.split("-")[0]
        if owner.isdigit() and (int(owner) in gone or not _alive(int(owner))):
            shutil.rmtree(folder, ignore_errors=True)


def part_path(target: Path) -> Path:
    """A temporary name beside the target; its suffix stays, because formats are chosen by it."""
    return target.with_name(f".{target.stem}{_MARK}{os.getpid()}-{os.urandom(3).hex()}{target.suffix}")


@contextmanager
def publishing(target: Path) -> Iterator[Path]:
    """Gives a temporary path to write to; on leaving without an error it becomes `target`, whole and synced.

    Raises: OutputError if the folder can't be made or written to.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {target.parent}: {error.strerror}") from error
    part = part_path(target)
    try:
        yield part
        publish(part, target)
    except OSError as error:
        if error.errno in OUTPUT_ERRNOS:
            raise OutputError(f"cannot write {target}: {error.strerror}") from error
        raise
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def publish(part: Path, target: Path) -> None:
    """Gives a finished temporary file its name, once it is on disk."""
    with open(part, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, target)
    sync_folder(target.parent)


def write_bytes(target: Path, data: bytes) -> None:
    """Publishes a whole file at once."""
    with publishing(target) as part:
        part.write_bytes(data)


def sync_folder(folder: Path) -> None:
    """Makes a rename in this folder survive a power cut, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep_parts(folder: Path, gone: Collection[int] = ()) -> None:
    """Removes the temporary files of processes that no longer run, or are known to be `gone`."""
    if not folder.is_dir():
        return
    for path in folder.glob(f".*{_MARK}*"):
        owner = path.name.partition(_MARK)[2].split("-")[0]
        if owner.isdigit() and (int(owner) in gone or not _alive(int(owner))):
            with suppress(OSError):
                path.unlink()


def _alive(pid: int) -> bool:
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return not _zombie(pid)


def _zombie(pid: int) -> bool:
    """Whether the process has ended and only waits to be collected; where there is no /proc, no."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] in ("Z", "X")
