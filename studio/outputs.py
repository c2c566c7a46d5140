"""From requests to clips: plan, draw what is missing, join, publish clip and manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from nncore.errors import BadInput
from studio.code import Code
from studio.engine import Engine, LocalEngine
from studio.files import publishing, sweep_parts
from studio.locks import lock_folder, locked
from studio.manifest import digest_of, manifest_path, read_manifest, write_manifest
from studio.media import join_into
from studio.plan import ONCE, ScenePlan, plan_jobs, plan_scene
from studio.progress import Progress
from studio.request import Request
from studio.segments import SegmentStore


@dataclass(frozen=True)
class Clip:
    """One output file and the scenes in it, in order."""

    target: Path
    requests: tuple[Request, ...]


def render(clips: Sequence[Clip], progress: Progress, engine: Engine | None = None) -> list[Path]:
    """Draws all clips as one pool of jobs; returns their paths.

    A second render into the same place waits for the first. Raises: BadInput if two clips have one name.
    """
    targets = [clip.target.resolve() for clip in clips]
    if len(set(targets)) < len(targets):
        raise BadInput("two clips would have the same name; render them into different folders with -o.")
    engine = engine or LocalEngine()
    store = SegmentStore()
    store.prepare()
    with ExitStack() as stack:
        for target in sorted(targets):
            stack.enter_context(locked(lock_path(target), wait=True))
            sweep_parts(target.parent)
        code = Code()
        plans = {clip: [plan_scene(request, code) for request in clip.requests] for clip in clips}
        code.remember()
        jobs = plan_jobs(
            [plan for each in plans.values() for plan in each], store, getattr(engine, "workers", 1)
        )
        progress.start(jobs)
        engine.run(jobs, progress.report)
        for clip, each in plans.items():
            publish_clip(clip.target, each, store)
    return [clip.target for clip in clips]


def publish_clip(target: Path, plans: Sequence[ScenePlan], store: SegmentStore) -> None:
    """Joins the segments of the plans into one clip, then writes its manifest."""
    parts = [(plan, store.drawn(plan.keys)) for plan in plans]
    passing = any(info.only_for for _, infos in parts for info in infos)
    if passing or not _is_current(target, plans):
        with publishing(target) as part:
            join_into([store.video(info.key) for _, infos in parts for info in infos], part)
        write_manifest(target, parts)
    for plan in plans:
        for key in plan.keys:
            if key.startswith(ONCE):
                store.remove(key)


def _is_current(target: Path, plans: Sequence[ScenePlan]) -> bool:
    """Whether the clip that is there was made of just these segments and is whole."""
    if not target.is_file() or not manifest_path(target).is_file():
        return False
    if not all(plan.request.ref.recorded for plan in plans):
        return False
    try:
        manifest = read_manifest(target)
        made_of = [scene["segments"] for scene in manifest["scenes"]]
        return made_of == [list(plan.keys) for plan in plans] and manifest["clip"]["sha256"] == digest_of(
            target
        )
    except Exception:  # whatever is wrong with it, it is written anew
        return False


def lock_path(target: Path) -> Path:
    """The lock for one output file."""
    name = hashlib.sha256(str(target).encode()).hexdigest()[:24]
    return lock_folder() / f"{name}.lock"
