"""Draws one job: fast-forwards to its first beat, encodes each beat as a segment, publishes it at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from nncore.errors import NNReelError
from studio.files import part_path, workspace
from studio.manim_adapter import Beat, FrameSink, Renderer, run_scene
from studio.media import SegmentEncoder, probe
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
        self._encoder: SegmentEncoder | None = None
        self._part = part_path(self.store.video(job.keys[0]))
        self._beats: list[Beat] = []

    def build(self, renderer: Renderer) -> Scene:
        """Constructs the scene and keeps it, for its ledger."""
        self.scene = self.job.request.build(renderer)
        return self.scene

    def begin_beat(self, beat: Beat) -> bool:
        if self.job.first is None:
            return True
        return beat.index < self.job.first + len(self.job.keys)

    def _draws(self, beat: Beat) -> bool:
        return self.job.first is None or beat.index >= self.job.first

    def wanted(self, beat: Beat, first: int, count: int) -> Sequence[int]:
        return range(first, first + count) if self._draws(beat) else ()

    def frame(self, beat: Beat, number: int, pixels: np.ndarray, repeat: int) -> None:
        if self._encoder is None:
            self._part = part_path(self.store.video(self.job.keys[0]))
            self._encoder = SegmentEncoder(self._part, *self._size, self.job.request.quality)
        self._encoder.put(pixels, repeat)
        self.report(repeat, "")

    def end_beat(self, beat: Beat, draw: Callable[[], np.ndarray]) -> None:
        if not self._draws(beat):
            return
        self._beats.append(beat)
        if self.job.first is not None:
            self._publish(self.job.keys[beat.index - self.job.first])

    def finish(self) -> None:
        """Publishes a scene that is one segment."""
        if self.job.first is None:
            self._publish(self.job.keys[0])

    def abandon(self) -> None:
        """Removes an unfinished segment."""
        if self._encoder is not None:
            self._encoder.abort()
        self._part.unlink(missing_ok=True)

    def _publish(self, key: str) -> None:
        encoder, self._encoder = self._encoder, None
        if encoder is None:
            raise NNReelError(f"{self.job.request.scene}: nothing was drawn.")
        encoder.close()
        counted = probe(self._part).frames
        wanted = sum(beat.count for beat in self._beats)
        if counted != wanted:
            raise NNReelError(f"{self.job.request.scene}: {counted} of {wanted} frames were encoded.")
        names = {beat.name for beat in self._beats}
        captions = getattr(self.scene, "captions", {})
        played, fps = getattr(self.scene, "played", {}), self.job.request.quality.fps
        beats = [
            {
                "name": beat.name,
                "caption": captions.get(beat.name, ""),
                "frames": beat.count,
                "played": round(played.get(beat.name, 0.0) * fps) or beat.count,
            }
            for beat in self._beats
        ]
        # If the code changed meanwhile, the picture may be the new code's and the key is the old one's.
        self.store.add(key, self._part, beats, self._numbers(names), for_all=self.job.is_current())
        self._beats = []
        self.report(0, key)

    def _numbers(self, beats: set[str]) -> list[dict[str, Any]]:
        ledger = getattr(self.scene, "ledger", ())
        return [asdict(entry) for entry in ledger if entry.beat in beats]


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
