"""Makes a film: the cut, its pictures, its sound, one join, then everything that is read beside it.

All files are made in a private folder and published when the last is done; the manifest comes last of all.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.captions import Cue, to_srt, to_webvtt
from studio.engine import Engine, LocalEngine
from studio.files import publishing, sweep_parts, workspace, write_bytes
from studio.film import texts
from studio.film.audio import join_sound
from studio.film.cut import Cut, make_cut
from studio.film.moments import notes_on, timeline_of
from studio.film.options import Options
from studio.film.pictures import Part, draw, last_frame
from studio.film.script import read_film
from studio.film.subtitles import cues_for
from studio.film.timing import Timeline
from studio.keys import fonts_digest, versions
from studio.locks import locked
from studio.manifest import SCHEMA, digest_of, manifest_path, read_manifest
from studio.media import join_into, probe
from studio.outputs import lock_path
from studio.progress import Progress
from studio.runs import recordings_for
from studio.segments import SegmentStore


@dataclass(frozen=True)
class Made:
    """A finished film: its files, the MP4 first, and what its maker should know."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()
    anew: bool = True


def make_film(name: str, options: Options, progress: Progress, engine: Engine | None = None) -> Made:
    """Makes the film of that name or file; if nothing has changed, says where it is.

    Raises: NNReelError before anything is drawn, for whatever is wrong with the film.
    """
    film = read_film(name)
    options.checked()
    found = recordings_for(film.recipes, options.recordings, progress, alone=False)
    cut = make_cut(film, options, dict(found))
    target = options.folder / film.name / f"{options.stem(film)}.mp4"
    with locked(lock_path(target.resolve()), wait=True):
        if (made := _current(target, cut)) is not None:
            return made
        sweep_parts(target.parent)
        return _make(cut, target, progress, engine or LocalEngine(options.workers))


def _current(target: Path, cut: Cut) -> Made | None:
    """The film that is there, if it was made of just this and is whole."""
    if not target.is_file() or not manifest_path(target).is_file():
        return None
    try:
        about = read_manifest(target)["film"]
        files = {target.parent / name: digest for name, digest in about["files"].items()}
        if about["key"] != cut.key or any(digest_of(path) != digest for path, digest in files.items()):
            return None
        return Made((*files, manifest_path(target)), tuple(about["notes"]), anew=False)
    except Exception:  # whatever is wrong with it, it is made anew
        return None


def _make(cut: Cut, target: Path, progress: Progress, engine: Engine) -> Made:
    store = SegmentStore()
    store.prepare()
    parts = draw(cut.takes, cut.plans, store, progress, engine)
    timeline = timeline_of(cut, parts)
    notes = notes_on(cut, timeline)
    progress.done("Sound and captions")
    with workspace() as work:
        files = _write_all(cut, timeline, parts, store, work, target.stem, notes)
        for path in files:
            with publishing(target.parent / path.relative_to(work)) as part:
                shutil.copyfile(path, part)
    names = [path.relative_to(work).as_posix() for path in files]
    manifest = _manifest(cut, target, parts, timeline, names, notes)
    write_bytes(manifest_path(target), json.dumps(manifest, ensure_ascii=False, indent=1).encode())
    return Made((*(target.parent / name for name in names), manifest_path(target)), tuple(notes))


# -- files -----------------------------------------------------------------------------------------------


def _write_all(
    cut: Cut,
    timeline: Timeline,
    parts: Sequence[Part],
    store: SegmentStore,
    work: Path,
    stem: str,
    notes: list[str],
) -> list[Path]:
    """Makes every file but the manifest in the work folder."""
    from studio.film.soundtrack import write_sound  # what makes sounds is slow to load

    picture, film = work / "picture.mp4", work / f"{stem}.mp4"
    sound = write_sound(cut, timeline, work / "sound.mp4", notes.append)
    join_into([store.video(info.key) for part in parts for info in part.infos], picture)
    about = {"title": cut.film.title, "language": cut.film.language}
    join_sound(picture, sound, film, timeline.chapters(), about)
    files = [film, *_write_captions(cut, timeline, work, stem)]
    files += _write_texts(cut, timeline, store, work, stem)
    return files


def spoken_texts(timeline: Timeline) -> dict[int, str]:
    """The words of the moments that have any, by index."""
    return {i: moment.said.line.text for i, moment in enumerate(timeline.moments) if moment.said}


def _write_captions(cut: Cut, timeline: Timeline, work: Path, stem: str) -> list[Path]:
    files = _caption_files(cues_for(timeline, spoken_texts(timeline)), work / stem)
    if cut.translation:
        other = {i: cut.translated(m.said) for i, m in enumerate(timeline.moments) if m.said}
        files += _caption_files(cues_for(timeline, other), work / f"{stem}.{cut.translation.language}")
    return files


def _caption_files(cues: Sequence[Cue], stem: Path) -> list[Path]:
    files = []
    for suffix, text in ((".srt", to_srt(cues)), (".vtt", to_webvtt(cues))):
        path = stem.with_name(stem.name + suffix)
        path.write_text(text, encoding="utf-8")
        files.append(path)
    return files


def _write_texts(cut: Cut, timeline: Timeline, store: SegmentStore, work: Path, stem: str) -> list[Path]:
    chapters = work / f"{stem}.chapters.txt"
    chapters.write_text(texts.youtube_chapters(timeline.chapters()), encoding="utf-8")
    stills = texts.write_stills(timeline, store, work / f"{stem}-stills")
    names = [path.relative_to(work).as_posix() for path in stills]
    said = spoken_texts(timeline)
    transcript = work / f"{stem}.md"
    transcript.write_text(texts.transcript(cut.film, timeline, said, names), encoding="utf-8")
    thumbnail = work / f"{stem}.thumbnail.png"
    texts.write_thumbnail(cut.film.title, cut.look, _thumbnail_picture(cut, timeline, store), thumbnail)
    return [chapters, transcript, thumbnail, *stills]


def _thumbnail_picture(cut: Cut, timeline: Timeline, store: SegmentStore) -> Any:
    named = {f"{moment.scene}.{moment.beat}": moment for moment in timeline.moments}
    moment = named.get(cut.film.thumbnail) or next(m for m in reversed(timeline.moments) if m.said)
    return last_frame(store.video(moment.key))


def _manifest(
    cut: Cut,
    target: Path,
    parts: Sequence[Part],
    timeline: Timeline,
    names: Sequence[str],
    notes: Sequence[str],
) -> dict[str, Any]:
    """A clip's manifest, with what is said for the scenes' own captions, and with the film's own part."""
    found, fps = probe(target), timeline.fps
    scenes, at = [], 0
    for part in parts:
        scenes.append(_with_lines(part.entry(cut.look, at, fps), cut, part))
        at += sum(info.frames for info in part.infos)
    clip = {"file": target.name, "sha256": digest_of(target), "width": found.width, "height": found.height}
    return {
        "schema": SCHEMA,
        "clip": {**clip, "fps": fps, "frames": at, "seconds": round(at / fps, 6)},
        "preset": cut.options.preset,
        "scenes": scenes,
        "versions": versions(),
        "fonts": fonts_digest(),
        "film": {
            "key": cut.key,
            "name": cut.film.name,
            "title": cut.film.title,
            "voice": cut.options.voice.split()[0],
            "sound": cut.options.sound,
            "loudness": cut.options.loudness,
            "chapters": [asdict(chapter) for chapter in timeline.chapters()],
            "notes": list(notes),
            "files": {name: digest_of(target.parent / name) for name in names},
        },
    }


def _with_lines(entry: dict[str, Any], cut: Cut, part: Part) -> dict[str, Any]:
    """The entry with what the film says over each beat, and the sources of the numbers in it."""
    if part.take is None or part.take.index < 0:
        return entry
    numbers = list(entry["numbers"])
    for beat in entry["beats"]:
        line = cut.said[part.take.index, beat["name"]].line
        beat["caption"] = line.text
        numbers += [number for number in line.numbers if number not in numbers]
    return {**entry, "numbers": numbers}
