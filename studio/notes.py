"""JSON notes in the user's cache: what was found once and is not looked for again."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from nncore.cache import cache_dir
from studio.files import write_bytes


def known(name: str) -> Path:
    """Where the notes of that name are."""
    return cache_dir() / "known" / f"{name}.json"


class Notes(dict[str, Any]):
    """The notes in a file, to be added to and never changed.

    An absent or damaged file holds none; more than `most` are forgotten together.
    """

    def __init__(self, path: Path, most: int) -> None:
        super().__init__()
        self._path = path
        with suppress(OSError, ValueError):
            found = json.loads(path.read_bytes())
            if isinstance(found, dict) and len(found) <= most:
                self.update(found)
        self._written = len(self)

    def remember(self) -> None:
        """Writes the notes for the next run, where there are new ones."""
        notes = dict(self)  # another thread may add to them
        if len(notes) != self._written:
            write_bytes(self._path, json.dumps(notes).encode())
            self._written = len(notes)
