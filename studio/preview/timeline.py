"""The clip in the making: for each stretch of the scene its new segment, else the last good one, else none.

What can be played at any moment is the new and the old segments joined; the page is told which is which.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nncore.errors import RecordingError
from nncore.sources import Source
from studio.code import Code
from studio.library import SceneRef
from studio.media import join_into
from studio.plan import Job, ScenePlan, plan_jobs, plan_scene
from studio.preview.jobs import WatchedJob, stamps_of
from studio.request import Request
from studio.segments import SegmentInfo, SegmentStore

#: Units: seconds; the least and the speed that a beat's length is guessed from before it is known.
_SHORTEST, _CHARACTERS = 2.0, 7.5


@dataclass(frozen=True)
class Reel:
    """The segments of one plan as far as they are drawn, and those of the beats before that changed.

    `ref` is the scene as it was read; `fresh` has one entry for each key; `old` maps the first beat of a
    segment to the last good one.
    """

    plan: ScenePlan
    ref: SceneRef
    stamps: tuple[tuple[str, int], ...]
    fresh: tuple[SegmentInfo | None, ...]
    old: dict[str, SegmentInfo] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return all(self.fresh)

    def with_segment(self, key: str, store: SegmentStore) -> Reel:
        """The reel with one more segment drawn."""
        infos = [store.find(key) if each == key else self.fresh[i] for i, each in enumerate(self.plan.keys)]
        return replace(self, fresh=tuple(infos))

    def parts(self) -> list[tuple[SegmentInfo, bool]]:
        """What can be played, in order: (segment, whether it is new)."""
        if not self.ref.recorded:
            infos = [(info, True) for info in self.fresh if info] or [(i, False) for i in self.old.values()]
            return infos[:1]
        found = []
        for (name, _), info in zip(self.ref.beats, self.fresh, strict=True):
            if info is not None:
                found.append((info, True))
            elif name in self.old:
                found.append((self.old[name], False))
        return found

    def leftovers(self) -> dict[str, SegmentInfo]:
        """What a reel made after this one may show until it has its own."""
        return {info.beats[0]["name"]: info for info, _ in self.parts() if info.beats and not info.only_for}

    def jobs(self, store: SegmentStore, workers: int, first: str) -> list[Job]:
        """Jobs for what is missing: the one with the beat `first` before the others, which come in order."""
        jobs = plan_jobs([self.plan], store, workers)
        names = [name for name, _ in self.ref.beats]
        at = names.index(first) if first in names else 0

        def order(job: Job) -> tuple[bool, int]:
            start = job.first or 0
            return not start <= at < start + len(job.keys), start

        return sorted((WatchedJob(**vars(job), stamps=self.stamps) for job in jobs), key=order)

    def join(self, store: SegmentStore, target: Path) -> list[dict[str, Any]]:
        """Writes what can be played into a clip; says where in it each beat is, in frames."""
        parts = self.parts()
        join_into([store.video(info.key) for info, _ in parts], target)
        beats, at = [], 0
        for info, fresh in parts:
            for beat in info.beats:
                beats.append({"name": beat["name"], "at": at, "frames": beat["frames"], "fresh": fresh})
                at += beat["frames"]
        return beats


def plan_reel(request: Request, store: SegmentStore, before: Reel | None) -> Reel:
    """The reel of a request as its code and recordings are now, with what the one before leaves.

    Raises: NNReelError or SyntaxError for code or a recording that can't be read.
    """
    ref = request.ref
    source = ref.source
    code = Code()
    paths = [str(source), *(str(path) for path in code.imports_of(source).values())]
    stamps = stamps_of(paths)
    plan = plan_scene(request, code)
    return Reel(plan, ref, stamps, tuple(plan.found(store)), before.leftovers() if before else {})


def beats_of(reel: Reel, surveyed: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Every beat as the page lists it; what is not known yet is guessed, and `known` says so."""
    drawn = {beat["name"]: (info, beat) for info, _ in reel.parts() for beat in info.beats}
    fps = reel.plan.request.quality.fps
    templates = dict(reel.ref.beats)
    names = list(templates) or list(surveyed) or list(drawn)
    found = []
    for name in names:
        info, beat = drawn.get(name, (None, {}))
        seen = surveyed.get(name) or beat
        caption = seen.get("caption") or templates.get(name, "")
        seconds = max(_SHORTEST, len(caption) / _CHARACTERS)
        numbers = seen.get("numbers", _numbers(info, name))
        found.append(
            {
                "name": name,
                "caption": caption,
                "frames": seen.get("frames") or round(seconds * fps),
                "known": bool(seen),
                "numbers": [_readable(each) for each in numbers],
                "findings": seen.get("findings", []),
            }
        )
    return found


def _numbers(info: SegmentInfo | None, beat: str) -> list[dict[str, Any]]:
    return [number for number in info.numbers if number["beat"] == beat] if info else []


def _readable(number: dict[str, Any]) -> dict[str, Any]:
    """A ledger entry as the page shows it."""
    try:
        source = str(Source.from_json(number["source"]))
    except RecordingError:
        source = str(number["source"])
    return {
        "text": number["text"],
        "recording": number["recording"],
        "source": source,
        "since": number.get("since", ""),
    }
