"""The same edges as light and as manim's Lines: alike where they should be, and how far apart they are.

Light adds up before it covers: alpha = 1 - exp(-sum). For one edge that is a Line of one pixel's width with
the opacity 1 - exp(-density), and where edges of one colour cross it is what painting over gives, too. It is
another picture in three ways, which the bounds hold: an edge between two rows of pixels covers both by more
than half, colours that cross mix instead of the last one winning, and small pictures add up before they
cover.
"""

import numpy as np
import pytest
from manim import Line, tempconfig
from manim.camera.camera import Camera
from scipy.ndimage import uniform_filter

from scenes.kit.edge_field import EdgeField
from scenes.kit.layout import Look
from scenes.kit.pixels import PixelView
from scenes.kit.style import rgb

LOOK = Look()
UNITS = 8.0


def layers(one: int, two: int) -> tuple[np.ndarray, np.ndarray]:
    """Starts and ends of all edges between two columns of neurons."""
    left = np.column_stack([np.full(one, -2.75), np.linspace(3.5, -3.5, one)])
    right = np.column_stack([np.full(two, 2.75), np.linspace(3.5, -3.5, two)])
    return np.repeat(left, two, 0), np.tile(right, (one, 1))


def as_light(starts, ends, values, side: int = 720) -> np.ndarray:
    frame = np.zeros((side, side, 4), np.uint8)
    frame[..., 3] = 255
    EdgeField(LOOK, starts, ends, values, 1.0).paint(frame, PixelView(side, side, UNITS, UNITS))
    return frame[..., :3].astype(float)


def as_lines(starts, ends, values, side: int = 720) -> np.ndarray:
    """Stock manim's picture of one Line for each edge, a pixel wide at 720."""
    size = {"pixel_width": side, "pixel_height": side, "frame_width": UNITS, "frame_height": UNITS}
    with tempconfig(size):
        camera = Camera(background_color="#000000")
        lines = [
            Line(
                [*start, 0],
                [*end, 0],
                stroke_width=100 * UNITS / 720,
                color=LOOK.color("positive" if value >= 0 else "negative"),
                stroke_opacity=1 - np.exp(-abs(value)),
            )
            for start, end, value in zip(starts, ends, values, strict=True)
        ]
        camera.capture_mobjects(lines)
        return camera.pixel_array[..., :3].astype(float)


def ssim(one: np.ndarray, two: np.ndarray) -> float:
    """Mean structural similarity of the luma. Source: Wang et al. 2004, 8x8 windows."""
    a, b = (picture @ [0.2126, 0.7152, 0.0722] for picture in (one, two))
    mean = [uniform_filter(p, 8) for p in (a, b)]
    spread = [uniform_filter(p * p, 8) - m * m for p, m in zip((a, b), mean, strict=True)]
    both = uniform_filter(a * b, 8) - mean[0] * mean[1]
    c, d = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean[0] * mean[1] + c) * (2 * both + d)
    return float((top / ((mean[0] ** 2 + mean[1] ** 2 + c) * (sum(spread) + d))).mean())


def values_of(count: int) -> np.ndarray:
    return np.cos(np.arange(count) * 12.9898)


@pytest.mark.parametrize(("one", "two", "most"), [(4, 6, 0.6), (16, 20, 4.0)])
def test_a_few_hundred_edges_look_as_lines_do(one, two, most):
    starts, ends = layers(one, two)
    values = values_of(len(starts))
    light, lines = as_light(starts, ends, values), as_lines(starts, ends, values)
    assert ssim(light, lines) > 0.985
    assert np.abs(light - lines).mean() < most
    assert 1.0 < light.sum() / lines.sum() < 1.13


@pytest.mark.parametrize(
    ("side", "alike", "light"), [(180, 0.93, 1.28), (360, 0.96, 1.21), (1080, 0.96, 0.98)]
)
def test_other_sizes_keep_about_the_same_light(side, alike, light):
    """A field of crossing edges is up to a third brighter at 180 pixels than thinner Lines."""
    starts, ends = layers(16, 20)
    values = values_of(len(starts))
    ours, theirs = as_light(starts, ends, values, side), as_lines(starts, ends, values, side)
    assert ssim(ours, theirs) > alike
    assert ours.sum() / theirs.sum() == pytest.approx(light, abs=0.03)


@pytest.mark.parametrize("angle", range(0, 180, 15))
@pytest.mark.parametrize(("density", "least", "most"), [(0.3, 0.95, 1.1), (1.0, 0.84, 1.27)])
def test_one_edge_has_the_light_the_width_and_the_colour_of_its_line(angle, density, least, most):
    end = 3 * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    edge = [-end], [end], [density]
    light, lines = as_light(*edge), as_lines(*edge)
    assert least < light.sum() / lines.sum() < most
    for picture in (light, lines):
        lit = np.argwhere(picture.sum(axis=-1) > 0)[:, ::-1] + 0.5
        assert distances(lit, edge).max() < 1.5
    strongest = light.reshape(-1, 3)[light.sum(axis=-1).argmax()]
    color = rgb(LOOK.color("positive"))
    assert strongest / strongest.max() == pytest.approx(color / color.max(), abs=0.01)


def distances(pixels: np.ndarray, edge) -> np.ndarray:
    """How far pixels are from the nearest point of an edge. Shapes: (n, 2) -> (n,)."""
    view = PixelView(720, 720, UNITS, UNITS)
    (start,), (end,) = (view.to_px(np.asarray(points)) for points in edge[:2])
    share = np.clip((pixels - start) @ (end - start) / ((end - start) @ (end - start)), 0, 1)
    return np.hypot(*(pixels - start - share[:, None] * (end - start)).T)


def test_edges_of_one_colour_that_cross_are_as_dark_as_lines_painted_over_each_other():
    starts, ends = np.array([[-3.0, 0.005], [0.005, -3.0]]), np.array([[3.0, 0.005], [0.005, 3.0]])
    crossing = [picture(starts, ends, [0.5, 0.8]).max(axis=(0, 1)) for picture in (as_light, as_lines)]
    assert crossing[0] == pytest.approx(crossing[1], abs=3)


def test_the_order_of_the_edges_does_not_matter():
    starts, ends = layers(12, 12)
    values = values_of(len(starts))
    one, other = as_light(starts, ends, values), as_light(starts[::-1], ends[::-1], values[::-1])
    assert np.abs(one - other).max() <= 1
    assert (
        np.abs(as_lines(starts, ends, values) - as_lines(starts[::-1], ends[::-1], values[::-1])).max() > 50
    )


def test_one_changed_weight_among_hundreds_changes_only_pixels_at_its_edge():
    starts, ends = layers(16, 20)
    values = values_of(len(starts))
    for number in (0, 77, 319):
        changed = values.copy()
        changed[number] = -0.5 * np.sign(values[number])
        before, after = as_light(starts, ends, values), as_light(starts, ends, changed)
        pixels = np.argwhere((before != after).any(axis=-1))[:, ::-1] + 0.5
        assert len(pixels) > 300
        assert distances(pixels, (starts[[number]], ends[[number]])).max() < 1.5
