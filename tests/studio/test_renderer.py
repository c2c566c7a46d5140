"""Exact lengths, the same end whether drawn or skipped, stock manim's pictures, nothing drawn in vain."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from manim import Scene, tempconfig
from manim.renderer.cairo_renderer import CairoRenderer

from studio.manim_adapter import Beat, FrameSink, Renderer, Stage, run_scene
from studio.manim_adapter.renderer import runs


class Keep(FrameSink):
    """Keeps the frames of some beats and the end of each."""

    def __init__(self, beats: Sequence[int] | None = None) -> None:
        self.beats = beats
        self.frames: list[np.ndarray] = []
        self.ends: list[np.ndarray] = []
        self.draws = 0

    def wanted(self, beat: Beat, first: int, count: int) -> Sequence[int]:
        return range(first, first + count) if self.beats is None or beat.index in self.beats else ()

    def frame(self, beat: Beat, number: int, pixels: np.ndarray, repeat: int) -> None:
        self.draws += 1
        self.frames += [pixels.copy()] * repeat

    def end_beat(self, beat: Beat, draw) -> None:
        self.ends.append(draw().copy())


class Beats:
    """Runs a request into a Keep."""

    def __init__(self, tmp_path, sample) -> None:
        self.folder, self.sample = tmp_path / "work", sample

    def __call__(self, name: str, beats: Sequence[int] | None = None) -> tuple[Keep, Renderer]:
        request, sink = self.sample(name), Keep(beats)
        _, renderer = run_scene(request.build, request.stage(), sink, self.folder)
        return sink, renderer


@pytest.fixture
def run(tmp_path, sample) -> Beats:
    return Beats(tmp_path, sample)


@pytest.mark.parametrize("name", ["Three", "Plain", "Walker"])
def test_beats_drawn_apart_are_the_scene_drawn_at_once(run, name):
    whole, renderer = run(name)
    assert len(whole.frames) == renderer.frames == sum(beat.count for beat in renderer.beats)
    parts = [run(name, [beat.index]) for beat in renderer.beats]
    assert all(part.frames == renderer.frames for _, part in parts)
    apart = [frame for sink, _ in parts for frame in sink.frames]
    assert all(np.array_equal(a, b) for a, b in zip(whole.frames, apart, strict=True))


@pytest.mark.parametrize("name", ["Three", "Plain"])
def test_a_skipped_beat_ends_as_a_drawn_one(run, name):
    (drawn, one), (skipped, two) = run(name), run(name, [])
    assert [beat.count for beat in one.beats] == [beat.count for beat in two.beats]
    assert all(np.array_equal(a, b) for a, b in zip(drawn.ends, skipped.ends, strict=True))


def test_nothing_is_drawn_while_skipping(sample, tmp_path, monkeypatch):
    request = sample("Three")
    monkeypatch.setattr(Renderer, "draw_all", lambda self: pytest.fail("drew"))
    monkeypatch.setattr(Renderer, "_keep_still", lambda self, scene: pytest.fail("drew"))
    _, renderer = run_scene(request.build, request.stage(), FrameSink(), tmp_path)
    assert renderer.frames > 30


def test_a_hold_is_drawn_once(run):
    whole, renderer = run("Plain")
    assert renderer.frames == 5 + 7 + 5 + 4
    assert whole.draws == 5 + 7 + 1 + 4


@given(st.lists(st.floats(0.05, 3.0), min_size=1, max_size=12), st.sampled_from([10, 15, 30, 60]))
def test_rounding_never_adds_up(tmp_path_factory, durations, fps):
    class Waits(Scene):
        def construct(self) -> None:
            for seconds in durations:
                self.wait(seconds)

    folder = tmp_path_factory.getbasetemp() / "waits"
    _, renderer = run_scene(
        lambda renderer: Waits(renderer=renderer), Stage(64, 36, fps), FrameSink(), folder
    )
    longest = sum(max(seconds, 1 / fps) for seconds in durations)
    assert abs(renderer.frames - longest * fps) <= 1
    assert renderer.time == renderer.frames / fps


class Stock(CairoRenderer):
    """Stock manim's renderer, its frames kept."""

    def __init__(self) -> None:
        self.frames: list[np.ndarray] = []
        super().__init__()

    def add_frame(self, frame: np.ndarray, num_frames: int = 1) -> None:
        self.frames += [frame] * num_frames


def test_an_ordinary_scene_looks_as_in_stock_manim(run, tmp_path):
    ours, _ = run("Plain")
    plain = run.sample("Plain").ref.load()
    options = {
        "pixel_width": 160,
        "pixel_height": 90,
        "frame_rate": 10,
        "dry_run": True,
        "progress_bar": "none",
    }
    options |= {
        "frame_height": 8.0,
        "frame_width": 8.0 * 16 / 9,
        "media_dir": str(tmp_path),
        "disable_caching": True,
    }
    with tempconfig(options):
        stock = Stock()
        plain(renderer=stock).render()
    assert len(stock.frames) == len(ours.frames)
    for number, (a, b) in enumerate(zip(ours.frames, stock.frames, strict=True)):
        hold = 12 <= number < 17  # stock draws a hold's translucent shapes twice
        difference = np.abs(a.astype(int) - b.astype(int))
        assert difference.max() <= (80 if hold else 9), number
        assert difference.mean() < (3 if hold else 0.05), number


@given(st.sets(st.integers(0, 50)))
def test_runs_are_the_numbers(numbers):
    found = runs(sorted(numbers))
    assert [n for start, length in found for n in range(start, start + length)] == sorted(numbers)
    assert all(a + n < b for (a, n), (b, _) in pairwise(found))
