"""Datasets, and the registry a spec names them by."""

from collections.abc import Callable
from typing import Any

from nncore.datasets.dataset import Dataset, as_view, random_split, stratified_split
from nncore.datasets.digits import digits
from nncore.datasets.faces import faces_glasses
from nncore.datasets.idx import idx
from nncore.datasets.mnist import mnist
from nncore.datasets.points import line, moons, spirals, wave, xor
from nncore.datasets.sequences import pointer
from nncore.datasets.tables import csv, npz
from nncore.registry import build

__all__ = ["DATASETS", "Dataset", "as_view", "load_dataset", "random_split", "stratified_split"]

DATASETS: dict[str, Callable[..., Dataset]] = {
    "digits": digits,
    "mnist": mnist,
    "idx": idx,
    "moons": moons,
    "spirals": spirals,
    "xor": xor,
    "line": line,
    "wave": wave,
    "csv": csv,
    "npz": npz,
    "pointer": pointer,
    "faces_glasses": faces_glasses,
}


def load_dataset(name: str, **options: Any) -> Dataset:
    """The dataset called `name`.

    Raises: BadInput for an unknown name or option, RecordingError for a file that cannot be used.
    """
    return build("dataset", name, DATASETS, options)
