"""Stock manim and ours on the same scene files, side by side: wall time, memory, size, likeness.

Runs both from the command line, as a user would, at 1080p60, in turns, and prints the median. From the
repository: python benchmarks/bench_render.py [--repeats 3] [--scenes Network,Words]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SCENES = ROOT / "benchmarks" / "plain_scenes.py"
sys.path.insert(0, str(ROOT / "benchmarks"))
sys.path.insert(0, str(ROOT))

from bench_encoder import ssim  # noqa: E402 (the paths above come first)


def timed(command: list[str], environment: dict[str, str], folder: Path) -> tuple[float, float]:
    """(seconds, peak memory in MB of the whole process group's largest process)."""
    start = time.perf_counter()
    wrapped = ["/usr/bin/env", "python3", "-c", PEAK, *command]
    done = subprocess.run(wrapped, env=environment, cwd=folder, capture_output=True, text=True, check=True)
    return time.perf_counter() - start, float(done.stderr.strip().splitlines()[-1])


PEAK = (
    "import resource, subprocess, sys\n"
    "subprocess.run(sys.argv[1:], check=True, capture_output=True)\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, file=sys.stderr)"
)


def stock(scene: str, folder: Path) -> tuple[list[str], Path]:
    """(command, where its clip will be)."""
    command = [sys.executable, "-m", "manim", "render", "-qh", "--disable_caching", "--progress_bar", "none"]
    command += ["--media_dir", str(folder / "media"), str(SCENES), scene]
    return command, folder / "media" / "videos" / SCENES.stem / "1080p60" / f"{scene}.mp4"


def ours(scene: str, folder: Path, workers: int) -> tuple[list[str], Path]:
    """(command, where its clip will be)."""
    command = [sys.executable, str(ROOT / "render.py"), "render", f"{SCENES}:{scene}", "--preset", "hd"]
    return [*command, "-o", str(folder), "--workers", str(workers)], folder / f"{scene}-hd.mp4"


def likeness(one: Path, two: Path) -> tuple[float, int, int]:
    """(mean luma SSIM of every tenth frame, frames of one, frames of two)."""
    values, counts = [], [0, 0]
    with av.open(str(one)) as a, av.open(str(two)) as b:
        for number, frames in enumerate(zip(a.decode(video=0), b.decode(video=0), strict=False)):
            if number % 10 == 5:
                pictures = [frame.to_ndarray(format="gray").astype(np.float32) for frame in frames]
                values.append(ssim(*pictures))
    for index, path in enumerate((one, two)):
        with av.open(str(path)) as container:
            counts[index] = sum(1 for _ in container.decode(video=0))
    return float(np.mean(values)), counts[0], counts[1]


def main() -> None:
    """Prints one line for each scene."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scenes", default="Network,Words")
    options = parser.parse_args()
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for scene in options.scenes.split(","):
        seconds: dict[str, list[float]] = {"stock": [], "ours": []}
        memory: dict[str, list[float]] = {"stock": [], "ours": []}
        clips: dict[str, Path] = {}
        with tempfile.TemporaryDirectory() as name:
            for repeat in range(options.repeats):
                folder = Path(name) / str(repeat)
                folder.mkdir()
                environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}
                for who, (command, clip) in (
                    ("stock", stock(scene, folder)),
                    ("ours", ours(scene, folder, workers)),
                ):
                    taken, peak = timed(command, environment, folder)
                    seconds[who].append(taken)
                    memory[who].append(peak)
                    clips[who] = clip
            alike, theirs, mine = likeness(clips["stock"], clips["ours"])
            sizes = {who: clip.stat().st_size / 1e3 for who, clip in clips.items()}
        median = {who: statistics.median(values) for who, values in seconds.items()}
        print(
            f"{scene}: stock {median['stock']:.1f} s, ours {median['ours']:.1f} s, "
            f"{median['stock'] / median['ours']:.2f}x; "
            f"peak of one process {max(memory['stock']):.0f} and {max(memory['ours']):.0f} MB; "
            f"{sizes['stock']:.0f} and {sizes['ours']:.0f} kB; frames {theirs} and {mine}, SSIM {alike:.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
