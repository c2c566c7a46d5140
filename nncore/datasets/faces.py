"""Faces drawn by a procedure, half of them with glasses: only the glasses tell the classes apart."""

import numpy as np

from nncore.arrays import Array
from nncore.datasets.dataset import Dataset, as_view, stratified_split
from nncore.registry import require_count

SIZE = 28
FINE = 3  # drawn this much larger, then averaged down: smooth edges without a drawing library


def faces_glasses(seed: int = 0, n: int = 1200, test_fraction: float = 0.2, view: str = "flat") -> Dataset:
    """Faces of varying place, size, mouth, hair, brightness and noise; the label is: glasses or none."""
    require_count("n", n, least=4)
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % 2).astype(np.int64)
    x = np.stack([draw_face(rng, bool(label)) for label in y])
    x = (np.round(x * 255) / 255).astype(np.float32).reshape(n, -1)
    train, test = stratified_split(y, test_fraction, seed)
    source = "generated: faces drawn from ellipses and lines by a seeded procedure"
    names = ("no glasses", "glasses")
    return as_view(
        Dataset("faces_glasses", x[train], y[train], x[test], y[test], 2, source, (SIZE, SIZE), names), view
    )


def draw_face(rng: np.random.Generator, glasses: bool) -> Array:
    """One face; everything but the glasses is drawn from the same distribution for both classes.

    Shapes: (28, 28) in [0, 1].
    """
    from scipy.ndimage import gaussian_filter  # scipy takes longer to load than most commands run

    scale = FINE * rng.uniform(0.9, 1.1)
    top, left = FINE * (SIZE / 2 + rng.uniform(-1.5, 1.5, 2))
    places = np.arange(SIZE * FINE) + 0.5
    v, u = (places[:, None] - top) / scale, (places[None, :] - left) / scale  # face coordinates in pixels
    skin, dark = rng.uniform(0.55, 0.85), rng.uniform(0.05, 0.25)
    image = np.full((SIZE * FINE, SIZE * FINE), rng.uniform(0.0, 0.2))
    image[_disc(u, v, 0, 0, rng.uniform(7.5, 9.0), rng.uniform(10.0, 11.5))] = skin
    hairline = rng.uniform(-9.0, -7.0)
    image[_disc(u, v, 0, -0.5, 9.2, 11.6) & (v < hairline)] = dark
    _draw_features(image, rng, u, v, dark, glasses)
    small = gaussian_filter(image, 0.6).reshape(SIZE, FINE, SIZE, FINE).mean(axis=(1, 3))
    return np.clip(small + rng.normal(0, 0.04, small.shape), 0, 1)


def _draw_features(
    image: Array, rng: np.random.Generator, u: Array, v: Array, dark: float, glasses: bool
) -> None:
    """Eyes, brows, nose and mouth, then the glasses around the eyes."""
    eye_u, eye_v = rng.uniform(3.2, 3.8), rng.uniform(-3.2, -2.4)
    brow, size = eye_v - rng.uniform(2.2, 3.2), rng.uniform(0.7, 1.1)
    for side in (-1, 1):
        image[_disc(u, v, side * eye_u, eye_v, size, size)] = dark
        image[(abs(u - side * eye_u) < 1.6) & (abs(v - brow) < 0.4)] = dark
    image[(abs(u) < 0.45) & (v > -1.0) & (v < rng.uniform(1.2, 2.2))] *= 0.75
    width, bend, mouth = rng.uniform(2.2, 4.2), rng.uniform(-0.12, 0.16), rng.uniform(5.0, 6.4)
    image[(abs(u) < width) & (abs(v - mouth + bend * (u * u - width)) < rng.uniform(0.4, 0.8))] = dark
    if not glasses:
        return
    radius, frame = rng.uniform(2.3, 2.9), rng.uniform(0.7, 1.0)
    for side in (-1, 1):
        ring = _disc(u, v, side * eye_u, eye_v, radius, radius)
        ring &= ~_disc(u, v, side * eye_u, eye_v, radius - frame, radius - frame)
        image[ring] = dark * 0.5
        image[(side * u > eye_u + radius - 0.3) & (side * u < 8.5) & (abs(v - eye_v) < 0.4)] = dark * 0.5
    image[(abs(u) < eye_u - radius + 0.3) & (abs(v - eye_v) < 0.4)] = dark * 0.5


def _disc(u: Array, v: Array, centre_u: float, centre_v: float, radius_u: float, radius_v: float) -> Array:
    return ((u - centre_u) / radius_u) ** 2 + ((v - centre_v) / radius_v) ** 2 < 1
