"""Datasets, and the registry a spec names them by."""

from collections.abc import Callable
from typing import Any

from nncore.datasets.dataset import Dataset, as_view, random_split, stratified_split
from nncore.datasets.digits import digits
from nncore.datasets.points import moons, spirals, xor
from nncore.registry import build

__all__ = ["DATASETS", "Dataset", "as_view", "load_dataset", "random_split", "stratified_split"]

DATASETS: dict[str, Callable[..., Dataset]] = {
    "digits": digits,
    "moons": moons,
    "spirals": spirals,
    "xor": xor,
}


def load_dataset(name: str, **options: Any) -> Dataset:
    """The dataset called `name`.

    Raises: BadInput for an unknown name or option, RecordingError for a file that cannot be used.
    """
    return build("dataset", name, DATASETS, options)
