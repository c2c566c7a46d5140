"""From requests to jobs: which segments each scene needs, which of them are missing, who draws which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from studio.code import Code
from studio.keys import segment_keys
from studio.request import Request
from studio.segments import SegmentInfo, SegmentStore

#: Jobs made for each worker: more of them balance better, and each has to fast-forward to its first beat.
JOBS_PER_WORKER = 3
#: Starts the key of a segment that is used once and then removed.
ONCE = "once-"
_READING_SPEED = 15.0
#: A beat of this share of what one worker has to do altogether is drawn by several.
_LONG = 0.75


@dataclass(frozen=True)
class Job:
    """Consecutive beats of one scene that one process draws in one run.

    `keys` has one entry for each beat from `first` on. A scene whose beats are not known beforehand
    (`first` is None) has a single key for all of it. `digests` are those of the recordings in the keys.
    Of the chunks of its segments it draws those whose number leaves the remainder `part` by `parts`.
    Units: `seconds` is an estimate of the clip's length.
    """

    request: Request
    first: int | None
    keys: tuple[str, ...]
    seconds: float
    store: Path
    run: str
    digests: tuple[tuple[str, str], ...] = ()
    part: int = 0
    parts: int = 1

    def is_current(self) -> bool:
        """Whether the code still gives the keys that the job was planned with."""
        if self.first is None:
            return True
        keys = segment_keys(self.request, dict(self.digests))
        return tuple(keys[self.first : self.first + len(self.keys)]) == self.keys


@dataclass(frozen=True)
class ScenePlan:
    """One scene's segments in order, with what their keys hold of the recordings.

    `recordings` holds recipe, name and digest of each.
    """

    request: Request
    keys: tuple[str, ...]
    recordings: tuple[dict[str, str], ...]

    def found(self, store: SegmentStore) -> list[SegmentInfo | None]:
        """The segments that are in the cache, None where one is missing."""
        return [store.find(key) for key in self.keys]


def plan_scene(request: Request, code: Code | None = None) -> ScenePlan:
    """The segments a request needs, with the code as it is now or as `code` saw it.

    Raises: RecordingError if one of its recordings can't be opened.
    """
    if not request.ref.recorded:  # what such a scene reads is not known: a key nobody asks for again
        return ScenePlan(request, (f"{ONCE}{uuid4().hex}",), ())
    from studio.runs import name_and_digest

    about = []
    for recipe, folder in request.recordings:
        name, digest = name_and_digest(Path(folder))
        about.append({"recipe": recipe, "name": name, "digest": digest})
    digests = {each["recipe"]: each["digest"] for each in about}
    return ScenePlan(request, tuple(segment_keys(request, digests, code)), tuple(about))


def plan_jobs(plans: Sequence[ScenePlan], store: SegmentStore, workers: int) -> list[Job]:
    """Jobs for everything that is missing, longest first.

    A stretch of missing beats is split only for several workers: every part fast-forwards to its start. A
    beat that would keep one worker busy while the others have nothing to do is shared by its chunks.
    """
    stretches = [stretch for plan in plans for stretch in _missing(plan, store)]
    total = sum(seconds for _, _, lengths in stretches for seconds in lengths)
    share = total / (workers * JOBS_PER_WORKER) if workers > 1 else float("inf")
    jobs = [job for stretch in stretches for job in _split(*stretch, share, store)]
    jobs = [part for job in jobs for part in _parts(job, total / workers, workers)]
    return sorted(jobs, key=lambda job: -job.seconds * _pixels(job))


def _pixels(job: Job) -> int:
    width, height = job.request.quality.size(job.request.aspect)
    return width * height


def _parts(job: Job, fair: float, workers: int) -> list[Job]:
    """The job, or one for each worker where it alone is more than about one worker's fair share."""
    count = min(workers, int(job.seconds / job.request.quality.chunk_seconds))
    if count < 2 or len(job.keys) > 1 or job.seconds < _LONG * fair:
        return [job]
    return [replace(job, seconds=job.seconds / count, part=part, parts=count) for part in range(count)]


def _missing(plan: ScenePlan, store: SegmentStore) -> list[tuple[ScenePlan, int, list[float]]]:
    """Runs of missing segments as (plan, first beat, estimated seconds of each)."""
    lengths = [max(2.0, 2 * len(caption) / _READING_SPEED) for _, caption in plan.request.ref.beats] or [10.0]
    stretches: list[tuple[ScenePlan, int, list[float]]] = []
    for index, info in enumerate(plan.found(store)):
        if info is not None:
            continue
        if stretches and stretches[-1][1] + len(stretches[-1][2]) == index:
            stretches[-1][2].append(lengths[index])
        else:
            stretches.append((plan, index, [lengths[index]]))
    return stretches


def _split(plan: ScenePlan, first: int, lengths: list[float], share: float, store: SegmentStore) -> list[Job]:
    jobs: list[Job] = []
    start, held = first, 0.0
    for offset, seconds in enumerate(lengths):
        held += seconds
        end = first + offset + 1
        if held >= share or end == first + len(lengths):
            known = plan.request.ref.recorded
            digests = tuple((each["recipe"], each["digest"]) for each in plan.recordings)
            first_beat = start if known else None
            keys = plan.keys[start:end]
            jobs.append(Job(plan.request, first_beat, keys, held, store.folder, store.run, digests))
            start, held = end, 0.0
    return jobs
