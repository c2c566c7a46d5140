"""Two workers against one, and Dask's two against two of this machine, on the same scenes in one call each.

One worker draws and encodes on two threads, so it is timed both held to one core and free. From the
repository: python benchmarks/bench_workers.py [--every 4] [--repeats 3] [--preset hd] [--only one,two]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from side_by_side import Case, Result, in_turns, library, options, ours, recipes_of, which

NAMES = {
    "held": "one worker held to one core",
    "one": "one worker",
    "two": "two workers",
    "dask": "Dask, two workers",
}


def cases(scenes: Sequence[str], preset: str, only: Sequence[str]) -> list[Case]:
    """The ways to draw the scenes, by their short names."""
    alone, both = ("--workers", "1"), ("--workers", "2")
    known = [
        Case("held", ours(scenes, preset, *alone), cores=1),
        Case("one", ours(scenes, preset, *alone)),
        Case("two", ours(scenes, preset, *both)),
        Case("dask", ours(scenes, preset, *both, "--engine", "dask")),
    ]
    return [case for case in known if case.name in only]


def ratios(results: dict[str, Result]) -> list[str]:
    """What the table asks for, as far as it was run."""
    wanted = (
        ("held", "two", "two workers are {:.2f}x as fast as one held to one core"),
        ("one", "two", "two workers are {:.2f}x as fast as one with its encoder's thread on the other core"),
        ("dask", "two", "Dask takes {:.2f}x the time of local processes"),
    )
    return [
        words.format(results[above].seconds / results[below].seconds)
        for above, below, words in wanted
        if above in results and below in results
    ]


def main(arguments: Sequence[str]) -> None:
    """Prints a line for each way, then the ratios."""
    parser = options(__doc__ or "", every=True)
    parser.add_argument("--only", default=",".join(NAMES), help="which of held, one, two, dask")
    chosen = parser.parse_args(arguments)
    infos = library(chosen.every)
    print(f"{which(infos, chosen.every)}, {chosen.preset}, median of {chosen.repeats}", flush=True)
    ways = cases([info.name for info in infos], chosen.preset, chosen.only.split(","))
    with tempfile.TemporaryDirectory() as name:
        results = in_turns(ways, chosen.repeats, recipes_of(infos), Path(name), derived=chosen.derived)
    for way, result in results.items():
        runs = ", ".join(f"{seconds:.1f}" for seconds in result.runs)
        print(f"{NAMES[way]}: {result.seconds:.1f} s ({runs}); peak of one process {result.peak:.0f} MB")
    print("\n".join(ratios(results)))


if __name__ == "__main__":
    main(sys.argv[1:])
