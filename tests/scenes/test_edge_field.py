"""Edges as light: the same coverage as Cairo's lines, monotone in |w|, nothing for zero, sign to colour."""

import cairo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes.kit import coverage
from scenes.kit.coverage import LineSums
from scenes.kit.edge_field import EdgeField, PulseField
from scenes.kit.layout import Look
from scenes.kit.pixels import PixelView
from scenes.kit.style import rgb

LOOK = Look()
VIEW = PixelView(160, 90, 16.0, 9.0)


def painted(field) -> np.ndarray:
    frame = np.zeros((90, 160, 4), np.uint8)
    frame[..., 3] = 255
    field.paint(frame, VIEW)
    return frame


def one_edge(value: float, scale: float = 1.0) -> EdgeField:
    return EdgeField(LOOK, [[-6, -2]], [[6, 3]], [value], scale)


def test_a_line_covers_what_cairos_line_covers():
    starts, ends = np.array([[10.0, 20.0], [30.0, 80.0]]), np.array([[140.0, 55.0], [45.0, 5.0]])
    ours = LineSums(starts, ends, 160, 90).of(np.ones(2))[0]
    surface = cairo.ImageSurface(cairo.FORMAT_A8, 160, 90)
    context = cairo.Context(surface)
    context.set_line_width(1.0)
    for (x0, y0), (x1, y1) in zip(starts, ends, strict=True):
        context.move_to(x0, y0)
        context.line_to(x1, y1)
        context.stroke()
    data = np.frombuffer(surface.get_data(), np.uint8).reshape(90, surface.get_stride())[:, :160] / 255.0
    # Wu's line is one pixel per step of its longer axis; a stroke of width 1 covers that over the cosine.
    assert ours.sum() == pytest.approx(np.abs(ends - starts).max(axis=1).sum(), rel=0.02)
    blurred = [np.convolve(row, np.ones(3) / 3, "same") for row in (ours - data)]
    assert np.abs(blurred).max() < 0.3
    assert np.corrcoef(ours.ravel(), data.ravel())[0, 1] > 0.9


@given(st.floats(0.01, 1.0), st.floats(0.01, 1.0))
@settings(max_examples=25)
def test_light_is_monotone_in_magnitude(a, b):
    low, high = sorted((a, b))
    assert int(painted(one_edge(low))[..., :3].sum()) <= int(painted(one_edge(high))[..., :3].sum())


def test_zero_draws_as_nothing_and_sign_is_colour():
    assert painted(one_edge(0.0))[..., :3].sum() == 0
    plus, minus = painted(one_edge(1.0)), painted(one_edge(-1.0))
    for frame, role in ((plus, "positive"), (minus, "negative")):
        brightest = frame[..., :3].reshape(-1, 3)[frame[..., :3].sum(axis=-1).argmax()] / 255.0
        direction = rgb(LOOK.color(role))
        assert np.corrcoef(brightest, direction)[0, 1] > 0.99


def test_one_changed_weight_changes_only_the_pixels_of_its_edge():
    starts = np.array([[-6, y] for y in (-3.0, 0.0, 3.0)])
    ends = starts + [12, 0.5]
    values = np.array([0.4, 0.5, 0.6])
    before = painted(EdgeField(LOOK, starts, ends, values, 1.0)).astype(int)
    values[1] = 0.9
    after = painted(EdgeField(LOOK, starts, ends, values, 1.0)).astype(int)
    rows = np.flatnonzero(np.abs(after - before).sum(axis=(1, 2)))
    edge_rows = VIEW.to_px(np.array([starts[1], ends[1]]))[:, 1]
    assert len(rows)
    assert rows.min() >= edge_rows.min() - 2
    assert rows.max() <= edge_rows.max() + 2


def one_by_one(starts: np.ndarray, ends: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Wu's lines a pixel at a time. Shapes: -> (2, 90, 160)."""
    canvas = np.zeros((2, 90, 160))
    for start, end, value in zip(starts, ends, values, strict=True):
        steep = abs(end[1] - start[1]) > abs(end[0] - start[0])
        (a, p), (b, q) = sorted([start[::-1], end[::-1]] if steep else [start, end], key=lambda e: e[0])
        slope = (q - p) / (b - a) if b > a else 0.0
        for along in range(int(np.ceil(a - 0.5)), int(np.ceil(b - 0.5))):
            across = p + slope * (along + 0.5 - a) - 0.5
            low = int(np.floor(across))
            for row, share in ((low, 1 - (across - low)), (low + 1, across - low)):
                x, y = (row, along) if steep else (along, row)
                if 0 <= x < 160 and 0 <= y < 90:
                    canvas[int(value < 0), y, x] += abs(value) * share
    return canvas


@given(
    st.lists(st.tuples(*[st.floats(-20, 180)] * 4, st.floats(-1, 1)), min_size=1, max_size=12), st.booleans()
)
@settings(max_examples=60, deadline=None)
def test_the_sweep_gives_what_lines_drawn_one_by_one_add_up_to(lines, fan):
    lines = np.array(lines)
    if fan:
        lines[:, 0], lines[:, 2] = 20.0, 140.0
    starts, ends, values = lines[:, :2], lines[:, 2:4], lines[:, 4]
    assert np.allclose(
        LineSums(starts, ends, 160, 90).of(values), one_by_one(starts, ends, values), atol=2e-3
    )


def test_many_lines_that_share_their_columns_add_up_too():
    rows = np.linspace(-10, 100, 400)
    starts, ends = np.stack([np.full(400, 12.0), rows], 1), np.stack([np.full(400, 149.5), rows[::-1]], 1)
    values = np.tile([1.0, -0.5], 200)
    sums = LineSums(starts, ends, 160, 90)
    assert np.allclose(sums.of(values), one_by_one(starts, ends, values), atol=0.02)
    values[::3] = 0.0
    assert np.allclose(sums.of(values), one_by_one(starts, ends, values), atol=0.02)


@pytest.mark.parametrize("threads", [2, 3])
def test_several_threads_add_up_the_same_sums(monkeypatch, threads):
    rows = np.linspace(-10, 100, 400)
    starts, ends = np.stack([np.full(400, 12.0), rows], 1), np.stack([np.full(400, 149.5), rows[::-1]], 1)
    alone = LineSums(starts, ends, 160, 90).of(np.cos(np.arange(400)))
    monkeypatch.setattr(coverage, "MANY", 1)
    monkeypatch.setattr("scenes.kit.threads.cores", lambda: threads)
    assert np.array_equal(LineSums(starts, ends, 160, 90).of(np.cos(np.arange(400))), alone)


def test_a_line_to_nowhere_is_refused():
    with pytest.raises(ValueError, match="not finite"):
        LineSums(np.array([[0.0, np.nan]]), np.array([[5.0, 5.0]]), 160, 90)


def test_a_pulse_is_where_its_phase_says_and_as_bright_as_its_value():
    field = PulseField(LOOK, [[-6, 0], [-6, 3]], [[6, 0], [6, 3]], [1.0, 0.25], 1.0)
    field.phase = 0.5
    frame = painted(field)[..., :3].sum(axis=-1)
    strong, weak = frame[40:50], frame[10:20]
    assert abs(int(strong.max(axis=0).argmax()) - 80) <= 1
    assert strong.max() > weak.max() > 0
    field.phase = 0.0
    assert painted(field)[..., :3].sum() == 0
