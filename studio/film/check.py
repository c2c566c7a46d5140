"""The check of a film: chapters, words, durations and problems, without drawing or training anything."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from nncore.errors import BadInput, RecordingError
from nncore.recording import Recording
from scenes.kit.beats import SHORTEST_HOLD, reading_time
from studio.code import Code
from studio.film.cut import Cut, make_cut
from studio.film.measure import Measures
from studio.film.moments import moment_of, notes_on
from studio.film.options import Options
from studio.film.pictures import DISSOLVE, Take, dissolve_frames, plan_of
from studio.film.script import read_film
from studio.film.shots import Film
from studio.film.texts import by_chapter, clock
from studio.film.timing import Moment, Timeline, in_sequence
from studio.runs import known, recording_path
from studio.segments import SegmentStore


def check_film(name: str, options: Options) -> str:
    """The film's table and what its maker should know.

    Raises: BadInput or MissingPiece with one line for each thing that keeps it from being made.
    """
    film = read_film(name)
    folders = known_recordings(film, options.recordings)
    cut = make_cut(film, options, folders)
    timeline = expected(cut)
    rows, total = [_row("", "chapter", "beats", "words", "seconds")], 0
    for chapter, moments in zip(timeline.chapters(), by_chapter(timeline), strict=True):
        said = [moment.said.line.text for moment in moments if moment.said]
        words = sum(len(text.split()) for text in said)
        seconds = f"{chapter.end - chapter.start:.1f}"
        total += words
        rows.append(_row(clock(chapter.start), chapter.title, str(len(said)), str(words), seconds))
    beats, seconds = sum(1 for moment in timeline.moments if moment.said), f"{timeline.seconds:.1f}"
    rows.append(_row(clock(timeline.seconds), film.title, str(beats), str(total), seconds))
    notes = notes_on(cut, timeline)
    untrained = [recipe for recipe in film.recipes if recipe not in folders]
    if untrained:
        notes.insert(0, f"not trained yet, so their numbers and lengths are guesses: {', '.join(untrained)}.")
    return "\n".join([*rows, *(f"note: {note}" for note in notes)])


def _row(start: str, title: str, *numbers: str) -> str:
    return f"{start:>6}  {title[:38]:<38}" + "".join(f"{number:>9}" for number in numbers)


def known_recordings(film: Film, given: Sequence[Path]) -> dict[str, str]:
    """The recordings there are, by recipe: those given, else those in the cache; nothing is trained."""
    by_name = {Recording.open(path).name: path for path in given}
    found = {}
    for recipe in film.recipes:
        with suppress(RecordingError, BadInput):
            path = by_name.get(recipe) or recording_path(recipe)
            if known(Path(path)) is not None or Recording.open(path).sealed:
                found[recipe] = str(Path(path).resolve())
    return found


def expected(cut: Cut) -> Timeline:
    """How the film will go: as drawn, else as measured; where a recording is missing, as guessed."""
    store, code, fps = SegmentStore(), Code(), cut.look.quality.fps
    measures = Measures(cut.recordings)
    folders = {recipe: cut.folders.get(recipe, "") for recipe in cut.film.recipes}
    cut = replace(cut, folders=folders)
    moments: list[Moment] = []
    for number, take in enumerate(cut.takes):
        if take.dissolves and number:
            frames = dissolve_frames(fps)
            moments.append(Moment("", DISSOLVE.lower(), 0, frames, frames))
        chapter = take.chapter
        for beat in _beats(cut, take, store, code, measures):
            moments.append(replace(moment_of(cut, take, beat), chapter=chapter))
            chapter = ""
    code.remember()
    measures.remember()
    return in_sequence(moments, fps)


def _beats(cut: Cut, take: Take, store: SegmentStore, code: Code, measures: Measures) -> list[dict[str, Any]]:
    """Name, frames and frames in which it moves of each of the take's beats."""
    if not all(folder for _, folder in take.request.recordings):
        return [_guessed(cut, take, beat) for beat in take.beats]
    plan = plan_of(take, code)
    infos = plan.found(store)
    if all(infos):
        drawn = {beat["name"]: beat for info in infos if info for beat in info.beats}
        return [drawn[beat] for beat in take.beats]
    place = cut.film.shots[take.index].place if take.index >= 0 else str(cut.film.path)
    return measures.of(plan, take.beats, place)


def _guessed(cut: Cut, take: Take, beat: str) -> dict[str, Any]:
    fps = take.request.quality.fps
    wanted = dict(take.request.beat_seconds)[beat]
    played = max(1.0, reading_time(cut.said[take.index, beat].line.text) - 2 * SHORTEST_HOLD)
    frames = round(max(wanted, played + SHORTEST_HOLD) * fps)
    return {"name": beat, "frames": frames, "played": round(played * fps)}
