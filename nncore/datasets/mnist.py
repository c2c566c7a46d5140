"""MNIST: 70,000 handwritten digits in four IDX files, from a folder, or downloaded once and checked."""

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from nncore.cache import cache_dir
from nncore.datasets.dataset import Dataset
from nncore.datasets.idx import image_dataset, read_pair
from nncore.errors import MissingPiece, OutputError, RecordingError

SOURCE = "MNIST (Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0)"
MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"
TIMEOUT = 20
MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}

Progress = Callable[[str, int, int], None]
"""Called with the file's name, the bytes so far and all the bytes (0 where the server does not say)."""


def mnist(data_dir: str = "", view: str = "flat", progress: Progress | None = None) -> Dataset:
    """The real MNIST: its own 60,000 training and 10,000 test images.

    Raises: MissingPiece where the files are neither there nor to be had, RecordingError where one is damaged.
    """
    train_images, train_labels, test_images, test_labels = mnist_files(data_dir, progress)
    x_train, y_train = read_pair(train_images, train_labels)
    x_test, y_test = read_pair(test_images, test_labels)
    if x_train.shape[1:] != x_test.shape[1:]:
        raise RecordingError(f"{test_images} has other image sizes than {train_images}.")
    x, y = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    train, test = np.split(np.arange(len(x)), [len(x_train)])
    return image_dataset("mnist", x, y, train, test, SOURCE, view)


def mnist_files(data_dir: str = "", progress: Progress | None = None) -> list[Path]:
    """The four files, from `data_dir`, else NNREEL_DATA, else the cache, downloaded there if need be."""
    named = data_dir or os.environ.get("NNREEL_DATA", "")
    if named:
        return [_in_folder(Path(named), name) for name in MD5]
    cache = cache_dir() / "mnist"
    return [_found(cache, name) or download(name, cache, progress) for name in MD5]


def _found(folder: Path, name: str) -> Path | None:
    places = (folder / name, folder / "mnist" / name, folder / name.removesuffix(".gz"))
    return next((path for path in places if path.is_file()), None)


def _in_folder(folder: Path, name: str) -> Path:
    path = _found(folder, name)
    if path is None:
        raise RecordingError(f"{folder} holds no {name}; the four MNIST files are {', '.join(MD5)}.")
    return path


def download(name: str, folder: Path, progress: Progress | None = None) -> Path:
    """One file from the mirror, published only once its MD5 is right.

    Raises: MissingPiece without a network, RecordingError for a wrong MD5, OutputError if it cannot be kept.
    """
    try:
        with urllib.request.urlopen(MIRROR + name, timeout=TIMEOUT) as response:
            size = int(response.headers.get("Content-Length") or 0)
            content = b""
            while chunk := response.read(1 << 16):
                content += chunk
                if progress:
                    progress(name, len(content), size)
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise MissingPiece(
            f"MNIST's {name} is not on this machine and cannot be downloaded ({reason}): put the four "
            f"files into {folder}, or name their folder (--data-dir, NNREEL_DATA), or use 'digits'."
        ) from None
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != MD5[name]:
        raise RecordingError(
            f"{name} from {MIRROR} is damaged: its MD5 is {found}, not {MD5[name]}. Try again."
        )
    return _publish(content, folder / name)


def _publish(content: bytes, path: Path) -> Path:
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from None
    return path
