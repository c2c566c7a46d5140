"""What the project's modules in this process were when they were loaded, and whether they still are."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from studio.code import ROOMS

_LOADED: dict[str, str] = {}


def note() -> None:
    """Remembers the modules loaded since the last call; a forked process knows what its server noted."""
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if name.split(".")[0] in ROOMS and path and name not in _LOADED:
            _LOADED[name] = _digest(Path(path))


def outdated() -> str:
    """The first module whose file is no longer what this process has loaded, or ""."""
    for name, digest in _LOADED.items():
        module = sys.modules.get(name)
        if module is not None and _digest(Path(str(module.__file__))) != digest:
            return name
    return ""


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
