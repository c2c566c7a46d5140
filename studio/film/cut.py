"""The cut: a film file with its recordings, its lines spoken, and from these what is drawn and for how long.

Everything that can be wrong with a film is found here, before anything is drawn.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nncore.errors import BadInput
from nncore.recording import Recording
from studio.code import Code
from studio.film.options import Options
from studio.film.pictures import Take, keys_of, plan_of, takes_of
from studio.film.shots import Film
from studio.film.subtitles import Translation, read_translation, too_long_to_burn
from studio.film.timing import Said
from studio.film.voice import Voice, voice_for
from studio.film.words import line_of
from studio.keys import versions
from studio.request import Request

#: A line's place in the film: the shot's number (-1: the title card) and the beat.
Spot = tuple[int, str]


@dataclass(frozen=True)
class Cut:
    """A film ready to be drawn.

    `folders` and `recordings` are by recipe; one that was never trained is missing in a cut made to check.
    """

    film: Film
    options: Options
    look: Request
    voice: Voice
    translation: Translation | None
    folders: Mapping[str, str]
    recordings: Mapping[str, Recording]
    said: Mapping[Spot, Said]

    @cached_property
    def takes(self) -> list[Take]:
        return takes_of(self.film, self.look, self.folders, self.said)

    @cached_property
    def plans(self) -> list[Any]:
        code = Code()
        plans = [plan_of(take, code) for take in self.takes]
        code.remember()
        return plans

    @property
    def key(self) -> str:
        """Digest of everything that decides any of the film's files."""
        options = self.options
        about = {
            "film": [
                self.film.name,
                self.film.title,
                self.film.subtitle,
                self.film.credits,
                self.film.thumbnail,
            ],
            "language": [self.film.language, self.film.music],
            "chapters": [[take.chapter, take.dissolves] for take in self.takes],
            "segments": keys_of(self.plans),
            "lines": [
                [*spot, said.line.text, said.spoken.digest, said.also] for spot, said in self.said.items()
            ],
            "sound": [options.sound, options.loudness, sounds_digest()],
            "translation": self.translation and self.translation.language,
            "code": film_code(),
            "versions": versions(),
        }
        return hashlib.sha256(json.dumps(about, sort_keys=True, default=list).encode()).hexdigest()

    def missing_translations(self) -> list[str]:
        """The lines that the translation lacks, by name."""
        names = [said.line.name for said in self.said.values()]
        return self.translation.missing(names) if self.translation else []

    def translated(self, said: Said) -> str:
        """A line in the other language; where it is missing, in the film's own."""
        assert self.translation is not None
        return said.also[0] if said.also else said.line.text


class Opened(Mapping[str, Recording]):
    """Recordings by recipe; each is opened when it is first asked for."""

    def __init__(self, folders: Mapping[str, str]) -> None:
        self._folders = folders
        self._open: dict[str, Recording] = {}

    def __getitem__(self, recipe: str) -> Recording:
        if recipe not in self._open:
            self._open[recipe] = Recording.open(Path(self._folders[recipe]))
        return self._open[recipe]

    def __contains__(self, recipe: object) -> bool:
        return recipe in self._folders

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)


def make_cut(film: Film, options: Options, folders: Mapping[str, str]) -> Cut:
    """Fills in the facts and has every line spoken. `folders` are the recordings by recipe.

    Raises: BadInput or MissingPiece with one line for each thing that is wrong with a line.
    """
    options.checked()
    voice = voice_for(options.voice, film.language)
    look = options.look(film, speaks=voice.speaks)
    translation = read_translation(options.translation, film) if options.translation else None
    recordings = Opened(folders)
    cut = Cut(film, options, look, voice, translation, folders, recordings, {})
    said: dict[Spot, Said] = {}
    problems: list[BadInput] = []
    for spot, template, place in _templates(film):
        try:
            said[spot] = _said(cut, spot, template, place)
        except BadInput as error:  # a program that fails would fail, or hang, for every line: that ends here
            problems.append(error)
    if problems:
        raise BadInput("\n".join(map(str, problems)))
    return Cut(film, options, look, voice, translation, folders, recordings, said)


def _templates(film: Film) -> list[tuple[Spot, str, str]]:
    """(spot, words, place) of every line of the film."""
    found = [((-1, "title"), film.opening, film.opening_place)] if film.opening else []
    for index, shot in enumerate(film.shots):
        found += [((index, beat), shot.words(beat), shot.place_of(beat)) for beat in shot.beats]
    return found


def _said(cut: Cut, spot: Spot, template: str, place: str) -> Said:
    index, beat = spot
    scene = cut.film.shots[index].name if index >= 0 else ""
    recipes = cut.film.shots[index].ref.recipes if index >= 0 else ()
    known = not recipes or recipes[0] in cut.recordings
    name = f"{scene}.{beat}" if scene else beat
    other = cut.translation.template(name) if cut.translation else None
    facts = recipes and known and "{" in template + (other or "")
    recording = cut.recordings[recipes[0]] if facts else None
    line = line_of(scene, beat, template if known else unfilled(template), recording, place)
    if cut.look.captions and too_long_to_burn(line.text):
        raise BadInput(
            f"{place}: {len(line.text)} characters do not fit two lines of 42; shorten it or --no-burn."
        )
    also: tuple[str, ...] = ()
    if cut.translation and other:
        where = f"{cut.translation.path} ({line.name})"
        also = (line_of(scene, beat, other if known else unfilled(other), recording, where).text,)
    return Said(line, cut.voice.speak(line), also)


def unfilled(template: str) -> str:
    """The words with a number's room where a fact would stand."""
    from string import Formatter

    parts = [text + ("" if name is None else "0.00") for text, name, _, _ in Formatter().parse(template)]
    return "".join(parts)


def sounds_digest() -> str:
    """What decides which numbers are heard."""
    from studio.film.sound.data import SOUNDS

    return hashlib.sha256(SOUNDS.read_bytes()).hexdigest()


def film_code() -> str:
    """Digest of this package: a change of it makes the film anew, though not its pictures."""
    here = Path(__file__).parent
    data = b"".join(path.read_bytes() for path in sorted(here.rglob("*.py")))
    return hashlib.sha256(data).hexdigest()
