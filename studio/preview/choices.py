"""What the page offers: shapes, themes, parameters, recordings; and what it asks for, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from nncore.errors import BadInput, NNReelError
from studio.presets import ASPECTS, THEMES
from studio.request import Request
from studio.runs import recordings_dir


def recordings_of(request: Request, given: Sequence[Path]) -> dict[str, dict[str, str]]:
    """For each of the request's recipes the recordings there are of it: {recipe: {label: folder}}."""
    found: dict[str, dict[str, str]] = {}
    for recipe, current in request.recordings:
        cached = sorted(recordings_dir().glob(f"{recipe}-*/manifest.json"))
        folders = [Path(current), *given, *(path.parent for path in cached)]
        found[recipe] = {}
        for folder in dict.fromkeys(path.resolve() for path in folders):
            if folder == Path(current).resolve() or _is_of(folder, recipe):
                label = folder.name if folder.name not in found[recipe] else str(folder)
                found[recipe][label] = str(folder)
    return found


def _is_of(folder: Path, recipe: str) -> bool:
    from nncore.recording import Recording

    with suppress(NNReelError):
        recording = Recording.open(folder)
        return recording.name == recipe and recording.sealed
    return False


def offered(request: Request, params: Mapping[str, Any], recordings: Mapping[str, Any]) -> dict[str, Any]:
    """The choices as the page lists them, with what is chosen now."""
    chosen = dict(request.params)
    schema = [
        {"name": name, **dict(entry), "value": chosen.get(name, entry.get("default"))}
        for name, entry in params.items()
    ]
    runs = []
    for recipe, folder in request.recordings:
        labels = recordings.get(recipe, {})
        now = next((label for label, path in labels.items() if path == str(Path(folder).resolve())), "")
        runs.append({"recipe": recipe, "labels": list(labels), "value": now})
    return {
        "aspects": list(ASPECTS),
        "themes": list(THEMES),
        "aspect": request.aspect,
        "theme": request.theme,
        "captions": request.captions,
        "params": schema,
        "recordings": runs,
    }


def chosen(
    request: Request, wanted: Mapping[str, Any], recordings: Mapping[str, Mapping[str, str]]
) -> Request:
    """The request with what the page asked for.

    Raises: BadInput for anything that was not offered.
    """
    for name in wanted:
        if name not in ("aspect", "theme", "captions", "params", "recordings"):
            raise BadInput(f"the page asked for '{name}', which cannot be chosen.")
    params, runs = wanted.get("params", dict(request.params)), wanted.get("recordings", {})
    captions = wanted.get("captions", request.captions)
    if not isinstance(params, dict) or not isinstance(runs, dict) or not isinstance(captions, bool):
        raise BadInput("the page asked in a way that cannot be read.")
    folders = dict(request.recordings)
    for recipe, label in runs.items():
        if label not in recordings.get(recipe, {}):
            raise BadInput(f"there is no recording '{label}' of '{recipe}'.")
        folders[recipe] = recordings[recipe][label]
    return replace(
        request,
        aspect=str(wanted.get("aspect", request.aspect)),
        theme=str(wanted.get("theme", request.theme)),
        captions=captions,
        params=tuple(sorted((str(name), str(value)) for name, value in params.items())),
        recordings=tuple(folders.items()),
    ).checked()


def marker_of(request: Request, beat: str | None) -> str:
    """The marker that `weave` turns into this clip."""
    words = [f"{request.scene}:{beat}" if beat else request.scene]
    if request.aspect != "16:9":
        words.append(f"aspect={request.aspect}")
    if request.theme != "dark":
        words.append(f"theme={request.theme}")
    words += [f"{name}={value}" for name, value in request.params]
    return f"<!-- nnreel: {' '.join(words)} -->"
