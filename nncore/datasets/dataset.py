"""What a dataset is, and what every loader needs: a split that keeps the classes, views of images, checks."""

from dataclasses import dataclass, replace

import numpy as np

from nncore.arrays import Array, Shape
from nncore.errors import BadInput
from nncore.registry import look_up, require, require_count, require_fraction

VIEWS = {
    "flat": "one vector of pixels, for dense layers",
    "images": "(channels, height, width), for convolutions",
    "rows": "a sequence of rows, for recurrent layers",
}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Examples to learn from and examples to be tested on.

    Shapes: x (n, *sample_shape), y (n,) int64 labels, or floats for regression (n_classes is 0 then).
    Units: pixels in [0, 1].
    """

    name: str
    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array
    n_classes: int
    source: str
    image_shape: tuple[int, int] | None = None
    class_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no network could learn from."""
        for part, x, y in (("train", self.x_train, self.y_train), ("test", self.x_test, self.y_test)):
            fits = len(x) == len(y)
            require(f"{self.name}.y_{part}", f"{len(y)} labels", fits, f"as many as examples ({len(x)})")
            _check_finite(f"{self.name}.x_{part}", x)
            _check_labels(f"{self.name}.y_{part}", y, self.n_classes)
        require(f"{self.name}.x_train", "empty", len(self.x_train) > 0, "at least one example")

    @property
    def sample_shape(self) -> Shape:
        """The shape of one example."""
        return tuple(self.x_train.shape[1:])


def _check_finite(field: str, x: Array) -> None:
    if np.issubdtype(x.dtype, np.floating) and not np.isfinite(x).all():
        position = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
        raise BadInput(f"{field}{list(position)} is {x[position]}; every value must be a finite number.")


def _check_labels(field: str, y: Array, n_classes: int) -> None:
    if not n_classes:
        return _check_finite(field, y)
    require(f"{field}'s type", str(y.dtype), np.issubdtype(y.dtype, np.integer), "a whole-number type")
    wrong = np.flatnonzero((y < 0) | (y >= n_classes))
    if len(wrong):
        raise BadInput(f"{field}[{wrong[0]}] is {y[wrong[0]]}; labels must be from 0 to {n_classes - 1}.")
    return None


def stratified_split(y: Array, test_fraction: float, seed: int) -> tuple[Array, Array]:
    """Indices of the training and of the test examples, the same share of every class in both.

    Shapes: y (n,) -> two ascending index arrays.
    """
    require_fraction("test_fraction", test_fraction)
    require_count("seed", seed, least=0)
    rng = np.random.default_rng(seed)
    test = np.zeros(len(y), bool)
    for label in np.unique(y):
        members = rng.permutation(np.flatnonzero(y == label))
        test[members[: round(test_fraction * len(members))]] = True
    return np.flatnonzero(~test), np.flatnonzero(test)


def random_split(n: int, test_fraction: float, seed: int) -> tuple[Array, Array]:
    """Indices of the training and of the test examples of data without classes."""
    return stratified_split(np.zeros(n, np.int64), test_fraction, seed)


def as_view(dataset: Dataset, view: str) -> Dataset:
    """The same images as flat vectors, as images with a channel, or as sequences of rows.

    Raises: BadInput for an unknown view, or data that are not images.
    """
    look_up("view", view, VIEWS)
    if dataset.image_shape is None:
        raise BadInput(f"'{dataset.name}' has no images; it has no view {view!r}.")
    height, width = dataset.image_shape
    shape = {"flat": (height * width,), "images": (1, height, width), "rows": (height, width)}[view]
    x_train = dataset.x_train.reshape(-1, *shape)
    return replace(dataset, x_train=x_train, x_test=dataset.x_test.reshape(-1, *shape))
