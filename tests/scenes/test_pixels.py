"""Painting arrays over the frame: whatever way is taken, the sum is the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes.kit import pixels
from scenes.kit.canvas import canvas, picture, set_rgba
from scenes.kit.layout import Look, frame_size
from scenes.kit.opaque import lay, packed_colors, unpacked
from scenes.kit.pixel_image import PixelImage


def plainly(frame: np.ndarray, color: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Premultiplied colour over the frame, pixel for pixel, in doubles."""
    over = np.concatenate([np.broadcast_to(color, (*alpha.shape, 3)), np.ones((*alpha.shape, 1))], axis=-1)
    return frame * (1 - alpha[..., None]) + 255 * over * alpha[..., None]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 40), st.integers(1, 60)),
    solid=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    at_once=st.sampled_from([1, 64, 1 << 15]),
    one_color=st.booleans(),
)
def test_blending_is_the_plain_sum(
    seed: int, size: tuple[int, int], solid: tuple[int, int], at_once: int, one_color: bool
) -> None:
    rng = np.random.default_rng(seed)
    frame = rng.integers(0, 256, (*size, 4), dtype=np.uint8)
    color = rng.random(3 if one_color else (*size, 3)).astype(np.float32)
    alpha = rng.choice([0, 0.3, 1], size).astype(np.float32) * rng.choice([1, 1, 0.5])
    alpha[:, min(solid) : max(solid)] = 1
    wanted = plainly(frame, color, alpha)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pixels, "BLEND_AT_ONCE", at_once)
        pixels.blend(frame, color, alpha)
    assert np.abs(frame - wanted).max() <= 0.502  # rounded to whole grey levels


def test_a_canvas_draws_red_as_red_and_leaves_the_rest() -> None:
    frame = np.zeros((20, 30, 4), np.uint8)
    frame[..., 3] = 255
    context = canvas(frame)
    set_rgba(context, np.array([1.0, 0.5, 0.0]), 1.0)
    context.rectangle(3, 4, 5, 6)
    context.fill()
    assert frame[4:10, 3:8].reshape(-1, 4).tolist() == [[255, 128, 0, 255]] * 30
    frame[4:10, 3:8] = (0, 0, 0, 255)
    assert not frame[..., :3].any()


def test_a_picture_lies_where_it_is_put_between_pixels_too() -> None:
    frame = np.zeros((12, 12, 4), np.uint8)
    frame[..., 3] = 255
    context = canvas(frame)
    blue = np.zeros((4, 4, 4))
    blue[..., 2:] = 1
    context.set_source_surface(picture(blue), 2.5, 3.0)
    context.paint_with_alpha(0.5)
    assert not frame[..., :2].any()
    row = frame[5, :, 2].astype(float)
    assert row.sum() == pytest.approx(4 * 255 * 0.5, abs=4)
    assert (row * (np.arange(12) + 0.5)).sum() / row.sum() == pytest.approx(4.5, abs=0.05)
    assert frame[:, 4, 2].nonzero()[0].tolist() == [3, 4, 5, 6]


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    alphas=st.sampled_from([(1,), (0, 1), (0, 0.3, 1)]),
    opacity=st.sampled_from([1.0, 0.4]),
    aside=st.floats(-6, 6),
)
def test_an_image_is_its_cells_over_the_frame(
    seed: int, alphas: tuple[float, ...], opacity: float, aside: float
) -> None:
    rng = np.random.default_rng(seed)
    rgba = rng.random((5, 7, 4)).astype(np.float32)
    rgba[..., 3] = rng.choice(alphas, (5, 7))
    look = Look("16:9", "dark")
    image = PixelImage(look, rgba, look.stage).shift((aside, 0, 0)).set_opacity(opacity)
    view = pixels.PixelView(160, 90, *frame_size("16:9"))
    frame = rng.integers(0, 256, (90, 160, 4), dtype=np.uint8)
    before = frame.astype(float)
    image.paint(frame, view)
    (left, top), (right, bottom) = view.to_px(image.points[[0, 3]])
    for y in range(90):
        for x in range(160):
            inside = round(left) <= x < round(right) and round(top) <= y < round(bottom)
            row, column = (y + 0.5 - top) / (bottom - top) * 5, (x + 0.5 - left) / (right - left) * 7
            over = rgba[min(max(int(row), 0), 4), min(max(int(column), 0), 6)].astype(float)
            alpha = over[3] * opacity if inside else 0.0
            wanted = before[y, x] * (1 - alpha) + 255 * alpha * np.array([*over[:3], 1])
            assert np.abs(frame[y, x] - wanted).max() <= 0.51


@pytest.mark.parametrize("opacity", [1.0, 0.4])
def test_an_opaque_picture_is_laid_as_it_would_be_blended(opacity: float) -> None:
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 256, (20, 30, 4), dtype=np.uint8)
    color = rng.integers(0, 256, (12, 14, 3)) / 255
    cover = rng.choice([0, 0.3, 1], (12, 14), p=[0.2, 0.2, 0.6]).astype(np.float32)
    packed = packed_colors(color)
    assert (unpacked(packed) == np.round(color * 255)).all()
    wanted = plainly(frame[3:15, 5:19], color, cover * opacity)
    before = frame.copy()
    lay(frame[3:15, 5:19], packed, cover, opacity)
    assert np.abs(frame[3:15, 5:19] - wanted).max() <= 0.502
    frame[3:15, 5:19] = before[3:15, 5:19]
    assert (frame == before).all()
