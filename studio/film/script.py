"""Reads a film file: what is shown and said in which order; every problem has its line.

A film file is TOML: the film's own fields, then one `[[scene]]` for each scene or part of one, in order.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from nncore.errors import BadInput, did_you_mean
from studio.film.shots import Film, Shot, entered
from studio.film.words import problem_with
from studio.library import SceneRef, find_scene
from studio.presets import check_aspect, check_theme

FILMS = Path(__file__).resolve().parents[2] / "assets" / "films"
#: Characters of a title, a chapter's name or a line of the credits.
LONGEST_ON_CARD = 100
#: Characters of a chapter's name that stand over its pictures, beside a step counter.
LONGEST_HEADING = 26
#: A beat can be held for this many seconds.
LONGEST_BEAT = 60.0
TRANSITIONS = ("cut", "dissolve", "card")
_FILM_FIELDS: dict[str, type | tuple[type, ...]] = {
    "title": str,
    "subtitle": str,
    "opening": str,
    "aspect": str,
    "theme": str,
    "language": str,
    "music": (int, float),
    "transition": str,
    "thumbnail": str,
    "credits": list,
    "scene": list,
}
_SHOT_FIELDS: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "chapter": str,
    "beats": list,
    "transition": str,
    "params": dict,
    "lines": dict,
    "seconds": dict,
}


def films() -> dict[str, Path]:
    """The films that ship with the project, by name."""
    return {path.stem: path for path in sorted(FILMS.glob("*.toml"))}


def read_film(name: str) -> Film:
    """The film of that name, or the one in the file of that path.

    Raises: BadInput with one line for each problem, each with its place.
    """
    path = Path(name)
    if path.suffix != ".toml":
        if name not in films():
            known = ", ".join(films())
            raise BadInput(f"no film '{name}'.{did_you_mean(name, films())} Films: {known}; or a .toml file.")
        path = films()[name]
    text, table = read_toml(path)
    return _Reader(path, text, table).film()


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """(text, content) of a TOML file.

    Raises: BadInput if it can't be read or is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except FileNotFoundError:
        raise BadInput(f"no file {path}.") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        place = f"{path}:{found[1]}" if found else f"{path}"
        raise BadInput(f"{place}: not TOML: {str(error).split(' (at')[0]}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}.") from error


class _Reader:
    """Turns a film file's content into a Film and collects what is wrong with it."""

    def __init__(self, path: Path, text: str, table: dict[str, Any]) -> None:
        self.path, self.table = path, table
        self.rows = text.splitlines()
        heads = [i for i, row in enumerate(self.rows) if re.match(r"\s*\[\[\s*scene\s*\]\]", row)]
        self.spans = list(zip(heads, [*heads[1:], len(self.rows)], strict=False))
        self.head = (0, heads[0] if heads else len(self.rows))
        self.problems: list[str] = []
        self.chapter = ""

    def film(self) -> Film:
        """The film. Raises: BadInput with all problems found."""
        self._check_fields(self.table, _FILM_FIELDS, self.head)
        shots = () if self.problems else tuple(self._shots())
        film = None if self.problems else self._assembled(shots)
        if self.problems or film is None:
            raise BadInput("\n".join(self.problems))
        return film

    def _assembled(self, shots: tuple[Shot, ...]) -> Film:
        own = {key: self.table[key] for key in _FILM_FIELDS if key in self.table and key != "scene"}
        own.pop("transition", None)
        own["credits"] = tuple(own.get("credits", ()))
        if "opening" in own:
            self._check_words(own["opening"], self._at(self.head, "opening"))
        for key in ("title", "subtitle", "credits"):
            for words in own["credits"] if key == "credits" else [own.get(key, "none")]:
                self._check_card(words, self.head, key)
        for key, check in (("aspect", check_aspect), ("theme", check_theme)):
            self._try(
                lambda key=key, check=check: check(own.get(key, Film.__dataclass_fields__[key].default))
            )
        if not 0 <= own.get("music", 0) <= 1:
            self._wrong(self.head, "music", f"music is {own['music']}; it takes 0 to 1.")
        if not shots:
            self.problems.append(f"{self.path}: a film needs at least one [[scene]].")
        shown = [f"{shot.name}.{beat}" for shot in shots for beat in shot.beats]
        if own.get("thumbnail") and own["thumbnail"] not in shown:
            hint = did_you_mean(own["thumbnail"], shown)
            self._wrong(self.head, "thumbnail", f"the film does not show '{own['thumbnail']}'.{hint}")
        opening = self._at(self.head, "opening")
        return Film(name=self.path.stem, path=self.path, shots=shots, opening_place=opening, **own)

    # -- one scene ----------------------------------------------------------------------------------------

    def _shots(self) -> list[Shot]:
        shots: list[Shot] = []
        for index, table in enumerate(self.table.get("scene", [])):
            span = self.spans[index] if index < len(self.spans) else self.head
            if not isinstance(table, dict):
                self._wrong(self.head, "scene", f"a scene is a table under [[scene]], not {table!r}.")
                continue
            before = len(self.problems)
            self._check_fields(table, _SHOT_FIELDS, span)
            if len(self.problems) == before and (shot := self._shot(table, span, index)):
                before_it = shots[-1] if shots else None
                shots.append(replace(shot, heading=self._heading(shot), enters=entered(shot, before_it)))
        return shots

    def _shot(self, table: dict[str, Any], span: tuple[int, int], index: int) -> Shot | None:
        try:
            ref = find_scene(table.get("name", ""))
        except BadInput as error:
            self._wrong(span, "name", str(error))
            return None
        known = [beat for beat, _ in ref.beats]
        if not known:
            self._wrong(span, "name", f"{ref.name} has no beats; a film shows scenes that are made of them.")
            return None
        beats = [str(beat) for beat in table.get("beats", known)]
        if not beats:
            self._wrong(span, "beats", "no beats are listed; leave the field out to show all of them.")
        for beat in [*beats, *table.get("lines", {}), *table.get("seconds", {})]:
            if beat not in known:
                hint = did_you_mean(beat, known)
                self._wrong(span, beat, f"{ref.name} has no beat '{beat}'.{hint} Beats: {', '.join(known)}.")
        transition = table.get("transition", self.table.get("transition", "cut"))
        if transition not in TRANSITIONS:
            hint = did_you_mean(transition, TRANSITIONS)
            self._wrong(span, "transition", f"no transition '{transition}'.{hint} {', '.join(TRANSITIONS)}.")
        params = tuple(sorted((name, str(value)) for name, value in table.get("params", {}).items()))
        try:
            ref.check_params(dict(params))
        except BadInput as error:
            self._wrong(span, "params", str(error))
        places = {beat: self._at(span, beat, last=beat in table.get("lines", {})) for beat in beats}
        for beat in sorted(set(beats) & set(known), key=beats.index):
            words = table.get("lines", {}).get(beat, dict(ref.beats)[beat])
            self._check_words(words, places[beat])
        chapter = table.get("chapter", self._scene_title(ref))
        self._check_card(chapter or "none", span, "chapter", LONGEST_HEADING)
        chapter = chapter or ("" if index else self._scene_title(ref))
        lines, least = dict(table.get("lines", {})), self._least(table, span)
        return Shot(ref.name if ref.library else table["name"], tuple(beats), self._at(span, "name"), chapter,
                    transition, params, lines, places, least)  # fmt: skip

    def _least(self, table: dict[str, Any], span: tuple[int, int]) -> dict[str, float]:
        """The least seconds of the beats that have any."""
        found = {}
        for beat, seconds in table.get("seconds", {}).items():
            number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
            if not number or not 0 < seconds <= LONGEST_BEAT:
                self._wrong(span, "seconds", f"{beat} lasts {seconds!r}; seconds are 0 to {LONGEST_BEAT:g}.")
            else:
                found[beat] = float(seconds)
        return found

    def _heading(self, shot: Shot) -> str:
        """The name of the chapter that the shot is in, where its scene has another."""
        self.chapter = shot.chapter or self.chapter
        return "" if self.chapter == self._scene_title(shot.ref) else self.chapter

    @staticmethod
    def _scene_title(ref: SceneRef) -> str:
        if not ref.library:
            return ref.name
        from scenes.registry import scene_info

        return scene_info(ref.name).title

    # -- problems and places ------------------------------------------------------------------------------

    def _check_fields(
        self, table: dict[str, Any], known: dict[str, type | tuple[type, ...]], span: tuple[int, int]
    ) -> None:
        for key, value in table.items():
            if key not in known:
                self._wrong(
                    span, key, f"no field '{key}'.{did_you_mean(key, known)} Fields: {', '.join(known)}."
                )
            elif not isinstance(value, known[key]) or isinstance(value, bool):
                self._wrong(span, key, f"'{key}' is {value!r}, which is the wrong kind of value.")
        for key in ("title",) if known is _FILM_FIELDS else ("name",):
            if key not in table:
                self._wrong(span, key, f"the field '{key}' is missing.")

    def _check_words(self, words: Any, place: str) -> None:
        problem = problem_with(words)
        if problem:
            self.problems.append(f"{place}: {problem}")

    def _check_card(self, words: Any, span: tuple[int, int], key: str, most: int = LONGEST_ON_CARD) -> None:
        """Looks over words that a card shows, or that stand over pictures."""
        problem = (
            f"'{key}' is empty." if isinstance(words, str) and not words.strip() else problem_with(words)
        )
        if not problem and len(words) > most:
            where = "a card" if most == LONGEST_ON_CARD else "over a picture"
            problem = f"{len(words)} characters do not fit {where}; at most {most} do."
        if problem:
            self._wrong(span, key, problem)

    def _try(self, check: Any) -> None:
        try:
            check()
        except BadInput as error:
            self.problems.append(f"{self.path}: {error}")

    def _wrong(self, span: tuple[int, int], word: str, message: str) -> None:
        self.problems.append(f"{self._at(span, word)}: {message}")

    def _at(self, span: tuple[int, int], word: str, *, last: bool = False) -> str:
        """file:line of the first (or last) row of the span that has the word, else of the span's head."""
        pattern = re.compile(rf"(?<![\w]){re.escape(word)}(?![\w])")
        found = [i for i in range(*span) if word and pattern.search(self.rows[i].split(" #")[0])]
        row = (found[-1] if last else found[0]) if found else span[0]
        return f"{self.path}:{row + 1}"
