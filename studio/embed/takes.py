"""Takes: what an embed is made from, a scene or one of its beats drawn once without loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

from nncore.errors import BadInput
from studio.embed.moving import Master
from studio.engine import Engine, LocalEngine
from studio.media import join_into
from studio.plan import ONCE, ScenePlan, plan_jobs, plan_scene
from studio.presets import lossless
from studio.progress import Progress
from studio.request import Request
from studio.segments import SegmentInfo, SegmentStore


@dataclass(frozen=True)
class Shot:
    """What is to be drawn: a request, and one of its beats or all of them."""

    request: Request
    beat: str | None = None

    def lossless(self) -> Shot:
        """The same, to be encoded again."""
        return replace(self, request=replace(self.request, preset=lossless(self.request.preset)))


@dataclass(frozen=True)
class _BeatPlan(ScenePlan):
    """The plan of a scene of which one beat is wanted: the others count as found."""

    index: int = 0

    def found(self, store: SegmentStore) -> list[SegmentInfo | None]:
        others = SegmentInfo("", 0, "", 0)
        return [store.find(key) if i == self.index else others for i, key in enumerate(self.keys)]


@dataclass(frozen=True)
class Take:
    """Drawn segments in order, and the plan that holds just these."""

    shot: Shot
    plan: ScenePlan
    infos: tuple[SegmentInfo, ...]
    store: SegmentStore

    def join(self, target: Path) -> Master:
        """Joins the segments into one lossless clip."""
        join_into([self.store.video(info.key) for info in self.infos], target)
        for info in self.infos:
            if info.key.startswith(ONCE):
                self.store.remove(info.key)
        counts = [beat["frames"] for info in self.infos for beat in info.beats]
        quality = self.shot.request.quality
        width, height = quality.size(self.shot.request.aspect)
        return Master(target, tuple(accumulate(counts)), width, height, quality.fps)


def plan_of(shot: Shot) -> ScenePlan:
    """The plan with only the wanted segments in it.

    Raises: BadInput for an unknown beat.
    """
    plan = plan_scene(shot.request)
    if shot.beat is None:
        return plan
    at = _index(shot)
    return replace(plan, keys=plan.keys[at : at + 1])


def draw(shots: Sequence[Shot], progress: Progress, engine: Engine | None = None) -> list[Take]:
    """Draws what is missing of all shots as one pool of jobs."""
    engine = engine or LocalEngine()
    store = SegmentStore()
    store.prepare()
    plans = [plan_scene(shot.request) for shot in shots]
    wanted = [
        plan if shot.beat is None else _BeatPlan(plan.request, plan.keys, plan.recordings, _index(shot))
        for plan, shot in zip(plans, shots, strict=True)
    ]
    jobs = plan_jobs(wanted, store, getattr(engine, "workers", 1))
    progress.start(jobs)
    engine.run(jobs, progress.report)
    takes = []
    for shot, plan in zip(shots, wanted, strict=True):
        kept = plan.keys if shot.beat is None else plan.keys[_index(shot) :][:1]
        own = ScenePlan(plan.request, kept, plan.recordings)
        takes.append(Take(shot, own, tuple(store.drawn(own.keys)), store))
    return takes


def _index(shot: Shot) -> int:
    ref, beat = shot.request.ref, shot.beat or ""
    if not ref.recorded:
        raise BadInput(f"'{ref.name}' is an ordinary manim scene: it can only be embedded whole.")
    ref.check_beat(beat)
    return [name for name, _ in ref.beats].index(beat)
