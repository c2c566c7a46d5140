"""Stock manim and ours on the same scene files, side by side: wall time, memory, size, likeness.

Runs both from the command line, as a user would, at 1080p60, in turns, and prints the median. From the
repository: python benchmarks/bench_render.py [--repeats 3] [--scenes Network,Words]
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import av
import numpy as np
from bench_encoder import ssim
from side_by_side import PLAIN, Case, clip_of, in_turns, options, ours, stock


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
    parser = options(__doc__ or "")
    parser.add_argument("--scenes", default="Network,Words")
    chosen = parser.parse_args()
    for scene in chosen.scenes.split(","):
        cases = [
            Case("stock", stock(PLAIN, scene, chosen.preset)),
            Case("ours", ours([f"{PLAIN}:{scene}"], chosen.preset)),
        ]
        with tempfile.TemporaryDirectory() as name:
            theirs, mine = in_turns(cases, chosen.repeats, (), Path(name)).values()
            clips = [clip_of(result.folder, scene) for result in (theirs, mine)]
            alike, frames, our_frames = likeness(*clips)
            sizes = [clip.stat().st_size / 1e3 for clip in clips]
        print(
            f"{scene}: stock {theirs.seconds:.1f} s, ours {mine.seconds:.1f} s, "
            f"{theirs.seconds / mine.seconds:.2f}x; "
            f"peak of one process {theirs.peak:.0f} and {mine.peak:.0f} MB; "
            f"{sizes[0]:.0f} and {sizes[1]:.0f} kB; frames {frames} and {our_frames}, SSIM {alike:.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
