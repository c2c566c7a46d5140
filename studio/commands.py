"""What each command does: from the command line's words to the studio's functions, and what to print."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nncore.errors import BadInput, OutputError
from studio.request import Request


def request_for(
    scene: str,
    *,
    recordings: Sequence[Path] = (),
    preset: str = "blog",
    aspect: str = "16:9",
    theme: str = "dark",
    params: Sequence[str] = (),
    captions: bool = True,
) -> Request:
    """A checked request from the command line's options, its recordings found or trained.

    Raises: BadInput for anything the scene, preset or look does not have.
    """
    pairs = []
    for text in params:
        name, equals, value = text.partition("=")
        if not equals:
            raise BadInput(f"--set takes NAME=VALUE, not '{text}'.")
        pairs.append((name.strip(), value.strip()))
    request = Request(scene, preset, aspect, theme, captions, tuple(sorted(pairs))).checked()
    if not request.ref.recorded:
        return request
    from dataclasses import replace

    from studio.runs import recordings_for

    return replace(request, recordings=recordings_for(request.ref.recipes, recordings))


def check_target(path: Path, suffix: str) -> Path:
    """The path itself, if a file of that kind can be written there.

    Raises: BadInput for another suffix, OutputError where the folder can't be written.
    """
    if path.suffix.lower() != suffix:
        raise BadInput(f"the output is a {suffix[1:].upper()} file; '{path}' should end with {suffix}.")
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a folder.")
    return path


def still(scene: str, beat: str | None, at: float | None, output: Path, **look: object) -> str:
    """One picture of a scene."""
    from studio import stills

    if beat is not None and at is not None:
        raise BadInput("give --beat or --at, not both.")
    check_target(output, ".png")
    request = request_for(scene, **look)  # type: ignore[arg-type]
    return str(stills.save(stills.still(request, beat=beat, at=at), output))


def sheet(scene: str, output: Path, columns: int | None, **look: object) -> str:
    """A contact sheet of a scene."""
    from studio import stills

    check_target(output, ".png")
    pictures = stills.sheet(request_for(scene, **look))  # type: ignore[arg-type]
    return str(stills.save(stills.montage(pictures, columns=columns), output))


def strip(scene: str, beat: str, number: int, output: Path, columns: int | None, **look: object) -> str:
    """Pictures evenly through one beat."""
    from studio import stills

    check_target(output, ".png")
    request = request_for(scene, **look)  # type: ignore[arg-type]
    pictures = stills.strip(request, beat, number)
    return str(stills.save(stills.montage(pictures, columns=columns), output))
