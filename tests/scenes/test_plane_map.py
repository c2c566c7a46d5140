"""Maps of the plane: sign gives the colour, zero the line; points lie where their numbers say."""

import numpy as np
import pytest

from scenes.kit.layout import Look, Region
from scenes.kit.pixels import PixelView
from scenes.kit.plane_map import PlaneMap, PlanePoints, on_plane
from scenes.kit.style import rgb
from scenes.kit.tile_network import TileField, TileNetwork

SIDE = 720
VIEW = PixelView(SIDE, SIDE, 4.0, 4.0)
SQUARE = Region(-1.5, -1.5, 1.5, 1.5)


@pytest.fixture(params=["dark", "light"])
def look(request) -> Look:
    return Look("1:1", request.param)


def painted(mobject, look) -> np.ndarray:
    frame = np.full((SIDE, SIDE, 4), 255, np.uint8)
    frame[..., :3] = np.round(rgb(look.color("background")) * 255)
    mobject.paint(frame, VIEW)
    return frame[..., :3].astype(float)


def test_positive_is_blue_negative_orange_and_zero_a_line(look):
    slope = np.tile(np.linspace(-8, 8, 41), (41, 1))
    frame = painted(PlaneMap(look, SQUARE, slope), look)
    left, middle, right = frame[360, 220], frame[360, 360], frame[360, 500]
    assert left[0] > left[2]
    assert right[2] > right[0]
    ink = rgb(look.color("ink")) * 255
    assert np.abs(middle - ink).max() < 40


def test_rows_go_up_with_the_second_input(look):
    rising = np.tile(np.linspace(-8, 8, 41)[:, None], (1, 41))
    frame = painted(PlaneMap(look, SQUARE, rising, line=0.0), look)
    assert frame[180, 360, 2] > frame[180, 360, 0]
    assert frame[540, 360, 2] < frame[540, 360, 0]


def test_points_are_painted_at_their_places_in_their_colours(look):
    x = y = np.linspace(-2, 2, 5)
    places = on_plane(SQUARE, np.array([[-1.0, 0.0], [1.0, 1.0]]), x, y)
    assert np.allclose(places, [[-0.75, 0.0], [0.75, 0.75]])
    frame = painted(PlanePoints(look, places, np.array([0, 1]), 0.1), look)
    for place, role in zip(places, ("negative", "positive"), strict=True):
        column, row = VIEW.to_px(place[None])[0].astype(int)
        assert np.abs(frame[row, column] - rgb(look.color(role)) * 255).max() < 4


def test_a_silent_tile_is_plain_and_a_louder_answer_is_brighter(look):
    values = np.stack([np.full((9, 9), v) for v in (0.0, 0.3, 1.0)])
    centers = np.array([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    frame = painted(TileField(look, centers, 0.8, values, 1.0, "hidden"), look)
    plain, some, full = (frame[360, 360 + 180 * k] for k in (-1, 0, 1))
    surface, role = rgb(look.color("surface")) * 255, rgb(look.color("hidden")) * 255
    assert np.abs(plain - surface).max() < 2
    assert np.abs(full - role).max() < 2
    assert np.abs(plain - some).max() < np.abs(plain - full).max()


def test_a_score_of_zero_is_a_line_in_its_tile(look):
    score = np.tile(np.linspace(-1, 1, 9), (1, 9, 1))
    tile = TileField(look, np.zeros((1, 2)), 2.0, np.maximum(score, 0), 1.0, "hidden", score)
    frame = painted(tile, look)
    ink = rgb(look.color("ink")) * 255
    assert np.abs(frame[360, 355:365] - ink).max(axis=1).min() < 60
    assert np.abs(frame[360, 250] - ink).max() > 90


@pytest.mark.parametrize("sizes", [(2, 8, 1), (2, 16, 16, 1), (2, 3, 1)])
@pytest.mark.parametrize("aspect", ["16:9", "9:16"])
def test_every_tile_lies_in_its_region_and_before_the_output(sizes, aspect):
    look = Look(aspect)
    net = TileNetwork(look, look.wide, sizes, 3.5)
    for layer, n in enumerate(sizes[:-1]):
        assert len(net.centers[layer]) == n
        left, bottom = net.centers[layer].min(axis=0) - net.side / 2
        right = net.centers[layer][:, 0].max() + net.side / 2
        assert left >= look.wide.left - 1e-6
        assert right <= look.wide.right + 1e-6
        assert (bottom > net.output.top) if net.down else (right < net.output.left)
