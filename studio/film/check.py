"""The check of a film: chapters, words, durations and problems, without drawing or training anything."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from nncore.errors import BadInput, RecordingError
from nncore.recording import Recording
from scenes.kit.beats import SHORTEST_HOLD, reading_time
from studio.film.cut import Cut, make_cut, words_of
from studio.film.film import notes_on
from studio.film.options import Options
from studio.film.pictures import CREDITS, DISSOLVE, DISSOLVE_SECONDS, TITLE, Take
from studio.film.script import Film, read_film
from studio.film.texts import by_chapter, clock
from studio.film.timing import Moment, Timeline, in_sequence
from studio.plan import plan_scene
from studio.runs import recording_path
from studio.segments import SegmentStore


def check_film(name: str, options: Options) -> str:
    """The film's table and what its maker should know.

    Raises: BadInput or MissingPiece with one line for each thing that keeps it from being made.
    """
    film = read_film(name)
    folders = known_recordings(film, options.recordings)
    cut = make_cut(film, options, folders)
    timeline, sure = expected(cut)
    rows = [_row("", "chapter", "beats", "words", "seconds")]
    for chapter, moments in zip(timeline.chapters(), by_chapter(timeline), strict=True):
        said = [moment.said.line.text for moment in moments if moment.said]
        words = sum(len(text.split()) for text in said)
        seconds = f"{chapter.end - chapter.start:.1f}"
        rows.append(_row(clock(chapter.start), chapter.title, str(len(said)), str(words), seconds))
    total = sum(1 for moment in timeline.moments if moment.said)
    rows.append(
        _row(clock(timeline.seconds), film.title, str(total), str(words_of(cut)), f"{timeline.seconds:.1f}")
    )
    notes = notes_on(cut, timeline)
    untrained = [recipe for recipe in film.recipes if recipe not in folders]
    if untrained:
        notes.insert(0, f"not trained yet, so their numbers and lengths are guesses: {', '.join(untrained)}.")
    if not sure:
        notes.insert(0, "lengths are estimates until the beats are drawn.")
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
            if Recording.open(path).sealed:
                found[recipe] = str(Path(path).resolve())
    return found


def expected(cut: Cut) -> tuple[Timeline, bool]:
    """(how the film will go, whether every beat of it is already drawn)."""
    store, moments, sure = SegmentStore(), [], True
    fps = cut.look.quality.fps
    folders = {recipe: cut.folders.get(recipe, "") for recipe in cut.film.recipes}
    cut = replace(cut, folders=folders)
    for number, take in enumerate(cut.takes):
        if take.dissolves and number:
            frames = max(2, round(DISSOLVE_SECONDS * fps))
            moments.append(Moment(DISSOLVE, DISSOLVE.lower(), 0, frames, frames))
        lengths = _lengths(take, store)
        sure = sure and all(drawn for _, _, drawn in lengths)
        for place, (beat, (frames, played, _)) in enumerate(zip(take.beats, lengths, strict=True)):
            scene = take.request.ref.name
            said = cut.said.get((-1, "title") if scene == TITLE else (take.index, beat))
            chapter = take.chapter if not place else ""
            moments.append(Moment(scene, beat, 0, frames, played, said, chapter))
    return in_sequence(moments, fps), sure


def _lengths(take: Take, store: SegmentStore) -> list[tuple[int, int, bool]]:
    """(frames, frames in which it moves, whether it is drawn) of each of the take's beats."""
    fps = take.request.quality.fps
    known = [name for name, _ in take.request.ref.beats]
    trained = all(folder for _, folder in take.request.recordings)
    keys = plan_scene(take.request).keys if trained else ()
    found = []
    for beat in take.beats:
        info = store.find(keys[known.index(beat)]) if keys else None
        if info is not None:
            frames = sum(each["frames"] for each in info.beats)
            found.append((frames, sum(each.get("played", frames) for each in info.beats), True))
            continue
        wanted = dict(take.request.beat_seconds).get(beat, SHORTEST_HOLD)
        caption = dict(take.request.ref.beats)[beat]
        played = (
            0.0 if take.request.ref.name == CREDITS else max(1.0, reading_time(caption) - 2 * SHORTEST_HOLD)
        )
        seconds = max(wanted, played + SHORTEST_HOLD)
        found.append((round(seconds * fps), round(played * fps), False))
    return found
