"""What one snapshot file holds, and which steps get one.

A snapshot is a single structured record: parameters, batch gradient, optimizer state, dropout masks, probe
values, and the log rows of the steps since the snapshot before. One file, so one rename publishes it whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from nncore.errors import RecordingError
from nncore.npyfiles import plain_dtype

EVALS = ("loss_train", "loss_test", "accuracy_train", "accuracy_test")
NUMBERS = ("loss_batch", "learning_rate", "epoch", *EVALS)
PROBE_EXTRAS = ("attention", "hidden")
Field = tuple[str, str, tuple[int, ...]]


@dataclass(frozen=True)
class Layout:
    """The declared fields of a snapshot: name such as `param 1.W`, type, shape; the log's batch and keys."""

    fields: tuple[Field, ...]
    keys: tuple[str, ...]
    batch_size: int

    def log_dtype(self) -> np.dtype:
        """One row per step; evaluation columns are NaN where nothing was evaluated."""
        numbers = [(name, "<f8") for name in NUMBERS]
        norms = ("grad_norms", "<f8", (len(self.keys),))
        return np.dtype([*numbers, norms, ("batch_length", "<i8"), ("batch", "<i8", (self.batch_size,))])

    def dtype(self, rows: int) -> np.dtype:
        """The type of a snapshot that carries `rows` log rows."""
        ordered = sorted(self.fields, key=lambda field: -np.dtype(field[1]).itemsize)  # keeps arrays aligned
        log = ("log", self.log_dtype(), (rows,))
        return np.dtype([log, *((name, dtype, shape) for name, dtype, shape in ordered)])

    def nbytes(self) -> int:
        """Bytes of one snapshot without its log rows."""
        return sum(np.dtype(dtype).itemsize * prod(shape) for _, dtype, shape in self.fields)

    def shape(self, field: str) -> tuple[int, ...]:
        """The declared shape of a field."""
        return next(shape for name, _, shape in self.fields if name == field)

    def names(self, kind: str) -> list[str]:
        """The keys recorded under a kind: `param`, `grad`, `state`, `buffer`, `mask`, `z`, `a`."""
        return [name.partition(" ")[2] for name, _, _ in self.fields if name.startswith(kind + " ")]

    def to_json(self) -> dict[str, Any]:
        """The manifest's form."""
        fields = [[name, dtype, list(shape)] for name, dtype, shape in self.fields]
        return {"fields": fields, "keys": list(self.keys), "batch_size": self.batch_size}

    @classmethod
    def from_json(cls, value: Any) -> "Layout":
        """Read a manifest's layout, believing nothing. Raises: RecordingError."""
        try:
            fields = tuple((str(n), plain_dtype(d).str, _shape(s)) for n, d, s in value["fields"])
            keys = tuple(str(key) for key in value["keys"])
            layout = cls(fields, keys, _shape([value["batch_size"]])[0])
            layout.dtype(1)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise RecordingError(f"the snapshot layout is not readable ({error})") from error
        return layout


def layout_of(arrays: Mapping[str, np.ndarray], keys: Sequence[str], batch_size: int) -> Layout:
    """The layout that holds these named arrays."""
    fields = tuple((name, _plain(array).dtype.str, array.shape) for name, array in arrays.items())
    return Layout(fields, tuple(keys), batch_size)


def _plain(array: np.ndarray) -> np.ndarray:
    plain_dtype(array.dtype.str)
    return array


def _shape(value: Any) -> tuple[int, ...]:
    if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in value):
        raise ValueError(f"shape {value!r}")
    return tuple(value)


def plan_steps(n_steps: int, count: int, dense: int = 12) -> np.ndarray:
    """The steps that get a snapshot: every one at the start, then ever further apart, always the end.

    Shapes: (at most max(count, 2),), ascending from 0 to n_steps.
    """
    if count >= n_steps + 1:
        return np.arange(n_steps + 1)
    count = max(count, 2)
    dense = min(dense, count // 2)
    start = np.arange(dense + 1)
    wanted = count - len(start)
    points, steps = wanted, start
    while points <= 4 * count:
        tail = np.rint(np.geomspace(max(dense, 1), n_steps, points + 1)).astype(int)
        candidate = np.union1d(start, tail)
        if len(candidate) > count:
            break
        steps, points = candidate, points + 1
    return np.union1d(steps[: count - 1], [n_steps])
