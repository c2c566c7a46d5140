"""Plain .npy files, published whole and opened with suspicion: the only way a recording touches the disk.

Writing goes through a temporary name, fsync and rename, so a reader never meets half a file. Reading
believes nothing a file says about itself until it matches what the manifest declared.
"""

import errno
import hashlib
import json
import os
import re
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from nncore.errors import OutputError, RecordingError

MAX_HEADER = 1 << 17
MAX_JSON = 1 << 26
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*\Z")
PLAIN_DTYPES = ("<f4", "<f8", "<i4", "<i8", "|b1", "|u1")


def output_error(path: Path, error: OSError) -> OutputError:
    """The one line for a write that failed."""
    reason = "no space left on the disk" if error.errno == errno.ENOSPC else (error.strerror or str(error))
    return OutputError(f"cannot write {path}: {reason}; free some space or choose another folder")


def sync_folder(folder: Path) -> None:
    """Make renames inside `folder` durable, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish_bytes(path: Path, *chunks: bytes | memoryview) -> None:
    """Write a file under a temporary name and rename it into place once it is on the disk."""
    temporary = path.with_name(f".{path.name}.tmp")
    with open(temporary, "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def publish_array(path: Path, array: np.ndarray) -> str:
    """Publish one .npy file and return the SHA-256 of its bytes."""
    array = np.ascontiguousarray(array)
    head = npy_header(array.dtype, array.shape)
    body = array.reshape(-1).view(np.uint8).data if array.size else memoryview(b"")
    publish_bytes(path, head, body)
    digest = hashlib.sha256(head)
    digest.update(body)
    return digest.hexdigest()


def publish_json(path: Path, value: Any) -> None:
    """Publish a JSON file that a person can read."""
    publish_bytes(path, (json.dumps(value, indent=1) + "\n").encode())


def npy_header(dtype: np.dtype, shape: tuple[int, ...]) -> bytes:
    """The bytes before the data of a C-ordered .npy file (format 2.0: long headers allowed)."""
    fields = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    text = repr(fields).encode("latin1")
    padding = -(len(text) + 13) % npy.ARRAY_ALIGN
    text += b" " * padding + b"\n"
    return npy.magic(2, 0) + len(text).to_bytes(4, "little") + text


def checked_path(folder: Path, name: str) -> Path:
    """The path of a file inside the recording; names that could lead elsewhere are refused."""
    if not SAFE_NAME.match(name):
        raise RecordingError(f"{folder}: the name {name!r} could leave the recording's folder; not opened")
    path = folder / name
    if path.is_symlink():
        raise RecordingError(f"{path}: is a link; a recording holds plain files only")
    if not path.is_file():
        raise RecordingError(f"{path}: missing")
    return path


def open_array(folder: Path, name: str, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    """Map one declared array read-only, after its type, shape and size on disk all agree."""
    path = checked_path(folder, name)
    try:
        with open(path, "rb") as file:
            offset = _check_header(path, file, dtype, shape)
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror or error}") from error
    if prod(shape) == 0:
        return np.zeros(shape, dtype)
    mapped = np.memmap(path, dtype=dtype, mode="r", offset=offset, shape=shape)
    return mapped.view(np.ndarray)


def _check_header(path: Path, file: Any, dtype: np.dtype, shape: tuple[int, ...]) -> int:
    size = os.fstat(file.fileno()).st_size
    try:
        version = npy.read_magic(file)
        if version == (1, 0):
            found_shape, fortran, found = npy.read_array_header_1_0(file, max_header_size=MAX_HEADER)
        elif version == (2, 0):
            found_shape, fortran, found = npy.read_array_header_2_0(file, max_header_size=MAX_HEADER)
        else:
            raise ValueError(f"format version {version}")
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        reason = " ".join(str(error).split())[:80]
        raise RecordingError(f"{path}: not a whole .npy file ({reason})") from error
    if found.hasobject:
        raise RecordingError(f"{path}: holds Python objects; never unpickled")
    if found != dtype or found_shape != shape or (fortran and len(shape) > 1):
        raise RecordingError(f"{path}: holds {found_shape} of another type than the declared {shape}")
    expected = file.tell() + dtype.itemsize * prod(shape)
    if size != expected:
        raise RecordingError(f"{path}: {size:,} bytes instead of {expected:,}; cut off or altered")
    return int(file.tell())


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """Read a JSON object of the recording."""
    path = checked_path(folder, name)
    try:
        if path.stat().st_size > MAX_JSON:
            raise RecordingError(f"{path}: {path.stat().st_size:,} bytes is too large for a manifest")
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{path}: not valid JSON; cut off or altered") from error
    if not isinstance(value, dict):
        raise RecordingError(f"{path}: not a JSON object")
    return value


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror or error}") from error


def json_digest(value: Any) -> str:
    """SHA-256 of a JSON value, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def as_bytes(x: np.ndarray) -> np.ndarray:
    """Pixels as bytes where they are exactly whole 255ths; anything else as it is. Undone by from_bytes."""
    if not np.issubdtype(x.dtype, np.floating) or not x.size or x.min() < 0 or x.max() > 1:
        return x
    small = np.rint(x * 255).astype(np.uint8)
    return small if np.array_equal(from_bytes(small, x.dtype), x) else x


def from_bytes(small: np.ndarray, dtype: Any) -> np.ndarray:
    """The pixels that as_bytes made small."""
    return (small.astype(np.float32) / np.float32(255)).astype(dtype, copy=False)


def plain_dtype(name: Any) -> np.dtype:
    """The NumPy type of a declared name, from the short list a recording may use."""
    if name not in PLAIN_DTYPES:
        raise RecordingError(f"the type {name!r} is not one a recording may hold: {', '.join(PLAIN_DTYPES)}")
    return np.dtype(name)
