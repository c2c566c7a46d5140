"""What the renderer's benchmarks share: commands run in turns, each in a fresh cache, timed and weighed.

A fresh cache holds the recordings (links to the user's, trained beforehand where missing) and nothing else:
training is not measured, all the rest is. With `--derived` it also holds what the user's cache has of the
arrays computed from them once, such as loss surfaces. Memory is the largest process's at its peak; workers
forked from a server are no children of the command, so its whole session is looked through.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from nncore.cache import cache_dir  # noqa: E402 (the path above comes first)
from scenes.registry import SceneInfo, scene_infos  # noqa: E402
from studio.presets import preset as find_preset  # noqa: E402
from studio.runs import ensure_recording  # noqa: E402

CASES = ROOT / "benchmarks" / "render_cases.py"
PLAIN = ROOT / "benchmarks" / "plain_scenes.py"
_QUALITY = {"preview": "-ql", "blog": "-qm", "hd": "-qh"}
_LOOK_EVERY = 0.1


@dataclass(frozen=True)
class Case:
    """One way of doing it: `command` gives the command line for an output folder.

    It is held to the first `cores` cores, where a number is given.
    """

    name: str
    command: Callable[[Path], list[str]]
    cores: int | None = None


@dataclass
class Result:
    """What came of a case's runs; `folder` is the last one's.

    Units: `runs` in seconds, `peak` in MB.
    """

    runs: list[float] = field(default_factory=list)
    peak: float = 0.0
    folder: Path = Path()

    @property
    def seconds(self) -> float:
        return statistics.median(self.runs)


def in_turns(
    cases: Sequence[Case], repeats: int, recipes: Sequence[str], home: Path, *, derived: bool = False
) -> dict[str, Result]:
    """Runs the cases one after another, forwards and backwards by turns; the last folders stay in `home`."""
    results = {case.name: Result() for case in cases}
    for repeat in range(repeats):
        for case in cases if repeat % 2 == 0 else reversed(cases):
            result = results[case.name]
            if result.runs:
                shutil.rmtree(result.folder)
            result.folder = home / f"{case.name}-{repeat}"
            environment = fresh(result.folder, recipes, derived=derived)
            seconds, peak = timed(case.command(result.folder), environment, result.folder, case.cores)
            result.runs.append(seconds)
            result.peak = max(result.peak, peak)
    return results


def fresh(folder: Path, recipes: Sequence[str], *, derived: bool = False) -> dict[str, str]:
    """Makes the folder with a cache in it that holds these recordings; returns the environment."""
    kept = folder / "cache" / "nnreel"
    kept.mkdir(parents=True)
    for recipe in dict.fromkeys(recipes):
        recording = ensure_recording(recipe)
        shutil.copytree(recording, kept / "recordings" / recording.name, copy_function=_link)
    if derived and (cache_dir() / "derived").is_dir():
        shutil.copytree(cache_dir() / "derived", kept / "derived", copy_function=_link)
    return os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another filesystem
        shutil.copy2(source, target)


def timed(
    command: Sequence[str], environment: dict[str, str], folder: Path, cores: int | None = None
) -> tuple[float, float]:
    """(seconds, peak memory in MB of the largest process) of a command that has to succeed."""
    log = folder / "log.txt"
    with log.open("wb") as output, _held_to(cores):
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=output, stderr=output, start_new_session=True
        )
    watch = _Watch(process.pid)
    try:
        code = process.wait()
        seconds = time.perf_counter() - start
    finally:
        watch.end()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()
    if code:
        raise SystemExit(f"{' '.join(command)} ended with {code}: {log.read_text(errors='replace')[-800:]}")
    return seconds, watch.peak


@contextmanager
def _held_to(cores: int | None) -> Iterator[None]:
    """What is started here runs on the first `cores` of the cores that there are."""
    if cores is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:cores])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class _Watch:
    """Follows the largest resident size that any process of a session had; 0 where there is no /proc."""

    def __init__(self, session: int) -> None:
        self.peak = 0.0
        self._session, self._foreign = session, set(_processes()) - {str(session)}
        self._ended = Event()
        self._thread = Thread(target=self._follow, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Looks no more."""
        self._ended.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._ended.wait(_LOOK_EVERY):
            for process in _processes():
                if process not in self._foreign:
                    with suppress(OSError, ValueError, IndexError):
                        self._look(process)

    def _look(self, process: str) -> None:
        after_name = Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2]
        if int(after_name.split()[3]) != self._session:
            return  # not remembered as foreign: it may be about to change its session
        status = Path(f"/proc/{process}/status").read_text(errors="replace")
        self.peak = max(self.peak, int(status.partition("VmHWM:")[2].split()[0]) / 1024)


def _processes() -> list[str]:
    try:
        return [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def stock(file: Path, scene: str, preset: str) -> Callable[[Path], list[str]]:
    """Stock manim's command for a scene at a preset's size and rate."""
    quality = find_preset(preset)
    size = ",".join(map(str, quality.size("16:9")))
    look = [_QUALITY[preset]] if preset in _QUALITY else ["-r", size, "--fps", str(quality.fps)]

    def command(folder: Path) -> list[str]:
        start = [sys.executable, "-m", "manim", "render", *look, "--disable_caching"]
        return [*start, "--progress_bar", "none", "--media_dir", str(folder / "media"), str(file), scene]

    return command


def ours(scenes: Sequence[str], preset: str, *more: str, root: Path = ROOT) -> Callable[[Path], list[str]]:
    """Our command for scenes, or `--all`, into the folder `out`."""

    def command(folder: Path) -> list[str]:
        start = [sys.executable, str(root / "render.py"), "render", *scenes]
        return [*start, "--preset", preset, "-o", str(folder / "out"), *more]

    return command


def clip_of(folder: Path, scene: str) -> Path:
    """The finished clip of a scene, stock manim's or ours."""
    found = [*folder.glob(f"media/videos/*/*/{scene}.mp4"), *folder.glob(f"out/{scene}-*.mp4")]
    if len(found) != 1:
        raise SystemExit(f"{len(found)} clips of {scene} in {folder}")
    return found[0]


def library(every: int) -> list[SceneInfo]:
    """Every `every`-th scene in the library's order, from the first on."""
    return list(scene_infos()[::every])


def recipes_of(infos: Sequence[SceneInfo]) -> list[str]:
    """The recipes of all these scenes."""
    return sorted({recipe for info in infos for recipe in info.recipes})


def options(
    doc: str, *, recorded: bool = False, every: bool = False, preset: str = "hd"
) -> argparse.ArgumentParser:
    """A parser with the options that these benchmarks share."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3, help="runs of each, of which the median counts")
    parser.add_argument("--preset", default=preset, help=f"size and rate (default: {preset})")
    if recorded or every:
        words = "what was computed from the recordings is there already"
        parser.add_argument("--derived", action="store_true", help=words)
    if every:
        parser.add_argument("--every", type=int, default=1, help="every n-th scene of the library only")
    return parser


def which(infos: Sequence[SceneInfo], every: int) -> str:
    """Says which scenes were taken."""
    return "the library" if every == 1 else f"every {every}th scene, {len(infos)} of {len(scene_infos())}"
