"""Derived arrays: what is expensive to compute from a recording is computed once and kept in a cache.

The key is the content of the recordings, the computation's name and version, and its arguments. An entry is
an .npz with a check sum, published by rename; one that cannot be read is computed again.
"""

import contextlib
import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nncore.cache import cache_dir
from nncore.npyfiles import json_digest

Arrays = dict[str, np.ndarray]


def derived(
    name: str, version: int, digests: Sequence[str], args: Mapping[str, Any], compute: Callable[[], Arrays]
) -> Arrays:
    """The arrays of a computation, from the cache or computed now."""
    key = json_digest([name, version, list(digests), dict(args)])[:40]
    path = cache_dir() / "derived" / f"{name}-{key}.npz"
    found = _read(path)
    if found is None:
        found = compute()
        _write(path, found)
    return found


def _read(path: Path) -> Arrays | None:
    try:
        content = path.read_bytes()
        body, check = content[:-32], content[-32:]
        if hashlib.sha256(body).digest() != check:
            return None
        with np.load(io.BytesIO(body), allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None


def _write(path: Path, arrays: Arrays) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    body = buffer.getvalue()
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(body + hashlib.sha256(body).digest())
        os.replace(temporary, path)
    except OSError:  # a cache that cannot be written costs time, nothing else
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
