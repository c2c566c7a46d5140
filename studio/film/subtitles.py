"""Captions that can be read: at most two short lines at a time, never too fast; translations."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nncore.errors import BadInput, did_you_mean
from scenes.kit.beats import CAPTION_LINE, CAPTION_LINES
from studio.captions import Cue
from studio.film.script import read_toml
from studio.film.shots import Film
from studio.film.timing import Timeline
from studio.film.words import problem_with

#: Cues end this many seconds before the next begins, or this share of themselves, so that a change is seen.
_GAP, _GAP_SHARE = 0.04, 0.04


@dataclass(frozen=True)
class Translation:
    """A film's lines in another language, by `Scene.beat`; `title` is what is said over the title card."""

    language: str
    lines: Mapping[str, str]
    path: Path

    def template(self, name: str) -> str | None:
        """The line of that name, if it was translated."""
        return self.lines.get(name)

    def missing(self, names: Sequence[str]) -> list[str]:
        """The names that have no line."""
        return [name for name in dict.fromkeys(names) if name not in self.lines]


def read_translation(path: Path, film: Film) -> Translation:
    """The lines in a translation file: `language`, then `[lines]` with one `"Scene.beat" = "words"` each.

    Raises: BadInput with one line for each problem.
    """
    text, table = read_toml(path)
    known = ["title", *(f"{shot.name}.{beat}" for shot in film.shots for beat in shot.beats)]
    rows = text.splitlines()
    problems = []
    language, lines = table.get("language"), table.get("lines")
    if not isinstance(language, str) or not language.replace("-", "").isalnum():
        problems.append(f'{path}: language is missing, such as language = "de".')
    for field in sorted(set(table) - {"language", "lines"}):
        row = next((i for i, each in enumerate(rows, 1) if each.lstrip().startswith(field)), 1)
        hint = did_you_mean(field, ("language", "lines"))
        problems.append(f"{path}:{row}: no field '{field}'.{hint} Fields: language, lines.")
    if not isinstance(lines, dict):
        problems.append(f"{path}: the table [lines] is missing.")
    for name, words in (lines if isinstance(lines, dict) else {}).items():
        row = next((i for i, each in enumerate(rows, 1) if name in each), 1)
        if name not in known:
            problems.append(f"{path}:{row}: the film has no line '{name}'.{did_you_mean(name, known)}")
        elif problem := problem_with(words):
            problems.append(f"{path}:{row}: {problem}")
    if problems:
        raise BadInput("\n".join(problems))
    return Translation(str(language), dict(lines or {}), path)


def cues_for(timeline: Timeline, texts: Mapping[int, str]) -> list[Cue]:
    """The captions; `texts` gives the words of moments by their index.

    A text too long for two lines is split, and the time of its moment with it, by its characters.
    """
    cues = []
    for index, moment in enumerate(timeline.moments):
        if not texts.get(index):
            continue
        start, end = timeline.start(moment), timeline.end(moment)
        pages = paged(texts[index])
        total = sum(map(len, pages))
        at = start
        for number, page in enumerate(pages):
            until = end if number == len(pages) - 1 else at + (end - start) * len(page) / total
            name = moment.beat if len(pages) == 1 else f"{moment.beat}-{number + 1}"
            gap = min(_GAP, _GAP_SHARE * (until - at))
            cues.append(Cue(name, round(at, 3), round(until - gap, 3), page))
            at = until
    return cues


def paged(text: str) -> list[str]:
    """The text as pages of at most two lines, as even as they can be; lines are parted by newlines."""
    from scenes.kit.text import wrap_characters

    rows = len(wrap_characters(text, CAPTION_LINE))
    if rows <= CAPTION_LINES:
        return ["\n".join(wrap_characters(text, CAPTION_LINE))]
    pages = -(-rows // CAPTION_LINES)
    while True:
        parts = wrap_characters(text, max(CAPTION_LINE, -(-len(text) // pages) + 8))
        broken = [wrap_characters(part, CAPTION_LINE) for part in parts]
        if all(len(lines) <= CAPTION_LINES for lines in broken):
            return ["\n".join(lines) for lines in broken]
        pages += 1


def too_long_to_burn(text: str) -> bool:
    """Whether the text does not fit the caption strip at once."""
    return len(textwrap.wrap(text, CAPTION_LINE)) > CAPTION_LINES
