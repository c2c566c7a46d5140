"""What runs on a Dask worker: says what the worker is, keeps recordings by their digest, has jobs drawn.

Every job is drawn in a process of its own, as on one machine. A worker shares no files with whoever asks:
recordings come to it once, segments go back as they would lie in the cache. Everything that could change a
pixel is compared before anything is drawn.
"""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import nncore
from nncore.cache import cache_dir
from nncore.errors import RecordingError
from nncore.recording import Recording
from studio import loaded
from studio.code import ROOMS, Code
from studio.files import workspace
from studio.forks import server_context
from studio.keys import fonts_digest, versions
from studio.plan import Job
from studio.processes import JobProcess, described, end

#: The recordings whose bytes this process has checked, and their files as they were then.
_CHECKED: dict[str, tuple[tuple[str, int, int], ...]] = {}
#: The topic of the events that say how far a job is.
TOPIC = "nnreel-frames"
#: How often a worker looks whether a job is still wanted.
_LOOK_EVERY = 0.25
Files = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Order:
    """One job as it travels: `about` is what the worker has to be, `sources` a user's own scene file."""

    number: str
    job: Job
    about: Mapping[str, str]
    sources: Files


@dataclass(frozen=True)
class Outcome:
    """What came of an order: segments, or why the worker can't draw it, or what went wrong.

    `lost` says how its process died.
    """

    files: Files = ()  # type: ignore[assignment]
    refused: str = ""
    error: tuple[str, int, str] | None = None
    lost: str = ""


def about() -> dict[str, str]:
    """Everything that has to be the same on all machines for the same pixels."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {**versions(), "python": python, "fonts": fonts_digest(), "machine": platform.machine()}


def installed() -> str:
    """The project's version."""
    return nncore.__version__


def warm() -> None:
    """Starts loading what every job needs."""
    server_context()


def difference(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    """What is not the same, or "" if all is."""
    wrong = [
        f"{name} {_short(found.get(name, 'missing'))} instead of {_short(value)}"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
    return ", ".join(wrong)


def _short(value: str) -> str:
    return value[:12] if len(value) == 64 else value


# -- recordings -------------------------------------------------------------------------------------------


def recording_folder(digest: str) -> Path:
    """Where this machine has a recording: sent to it by digest, or drawn from before."""
    sent = cache_dir() / "by-digest" / digest
    note = cache_dir() / "known" / f"{digest}.txt"
    if not sent.is_dir() and note.is_file():
        known = Path(note.read_text(encoding="utf-8"))
        return known if known.is_dir() else sent
    return sent


def missing(digests: list[str]) -> list[str]:
    """Those recordings that this worker does not have."""
    return [digest for digest in digests if not recording_folder(digest).is_dir()]


def packed(folder: Path) -> Files:
    """A recording's files as they travel."""
    recording = Recording.open(folder)
    names = ["manifest.json", *recording.manifest.get("files", {})]
    return [(name, (folder / name).read_bytes()) for name in names]


def keep(digest: str, files: Files) -> str:
    """Unpacks a recording, checks that it is the one, and keeps it; "" or what is wrong with it."""
    target = cache_dir() / "by-digest" / digest
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".coming-", dir=target.parent))
    try:
        unpack(files, folder)
        if wrong := _wrong(folder, digest):
            return wrong
        if not target.is_dir():
            folder.rename(target)
    except OSError:
        if not target.is_dir():  # else another worker on this machine was faster
            raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return ""


def unpack(files: Files, folder: Path) -> None:
    """Writes files into a folder. Raises: RecordingError for a name that leaves it."""
    for name, data in files:
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise RecordingError(f"{name} leaves its folder.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _wrong(folder: Path, digest: str) -> str:
    """Why this is not the recording of that digest, or ""; opening it checks all its bytes."""
    try:
        found = Recording.open(folder).digest
    except RecordingError as error:
        return f"its recording {digest[:12]} is damaged: {error}"
    return "" if found == digest else f"its recording has the digest {found[:12]} instead of {digest[:12]}"


# -- drawing ----------------------------------------------------------------------------------------------


def draw_order(order: Order) -> Outcome:
    """Has an order's job drawn; what is wrong is returned, never raised."""
    from distributed import get_worker

    try:
        return _drawn(order, get_worker())
    except Exception as error:
        return Outcome(error=described(order.job, error))


def _drawn(order: Order, worker: Any) -> Outcome:
    worker.log_event(TOPIC, (order.number, 0, ""))
    if wrong := _refusal(order):
        return Outcome(refused=wrong)
    with workspace() as folder:
        unpack(order.sources, folder / "sources")
        process = JobProcess(_at_home(order.job, folder), "draw_checked")
        kind, *values = _followed(process, order.number, worker)
        if kind == "error":
            message, code, trace = values
            return Outcome(error=(message, code, trace))
        if kind == "lost":
            return Outcome(lost=f"ended with code {values[0]}")
        files = [(path.name, path.read_bytes()) for path in sorted(process.job.store.iterdir())]
        return Outcome(files, refused=values[0])


def _followed(process: JobProcess, number: str, worker: Any) -> tuple[Any, ...]:
    """A process's last message; the others are passed on. It is ended if nobody wants its job any more."""
    try:
        while _wanted(number, worker):
            if wait([process.connection], _LOOK_EVERY):
                kind, *values = process.receive()
                if kind != "frames":
                    return kind, *values
                worker.log_event(TOPIC, (number, *values))
        return "done", "nobody wants it any more"
    finally:
        end([process])


def _wanted(number: str, worker: Any) -> bool:
    """Whether the order still stands: who gave it may have gone, or have called it back."""
    task = worker.state.tasks.get(task_name(number))
    return task is not None and task.state != "cancelled" and not worker.status.name.startswith("clos")


def task_name(number: str) -> str:
    """What Dask calls an order."""
    return f"nnreel-{number}"


def _refusal(order: Order) -> str:
    if wrong := difference(order.about, about()):
        return f"it has {wrong}"
    loaded.note()
    if name := loaded.outdated():
        return f"it runs an older {name} than is on its disk; restart it"
    for _, digest in order.job.digests:
        folder = recording_folder(digest)
        stamp = _stamp(folder)
        if _CHECKED.get(digest) != stamp:
            if wrong := _wrong(folder, digest):
                return wrong
            _CHECKED[digest] = stamp
    return ""


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file of the folder does."""
    found = sorted((str(path), path.stat()) for path in folder.rglob("*") if path.is_file())
    return tuple((name, about.st_size, about.st_mtime_ns) for name, about in found)


def _at_home(job: Job, folder: Path) -> Job:
    """The job with this machine's paths: its recordings, its own store, the user's file that came with it."""
    digests = dict(job.digests)
    recordings = tuple(
        (recipe, str(recording_folder(digests[recipe]))) for recipe, _ in job.request.recordings
    )
    scene = job.request.scene
    file, _, name = scene.rpartition(":")
    if file:
        scene = f"{folder / 'sources' / Path(file).name}:{name}"
    store = folder / "segments"
    store.mkdir()
    return replace(job, request=replace(job.request, scene=scene, recordings=recordings), store=store)


def bare(job: Job) -> Job:
    """The job without this machine's paths."""
    recordings = tuple((recipe, "") for recipe, _ in job.request.recordings)
    return replace(job, request=replace(job.request, recordings=recordings), store=Path())


def sources_of(job: Job) -> Files:
    """A user's own scene file and what it imports from beside it, as they travel."""
    ref = job.request.ref
    if ref.library:
        return []
    folder = ref.source.parent
    paths = [path for name, path in Code().imports_of(ref.source).items() if name.split(".")[0] not in ROOMS]
    return [(str(path.relative_to(folder)), path.read_bytes()) for path in [ref.source, *paths]]
