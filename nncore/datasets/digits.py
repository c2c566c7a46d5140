"""The embedded default: 1,797 real handwritten digits, with the size and the place MNIST gives its own."""

import numpy as np

from nncore.arrays import Array
from nncore.datasets.dataset import Dataset, as_view, stratified_split

SOURCE = "UCI Optical Recognition of Handwritten Digits (E. Alpaydin, C. Kaynak; CC BY 4.0), in scikit-learn"


def enlarge(images: Array) -> Array:
    """8×8 scans enlarged to 20×20 by cubic splines and centred by centre of mass in 28×28.

    Shapes: (n, 8, 8) in [0, 1] -> (n, 28, 28) in [0, 1], in steps of 1/255 as a scan has.
    """
    from scipy.ndimage import zoom  # scipy takes longer to load than most commands run

    # enlarging is linear and separable: one (20, 8) matrix does rows and columns
    spline = zoom(np.eye(8), (2.5, 1), order=3, mode="grid-constant", grid_mode=True)
    large = np.clip(spline @ images @ spline.T, 0, 1)
    large = np.round(large * 255) / 255
    mass = large.sum(axis=(1, 2))
    places = np.arange(20)
    centre_y = (large.sum(axis=2) @ places) / mass
    centre_x = (large.sum(axis=1) @ places) / mass
    framed = np.zeros((len(images), 28, 28))
    for image, frame, y, x in zip(large, framed, centre_y, centre_x, strict=True):
        top, left = (int(np.clip(round(13.5 - centre), 0, 8)) for centre in (y, x))
        frame[top : top + 20, left : left + 20] = image
    return framed


def digits(seed: int = 0, test_fraction: float = 0.2, view: str = "flat") -> Dataset:
    """Handwritten digits 0-9 as 28×28 images, a fifth of each kept for testing."""
    from sklearn.datasets import load_digits  # most of a second, and only training needs it

    raw = load_digits()
    x = enlarge(raw.images / 16).reshape(-1, 784).astype(np.float32)
    y = raw.target.astype(np.int64)
    train, test = stratified_split(y, test_fraction, seed)
    names = tuple(str(digit) for digit in range(10))
    return as_view(Dataset("digits", x[train], y[train], x[test], y[test], 10, SOURCE, (28, 28), names), view)
