"""The library against stock manim on the same scene files: wall time, peak memory, ratios of each and of all.

Stock manim draws the scenes through render_cases.py. At the end `render --all`, ours alone. From the
repository: python benchmarks/bench_library.py [--every 4] [--repeats 3] [--preset hd] [--no-whole]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from side_by_side import (
    CASES,
    Case,
    clip_of,
    in_turns,
    library,
    options,
    ours,
    recipes_of,
    stock,
    which,
)

from scenes.registry import SceneInfo
from studio.media import probe


def one_scene(info: SceneInfo, preset: str, repeats: int, derived: bool) -> tuple[float, float, float]:
    """(stock manim's seconds, ours, the clip's); prints a line."""
    cases = [Case("stock", stock(CASES, info.name, preset)), Case("ours", ours([info.name], preset))]
    with tempfile.TemporaryDirectory() as name:
        results = in_turns(cases, repeats, info.recipes, Path(name), derived=derived)
        theirs, mine = results["stock"], results["ours"]
        clips = [probe(clip_of(result.folder, info.name)) for result in (theirs, mine)]
    print(
        f"{info.name}: {against(theirs.seconds, mine.seconds)}; peak of one process {theirs.peak:.0f} and "
        f"{mine.peak:.0f} MB; frames {clips[0].frames} and {clips[1].frames}",
        flush=True,
    )
    return theirs.seconds, mine.seconds, clips[1].seconds


def against(theirs: float, mine: float) -> str:
    """Both times and their ratio."""
    return f"stock {theirs:.1f} s, ours {mine:.1f} s, {theirs / mine:.2f}x"


def whole_library(preset: str, repeats: int, derived: bool) -> None:
    """Times `render --all` and prints a line."""
    infos, case = library(1), Case("ours", ours(["--all"], preset))
    with tempfile.TemporaryDirectory() as name:
        mine = in_turns([case], repeats, recipes_of(infos), Path(name), derived=derived)["ours"]
        seconds = sum(probe(clip_of(mine.folder, info.name)).seconds for info in infos)
    print(
        f"render --all at {preset}, ours: {mine.seconds:.1f} s for {len(infos)} scenes, "
        f"{seconds:.0f} s of film; peak of one process {mine.peak:.0f} MB"
    )


def main(arguments: Sequence[str]) -> None:
    """Prints a line for each scene, one for their sums, one for the library in one call."""
    parser = options(__doc__ or "", every=True)
    parser.add_argument("--no-whole", dest="whole", action="store_false", help="leave out render --all")
    chosen = parser.parse_args(arguments)
    infos = library(chosen.every)
    print(f"{which(infos, chosen.every)}, {chosen.preset}, median of {chosen.repeats}", flush=True)
    how = chosen.preset, chosen.repeats, chosen.derived
    found = [one_scene(info, *how) for info in infos]
    theirs, mine, film = map(sum, zip(*found, strict=True))
    worst = min(stocks / our for stocks, our, _ in found)
    print(f"all of them, {film:.0f} s of film: {against(theirs, mine)}; the least of a scene {worst:.2f}x")
    if chosen.whole:
        whole_library(*how)


if __name__ == "__main__":
    main(sys.argv[1:])
