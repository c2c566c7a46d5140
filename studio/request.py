"""What is to be drawn: the scene, its look, its parameters and its recordings, as plain data.

A request travels to worker processes and into cache keys, so it holds names and paths, never open objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.library import SceneRef, find_scene
from studio.presets import DEFAULT_PRESET, Preset, check_aspect, check_theme, preset

if TYPE_CHECKING:
    from manim import Scene

    from nncore.recording import Recording
    from studio.manim_adapter import Renderer, Stage


@dataclass(frozen=True)
class Request:
    """One scene in one look.

    `recordings` holds (recipe, folder) pairs; `params`, `beat_seconds` and `lines` (name, value) pairs.
    `enters` and `heading` are those of a scene's context.
    """

    scene: str
    preset: str = DEFAULT_PRESET
    aspect: str = "16:9"
    theme: str = "dark"
    captions: bool = True
    params: tuple[tuple[str, str], ...] = ()
    recordings: tuple[tuple[str, str], ...] = ()
    beat_seconds: tuple[tuple[str, float], ...] = field(default=())
    lines: tuple[tuple[str, str], ...] = ()
    enters: tuple[str, ...] = ()
    heading: str = ""

    @property
    def ref(self) -> SceneRef:
        return find_scene(self.scene)

    @property
    def quality(self) -> Preset:
        return preset(self.preset)

    def checked(self) -> Request:
        """The request itself.

        Raises: BadInput for a name that does not exist or a parameter the scene refuses.
        """
        self.ref.check_params(dict(self.params))
        preset(self.preset), check_aspect(self.aspect), check_theme(self.theme)
        return self

    def stage(self) -> Stage:
        """The picture to draw on."""
        from studio.manim_adapter import Stage

        width, height = self.quality.size(self.aspect)
        return Stage(width, height, self.quality.fps)

    def build(self, renderer: Renderer, opened: Mapping[str, Recording] | None = None) -> Scene:
        """Constructs the scene on a renderer; its recordings are opened here, but for those that are open."""
        return self.ref.load()(renderer=renderer, **self._arguments(opened or {}))

    def _arguments(self, opened: Mapping[str, Recording]) -> Mapping[str, Any]:
        if not self.ref.recorded:
            return {}
        from nncore.recording import Recording
        from scenes.kit.context import RenderContext

        recordings = {
            recipe: opened[recipe] if recipe in opened else Recording.open(Path(folder))
            for recipe, folder in self.recordings
        }
        context = RenderContext(
            recordings=recordings,
            aspect=self.aspect,
            theme=self.theme,
            captions=self.captions,
            params=dict(self.params),
            beat_seconds=dict(self.beat_seconds),
            lines=dict(self.lines),
            enters=self.enters,
            heading=self.heading,
        )
        return {"context": context}


def clip_name(request: Request) -> str:
    """The file name of one scene's clip: what differs from the default look is in it."""
    parts = [request.ref.name]
    if request.aspect != "16:9":
        parts.append(request.aspect.replace(":", "x"))
    if request.theme != "dark":
        parts.append(request.theme)
    if request.preset != DEFAULT_PRESET:
        parts.append(request.preset)
    parts += [
        "".join(c for c in f"{name}{value}" if c.isalnum() or c in "._-") for name, value in request.params
    ]
    return "-".join(parts) + ".mp4"


def library_scenes(requests: Iterable[Request]) -> list[str]:
    """The library's scenes among what is to be drawn, each once."""
    return sorted({request.scene for request in requests if request.ref.library})
