"""LandscapeView shows the right spot at every pixel, hides what is hidden; balls stand at recorded losses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes.kit.landscape_view import LandscapeView, loss_scale
from scenes.kit.layout import Look, Region
from scenes.kit.loss_gauge import LossGauge
from scenes.kit.pixels import PixelView
from scenes.kit.relief import Camera, Relief, trace
from scenes.kit.relief_marks import hidden_at
from scenes.kit.style import Style, rgb

LOOK = Look("16:9", "dark")
ROOM = Region(-6, -3, 6, 3)
AXIS = np.linspace(-2.0, 2.0, 31)
A, B = np.meshgrid(AXIS, AXIS)
BOWL = 0.02 + A**2 + 2 * B**2
RIDGE = 0.1 + 2.0 * np.exp(-((B + 0.6) ** 2) / 0.08)

#: Smooth heights in 0..1, a different hill in each.
HILLS = st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.3, 1.0)).map(
    lambda hill: np.exp(-((A / 2 - hill[0]) ** 2 + (B / 2 - hill[1]) ** 2) / hill[2])
)


def painted(view: LandscapeView, width: int = 320) -> np.ndarray:
    height = width * 9 // 16
    frame = np.zeros((height, width, 4), np.uint8)
    frame[..., 3] = 255
    view.paint(frame, PixelView(width, height, 8 * 16 / 9, 8.0))
    return frame


def pixel_of(point: np.ndarray, width: int = 320) -> tuple[int, int]:
    x, y = PixelView(width, width * 9 // 16, 8 * 16 / 9, 8.0).to_px(point[None])[0]
    return int(y), int(x)


@given(HILLS, st.floats(-180, 180), st.floats(20, 90))
@settings(max_examples=10, deadline=None)
def test_every_pixel_shows_a_spot_that_projects_to_it(heights, azimuth, elevation):
    camera = Camera(azimuth, elevation, 60.0, 100.0, 90.0, 1.0)
    ((seen, _),) = trace(Relief(heights, 1.0), camera, 200, 180)
    surface = seen.seen & ~seen.wall
    spots = np.stack([seen.u[surface], seen.v[surface], seen.height[surface]], axis=1)
    back = camera.project(spots)
    rows, columns = np.nonzero(surface)
    assert np.abs(back[:, 0] - (seen.left + columns + 0.5)).max() < 0.02
    assert np.quantile(np.abs(back[:, 1] - (seen.bottom - rows - 0.5)), 0.99) < 0.5
    assert np.abs(back[:, 2] - seen.depth[surface]).max() < 1e-3


@given(HILLS, st.floats(-180, 180))
@settings(max_examples=10, deadline=None)
def test_a_spot_is_hidden_exactly_where_something_nearer_stands_higher(heights, azimuth):
    relief, camera = Relief(heights, 1.0), Camera(azimuth, 25.0, 60.0, 100.0, 90.0, 1.0)
    ((seen, _),) = trace(relief, camera, 200, 180)
    depth = np.full((180, 200), np.inf)
    rows, columns = np.nonzero(seen.seen)
    depth[seen.bottom - 1 - rows, seen.left + columns] = seen.depth[rows, columns]
    ground = np.random.default_rng(1).uniform(-0.95, 0.95, (60, 2))
    fine = relief.fine
    cell = np.round((ground + 1) / 2 * (len(fine) - 1)).astype(int)
    points = camera.project(np.column_stack([ground, fine[cell[:, 1], cell[:, 0]]]))
    found = hidden_at(depth, points)
    for (u, v), point, hidden in zip(ground, points, found, strict=True):
        toward = -np.array([-np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))])
        line = np.array([u, v]) + toward * np.linspace(0.04, 3, 400)[:, None]
        line = line[np.abs(line).max(axis=1) <= 1]
        cells = np.round((line + 1) / 2 * (len(fine) - 1)).astype(int)
        before = camera.project(np.column_stack([line, fine[cells[:, 1], cells[:, 0]]]))
        near = before[np.abs(before[:, 0] - point[0]) < 1.0]
        above = (point[1] - near[:, 1]).max(initial=-9)
        if abs(above) > 2.5:  # closer than that, pixels decide
            assert hidden == (above > 0)


def test_strips_make_the_picture_of_the_whole(monkeypatch):
    pictures = []
    for strip in (0, 37):
        monkeypatch.setattr("scenes.kit.landscape_view.STRIP", strip)
        pictures.append(painted(LandscapeView(LOOK, ROOM, AXIS, AXIS, BOWL)).astype(int))
    assert np.abs(pictures[0] - pictures[1]).max() <= 2


def test_the_surface_goes_through_every_computed_loss():
    view = LandscapeView(LOOK, ROOM, AXIS, AXIS, BOWL)
    fine = view.reliefs.value[0].fine
    cells = np.linspace(0, len(fine) - 1, len(AXIS))
    whole = np.isclose(cells, np.round(cells))
    at = np.round(cells[whole]).astype(int)
    shares = view.loss_scale.share(BOWL)[np.ix_(whole, whole)]
    assert np.allclose(fine[np.ix_(at, at)], shares, atol=1e-6)


def test_a_wide_range_of_losses_is_drawn_by_its_logarithm():
    assert loss_scale(np.array([0.01, 2.0])).kind == "log"
    assert loss_scale(np.array([0.5, 2.0])).kind == "linear"
    assert loss_scale(np.array([0.0, 2.0])).kind == "linear"


def test_contour_lines_stand_at_doublings():
    lines = LandscapeView(LOOK, ROOM, AXIS, AXIS, BOWL).line_losses()
    assert np.allclose(np.log2(lines), np.round(np.log2(lines)))
    assert np.allclose(lines[1:] / lines[:-1], 2)


def test_ball_height_is_the_recorded_loss():
    path = np.array([[-1.5, -1.0], [0.0, 0.5], [1.0, 1.0]])
    losses, below = np.array([3.0, 0.9, 0.05]), np.array([2.5, 0.7, 0.06])
    view = LandscapeView(LOOK, ROOM, AXIS, AXIS, BOWL).add_path(path, losses, below)
    for index in range(3):
        view.heads = np.array([float(index)])
        assert np.allclose(view.ball_spot(), view.spot(*path[index], losses[index]))
        true, ground = view.routes.value[0].at(float(index))
        assert view.loss_scale.value(true[2]) == pytest.approx(losses[index])
        assert view.loss_scale.value(ground[2]) == pytest.approx(below[index])


def test_a_ball_behind_a_ridge_is_dimmed():
    def brightness(azimuth: float) -> float:
        view = LandscapeView(LOOK, ROOM, AXIS, AXIS, RIDGE, azimuth=azimuth, elevation=25.0)
        view.add_path(np.array([[0.0, -0.1], [0.0, 0.0]]), np.array([0.1, 0.1]), np.array([0.1, 0.1]))
        row, column = pixel_of(view.ball_spot() + [0, 0.15, 0])
        with_ball = painted(view)[row, column, :3].astype(float)
        view.balls = 0.0
        return float(np.abs(with_ball - painted(view)[row, column, :3]).sum())

    assert brightness(0.0) < 0.55 * brightness(180.0)


def test_several_paths_have_their_own_colours():
    path = np.array([[-1.0, 0.0], [-1.0, 0.0]])
    view = LandscapeView(LOOK, ROOM, AXIS, AXIS, BOWL, elevation=60.0)
    for shift, role in ((0.0, "accent"), (2.0, "gradient")):
        view.add_path(path + [shift, 0], np.full(2, 1.02), np.full(2, 1.02), role)
    frame = painted(view, 640)
    for index, role in enumerate(("accent", "gradient")):
        row, column = pixel_of(view.ball_spot(index) + [0, 0.15, 0], 640)
        color = frame[row, column, :3] / 255
        own, other = (rgb(Style("dark").color(r)) for r in (role, "positive"))
        assert np.abs(color - own).sum() < np.abs(color - other).sum()


def test_another_size_is_the_same_picture():
    view = LandscapeView(LOOK, ROOM, AXIS, AXIS, BOWL)
    view.lines = 0.0
    small, large = painted(view, 320).astype(float), painted(view, 640).astype(float)
    halved = large.reshape(180, 2, 320, 2, 4).mean(axis=(1, 3))
    assert np.abs(small - halved).mean() < 1.0


def test_the_surface_moves_from_one_loss_to_another():
    view = LandscapeView(LOOK, ROOM, AXIS, AXIS, BOWL).add_surface(BOWL[::-1] * 0.8 + 0.1)
    only = LandscapeView(LOOK, ROOM, AXIS, AXIS, BOWL)
    assert np.array_equal(painted(view), painted(only))
    first, half, second = (painted(view.changed(surface=at)).astype(int) for at in (0.0, 0.5, 1.0))
    assert 0 < np.abs(first - half).mean() < np.abs(first - second).mean() * 1.2
    assert np.abs(half - second).mean() > 0


def test_the_kept_picture_is_the_fresh_one():
    view = LandscapeView(LOOK, ROOM, AXIS, AXIS, BOWL)
    first = painted(view)
    assert np.array_equal(first, painted(view))
    view.azimuth += 20
    assert not np.array_equal(first, painted(view))
    view.azimuth -= 20
    assert np.array_equal(first, painted(view))


def test_opacity_fades_it_out():
    view = LandscapeView(LOOK, ROOM, AXIS, AXIS, BOWL)
    full = painted(view).astype(float)
    half = painted(view.changed(opacity=0.5)).astype(float)
    assert np.allclose(half[..., :3], full[..., :3] / 2, atol=1.5)
    assert not painted(view.changed(opacity=0.0))[..., :3].any()


def test_it_stays_in_its_region_from_every_side():
    for azimuth in range(0, 360, 40):
        view = LandscapeView(LOOK, ROOM, AXIS, AXIS, BOWL, azimuth=float(azimuth))
        rows, columns = np.nonzero(painted(view)[..., :3].any(axis=-1))
        top, left = pixel_of(np.array([ROOM.left, ROOM.top, 0]))
        bottom, right = pixel_of(np.array([ROOM.right, ROOM.bottom, 0]))
        assert top - 1 <= rows.min()
        assert rows.max() <= bottom + 1
        assert left - 1 <= columns.min()
        assert columns.max() <= right + 1


@pytest.mark.parametrize("form", ["standing", "narrow", "lying"])
def test_the_gauge_points_at_the_loss(form):
    scale = loss_scale(BOWL)
    gauge = LossGauge(LOOK, Region(0, 0, 5, 4), scale, [(0.0, "1.00"), (1.0, "0.10")], form=form)
    heights = []
    for loss, position in ((1.0, 0.0), (0.1, 1.0)):
        gauge.point_to(loss, position)
        x, y, _ = gauge.pointer.get_center()
        share = (
            (x - gauge.bar.left) / gauge.bar.width
            if form == "lying"
            else (y - gauge.bar.bottom) / gauge.bar.height
        )
        assert share == pytest.approx(float(scale.share(loss)), abs=1e-6)
        heights.append(gauge.counter.text)
    assert heights == ["1.00", "0.10"]


def test_balls_in_one_place_share_it():
    view = LandscapeView(LOOK, ROOM, AXIS, AXIS, BOWL, 30.0, 40.0)
    view.radius = 0.25
    bare = painted(view, 480).astype(int)[..., :3]
    way, loss = np.zeros((2, 2)), np.full(2, 0.02)
    for color in ("#ff0000", "#00ff00", "#0000ff"):
        view.add_path(way, loss, loss, color)
    crowd = painted(view, 480).astype(int)[..., :3]
    ball = np.abs(crowd - bare).sum(axis=-1) > 30
    for i in range(3):
        own = crowd[..., i] - np.delete(crowd, i, axis=-1).max(axis=-1) > 20
        assert (own & ball).sum() > 0.1 * ball.sum()
