"""Memory of a worker: many scenes in one call against the largest alone, with processes and with Dask.

Counted is the largest process of a run at its peak. Many scenes have two workers, a scene alone has one: two
would share its beats, and hold less each. Ends with 1 if one call needs more.
From the repository: python benchmarks/bench_memory.py [--every 4] [--preset preview] [--engines local,dask]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from side_by_side import Case, in_turns, library, options, ours, recipes_of, which

from scenes.registry import SceneInfo

#: Two runs of one scene differ by less than this.
NOISE = 1.03


def peak(infos: Sequence[SceneInfo], workers: int, preset: str, engine: str, derived: bool) -> float:
    """Of the largest process that draws these scenes in one call. Units: MB."""
    command = ours([info.name for info in infos], preset, "--workers", str(workers), "--engine", engine)
    with tempfile.TemporaryDirectory() as name:
        results = in_turns([Case("ours", command)], 1, recipes_of(infos), Path(name), derived=derived)
    return results["ours"].peak


def compared(infos: Sequence[SceneInfo], preset: str, engine: str, derived: bool) -> float:
    """The peak of one call over that of the largest scene; prints a line for each scene and one for all."""
    alone = {}
    for info in infos:
        alone[info.name] = peak([info], 1, preset, engine, derived)
        print(f"{engine}, {info.name}: {alone[info.name]:.0f} MB", flush=True)
    largest = max(alone, key=lambda name: alone[name])
    together = peak(infos, 2, preset, engine, derived)
    share = together / alone[largest]
    about = f"{together:.0f} MB, {share:.2f} of the largest alone, {largest}"
    print(f"{engine}, {len(infos)} scenes in one call: {about}", flush=True)
    return share


def main(arguments: Sequence[str]) -> None:
    """Prints the peaks of each engine."""
    parser = options(__doc__ or "", every=True, preset="preview")
    parser.add_argument("--engines", default="local,dask")
    chosen = parser.parse_args(arguments)
    infos = library(chosen.every)
    print(f"{which(infos, chosen.every)}, {chosen.preset}", flush=True)
    how = chosen.preset, chosen.derived
    shares = [compared(infos, how[0], engine, how[1]) for engine in chosen.engines.split(",")]
    if max(shares) > NOISE:
        raise SystemExit("one call needs more memory for a worker than its largest scene alone")


if __name__ == "__main__":
    main(sys.argv[1:])
