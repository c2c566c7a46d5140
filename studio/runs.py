"""The recordings a scene is drawn from: given by the user, found in the cache, or trained now."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nncore.cache import cache_dir
from nncore.errors import BadInput, RecordingError
from nncore.recording import Recording
from nncore.runspec import RunSpec
from studio.files import write_bytes
from studio.locks import locked
from studio.progress import Progress


def recordings_dir() -> Path:
    """Where recordings trained on demand are kept."""
    return cache_dir() / "recordings"


def recording_path(recipe: str) -> Path:
    """The cached recording of a recipe: its name and the first letters of its RunSpec's digest."""
    from nncore.recipes import recipe as find_recipe

    return path_of_spec(find_recipe(recipe).spec)


def path_of_spec(spec: RunSpec) -> Path:
    """Where the cache keeps the recording of a spec."""
    digest = hashlib.sha256(json.dumps(spec.to_json(), sort_keys=True).encode()).hexdigest()
    return recordings_dir() / f"{spec.name}-{digest[:12]}"


def ensure_recording(recipe: str, progress: Any = None) -> Path:
    """The recipe's recording in the cache, trained first where it is missing or was cut off."""
    from nncore.recipes import recipe as find_recipe
    from nncore.training import train

    spec = find_recipe(recipe).spec
    folder = recording_path(recipe)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_suffix(".lock"), wait=True):
        if not _is_whole(folder):
            train(spec, folder, progress=progress, overwrite=True)
    return folder


def recordings_for(
    recipes: Sequence[str], given: Sequence[Path], progress: Progress | None = None, *, alone: bool = True
) -> tuple[tuple[str, str], ...]:
    """(recipe, folder) for each recipe, from the folders given by the user, else from the cache.

    Given folders are matched by their recipe's name; where one folder is given for one scene (`alone`) of one
    recipe, it is drawn whatever it was trained from.

    Raises: BadInput if a folder given for this scene alone fits none of its recipes; RecordingError if one
    can't be opened.
    """
    by_name = {Recording.open(path).name: path for path in given}
    if alone and len(recipes) == 1 and len(given) == 1:
        by_name = {recipes[0]: given[0]}
    for name, path in by_name.items():
        if alone and name not in recipes:
            raise BadInput(f"{path} is a recording of '{name}'; wanted: {', '.join(recipes) or 'none'}.")
    found = []
    for recipe in recipes:
        if recipe in by_name:
            found.append((recipe, str(by_name[recipe].resolve())))
        else:
            step = progress.training(recipe) if progress else None
            found.append((recipe, str(ensure_recording(recipe, step))))
    return tuple(found)


def known(folder: Path) -> tuple[str, str] | None:
    """(name, digest) of a sealed recording that was opened before and whose files are as they were then.

    Their names, sizes and times are compared; whoever draws from it opens it, and that checks every byte.
    """
    try:
        note = json.loads(_note_of(folder).read_text(encoding="utf-8"))
        if note["signature"] == _signature(folder):
            return str(note["name"]), str(note["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def name_and_digest(folder: Path) -> tuple[str, str]:
    """What a recording is called and the digest of its content.

    Raises: RecordingError if it can't be opened.
    """
    found = known(folder)
    if found is not None:
        return found
    signature = _signature(folder)
    recording = Recording.open(folder)
    remember(recording)
    if recording.sealed:
        note = {"signature": signature, "name": recording.name, "digest": recording.digest}
        write_bytes(_note_of(folder), json.dumps(note).encode())
    return recording.name, recording.digest


def _note_of(folder: Path) -> Path:
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:24]
    return cache_dir() / "known" / f"{name}.json"


def _signature(folder: Path) -> str:
    if not folder.is_dir():
        return ""
    with os.scandir(folder) as entries:
        files = sorted((each.name, each.stat().st_size, each.stat().st_mtime_ns) for each in entries)
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()


def remember(recording: Recording) -> None:
    """Notes where a recording is, so that a clip drawn from it can be verified later without saying so."""
    write_bytes(cache_dir() / "known" / f"{recording.digest}.txt", str(recording.path.resolve()).encode())


def recall(recipe: str, digest: str) -> Recording | None:
    """The recording with that digest: where it was last drawn from, or the recipe's in the cache."""
    note = cache_dir() / "known" / f"{digest}.txt"
    places = [Path(note.read_text(encoding="utf-8"))] if note.is_file() else []
    with suppress(BadInput):
        places.append(recording_path(recipe))
    for place in places:
        if place.is_dir():
            recording = Recording.open(place)
            if recording.digest == digest:
                return recording
    return None


def _is_whole(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    try:
        return known(folder) is not None or Recording.open(folder).sealed
    except RecordingError:
        return False
