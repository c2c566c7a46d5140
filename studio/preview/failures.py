"""Errors as a reader of code wants them: what, where, the lines around it, the way there."""

from __future__ import annotations

import linecache
import traceback
from pathlib import Path
from typing import Any

from nncore.errors import NNReelError
from studio.code import ROOT

_AROUND = 3
_OWN = ("scenes", "nncore")


def described(error: BaseException, own: Path | None = None) -> dict[str, Any]:
    """An error as JSON: title, place, excerpt [(line number, text, whether it is the one)] and traceback.

    `own` is the scene's file; the place is the last line of the traceback in it, in the scenes or the core.
    """
    if isinstance(error.__cause__, SyntaxError):
        error = error.__cause__  # the file's own fault says more than ours
    file, line, function = _place(error, own)
    title = str(error) if isinstance(error, NNReelError) else f"{type(error).__name__}: {_message(error)}"
    place = f"{_short(file)}:{line}" + (f" in {function}" if function else "") if file else ""
    return {
        "title": title,
        "place": place,
        "excerpt": _excerpt(file, line) if file else [],
        "trace": "".join(traceback.format_exception(error))[-8000:],
    }


def lost(code: int | None) -> dict[str, Any]:
    """A worker process that ended without a word."""
    return {"title": f"The drawing process ended with code {code}.", "place": "", "excerpt": [], "trace": ""}


def _message(error: BaseException) -> str:
    return error.msg if isinstance(error, SyntaxError) else str(error)


def _place(error: BaseException, own: Path | None) -> tuple[str, int, str]:
    if isinstance(error, SyntaxError):
        file = error.filename or ""
        return file if Path(file).is_file() else str(own or file), error.lineno or 1, ""
    if isinstance(error, NNReelError) and error.__cause__ is None:
        return "", 0, ""
    frames = traceback.extract_tb((error.__cause__ or error).__traceback__)
    mine = [each for each in frames if _is_own(each.filename, own)] or list(frames)
    return (mine[-1].filename, mine[-1].lineno or 1, mine[-1].name) if mine else ("", 0, "")


def _is_own(file: str, own: Path | None) -> bool:
    path = Path(file)
    return path == own or any(path.is_relative_to(ROOT / room) for room in _OWN)


def _short(file: str) -> str:
    path = Path(file)
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def _excerpt(file: str, line: int) -> list[tuple[int, str, bool]]:
    linecache.checkcache(file)
    lines = linecache.getlines(file)
    numbers = range(max(1, line - _AROUND), min(len(lines), line + _AROUND) + 1)
    return [(number, lines[number - 1].rstrip("\n"), number == line) for number in numbers]
