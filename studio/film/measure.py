"""How long a scene's beats last, found by running it without drawing a frame; what was found is kept.

It is kept under the keys of the segments: what decides frames decides how many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nncore.errors import BadInput, NNReelError
from studio.files import workspace
from studio.notes import Notes, known
from studio.plan import ScenePlan
from studio.request import Request

if TYPE_CHECKING:
    from manim import Scene

    from nncore.recording import Recording
    from studio.manim_adapter import Beat, Renderer

#: More measures than this are forgotten together.
_MANY = 20_000


class Measures:
    """What was found of beats, by their segments' keys."""

    def __init__(self, recordings: Mapping[str, Recording]) -> None:
        self._recordings = recordings
        self._found = Notes(known("beats"), _MANY)

    def of(self, plan: ScenePlan, beats: Sequence[str], place: str) -> list[dict[str, Any]]:
        """Name, frames and frames `played` of each of the beats, in their order.

        Raises: BadInput with the place of the scene in the film, where it cannot be run.
        """
        known = [name for name, _ in plan.request.ref.beats]
        keys = {beat: plan.keys[known.index(beat)] for beat in beats}
        if any(key not in self._found for key in keys.values()):
            run = self._measured(plan.request, max(beats, key=known.index), place)
            self._found |= {keys[beat]: run[beat] for beat in beats}
        found = {beat: self._found[key] for beat, key in keys.items()}
        return [{"name": beat, "frames": found[beat][0], "played": found[beat][1]} for beat in beats]

    def remember(self) -> None:
        """Keeps what was found for the next check."""
        self._found.remember()

    def _measured(self, request: Request, last: str, place: str) -> dict[str, list[int]]:
        try:
            return _run(request, last, self._recordings)
        except NNReelError:
            raise
        except Exception as error:
            why = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise BadInput(f"{place}: {request.ref.name} cannot be drawn: {why}") from error


def _run(request: Request, last: str, recordings: Mapping[str, Recording]) -> dict[str, list[int]]:
    """Frames and frames `played` of each beat up to the last one wanted, by name."""
    from studio.manim_adapter import FrameSink, run_scene

    beats: list[Beat] = []

    class Measure(FrameSink):
        def begin_beat(self, beat: Beat) -> bool:
            return not (beats and beats[-1].name == last)

        def end_beat(self, beat: Beat, draw: Callable[[], np.ndarray]) -> None:
            beats.append(beat)

    def build(renderer: Renderer) -> Scene:
        return request.build(renderer, recordings)

    fps = request.quality.fps
    with workspace() as folder:
        scene, _ = run_scene(build, request.stage(), Measure(), folder, jumps=True)
    played = getattr(scene, "played", {})
    return {beat.name: [beat.count, round(played.get(beat.name, beat.count / fps) * fps)] for beat in beats}
