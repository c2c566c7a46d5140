"""A scene run without drawing, looked at when chosen beats have ended."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from studio.files import workspace
from studio.manim_adapter import FrameSink, run_scene
from studio.request import Request


def at_beats(
    name: str, recordings: Mapping[str, Path], looks: Mapping[str, Callable[[Any], Any]], **options: Any
) -> dict[str, Any]:
    """What each look found in the scene at the end of its beat; the scene stops after the last of them."""
    request = Request(
        name,
        preset="preview",
        recordings=tuple((recipe, str(path)) for recipe, path in recordings.items()),
        params=tuple((key, str(value)) for key, value in options.pop("params", {}).items()),
        **options,
    )
    scene: list[Any] = []
    found: dict[str, Any] = {}

    class Look(FrameSink):
        def begin_beat(self, beat):
            return len(found) < len(looks)

        def end_beat(self, beat, draw):
            if beat.name in looks and beat.name not in found:
                found[beat.name] = looks[beat.name](scene[0])

    def make(renderer):
        scene.append(request.build(renderer))
        return scene[0]

    with workspace() as folder:
        run_scene(make, request.stage(), Look(), folder)
    missing = set(looks) - set(found)
    assert not missing, f"{name} has no beat {missing}"
    return found
