"""IDX, the format MNIST comes in: a magic number, the sizes, then the bytes; every size is checked."""

import gzip
import zlib
from math import prod
from pathlib import Path

import numpy as np

from nncore.arrays import Array
from nncore.datasets.dataset import Dataset, as_view, stratified_split
from nncore.errors import BadInput, RecordingError

IMAGES, LABELS = 0x00000803, 0x00000801  # unsigned bytes in three dimensions, in one
LARGEST = 1 << 31


def read_idx(path: str | Path, magic: int) -> Array:
    """The array in an IDX file, gzipped or plain.

    Shapes: (n, height, width) for IMAGES, (n,) for LABELS; uint8.
    Raises: RecordingError naming the file and what is wrong with it.
    """
    path = Path(path)
    content = _content(path)
    dimensions = magic & 0xFF
    start = 4 + 4 * dimensions
    found = int.from_bytes(content[:4], "big")
    if len(content) < start:
        raise RecordingError(f"{path} is cut off: {len(content)} bytes do not hold an IDX header of {start}.")
    if found != magic:
        raise RecordingError(
            f"{path} is not the IDX file expected: its magic number is {found}, not {magic}."
        )
    shape = tuple(int.from_bytes(content[i : i + 4], "big") for i in range(4, start, 4))
    expected, held = prod(shape), len(content) - start
    if held != expected:
        problem = "is cut off" if held < expected else "is longer than its header says"
        raise RecordingError(f"{path} {problem}: {held} bytes of data, {expected} expected for {shape}.")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _content(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        if raw[:2] != b"\x1f\x8b":
            return raw
        with gzip.open(path) as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise RecordingError(f"{path} is missing.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise RecordingError(f"{path} cannot be read: {error}.") from None
    if len(content) > LARGEST:
        raise RecordingError(
            f"{path} unpacks to more than {LARGEST >> 30} GB; no dataset here is that large."
        )
    return content


def read_pair(images: str | Path, labels: str | Path) -> tuple[Array, Array]:
    """Images as float32 in [0, 1], with their labels.

    Shapes: (n, height, width), (n,) int64.
    Raises: RecordingError naming the file and what is wrong with it.
    """
    pixels, y = read_idx(images, IMAGES), read_idx(labels, LABELS)
    if len(pixels) != len(y):
        raise RecordingError(f"{images} holds {len(pixels)} images, but {labels} {len(y)} labels.")
    if not pixels.size:
        raise RecordingError(f"{images} holds no images.")
    return pixels.astype(np.float32) / np.float32(255), y.astype(np.int64)


def idx(
    images: str = "", labels: str = "", test_fraction: float = 0.2, seed: int = 0, view: str = "flat"
) -> Dataset:
    """Any pair of IDX files of images and labels, split by class."""
    for name, value in (("images", images), ("labels", labels)):
        if not value:
            raise BadInput(f"dataset 'idx' needs '{name}': the path of an IDX file.")
    x, y = read_pair(images, labels)
    train, test = stratified_split(y, test_fraction, seed)
    return image_dataset("idx", x, y, train, test, f"IDX file {Path(images).name}", view)


def image_dataset(
    name: str, x: Array, y: Array, train: Array, test: Array, source: str, view: str
) -> Dataset:
    """A dataset of images, from all examples and the indices of the two parts.

    Shapes: x (n, height, width).
    """
    height, width = x.shape[1:]
    flat, classes = x.reshape(len(x), -1), int(y.max()) + 1
    names = tuple(str(label) for label in range(classes))
    parts = (flat[train], y[train], flat[test], y[test])
    return as_view(Dataset(name, *parts, classes, source, (height, width), names), view)
