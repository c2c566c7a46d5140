"""How long a scene's beats last, found by running it without drawing a frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from nncore.errors import BadInput, NNReelError
from studio.files import workspace
from studio.request import Request

if TYPE_CHECKING:
    from studio.manim_adapter import Beat


def measured(request: Request, last: str, place: str) -> dict[str, dict[str, Any]]:
    """Name, frames and frames `played` of each beat up to the last one wanted, by name.

    Raises: BadInput with the place of the scene in the film, where it cannot be run.
    """
    try:
        return _run(request, last)
    except NNReelError:
        raise
    except Exception as error:
        why = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise BadInput(f"{place}: {request.ref.name} cannot be drawn: {why}") from error


def _run(request: Request, last: str) -> dict[str, dict[str, Any]]:
    from studio.manim_adapter import FrameSink, run_scene

    beats: list[Beat] = []

    class Measure(FrameSink):
        def begin_beat(self, beat: Beat) -> bool:
            return not (beats and beats[-1].name == last)

        def end_beat(self, beat: Beat, draw: Callable[[], np.ndarray]) -> None:
            beats.append(beat)

    fps = request.quality.fps
    with workspace() as folder:
        scene, _ = run_scene(request.build, request.stage(), Measure(), folder, jumps=True)
    played = getattr(scene, "played", {})
    return {
        beat.name: {
            "name": beat.name,
            "frames": beat.count,
            "played": round(played.get(beat.name, beat.count / fps) * fps),
        }
        for beat in beats
    }
