"""What a lossless master saves: H.264 and AV1 made from it and from the finished clip, size and SSIM.

Also prints how large each format of a pack gets. From the repository:
python benchmarks/bench_embed.py [SCENE[:BEAT]]
"""

from __future__ import annotations

import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.filter import Graph

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from studio.commands import with_recordings
from studio.embed.command import shot_named
from studio.embed.moving import KINDS, fit
from studio.embed.takes import Shot, draw
from studio.embed.video import AV1, H264, VP9, encode_at
from studio.progress import Progress


def ssim(one: Path, other: Path) -> np.ndarray:
    """Mean SSIM of luma and both chroma planes over all frames."""
    values: list[list[float]] = []
    with av.open(str(one)) as first, av.open(str(other)) as second:
        graph, sources, sink = _comparing(first.streams.video[0])
        pairs = zip(first.decode(video=0), second.decode(video=0), strict=True)
        for number, pair in enumerate(pairs):
            for source, frame in zip(sources, pair, strict=True):
                frame.pts, frame.time_base = number, Fraction(1, 30)
                source.push(frame)
            found = sink.pull().metadata
            values.append([float(found[f"lavfi.ssim.{plane}"]) for plane in "YUV"])
        del graph
    return np.mean(values, axis=0)


def _comparing(stream: Any) -> tuple[Graph, list[Any], Any]:
    graph = Graph()
    sources = [
        graph.add_buffer(
            width=stream.width,
            height=stream.height,
            format=av.VideoFormat("yuv420p", stream.width, stream.height),
            time_base=Fraction(1, 30),
        )
        for _ in range(2)
    ]
    compare, sink = graph.add("ssim"), graph.add("buffersink")
    for place, source in enumerate(sources):
        source.link_to(compare, 0, place)
    compare.link_to(sink)
    graph.configure()
    return graph, sources, sink


def main(name: str) -> None:
    shot = shot_named(name, captions=False)
    with Progress() as progress:
        (request,) = with_recordings([shot.request], (), progress)
        shot = Shot(request, shot.beat)
        lossless, finished = draw([shot.lossless(), shot], progress)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        master, clip = lossless.join(home / "master.mp4"), finished.join(home / "clip.mp4")
        print(f"{name}, {master.ends[-1] / master.fps:.1f} s; SSIM is against the lossless master")
        for label, path in (("master", master.path), ("finished clip", clip.path)):
            print(f"{label:<28}{path.stat().st_size:>12,}", *ssim(master.path, path).round(4))
        for codec in (H264, AV1, VP9):
            for label, source in (("the master", master), ("the finished clip", clip)):
                target, began = home / f"a{codec.suffix}", time.perf_counter()
                encode_at(source.path, target, codec, codec.crf)
                took = time.perf_counter() - began
                size = f"{target.stat().st_size:>12,}"
                print(
                    f"{codec.name:<5}from {label:<18}{size}",
                    *ssim(master.path, target).round(4),
                    f"{took:.1f} s",
                )
        for kind in KINDS.values():
            made = fit(master, home / f"a{kind.suffix}", kind, 2_000_000)
            print(f"{kind.name:<28}{made.bytes:>12,}", "; ".join(made.lowered))


if __name__ == "__main__":
    main(*sys.argv[1:] or ["ForwardPass"])
