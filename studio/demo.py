"""The demo: train the digits network or reuse its recording, draw three scenes, join them into one film."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from studio.engine import LocalEngine
from studio.outputs import Clip, render
from studio.progress import Progress
from studio.request import Request
from studio.runs import recordings_for

SCENES = ("ForwardPass", "LossLandscape", "GradientDescent")


def demo(
    folder: Path, *, recordings: Sequence[Path] = (), workers: int | None = None, preset: str = "blog"
) -> Path:
    """Makes the demo film and returns its path."""
    with Progress() as progress:
        requests = []
        for scene in SCENES:
            request = Request(scene, preset)
            found = recordings_for(request.ref.recipes, recordings, progress, alone=False)
            requests.append(Request(scene, preset, recordings=found))
        (path,) = render([Clip(folder / "demo.mp4", tuple(requests))], progress, LocalEngine(workers))
    return path
