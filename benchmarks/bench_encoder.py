"""Which x264 settings give at least the SSIM of "medium, crf 23" at the lowest cost, on such pictures.

Draws text and thin coloured lines that move and hold, encodes the same frames with every setting, and prints
SSIM of luma and chroma, size and CPU seconds. From the repository: python benchmarks/bench_encoder.py [blog]
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from scipy.ndimage import uniform_filter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from manim import BLUE, GREEN, ORANGE, PINK, YELLOW, FadeIn, Line, Rotate, Scene, Text, VGroup, rate_functions

from studio.manim_adapter import Beat, FrameSink, Stage, run_scene
from studio.media import SegmentEncoder, to_yuv
from studio.presets import PRESETS, Preset

REFERENCE = ("medium", 23, ())
CANDIDATES = [
    REFERENCE,
    *[(speed, crf, ()) for speed in ("ultrafast",) for crf in (16, 18, 20)],
    *[
        (speed, crf, ())
        for speed in ("superfast", "veryfast", "faster", "fast")
        for crf in (17, 18, 19, 20, 21, 22)
    ],
    *[("veryfast", crf, (("aq-mode", "0"),)) for crf in (19, 20, 21, 22, 23)],
    *[("veryfast", crf, (("chroma-qp-offset", "-4"),)) for crf in (19, 20, 21, 22)],
    *[("superfast", crf, (("chroma-qp-offset", "-4"),)) for crf in (18, 19, 20, 21)],
    *[
        ("veryfast", crf, (("chroma-qp-offset", "-4"), ("subme", "1"), *more))
        for crf in (18, 18.5, 19)
        for more in ((), (("b-adapt", "0"),), (("b-adapt", "0"), ("me", "dia")))
    ],
    *[
        ("veryfast", crf, (("chroma-qp-offset", "-4"), ("subme", "1"), ("b-adapt", "0"), ("aq-mode", "0")))
        for crf in (20, 21, 22)
    ],
]


class Sample(Scene):
    """Thin lines in the encodings' colours, turning and standing still, with text over them."""

    def construct(self) -> None:
        colors = [BLUE, ORANGE, GREEN, PINK, YELLOW]
        lines = VGroup(
            *[
                Line(
                    [-6, -3.5 + i * 0.22, 0],
                    [6, 3.5 - j * 0.7, 0],
                    stroke_width=1 + i % 3,
                    color=colors[i % 5],
                )
                for i in range(32)
                for j in (i % 10,)
            ]
        )
        words = VGroup(
            *[
                Text(f"loss {i / 7:.3f}  step {i * 13}", font_size=22 + 2 * i).shift([0, 3.2 - i * 0.6, 0])
                for i in range(10)
            ]
        )
        self.add(lines)
        self.play(Rotate(lines, 0.4, rate_func=rate_functions.smooth), FadeIn(words), run_time=1)
        self.wait(1)
        self.play(words.animate.shift([0.5, 0, 0]), lines.animate.scale(0.8), run_time=1)
        self.wait(1)


class Keep(FrameSink):
    """Keeps every drawn frame and how often it is shown."""

    def __init__(self) -> None:
        self.frames: list[tuple[np.ndarray, int]] = []

    def wanted(self, beat: Beat, first: int, count: int) -> Sequence[int]:
        return range(first, first + count)

    def frame(self, beat: Beat, number: int, pixels: np.ndarray, repeat: int) -> None:
        self.frames.append((pixels.copy(), repeat))


def planes(frame: av.VideoFrame) -> list[np.ndarray]:
    """Y, Cb, Cr of a yuv420p frame as floats."""
    array, (w, h) = frame.to_ndarray().astype(np.float32), (frame.width, frame.height)
    chroma = array[h:].reshape(2, h // 2, w // 2)
    return [array[:h], chroma[0], chroma[1]]


def ssim(one: np.ndarray, two: np.ndarray) -> float:
    """Mean structural similarity of two planes.

    Source: Wang et al. 2004, 8x8 windows.
    """
    mean = [uniform_filter(p, 8) for p in (one, two)]
    var = [uniform_filter(p * p, 8) - m * m for p, m in zip((one, two), mean, strict=True)]
    cov = uniform_filter(one * two, 8) - mean[0] * mean[1]
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean[0] * mean[1] + c1) * (2 * cov + c2)
    return float((top / ((mean[0] ** 2 + mean[1] ** 2 + c1) * (var[0] + var[1] + c2))).mean())


def measure(
    frames: list[tuple[np.ndarray, int]], preset: Preset, folder: Path
) -> tuple[np.ndarray, int, float]:
    """(SSIM of Y, Cb, Cr; bytes; CPU seconds) of one setting."""
    height, width = frames[0][0].shape[:2]
    path = folder / "clip.mp4"
    start = time.process_time()
    encoder = SegmentEncoder(path, width, height, preset)
    for pixels, repeat in frames:
        encoder.put(pixels, repeat)
    encoder.close()
    seconds = time.process_time() - start
    shown = [index for index, (_, repeat) in enumerate(frames) for _ in range(repeat)]
    scores = []
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % 5 == 2:
                source = planes(to_yuv(frames[shown[number]][0]))
                scores.append([ssim(a, b) for a, b in zip(source, planes(frame), strict=True)])
    return np.mean(scores, axis=0), path.stat().st_size, seconds


def main() -> None:
    """Prints the table; a setting passes if luma and both chroma planes are no worse than the reference."""
    base = PRESETS[sys.argv[1] if len(sys.argv) > 1 else "blog"]
    width, height = base.size("16:9")
    sink = Keep()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_scene(lambda renderer: Sample(renderer=renderer), Stage(width, height, base.fps), sink, folder)
        count = sum(repeat for _, repeat in sink.frames)
        print(f"{base.name}: {width}x{height} at {base.fps}, {count} frames")
        floor = np.zeros(3)
        for speed, crf, extra in CANDIDATES:
            preset = dataclasses.replace(base, speed=speed, crf=crf, x264=extra)
            scores, size, seconds = measure(sink.frames, preset, folder)
            if (speed, crf, extra) == REFERENCE:
                floor = scores
            passed = "ok" if (scores >= floor - 1e-6).all() else "--"
            words = " ".join(f"{key}={value}" for key, value in extra)
            print(
                f"{passed} {speed:>10} {crf:>4} Y {scores[0]:.5f} Cb {scores[1]:.5f} Cr {scores[2]:.5f} "
                f"{size / 1e3:8.1f} kB {seconds:6.2f} s CPU  {words}",
                flush=True,
            )


if __name__ == "__main__":
    main()
