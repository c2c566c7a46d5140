"""Faults for real: kill -9, a full disk, damaged segments, two renders at once, lost and unlike Dask workers.

Every round ends with an ordinary render that has to succeed without cleaning and give the bytes of an
undisturbed one. From the repository:
python benchmarks/faults.py [--kills 50] [--scene SCENE] [--preset 90p10] [--only kills,damaged]
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "tests" / "studio" / "sample_scenes.py"
#: Moments are spread by the golden ratio: evenly, and never twice the same.
GOLDEN = 0.6180339887498949


class Bench:
    """One scene, one cache, one output folder; `wanted` are the bytes of an undisturbed render."""

    def __init__(self, folder: Path, scene: str, preset: str, kills: int) -> None:
        self.folder, self.scene, self.preset, self.kills = folder, scene, preset, kills
        start = time.perf_counter()
        self.wanted = self.render("calm").read_bytes()
        self.seconds = time.perf_counter() - start

    def command(self, cache: str, out: str, workers: int = 2) -> tuple[list[str], dict[str, str]]:
        """(command, environment) of one render."""
        command = [sys.executable, str(ROOT / "render.py"), "render", self.scene, "--preset", self.preset]
        command += ["-o", str(self.folder / out), "--workers", str(workers)]
        return command, os.environ | {"XDG_CACHE_HOME": str(self.folder / cache)}

    def start(self, cache: str, out: str, before: Callable[[], None] | None = None) -> subprocess.Popen[str]:
        """Starts a render in a session of its own."""
        command, environment = self.command(cache, out)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            command, env=environment, start_new_session=True, text=True, preexec_fn=before, **pipes
        )

    def render(self, cache: str, out: str | None = None) -> Path:
        """An ordinary render that has to succeed."""
        process = self.start(cache, out or f"{cache}-out")
        output, errors = process.communicate()
        if process.returncode:
            raise SystemExit(f"a render failed with {process.returncode}: {errors[-800:]}")
        return Path(output.strip())

    def check(self, cache: str, what: str) -> None:
        """The next render gives the right bytes and leaves nothing behind."""
        clip = self.render(cache)
        if clip.read_bytes() != self.wanted:
            raise SystemExit(f"{what}: the clip has other bytes")
        home = self.folder / cache / "nnreel"
        left = [
            *home.glob("segments/.*"),
            *home.glob("work/*"),
            *home.glob("segments/*~*"),
            *clip.parent.glob(".*"),
        ]
        if left:
            raise SystemExit(f"{what}: left behind {[str(path) for path in left]}")

    def whole_or_absent(self, out: str, what: str) -> None:
        """A clip that can be seen is the right one."""
        for path in (self.folder / out).glob("*.mp4"):
            if path.read_bytes() != self.wanted:
                raise SystemExit(f"{what}: {path} is not whole")


def kills(bench: Bench) -> str:
    """kill -9 of the whole session at moments all over a render, until as many as asked for have met one.

    A killed render is started again in the same cache and goes on; every tenth kill, and when one gets to its
    end, an ordinary render checks and the next cache is empty.
    """
    landed = tries = caches = 0
    while landed < bench.kills:
        cache = f"kill-{caches}"
        process = bench.start(cache, f"{cache}-out")
        time.sleep(bench.seconds * ((tries * GOLDEN) % 1.0))
        tries += 1
        if met := process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            landed += 1
        process.communicate()
        bench.whole_or_absent(f"{cache}-out", f"kill {landed}")
        if not met or landed % 10 == 0 or landed == bench.kills:
            bench.check(cache, f"after kill {landed}")
            caches += 1
    return f"{landed} kills in {caches} caches: no broken clip, every next render right"


def full_disk(bench: Bench) -> str:
    """Files may not grow beyond a limit, as on a full disk; then the limit goes."""
    codes = []
    for number, limit in enumerate((0, 600, 2_000, 6_000)):
        cache = f"full-{number}"

        def limited(limit: int = limit) -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        process = bench.start(cache, f"{cache}-out", limited)
        _, errors = process.communicate()
        codes.append(process.returncode)
        if process.returncode not in (0, 74) or "Traceback" in errors:
            raise SystemExit(f"limit {limit}: exit {process.returncode}: {errors[-800:]}")
        bench.whole_or_absent(f"{cache}-out", f"limit {limit}")
        bench.check(cache, f"after limit {limit}")
    return f"full disk at 4 sizes: exit codes {codes}, every next render right"


def small_filesystem(bench: Bench) -> str:
    """The cache on a filesystem of its own that is too small (where this user may mount one)."""
    place = bench.folder / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        return "small filesystem: not mounted (needs root); the file size limit stood in for it"
    try:
        process = bench.start("small", "small-out")
        _, errors = process.communicate()
        if process.returncode != 74 or "Traceback" in errors:
            raise SystemExit(f"small filesystem: exit {process.returncode}: {errors[-800:]}")
        subprocess.run(["mount", "-o", "remount,size=64m", str(place)], check=True)
        if bench.render("small", "small-out").read_bytes() != bench.wanted:
            raise SystemExit("small filesystem: other bytes after it grew")
    finally:
        subprocess.run(["umount", str(place)], check=False)
    return "small filesystem: exit 74, right once there is room"


def damaged(bench: Bench) -> str:
    """Cached segments cut off, one bit flipped, emptied, without their sidecar."""
    changes: list[Callable[[bytes], bytes]] = [
        lambda data: data[:48],
        lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
        lambda data: b"",
    ]
    cache = "damage"
    bench.render(cache)
    store = bench.folder / cache / "nnreel" / "segments"
    count = 0
    for change in changes:
        for path in [*sorted(store.glob("*.mp4")), *sorted(store.glob("*.json"))][::3]:
            path.write_bytes(change(path.read_bytes()))
            for clip in (bench.folder / f"{cache}-out").glob("*"):
                clip.unlink()
            bench.check(cache, f"damaged {path.suffix}")
            count += 1
    return f"{count} damaged segments and sidecars: noticed and drawn again"


def two_at_once(bench: Bench) -> str:
    """Two renders into one place, and into two places from one cache."""
    for number, outs in enumerate((("twice", "twice"), ("here", "there"))):
        both = [bench.start(f"both-{number}", out) for out in outs]
        for process in both:
            output, errors = process.communicate()
            if process.returncode not in (0, 6):
                raise SystemExit(f"two at once: exit {process.returncode}: {errors[-800:]}")
            if process.returncode == 0 and Path(output.strip()).read_bytes() != bench.wanted:
                raise SystemExit("two at once: other bytes")
    return "two renders at once, one place and two: both right"


def cluster(bench: Bench) -> str:
    """A Dask worker killed while it draws, a process of one, one with another font: the suite's own tests."""
    wanted = "killed_while_it_draws or refused_by_name"
    files = [str(SAMPLE.with_name(name)) for name in ("test_cluster.py", "test_cluster_processes.py")]
    command = [sys.executable, "-m", "pytest", *files, "-k", wanted]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"cluster: {done.stdout[-800:]}")
    return "cluster: a killed worker or process costs its job alone, another font is refused by name"


FAULTS = (damaged, full_disk, small_filesystem, two_at_once, cluster, kills)


def main() -> None:
    """Runs every fault and prints a line for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--scene", default=f"{SAMPLE}:Three")
    parser.add_argument("--preset", default="90p10")
    parser.add_argument("--only", default=",".join(fault.__name__ for fault in FAULTS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), options.scene, options.preset, options.kills)
        print(f"{options.scene} at {options.preset}: {bench.seconds:.1f} s undisturbed", flush=True)
        for fault in FAULTS:
            if fault.__name__ in options.only.split(","):
                print(fault(bench), flush=True)


if __name__ == "__main__":
    main()
