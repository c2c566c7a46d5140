"""Which files a scene is made from, and a stream of their changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from watchfiles import Change, awatch

from studio.code import ROOT
from studio.library import SceneRef

_ROOMS = ("scenes", "nncore", "studio/manim_adapter")
#: Units: milliseconds without a change before a save counts as finished.
_QUIET = 40


def places_of(ref: SceneRef, recordings: Sequence[tuple[str, str]]) -> list[Path]:
    """The folders to watch: the project's drawing code, the user's own file's, the recordings'."""
    found = [ROOT / room for room in _ROOMS]
    if not ref.library:
        found.append(ref.source.parent)
    found += [Path(folder) for _, folder in recordings]
    return [path for path in dict.fromkeys(found) if path.is_dir()]


def matters(change: Change, path: str) -> bool:
    """Whether a changed file can change the picture: code, or what is written last in a recording."""
    name = Path(path).name
    return not name.startswith(".") and (name.endswith(".py") or name == "manifest.json")


async def changes(places: Sequence[Path], stop: asyncio.Event) -> AsyncIterator[set[Path]]:
    """The files saved together, as they are saved, until `stop`."""
    async for found in awatch(*places, watch_filter=matters, step=_QUIET, stop_event=stop, debounce=400):
        yield {Path(path) for _, path in found}
