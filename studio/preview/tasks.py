"""What a worker process of the preview does; it ends afterwards, so every task sees the code as it is now.

A task gets `send`, which takes a tuple whose first item says what it is.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from studio.engine import JobReport
from studio.files import workspace
from studio.manim_adapter import FrameSink, run_scene
from studio.plan import Job
from studio.request import Request

if TYPE_CHECKING:
    from studio.manim_adapter import Beat, Renderer

Send = Callable[[tuple[Any, ...]], None]
#: Niceness of what the still of the present position goes before.
_LATER = 5


def still(send: Send, request: Request, beat: str, frame: int) -> None:
    """Sends one frame of a beat (its last one if it has fewer) as PNG: ("still", data, beat, frame)."""
    found: list[tuple[np.ndarray, str, int]] = []

    class Pick(FrameSink):
        def begin_beat(self, each: Beat) -> bool:
            return not found

        def wanted(self, each: Beat, first: int, count: int) -> Sequence[int]:
            return [frame] if _is(each, beat) and first <= frame < first + count else ()

        def frame(self, each: Beat, number: int, pixels: np.ndarray, repeat: int) -> None:
            found.append((pixels[..., :3].copy(), each.name, number))

        def end_beat(self, each: Beat, draw: Callable[[], np.ndarray]) -> None:
            if _is(each, beat) and not found:
                found.append((draw()[..., :3].copy(), each.name, max(0, each.count - 1)))

    with workspace() as folder:
        run_scene(request.build, request.stage(), Pick(), folder, jumps=request.ref.recorded)
    for pixels, name, number in found[:1]:
        data = io.BytesIO()
        Image.fromarray(pixels).save(data, format="PNG", compress_level=1)
        send(("still", data.getvalue(), name, number))


def _is(each: Beat, name: str) -> bool:
    return each.name == name if name else each.index == 0


def survey(send: Send, request: Request) -> None:
    """Runs the scene without drawing and sends ("beat", facts) for each: length, words, numbers, findings."""
    _give_way(2 * _LATER)
    built: list[Any] = []

    class Watch(FrameSink):
        def end_beat(self, each: Beat, draw: Callable[[], np.ndarray]) -> None:
            scene = built[0]
            facts = {
                "name": each.name,
                "frames": each.count,
                "caption": getattr(scene, "captions", {}).get(each.name, ""),
                "numbers": _on_screen(scene, each.name),
                "findings": _findings(scene) if request.ref.recorded else [],
            }
            send(("beat", facts))

    def make(renderer: Renderer) -> Any:
        built.append(request.build(renderer))
        return built[0]

    with workspace() as folder:
        run_scene(make, request.stage(), Watch(), folder, jumps=request.ref.recorded)


def _on_screen(scene: Any, beat: str) -> list[dict[str, Any]]:
    """The ledger's entries of this beat, and those of earlier ones whose text is still on stage."""
    ledger = getattr(scene, "ledger", ())
    words = {
        word
        for mobject in scene.mobjects
        for member in mobject.get_family()
        for word in str(getattr(member, "text", "")).split()
    }
    own = [entry for entry in ledger if entry.beat == beat]
    own.sort(key=lambda entry: not set(entry.text.split()) <= words)  # what counted through comes last
    shown = {entry.text for entry in own}
    older = [entry for entry in ledger if entry.beat != beat and set(entry.text.split()) <= words]
    since = [{**asdict(entry), "since": entry.beat} for entry in older if entry.text not in shown]
    return [asdict(entry) for entry in own] + since


def _findings(scene: Any) -> list[dict[str, Any]]:
    """The layout's findings; a box is [left, top, width, height] in shares of the frame."""
    from scenes.kit.lint import findings

    frame = scene.look.frame
    found = []
    for each in findings(list(scene.mobjects), scene.look, list(scene.caption_lines)):
        left, right = ((x - frame.left) / frame.width for x in (each.box.left, each.box.right))
        top, bottom = ((frame.top - y) / frame.height for y in (each.box.top, each.box.bottom))
        box = [round(float(value), 4) for value in (left, top, right - left, bottom - top)]
        found.append({"kind": each.kind, "message": each.message, "box": box})
    return found


def draw(send: Send, job: Job) -> None:
    """Draws segments; sends ("frames", number, key) as they come."""
    from studio.worker import draw as run

    _give_way()
    run(job, lambda frames, key: send(("frames", frames, key)))


def save_still(send: Send, request: Request, seconds: float, target: Path) -> None:
    """Draws one moment at full quality into a PNG file: ("saved", path)."""
    from studio import stills

    stills.save(stills.still(request, at=seconds), target)
    send(("saved", str(target)))


class _Here:
    """An engine that draws in this process, which has no children."""

    workers = 1

    def run(self, jobs: Sequence[Job], report: JobReport) -> None:
        from studio.worker import draw as run

        for job in jobs:
            run(job, lambda frames, key, job=job: report(job, frames, key))  # type: ignore[misc]


def embed(send: Send, request: Request, beat: str | None, folder: Path) -> None:
    """Makes the pack of the scene or one beat: ("snippets", folder, {kind: text})."""
    from studio.embed.pack import Options, make_pack
    from studio.embed.takes import Shot
    from studio.progress import Progress

    _give_way()
    shot = Shot(replace(request, preset="blog"), beat)
    pack = make_pack(shot, folder, Options(), Progress(quiet=True), _Here())
    send(("snippets", str(pack.folder), {kind: pack.snippet(kind) for kind in ("html", "markdown")}))


def _give_way(by: int = _LATER) -> None:
    if hasattr(os, "nice"):
        os.nice(by)
