"""Plays a scene to its end without drawing it: what its mobjects and its ledger then hold can be checked."""

from pathlib import Path

from studio.files import workspace
from studio.manim_adapter import FrameSink, run_scene
from studio.request import Request


def played(scene: str, recordings: dict[str, Path], **options):
    """The scene after its last beat; `options` are those of a Request."""
    named = tuple((name, str(path)) for name, path in recordings.items())
    request = Request(scene, preset="preview", recordings=named, **options)
    with workspace() as folder:
        built, _ = run_scene(request.build, request.stage(), FrameSink(), folder)
    return built


def shown(scene, key: str) -> list[float]:
    """The values of all ledger entries whose source has a key."""
    return [entry.value for entry in scene.ledger if entry.source["key"] == key]
