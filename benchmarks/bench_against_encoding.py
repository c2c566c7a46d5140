"""Drawing and encoding a scene against encoding its finished frames alone, same settings, on all cores.

The finished frames are drawn once and kept on disk (3 MB for each distinct one at 1080p). Then one process on
each core encodes every n-th chunk as a render does, a frame that is shown several times counting as often;
reading the frames is left out. Printed are x264 alone, whose packets have to be the rendered clip's, and then
x264 with the colours' conversion before it.
From the repository: python benchmarks/bench_against_encoding.py [Softmax,Scale] [--repeats 3] [--preset hd]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from side_by_side import clip_of, fresh, options, ours, timed

from scenes.registry import scene_info
from studio.commands import request_for, with_recordings
from studio.engine import cores
from studio.manim_adapter import Beat, FrameSink, run_scene
from studio.media import SegmentEncoder, to_yuv
from studio.presets import Preset
from studio.presets import preset as find_preset


@dataclass
class Chunk:
    """A file of a chunk's distinct frames as yuv420p, and how often each is shown."""

    path: Path
    repeats: list[int] = field(default_factory=list)

    @property
    def clip(self) -> Path:
        return self.path.with_suffix(".mp4")


class Dump(FrameSink):
    """Keeps every frame in the chunks that a render would cut it into: each beat anew."""

    def __init__(self, folder: Path, quality: Preset) -> None:
        self.folder, self.length = folder, quality.chunk_frames
        self.chunks: dict[tuple[int, int], Chunk] = {}

    def wanted(self, beat: Beat, first: int, count: int) -> Sequence[int]:
        return range(first, first + count)

    def frame(self, beat: Beat, number: int, pixels: np.ndarray, repeat: int) -> None:
        picture = to_yuv(pixels).to_ndarray().tobytes()
        while repeat > 0:
            place = beat.index, number // self.length
            chunk = self.chunks.setdefault(place, Chunk(self.folder / "{}-{}.yuv".format(*place)))
            count = min(repeat, (place[1] + 1) * self.length - number)
            chunk.repeats.append(count)
            with chunk.path.open("ab") as file:
                file.write(picture)
            number, repeat = number + count, repeat - count


def loaded(chunk: Chunk, size: tuple[int, int], converts: bool) -> list[av.VideoFrame | np.ndarray]:
    """The chunk's frames as the encoder takes them: pixels, or what it makes of them."""
    width, height = size
    arrays = np.fromfile(chunk.path, np.uint8).reshape(-1, height * 3 // 2, width)
    frames = [av.VideoFrame.from_ndarray(each, format="yuv420p") for each in arrays]
    for frame in frames:
        frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
    if not converts:
        return list(frames)
    return [each.reformat(format="rgba", dst_color_range=ColorRange.JPEG).to_ndarray() for each in frames]


def encode(chunks: Sequence[Chunk], quality: Preset, converts: bool, core: int) -> float:
    """The seconds that encoding some of the chunks took on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    seconds = 0.0
    for chunk in chunks:
        frames = loaded(chunk, quality.size("16:9"), converts)
        given = nullcontext() if converts else patch("studio.media.to_yuv", lambda frame: frame)
        with given:
            start = time.perf_counter()
            encoder = SegmentEncoder(chunk.clip, *quality.size("16:9"), quality)
            for frame, repeat in zip(frames, chunk.repeats, strict=True):
                encoder.put(frame, repeat)  # type: ignore[arg-type]
            encoder.close()
            seconds += time.perf_counter() - start
    return seconds


def encode_all(chunks: Sequence[Chunk], quality: Preset, converts: bool) -> float:
    """The seconds with one process on each core, all of them busy to the end."""
    places = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(cores()))
    with ProcessPoolExecutor(len(places), mp_context=get_context("spawn")) as pool:
        shares = [
            pool.submit(encode, chunks[part :: len(places)], quality, converts, core)
            for part, core in enumerate(places)
        ]
        return sum(share.result() for share in shares) / len(places)


def packets(clips: Sequence[Path]) -> list[bytes]:
    """The encoded frames of some clips."""
    found = []
    for path in clips:
        with av.open(str(path)) as container:
            found += [bytes(packet) for packet in container.demux(video=0) if packet.size]
    return found


def dumped(scene: str, preset: str, folder: Path) -> list[Chunk]:
    """Draws the scene once and keeps its frames."""
    request = with_recordings([request_for(scene, preset=preset)], ())[0]
    sink = Dump(folder, request.quality)
    with tempfile.TemporaryDirectory() as name:
        run_scene(request.build, request.stage(), sink, Path(name), jumps=True)
    return list(sink.chunks.values())


def measure(scene: str, preset: str, repeats: int, home: Path, *, derived: bool) -> None:
    """Renders and encodes in turns and prints a line."""
    quality, recipes = find_preset(preset), scene_info(scene).recipes
    (home / "frames").mkdir()
    chunks = dumped(scene, preset, home / "frames")
    if hasattr(os, "sync"):
        os.sync()  # gigabytes still on their way to the disk would be in the way of what is timed
    runs: dict[str, list[float]] = {"ours": [], "converted": [], "alone": []}
    peak = 0.0
    for repeat in range(repeats):
        folder = home / str(repeat)
        environment = fresh(folder, recipes, derived=derived)
        seconds, used = timed(ours([scene], preset)(folder), environment, folder)
        runs["ours"].append(seconds)
        peak = max(peak, used)
        for name, converts in (("converted", True), ("alone", False)):
            runs[name].append(encode_all(chunks, quality, converts))
        if packets([clip_of(folder, scene)]) != packets([chunk.clip for chunk in chunks]):
            raise SystemExit(f"{scene}: its frames encoded alone are not those of the rendered clip")
    kept, shown = sum(len(chunk.repeats) for chunk in chunks), sum(sum(chunk.repeats) for chunk in chunks)
    mine, converted, alone = (statistics.median(each) for each in runs.values())
    print(
        f"{scene}: {shown} frames, {kept} of them distinct; rendered in {mine:.2f} s; "
        f"encoded alone in {alone:.2f} s, {mine / alone:.2f}x; "
        f"with the colours' conversion {converted:.2f} s, {mine / converted:.2f}x; "
        f"peak of one process {peak:.0f} MB",
        flush=True,
    )


def main(arguments: Sequence[str]) -> None:
    """Prints a line for each scene."""
    parser = options(__doc__ or "", recorded=True)
    parser.add_argument("scenes", nargs="?", default="Softmax,Scale,LearnedFeatures")
    chosen = parser.parse_args(arguments)
    print(f"{chosen.preset}, {cores()} cores, median of {chosen.repeats}", flush=True)
    for scene in chosen.scenes.split(","):
        with tempfile.TemporaryDirectory() as name:
            measure(scene, chosen.preset, chosen.repeats, Path(name), derived=chosen.derived)


if __name__ == "__main__":
    main(sys.argv[1:])
