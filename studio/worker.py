"""Draws one job: fast-forwards to its first beat, encodes each beat in chunks, publishes each when done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from nncore.errors import NNReelError
from studio import loaded
from studio.chunks import Chunks
from studio.files import workspace
from studio.manim_adapter import Beat, FrameSink, Renderer, run_scene
from studio.plan import Job
from studio.segments import SegmentStore

if TYPE_CHECKING:
    from manim import Scene

#: Told the number of frames drawn since the last call, and a segment's key once it is published ("" before).
Report = Callable[[int, str], None]


class SegmentSink(FrameSink):
    """Encodes the beats of a job and skips the others."""

    def __init__(self, job: Job, report: Report) -> None:
        self.job = job
        self.store = SegmentStore(job.store, job.run)
        self.report = report
        self.scene: Scene | None = None
        stage = job.request.stage()
        self._size = (stage.width, stage.height)
        self._chunks: Chunks | None = None
        self._beats: list[Beat] = []

    def build(self, renderer: Renderer) -> Scene:
        """Constructs the scene and keeps it, for its ledger."""
        self.scene = self.job.request.build(renderer)
        return self.scene

    def begin_beat(self, beat: Beat) -> bool:
        if self.job.first is None:
            self._start(self.job.keys[0])
        elif beat.index >= self.job.first + len(self.job.keys):
            return False
        elif beat.index >= self.job.first:
            self._start(self.job.keys[beat.index - self.job.first])
        return True

    def _start(self, key: str) -> None:
        if self._chunks is None:
            job = self.job
            self._chunks = Chunks(
                self.store, key, job.request.quality, self._size, self._lasts, job.part, job.parts
            )

    def _lasts(self) -> bool:
        """Whether this process draws what the keys say: by the code on disk, and that is what is loaded."""
        return self.job.is_current() and not loaded.outdated()

    def _offset(self, beat: Beat) -> int:
        """The beat's first frame within its segment."""
        return 0 if self.job.first is not None else beat.first

    def wanted(self, beat: Beat, first: int, count: int) -> Sequence[int]:
        if self._chunks is None:
            return ()
        offset = self._offset(beat)
        found = self._chunks.wanted(offset + first, count)
        if isinstance(found, range):
            return range(first, first + count)
        return [frame - offset for frame in found]

    def frame(self, beat: Beat, number: int, pixels: np.ndarray, repeat: int) -> None:
        assert self._chunks is not None
        self._chunks.put(self._offset(beat) + number, pixels, repeat)
        self.report(repeat, "")

    def end_beat(self, beat: Beat, draw: Callable[[], np.ndarray]) -> None:
        if self._chunks is not None:
            self._beats.append(beat)
            if self.job.first is not None:
                self._end()

    def finish(self) -> None:
        """Publishes a scene that is one segment."""
        if self.job.first is None:
            self._end()

    def abandon(self) -> None:
        """Removes what is unfinished."""
        if self._chunks is not None:
            self._chunks.abandon()

    def _end(self) -> None:
        frames = sum(beat.count for beat in self._beats)
        if self._chunks is None or not frames:
            raise NNReelError(f"{self.job.request.scene}: nothing was drawn.")
        names = {beat.name for beat in self._beats}
        captions, played = (getattr(self.scene, name, {}) for name in ("captions", "played"))
        fps = self.job.request.quality.fps
        beats = [
            {
                "name": beat.name,
                "caption": captions.get(beat.name, ""),
                "frames": beat.count,
                "played": round(played.get(beat.name, beat.count / fps) * fps),
            }
            for beat in self._beats
        ]
        self._chunks.end(frames, beats, self._numbers(names))
        key, self._chunks, self._beats = self._chunks.key, None, []
        self.report(0, key)

    def _numbers(self, beats: set[str]) -> list[dict[str, Any]]:
        """The numbers of these beats, and those read while the stage was set: any beat may show them."""
        ledger = getattr(self.scene, "ledger", ())
        return [asdict(entry) for entry in ledger if entry.beat in beats or not entry.beat]


def draw(job: Job, report: Report) -> None:
    """Runs a job in this process."""
    sink = SegmentSink(job, report)
    try:
        with workspace() as folder:
            jumps = job.request.ref.recorded
            run_scene(sink.build, job.request.stage(), sink, folder, jumps=jumps)
        sink.finish()
    except BaseException:
        sink.abandon()
        raise


def draw_checked(job: Job, report: Report) -> str:
    """Runs a job that was planned elsewhere, if the code is the same here; else says why it is not."""
    loaded.note()
    if name := loaded.outdated():
        return f"it runs an older {name} than is on its disk; restart it"
    if not job.is_current():
        return f"its code of {job.request.scene} is another"
    draw(job, report)
    return ""
