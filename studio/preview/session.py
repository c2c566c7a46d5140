"""One scene being looked at: what of it is drawn, what is being drawn, what went wrong, as the page sees it.

Everything here runs on one event loop; drawing is in worker processes, reading and joining in threads. A
change ends the workers of the state before, so there is never more than one truth being drawn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nncore.errors import BadInput, NNReelError, RecordingError
from studio.engine import cores
from studio.library import find_scene
from studio.plan import Job
from studio.preview import choices
from studio.preview.errands import Errands
from studio.preview.failures import described, lost
from studio.preview.shelf import Shelf
from studio.preview.timeline import Reel, beats_of, plan_reel
from studio.preview.warm import Worker, warm_up
from studio.request import Request
from studio.segments import SegmentStore

#: Units: seconds until a recording that could not be opened is tried again.
_AGAIN = 1.0


class Session:
    """The state of one preview.

    `listeners` are set whenever a page should read `state` again, `moved` when the recordings
    are others.
    """

    def __init__(self, request: Request, folder: Path, output: Path, given: Sequence[Path] = ()) -> None:
        self.request, self.given, self.shelf = request, given, Shelf(folder)
        self.ref = request.ref
        self.listeners: set[asyncio.Event] = set()
        self.moved = asyncio.Event()
        self.watching = False
        self.position = (self.ref.beats[0][0] if self.ref.beats else "", 0)
        self.errands = Errands(self, output)
        self._store = SegmentStore()
        self._reel: Reel | None = None
        self._surveys: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}
        self._surveyed: dict[str, dict[str, Any]] = {}
        self._recordings: dict[str, dict[str, str]] = {}
        self._clip: dict[str, Any] | None = None
        self._still: dict[str, Any] | None = None
        self._failure: dict[str, Any] | None = None
        self._failed_in = 0
        self._workers: set[Worker] = set()
        self._waiting: list[Job] = []
        self._drawn = (0.0, 0.0)
        self._generation = self._look = 0
        self._refreshing: asyncio.Task[None] | None = None
        self._adding: set[asyncio.Task[None]] = set()
        self._publishing = asyncio.Lock()

    # -- life -----------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Warms the workers up and draws what is missing."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._store.prepare)
        await asyncio.to_thread(warm_up)
        self.refresh()

    async def close(self) -> None:
        """Ends every worker process."""
        self._generation += 1
        workers = self._stop() | self.errands.stop()
        if self._refreshing is not None:
            self._refreshing.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._refreshing
        for worker in workers:
            await asyncio.to_thread(worker.join)

    def refresh(self, *, keeps: bool = True) -> None:
        """Draws what the code, the recordings and the request ask for now.

        `keeps`: beats that changed show their last good picture until they are drawn.
        """
        self._generation += 1
        self._stop()
        if self._refreshing is not None:
            self._refreshing.cancel()
        self._refreshing = asyncio.create_task(self._refresh(self._generation, keeps))

    def _stop(self) -> set[Worker]:
        stopped, self._workers, self._waiting = self._workers, set(), []
        for worker in stopped:
            worker.stop()
        return stopped

    # -- what the page asks ---------------------------------------------------------------------------------

    def look(self, wanted: Mapping[str, Any]) -> None:
        """Another shape, theme, recording or parameter. Raises: BadInput for what was not offered."""
        request = choices.chosen(self.request, wanted, self._recordings)
        if request != self.request:
            if request.recordings != self.request.recordings:
                self.moved.set()
            self.request = request
            self._look += 1
            self.refresh(keeps=False)

    def at(self, beat: str, frame: int) -> None:
        """The page stands at a frame of a beat: where nothing new can be played there, it gets a still."""
        names = [each["name"] for each in self._beats()]
        if names and beat not in names:
            raise BadInput(f"there is no beat '{beat}'.")
        self.position = (beat, max(0, frame))
        if self._reel is not None and not self._is_fresh(beat):
            self._draw_still()

    def start_of(self, beat: str) -> int:
        """Frames before a beat. Raises: BadInput for an unknown one."""
        at = 0
        for each in self._beats():
            if each["name"] == beat:
                return at
            at += each["frames"]
        raise BadInput(f"there is no beat '{beat}'.")

    # -- drawing --------------------------------------------------------------------------------------------

    async def _refresh(self, generation: int, keeps: bool) -> None:
        self._store = SegmentStore()
        self._draw_still()
        try:
            reel = await asyncio.to_thread(self._plan, self._store, self._reel if keeps else None)
        except (NNReelError, SyntaxError, ValueError, OSError) as error:
            if generation == self._generation:
                self._stop()
                self._fail(described(error, self.ref.source))
            if isinstance(error, RecordingError | OSError):
                await asyncio.sleep(_AGAIN)
                if generation == self._generation:
                    self._generation += 1
                    await self._refresh(self._generation, keeps)
            return
        if generation != self._generation:
            return
        self._reel, self.ref = reel, reel.ref
        if self._is_fresh(self.position[0]):
            self._stop()
        self._begin(reel)
        await self._publish(generation)

    def _plan(self, store: SegmentStore, before: Reel | None) -> Reel:
        from scenes.registry import scene_infos

        find_scene.cache_clear()
        scene_infos.cache_clear()
        request = self.request.checked()
        self._recordings = choices.recordings_of(request, self.given)
        return plan_reel(request, store, before)

    def _begin(self, reel: Reel) -> None:
        """Starts the survey, where it is not known, and the drawing of what is missing."""
        known = self._surveys.get(reel.plan.keys)
        self._surveyed = dict(known) if known else self._surveyed
        if known is None:
            self._start("survey", self.request)
        self._waiting = [] if reel.complete else reel.jobs(self._store, cores(), self.position[0])
        self._drawn = (0.0, sum(job.seconds for job in self._waiting) * self.request.quality.fps)
        if reel.complete and known is not None:
            self._failure = None
        self._fill()

    def _fill(self) -> None:
        drawing = sum(worker.task == "draw" for worker in self._workers)
        while self._waiting and drawing < cores():
            self._start("draw", self._waiting.pop(0))
            drawing += 1

    def _draw_still(self) -> None:
        for worker in [each for each in self._workers if each.task == "still"]:
            worker.stop()
            self._workers.discard(worker)
        self._start("still", self.request, *self.position)

    def _start(self, task: str, *arguments: Any) -> None:
        def deliver(worker: Worker, message: tuple[Any, ...]) -> None:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._receive, worker, message)

        self._workers.add(Worker(task, arguments, self.ref.source, deliver))

    def _receive(self, worker: Worker, message: tuple[Any, ...]) -> None:
        if worker not in self._workers:
            return
        kind, *values = message
        if kind == "still":
            self._keep_still(*values)
        elif kind == "beat":
            self._surveyed[values[0]["name"]] = values[0]
            self.tell()
        elif kind == "frames":
            self._drawn = (self._drawn[0] + values[0], self._drawn[1])
            if values[1]:
                task = asyncio.create_task(self._add(self._generation, values[1]))
                self._adding.add(task)
                task.add_done_callback(self._adding.discard)
            self.tell()
        else:
            self._workers.discard(worker)
            self._ended(worker, kind, values)

    def _ended(self, worker: Worker, kind: str, values: list[Any]) -> None:
        if kind == "error":
            self._fail(values[0])
        elif kind == "lost":
            self._fail(lost(values[0]))
        elif worker.task == "survey" and self._reel is not None:
            names = [name for name, _ in self.ref.beats] or list(self._surveyed)
            self._surveyed = {name: self._surveyed[name] for name in names if name in self._surveyed}
            self._surveys[self._reel.plan.keys] = dict(self._surveyed)
            if self._failed_in != self._generation:
                self._failure = None
        self._fill()
        self.tell()

    def _fail(self, failure: dict[str, Any]) -> None:
        if self._failure is None or self._failed_in != self._generation or failure["excerpt"]:
            self._failure, self._failed_in = failure, self._generation
        self.tell()

    # -- what can be looked at ------------------------------------------------------------------------------

    async def _add(self, generation: int, key: str) -> None:
        if self._reel is not None and generation == self._generation:
            self._reel = self._reel.with_segment(key, self._store)
            await self._publish(generation)

    async def _publish(self, generation: int) -> None:
        """Joins what there is into a clip and tells the page."""
        async with self._publishing:
            reel = self._reel
            if generation == self._generation and reel is not None and reel.parts():
                path = self.shelf.next("clip", ".mp4")
                beats = await asyncio.to_thread(reel.join, self._store, path)
                if generation == self._generation:
                    self._clip = self.shelf.put_picture(path, self.request, self._look, beats=beats)
                    if self._still and self._is_fresh(self._still["beat"]):
                        self._still = None
            self.tell()

    def _keep_still(self, data: bytes, beat: str, frame: int) -> None:
        path = self.shelf.next("still", ".png")
        path.write_bytes(data)
        facts = {"beat": beat, "frame": frame, "asked": self.position[1]}
        self._still = self.shelf.put_picture(path, self.request, self._look, **facts)
        self.tell()

    def _is_fresh(self, beat: str) -> bool:
        if self._reel is None:
            return False
        return any(
            fresh and beat in [each["name"] for each in info.beats] for info, fresh in self._reel.parts()
        )

    def _beats(self) -> list[dict[str, Any]]:
        return beats_of(self._reel, self._surveyed) if self._reel is not None else []

    def tell(self) -> None:
        """Wakes every page."""
        for event in self.listeners:
            event.set()

    def state(self) -> dict[str, Any]:
        """Everything the page shows."""
        done, total = self._drawn
        busy = any(worker.task in ("draw", "still") for worker in self._workers)
        width, height = self.request.quality.size(self.request.aspect)
        return {
            "scene": self.ref.name,
            "title": self.errands.title,
            "look": self._look,
            "width": width,
            "height": height,
            "fps": self.request.quality.fps,
            "beats": self._beats(),
            "clip": self._clip,
            "still": self._still,
            "failure": self._failure,
            "busy": busy or self._reel is None,
            "share": round(min(done / total, 0.99), 2) if total else 0.0,
            "watching": self.watching,
            "choices": choices.offered(self.request, self.ref.params or {}, self._recordings),
        }
