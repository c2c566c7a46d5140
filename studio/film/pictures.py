"""The film's pictures: its segments, drawn where they are missing, and dissolves between them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np

from scenes.kit.style import THEMES
from studio.code import ROOT, Code
from studio.engine import Engine
from studio.files import part_path
from studio.film.shots import Film, Shot
from studio.film.timing import CAPTION_SPEED, CARD_SECONDS, CREDITS_SECONDS, TITLE_SECONDS, Said
from studio.manifest import scene_entry
from studio.media import SegmentEncoder, encoder_options
from studio.plan import ScenePlan, plan_jobs, plan_scene
from studio.progress import Progress
from studio.request import Request
from studio.segments import SegmentInfo, SegmentStore

CARDS = ROOT / "scenes" / "kit" / "film_cards.py"
#: Half of it the old picture takes to go, half the new one to come: words never stand on other words.
DISSOLVE_SECONDS = 0.5
TITLE, CHAPTER, CREDITS, DISSOLVE = "TitleCard", "ChapterCard", "CreditsCard", "Dissolve"


@dataclass(frozen=True)
class Take:
    """Some beats of one scene as the film shows them, in order. `index` is its shot's, -1 for a card."""

    request: Request
    beats: tuple[str, ...]
    index: int = -1
    chapter: str = ""
    dissolves: bool = False


@dataclass(frozen=True)
class _TakePlan(ScenePlan):
    """A scene's plan in which beats that the film does not show count as found."""

    wanted: tuple[int, ...] = ()

    def found(self, store: SegmentStore) -> list[SegmentInfo | None]:
        others = SegmentInfo("", 0, "", 0)
        return [store.find(key) if i in self.wanted else others for i, key in enumerate(self.keys)]


@dataclass(frozen=True)
class Part:
    """Drawn segments that follow each other: of a take, or one dissolve."""

    take: Take | None
    plan: ScenePlan | None
    infos: tuple[SegmentInfo, ...]

    def entry(self, look: Request, first: int, fps: int) -> dict[str, Any]:
        """What the film's manifest says about it."""
        if self.plan is not None:
            return scene_entry(self.plan, self.infos, first, fps)
        (info,) = self.infos
        span = {"start": round(first / fps, 6), "end": round((first + info.frames) / fps, 6)}
        beat = {"name": DISSOLVE.lower(), "caption": "", **span, "frames": info.frames}
        about = {"aspect": look.aspect, "theme": look.theme, "captions": look.captions, "params": {}}
        return {
            "scene": DISSOLVE,
            **about,
            "recordings": [],
            "segments": [info.key],
            "beats": [beat],
            "numbers": [],
        }


# -- what is to be drawn ---------------------------------------------------------------------------------


def takes_of(
    film: Film, look: Request, recordings: Mapping[str, str], said: Mapping[tuple[int, str], Said]
) -> list[Take]:
    """The film as takes. `look` gives preset, shape, theme; `said` each (shot, beat)'s line, title at -1."""
    opening = said.get((-1, "title"))
    title = _card(look, TITLE, TITLE_SECONDS, opening, heading=film.title, subtitle=film.subtitle)
    takes = [title]
    for index, shot in enumerate(film.shots):
        if shot.transition == "card" and shot.chapter:
            card = _card(look, CHAPTER, CARD_SECONDS, None, heading=shot.chapter)
            takes.append(replace(card, chapter=shot.chapter, dissolves=True))
            shot = replace(shot, chapter="")
        takes.append(_take(shot, index, look, recordings, said, dissolves=shot.transition != "cut"))
    if film.credits:
        seconds = max(CREDITS_SECONDS, 1.2 + sum(map(len, film.credits)) / CAPTION_SPEED)
        credits = _card(look, CREDITS, seconds, None, lines="\n".join(film.credits))
        takes.append(replace(credits, dissolves=True, beats=("credits_card", "fade_out")))
    return takes


def _take(
    shot: Shot,
    index: int,
    look: Request,
    recordings: Mapping[str, str],
    said: Mapping[tuple[int, str], Said],
    *,
    dissolves: bool,
) -> Take:
    lasts = tuple((beat, max(said[index, beat].seconds, shot.least.get(beat, 0.0))) for beat in shot.beats)
    lines = tuple((beat, shot.lines[beat]) for beat in shot.beats if look.captions and beat in shot.lines)
    request = replace(
        look,
        scene=shot.scene,
        params=shot.params,
        recordings=tuple((recipe, recordings[recipe]) for recipe in shot.ref.recipes),
        beat_seconds=lasts,
        lines=lines,
        enters=shot.enters,
        heading=shot.heading,
    )
    return Take(request, shot.beats, index, shot.chapter, dissolves)


def _card(look: Request, name: str, seconds: float, said: Said | None, **params: str) -> Take:
    seconds = max(seconds, said.seconds if said else 0.0)
    beat = {TITLE: "title_card", CHAPTER: "chapter_card", CREDITS: "credits_card"}[name]
    request = replace(
        look,
        scene=f"{CARDS}:{name}",
        captions=look.captions and said is not None,
        params=tuple(sorted(params.items())),
        beat_seconds=((beat, seconds),),
        lines=((beat, said.line.text),) if look.captions and said else (),
    )
    return Take(request, (beat,))


def plan_of(take: Take, code: Code | None = None) -> _TakePlan:
    """The take's segments."""
    plan = plan_scene(take.request, code)
    known = [name for name, _ in take.request.ref.beats]
    wanted = tuple(known.index(beat) for beat in take.beats)
    return _TakePlan(plan.request, plan.keys, plan.recordings, wanted)


def keys_of(plans: Sequence[_TakePlan]) -> list[list[str]]:
    """The keys of the segments that are shown, take by take."""
    return [[plan.keys[i] for i in plan.wanted] for plan in plans]


# -- drawing ---------------------------------------------------------------------------------------------


def draw(
    takes: Sequence[Take], plans: Sequence[_TakePlan], store: SegmentStore, progress: Progress, engine: Engine
) -> list[Part]:
    """Draws what is missing, then puts a dissolve before each take that asks for one."""
    jobs = plan_jobs(plans, store, getattr(engine, "workers", 1))
    progress.start(jobs)
    engine.run(jobs, progress.report)
    parts: list[Part] = []
    for take, plan in zip(takes, plans, strict=True):
        infos = tuple(store.drawn([plan.keys[i] for i in plan.wanted]))
        if take.dissolves and parts:
            before = parts[-1].infos[-1]
            parts.append(Part(None, None, (_dissolve(before, infos[0], take.request, store),)))
        shown = ScenePlan(plan.request, tuple(info.key for info in infos), plan.recordings)
        parts.append(Part(take, shown, infos))
    return parts


def dissolve_frames(fps: int) -> int:
    """How many frames a dissolve takes."""
    return max(2, round(DISSOLVE_SECONDS * fps))


def _dissolve(before: SegmentInfo, after: SegmentInfo, look: Request, store: SegmentStore) -> SegmentInfo:
    """The segment in which the last frame of one goes into the background and the other's first comes."""
    quality, ground = look.quality, THEMES[look.theme]["background"]
    frames = dissolve_frames(quality.fps)
    about = ["through the background", before.sha256, after.sha256, frames, ground, encoder_options(quality)]
    key = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
    if (found := store.find(key)) is not None:
        return found
    one, other = last_frame(store.video(before.key)), first_frame(store.video(after.key))
    part = part_path(store.video(key))
    encoder = SegmentEncoder(part, one.shape[1], one.shape[0], quality)
    empty = np.array([*bytes.fromhex(ground.removeprefix("#")), 255], np.float32)
    for index in range(1, frames + 1):
        share = np.float32(abs(np.cos(np.pi * index / (frames + 1))))
        mixed = (one if 2 * index <= frames else other) * share + empty * (1 - share)
        encoder.put(np.ascontiguousarray(mixed.round().astype(np.uint8)))
    encoder.close()
    passing = bool(before.only_for or after.only_for)
    beats = [{"name": DISSOLVE.lower(), "caption": "", "frames": frames, "played": frames}]
    return store.add(key, part, beats, [], for_all=not passing)


def first_frame(path: Path) -> np.ndarray:
    """Shapes: float32 (height, width, 4), 0 to 255."""
    with av.open(str(path)) as container:
        return _pixels(next(container.decode(video=0)))


def last_frame(path: Path) -> np.ndarray:
    """The frame a segment ends on, decoded from its last keyframe. Shapes: float32 (height, width, 4)."""
    with av.open(str(path)) as container:
        stream: Any = container.streams.video[0]
        container.seek(max(0, (stream.duration or 1) - 1), stream=stream, backward=True)
        *_, frame = container.decode(stream)
        return _pixels(frame)


def _pixels(frame: av.VideoFrame) -> np.ndarray:
    return frame.to_ndarray(format="rgba").astype(np.float32)
