"""What each command does: from the command line's words to the studio's functions, and what to print."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nncore.errors import BadInput, MissingPiece, OutputError, RecordingError
from studio.forks import start_ahead
from studio.presets import ASPECTS, THEMES, check_aspect, check_theme
from studio.progress import Progress
from studio.request import Request, clip_name, library_scenes

ALL = "all"


def request_for(
    scene: str,
    *,
    preset: str = "blog",
    aspect: str = "16:9",
    theme: str = "dark",
    params: Sequence[str] = (),
    captions: bool = True,
) -> Request:
    """A checked request from the command line's options, without recordings.

    Raises: BadInput for anything the scene, preset or look does not have.
    """
    pairs = []
    for text in params:
        name, equals, value = text.partition("=")
        if not equals:
            raise BadInput(f"--set takes NAME=VALUE, not '{text}'.")
        pairs.append((name.strip(), value.strip()))
    return Request(scene, preset, aspect, theme, captions, tuple(sorted(pairs))).checked()


def chosen(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """The names in a comma-separated list, each once; "all" stands for every known one."""
    if text == ALL:
        return tuple(known)
    return tuple(dict.fromkeys(name.strip() for name in text.split(",")))


def requests_for(
    scenes: Sequence[str], everything: bool, *, aspect: str = "16:9", theme: str = "dark", **look: Any
) -> list[Request]:
    """A checked request for every scene in every shape and theme asked for, without recordings.

    Raises: BadInput where nothing, or everything and something, is asked for, or for an unknown name.
    """
    if everything and scenes:
        raise BadInput("name scenes or give --all, not both.")
    if everything:
        from scenes.registry import scene_infos

        scenes = [info.name for info in scene_infos()]
    if not scenes:
        raise BadInput("no scene named; `list` shows them, and --all draws every one.")
    aspects = tuple(map(check_aspect, chosen(aspect, ASPECTS)))
    themes = tuple(map(check_theme, chosen(theme, THEMES)))
    return [
        request_for(scene, aspect=each_aspect, theme=each_theme, **look)
        for scene in scenes
        for each_aspect in aspects
        for each_theme in themes
    ]


def with_recordings(
    requests: Sequence[Request], given: Sequence[Path], progress: Progress | None = None
) -> list[Request]:
    """The requests with their recordings: those given, those in the cache, or trained now."""
    from studio.runs import recordings_for

    alone = len({request.scene for request in requests}) == 1
    found: dict[tuple[str, ...], Any] = {}
    for request in requests:
        recipes = request.ref.recipes
        if recipes not in found:
            found[recipes] = recordings_for(recipes, given, progress, alone=alone)
    return [replace(request, recordings=found[request.ref.recipes]) for request in requests]


def check_recordings(given: Sequence[Path]) -> None:
    """Raises: RecordingError if one of the folders is no recording."""
    if given:
        from nncore.recording import Recording

        for folder in given:
            Recording.open(folder)


def drawn_alone(scene: str, recordings: Sequence[Path] = (), **look: Any) -> Request:
    """One scene's request with its recordings, trained with progress where they are missing."""
    request = request_for(scene, **look)
    check_recordings(recordings)
    with Progress() as progress:
        return with_recordings([request], recordings, progress)[0]


def check_target(path: Path, suffix: str) -> Path:
    """The path itself, if a file of that kind can be written there.

    Raises: BadInput for another suffix, OutputError where the folder can't be written.
    """
    if path.suffix.lower() != suffix:
        raise BadInput(f"the output is a {suffix[1:].upper()} file; '{path}' should end with {suffix}.")
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a folder.")
    return path


def still(scene: str, beat: str | None, at: float | None, output: Path, **look: Any) -> str:
    """One picture of a scene."""
    from studio import stills

    if beat is not None and at is not None:
        raise BadInput("give --beat or --at, not both.")
    check_target(output, ".png")
    request = drawn_alone(scene, **look)
    return str(stills.save(stills.still(request, beat=beat, at=at), output))


def strip(scene: str, beat: str, number: int, output: Path, columns: int | None, **look: Any) -> str:
    """Pictures evenly through one beat."""
    from studio import stills

    check_target(output, ".png")
    request = drawn_alone(scene, **look)
    pictures = stills.strip(request, beat, number)
    return str(stills.save(stills.montage(pictures, columns=columns), output))


def render(
    scenes: Sequence[str],
    output: Path,
    workers: int | None,
    *,
    everything: bool = False,
    recordings: Sequence[Path] = (),
    engine: Mapping[str, Any] | None = None,
    sound: str = "off",
    **look: Any,
) -> str:
    """One clip for each scene, shape and theme, with a sounding copy if asked; returns their paths."""
    requests = requests_for(scenes, everything, **look)
    check_recordings(recordings)
    check_folder(output)
    elsewhere = engine and engine.get("scheduler")
    if not elsewhere and not all((output / clip_name(request)).is_file() for request in requests):
        start_ahead(library_scenes(requests))
    from studio.engines import opened
    from studio.outputs import Clip
    from studio.outputs import render as render_clips

    with Progress() as progress:
        requests = with_recordings(requests, recordings, progress)
        clips = [Clip(output / clip_name(request), (request,)) for request in requests]
        with opened(workers=workers, **(engine or {})) as place:
            paths = render_clips(clips, progress, place)
    if sound == "off":
        return "\n".join(map(str, paths))
    from studio.film.clip_sound import sounding_copies

    copies, notes = sounding_copies(paths, sound)
    return "\n".join([*map(str, paths), *map(str, copies), *notes])


def check_folder(path: Path) -> Path:
    """The path itself, if it is a folder that can be written to, made where it is missing.

    Raises: OutputError where it can't.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write to {path}: {error.strerror}.") from error
    if not os.access(path, os.W_OK):
        raise OutputError(f"cannot write to {path}: no permission.")
    return path


def demo(output: Path, recordings: Sequence[Path], workers: int | None, preset: str) -> str:
    """Makes the demo film."""
    from studio.demo import demo as make

    return str(make(check_folder(output), recordings=recordings, workers=workers, preset=preset))


def verify(clip: Path, recordings: Sequence[Path]) -> str:
    """Checks a clip against its recordings.

    Raises: RecordingError with one line for each disagreement.
    """
    from studio.verify import verify as check

    wrong = check(clip, recordings)
    if wrong:
        raise RecordingError("\n".join([*wrong, f"{clip}: {len(wrong)} disagreement(s)."]))
    return f"{clip}: every number agrees with its recording, and the run replays."


def doctor() -> str:
    """Looks whether this machine can do the work.

    Raises: MissingPiece naming what is not in order.
    """
    from studio.doctor import examine

    findings = examine()
    lines = [f"{'ok' if each.ok else 'MISSING':<8}{each.name:<10} {each.found}" for each in findings]
    wrong = [each.name for each in findings if not each.ok]
    if wrong:
        raise MissingPiece("\n".join([*lines, f"not in order: {', '.join(wrong)}"]))
    return "\n".join(lines)


def cache(action: str) -> str:
    """Says what the cache of drawn segments holds, or empties it."""
    from studio.segments import SIZE_LIMIT, SegmentStore

    store = SegmentStore()
    if action == "clear":
        return f"{store.clear()} segments removed from {store.folder}"
    used, limit = store.size() / 1e6, SIZE_LIMIT / 1e6
    return f"{store.folder}\n{store.count()} segments, {used:.1f} MB of at most {limit:,.0f} MB"
