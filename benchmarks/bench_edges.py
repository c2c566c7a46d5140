"""All 101,632 edges of 784-128-10, changing in every frame for a second, against 2,048 Lines of stock manim.

Stock's time is scaled by the number of edges, but for what it takes with none (its start and the frames'
encoding). From the repository: python benchmarks/bench_edges.py [--repeats 3] [--preset 480p15,1080p30]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from side_by_side import CASES, PLAIN, Case, in_turns, options, ours, stock

ALL, SOME = 784 * 128 + 128 * 10, 2048


def measure(preset: str, repeats: int) -> str:
    """One line for a size and rate."""
    cases = [
        Case("ours", ours([f"{CASES}:AllEdges"], preset)),
        Case("lines", stock(PLAIN, "Lines", preset)),
        Case("none", stock(PLAIN, "NoLines", preset)),
    ]
    with tempfile.TemporaryDirectory() as name:
        results = in_turns(cases, repeats, (), Path(name))
    mine, lines, none = (results[case.name].seconds for case in cases)
    scaled = none + (lines - none) * ALL / SOME
    return (
        f"{preset}: ours {mine:.2f} s for {ALL:,} edges; "
        f"stock {lines:.1f} s for {SOME:,} and {none:.1f} s for none, so {scaled:.0f} s for all; "
        f"{scaled / mine:.1f}x; "
        f"peak of one process {results['ours'].peak:.0f} and {results['lines'].peak:.0f} MB"
    )


def main(arguments: Sequence[str]) -> None:
    """Prints a line for each size."""
    chosen = options(__doc__ or "", preset="480p15,1080p30").parse_args(arguments)
    for preset in chosen.preset.split(","):
        print(measure(preset, chosen.repeats), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
