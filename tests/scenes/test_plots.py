"""Plots: values lie where their scale says, ticks are few, round and apart, curves draw what was recorded."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.errors import BadInput
from scenes.kit.layout import ASPECTS, Look, Region
from scenes.kit.plots import Plot, spread
from scenes.kit.readouts import Counter, NumberColumn
from scenes.kit.scales import Scale, tick_texts

LOOK = Look()
REGION = Region(-3, -2, 3, 2)
reals = st.floats(-1e4, 1e4)


def plot(**options) -> Plot:
    return Plot(LOOK, REGION, Scale(0, 1800, "symlog"), Scale(0, 2.5), "step", "loss", **options)


@given(reals, st.floats(1e-3, 1e4), st.sampled_from(["linear", "symlog"]), st.floats(0, 1))
def test_a_share_of_the_axis_is_the_share_of_its_value(low, length, kind, share):
    scale = Scale(low, low + length, kind)
    assert scale.share(scale.value(share)) == pytest.approx(share, abs=1e-6)
    assert scale.share(np.array([low, low + length])) == pytest.approx([0, 1])


@given(st.floats(1e-6, 1e3), st.floats(1.5, 1e6), st.floats(0, 1))
def test_log_scales_turn_factors_into_distances(low, factor, share):
    scale = Scale(low, low * factor, "log")
    assert scale.value(share) == pytest.approx(low * factor**share, rel=1e-6)


@given(reals, st.floats(1e-3, 1e4), st.sampled_from(["linear", "symlog"]), st.integers(2, 9))
def test_ticks_are_few_and_inside(low, length, kind, most):
    scale = Scale(low, low + length, kind)
    ticks = scale.ticks(most)
    assert len(ticks) <= most
    assert ((scale.share(ticks) > -1e-6) & (scale.share(ticks) < 1 + 1e-6)).all()


@pytest.mark.parametrize(("scale", "most", "texts"), [
    (Scale(0, 2.4), 4, ["0", "1", "2"]),
    (Scale(0, 1800, "symlog"), 5, ["0", "1", "10", "100", "1,000"]),
    (Scale(0, 1800, "symlog"), 3, ["0", "10", "1,000"]),
    (Scale(0.005, 3, "log"), 4, ["0.01", "0.1", "1"]),
    (Scale(-0.4, 0.4), 3, ["−0.4", "0.0", "0.4"]),
    (Scale(1e-7, 1e-3, "log"), 3, ["1e−7", "1e−5", "0.001"]),
])  # fmt: skip
def test_ticks_read_as_a_person_would_write_them(scale, most, texts):
    written = tick_texts(scale.ticks(most))
    assert [text.replace("1e−3", "0.001") for text in written] == texts


def test_a_scale_that_cannot_be_is_refused():
    for low, high, kind in ((1, 1, "linear"), (0, 1, "log"), (0, 1, "cubic")):
        with pytest.raises(BadInput):
            Scale(low, high, kind)


@pytest.mark.parametrize("width", [1.6, 2.5, 4.0, 7.0])
@pytest.mark.parametrize("aspect", ASPECTS)
def test_labels_lie_in_the_region_and_apart(width, aspect):
    region = Region(0, 0, width, 2.2)
    axes = Plot(Look(aspect), region, Scale(0, 1800, "symlog"), Scale(0, 123456), "step", "count")
    for label in (*axes.x_labels, *axes.y_labels, *axes.names):
        (left, bottom, _), (right, top, _) = label.get_corner([-1, -1, 0]), label.get_corner([1, 1, 0])
        assert left > region.left - 0.08
        assert right < region.right + 0.08
        assert bottom > region.bottom - 0.08
        assert top < region.top + 0.08
    for row, side in ((axes.x_labels, 0), (axes.y_labels, 1)):
        for one, other in pairwise(row):
            gap = other.get_corner([-1, -1, 0])[side] - one.get_corner([1, 1, 0])[side]
            assert gap > 0.03


def test_curves_and_dots_lie_on_their_values():
    axes = plot()
    x, y = np.array([0.0, 9.0, 99.0, 1800.0]), np.array([2.5, 1.0, 0.5, 0.0])
    curve = axes.curve(x, y)
    for at, value in zip(x, y, strict=True):
        assert np.abs(curve.points - axes.point(at, value)).sum(axis=1).min() < 1e-9
    assert axes.dot(9, 1).get_center() == pytest.approx(axes.point(9, 1))
    assert axes.point(1800, 2.5)[:2] == pytest.approx([axes.area.right, axes.area.top])


def test_a_curve_stops_where_it_is_told():
    axes = plot()
    curve = axes.curve(np.array([0.0, 9.0, 99.0]), np.array([2.5, 1.0, 0.5]))
    part = curve.at(9)
    assert part.get_right()[0] == pytest.approx(axes.point(9, 1)[0])
    assert part.end == pytest.approx(axes.point(9, 1))
    between = curve.at(20)
    share = axes.x.share(20.0)
    assert between.end[0] == pytest.approx(axes.area.left + share * axes.area.width)
    assert curve.drawn_to == 99
    motion = curve.drawing(0, 99)
    motion.begin()
    motion.interpolate(1)
    assert curve.end == pytest.approx(axes.point(99, 0.5))


def test_missing_values_break_the_line():
    axes = plot()
    curve = axes.curve(np.array([0.0, 1.0, 10.0, 100.0, 1000.0]), np.array([2.0, 1.5, np.nan, 1.0, 0.5]))
    assert len(curve.get_subpaths()) == 2


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=6), st.floats(0.01, 0.5))
def test_labels_at_the_ends_are_spread_in_order(positions, least):
    positions = np.array(positions)
    placed = spread(positions, least)
    order = np.argsort(positions, kind="stable")
    assert (np.diff(placed[order]) >= least - 1e-9).all()
    if len(positions) > 1 and (np.diff(positions[order]) > least).all():
        assert placed == pytest.approx(positions)


def test_labels_at_the_ends_stay_above_the_base():
    axes = plot(end_room=1.5)
    ends = [(axes.curve(np.array([0.0, 1800.0]), np.array([2.0, end])), name)
            for end, name in ((0.02, "train"), (0.01, "test"))]  # fmt: skip
    labels = axes.end_labels(ends)
    assert all(label.get_bottom()[1] >= axes.area.bottom - 1e-6 for label in labels)
    low, high = sorted(labels, key=lambda label: label.get_center()[1])
    assert high.get_bottom()[1] > low.get_top()[1]


def test_a_counter_shows_recorded_readings_only():
    readings = [(0, "0.140"), (4, "0.122"), (8, "0.111")]
    counter = Counter(LOOK, readings, align="right")
    assert [counter.at(step).text for step in (-1, 0, 3.9, 4, 7, 8, 99)] == [
        "0.140", "0.140", "0.140", "0.122", "0.122", "0.111", "0.111"
    ]  # fmt: skip
    seen = set()
    motion = counter.counting(0, 8)
    motion.begin()
    for alpha in np.linspace(0, 1, 31):
        motion.interpolate(alpha)
        seen.add(counter.text)
    assert seen == {"0.140", "0.122", "0.111"}


def test_digits_keep_their_places_while_counting():
    column = NumberColumn(LOOK, [[(0, "0.140"), (1, "−0.111")], [(0, "1.0"), (1, "2.0")]], "−0.149")
    before = [counter.baseline for counter in column.counters]
    width = column.brackets.width

    def ends() -> list[float]:
        return [c.points[:, 0].min() - c.bearing + c.advance * c.em for c in column.counters]

    pen = ends()
    column.turn_to(1)
    assert [counter.baseline for counter in column.counters] == pytest.approx(before)
    assert ends() == pytest.approx(pen)
    assert column.brackets.width == width
    assert all(counter.width < width for counter in column.counters)
