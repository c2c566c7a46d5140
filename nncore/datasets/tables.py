"""Own data: a CSV table whose last column is the label, or an NPZ file with x and y."""

import csv as csv_reader
import math
import zipfile
import zlib
from pathlib import Path

import numpy as np

from nncore.arrays import Array
from nncore.datasets.dataset import Dataset, random_split, stratified_split
from nncore.errors import BadInput, RecordingError
from nncore.registry import require


def csv(path: str = "", test_fraction: float = 0.2, seed: int = 0, task: str = "classes") -> Dataset:
    """A table of numbers, a heading line allowed; the last column is the class, or a number to predict.

    Classes may be any words or numbers; they are numbered in sorted order, numbers before words.
    """
    _check_arguments("csv", path, task)
    rows = _rows(Path(path))
    x = np.array([[_number(path, line, i, cell) for i, cell in enumerate(row[:-1], 1)] for line, row in rows])
    last = [(line, len(row), row[-1].strip()) for line, row in rows]
    source = f"CSV file {Path(path).name}"
    if task == "numbers":
        y = np.array([_number(path, line, column, cell) for line, column, cell in last])
        return _own("csv", x, y, 0, (), test_fraction, seed, source)
    for line, column, cell in last:
        if cell.lower() in ("", "nan"):
            raise BadInput(f"{path}, line {line}, column {column}: {cell!r} is not a label.")
    names = sorted({cell for _, _, cell in last}, key=_label_order)
    y = np.array([names.index(cell) for _, _, cell in last], np.int64)
    return _own("csv", x, y, len(names), tuple(names), test_fraction, seed, source)


def npz(path: str = "", test_fraction: float = 0.2, seed: int = 0, task: str = "classes") -> Dataset:
    """An NPZ file with `x` (n, ...) and `y` (n,); whole numbers in y are classes unless task = "numbers"."""
    _check_arguments("npz", path, task)
    x, y = _arrays(Path(path))
    if not (np.issubdtype(x.dtype, np.number) and np.issubdtype(y.dtype, np.number)):
        raise BadInput(f"{path}: x is {x.dtype} and y is {y.dtype}; both must be real numbers.")
    require(f"{path}: y's shape", y.shape, y.ndim == 1 and x.ndim >= 2 and len(x) == len(y), f"({len(x)},)")
    source = f"NPZ file {Path(path).name}"
    if task == "numbers":
        return _own("npz", x, y, 0, (), test_fraction, seed, source)
    whole = np.issubdtype(y.dtype, np.integer)
    require(
        f"{path}: y's type", str(y.dtype), whole, "a whole-number type; use task = 'numbers' for regression"
    )
    classes = int(y.max()) + 1 if len(y) else 0
    names = tuple(f"class {label}" for label in range(classes))
    return _own("npz", x, y, classes, names, test_fraction, seed, source)


def _own(
    name: str,
    x: Array,
    y: Array,
    classes: int,
    names: tuple[str, ...],
    fraction: float,
    seed: int,
    source: str,
) -> Dataset:
    require(f"{name}: number of examples", len(x), len(x) >= 2, "at least 2")
    y = y.astype(np.int64 if classes else np.float32)
    train, test = stratified_split(y, fraction, seed) if classes else random_split(len(y), fraction, seed)
    if np.issubdtype(x.dtype, np.floating):
        x = x.astype(np.float32)
    return Dataset(name, x[train], y[train], x[test], y[test], classes, source, None, names)


def _check_arguments(name: str, path: str, task: str) -> None:
    if not path:
        raise BadInput(f"dataset '{name}' needs 'path': the file to read.")
    require("task", task, task in ("classes", "numbers"), "'classes' or 'numbers'")


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Every row that is not blank with its line number, the heading left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv_reader.reader(file)
            rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except FileNotFoundError:
        raise RecordingError(f"{path} is missing.") from None
    except (OSError, UnicodeDecodeError, csv_reader.Error) as error:
        raise RecordingError(f"{path} cannot be read as CSV: {error}.") from None
    if rows and not any(_is_number(cell) for cell in rows[0][1]):
        rows = rows[1:]
    if not rows:
        raise BadInput(f"{path} has no rows of numbers.")
    width = len(rows[0][1])
    require(f"{path}: number of columns", width, width >= 2, "at least 2: one input and the label")
    for line, row in rows:
        if len(row) != width:
            raise BadInput(f"{path}, line {line}: {len(row)} columns; the first row has {width}.")
    return rows


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(path: str, line: int, column: int, cell: str) -> float:
    value = float(cell) if _is_number(cell) else math.nan
    if not math.isfinite(value):
        raise BadInput(f"{path}, line {line}, column {column}: {cell.strip()!r} is not a finite number.")
    return value


def _label_order(label: str) -> tuple[bool, float, str]:
    return (False, float(label), label) if _is_number(label) else (True, 0.0, label)


def _arrays(path: Path) -> tuple[Array, Array]:
    try:
        with path.open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise RecordingError(f"{path} is not an NPZ file.")
            missing = [name for name in ("x", "y") if name not in archive.files]
            if missing:
                raise BadInput(f"{path} has no array '{missing[0]}'; it needs x and y.")
            return archive["x"], archive["y"]
    except FileNotFoundError:
        raise RecordingError(f"{path} is missing.") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        reason = str(error).splitlines()[0] if str(error) else "it is cut off"
        raise RecordingError(f"{path} cannot be read as NPZ: {reason}.") from None
