"""What the page's buttons ask for beside the clip: a still at full quality, an embed's snippets."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nncore.errors import BadInput, NNReelError
from studio.library import SceneRef
from studio.preview.choices import marker_of
from studio.preview.warm import Worker
from studio.request import clip_name

if TYPE_CHECKING:
    from studio.preview.session import Session

#: What a still is drawn in.
STILL_PRESET = "blog"


class Errands:
    """Tasks in processes of their own that outlive a change; their files go to the `output` folder."""

    def __init__(self, session: Session, output: Path) -> None:
        self.session, self.output = session, output
        self.title = _title(session.ref)
        self._workers: set[Worker] = set()

    def stop(self) -> set[Worker]:
        """Ends what is under way."""
        stopped, self._workers = self._workers, set()
        for worker in stopped:
            worker.stop()
        return stopped

    async def save_still(self, beat: str, frame: int) -> dict[str, Any]:
        """Draws one frame at full quality into a PNG file in the output folder."""
        session = self.session
        start = session.start_of(beat)
        seconds = (start + max(0, frame)) / session.request.quality.fps
        request = replace(session.request, preset=STILL_PRESET)
        stem = clip_name(request).removesuffix(".mp4")
        target = self.output / f"{stem}-{beat or 'frame'}-{seconds:.2f}s.png"
        await self._run("save_still", request, seconds, target)
        return {"path": str(target), "url": session.shelf.put(target)}

    async def embed(self, beat: str | None) -> dict[str, Any]:
        """Makes the pack of the scene or one of its beats; its snippets by kind."""
        if beat is not None:
            self.session.start_of(beat)
        (folder, snippets) = await self._run("embed", self.session.request, beat, self.output)
        return {"folder": folder, "snippets": snippets}

    def marker(self, beat: str | None) -> str:
        """The line for a post that `weave` turns into this clip."""
        return marker_of(self.session.request, beat)

    async def _run(self, task: str, *arguments: Any) -> list[Any]:
        """Runs a task and returns what it sent before it was done. Raises: NNReelError if it failed."""
        if len(self._workers) > 1:
            raise BadInput("two files are being made already; try again when one is done.")
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[tuple[Any, ...]] = loop.create_future()
        sent: list[Any] = []

        def take(message: tuple[Any, ...]) -> None:
            if message[0] in ("done", "error", "lost"):
                if not ended.done():
                    ended.set_result(message)
            else:
                sent[:] = message[1:]

        def deliver(_: Worker, message: tuple[Any, ...]) -> None:
            loop.call_soon_threadsafe(take, message)

        worker = Worker(task, arguments, self.session.ref.source, deliver)
        self._workers.add(worker)
        try:
            kind, *values = await ended
        finally:
            self._workers.discard(worker)
            worker.stop()
        if kind == "error":
            raise NNReelError(" ".join(filter(None, (values[0]["title"], values[0]["place"]))))
        if kind == "lost":
            raise NNReelError(f"the process that made it ended with code {values[0]}.")
        return sent


def _title(ref: SceneRef) -> str:
    if not ref.library:
        return ref.name
    from scenes.registry import scene_info

    return scene_info(ref.name).title
