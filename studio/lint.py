"""The layout lint: every beat of a scene looked over in every shape and theme, without drawing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.files import workspace
from studio.presets import ASPECTS, THEMES, check_aspect, check_theme
from studio.request import Request

if TYPE_CHECKING:
    from studio.manim_adapter import Beat, Renderer


@dataclass(frozen=True)
class LintFinding:
    """One thing wrong with one beat's picture."""

    scene: str
    beat: str
    aspect: str
    theme: str
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.scene}.{self.beat} {self.aspect} {self.theme}: {self.kind}: {self.message}"


def lint(request: Request, aspects: tuple[str, ...], themes: tuple[str, ...]) -> list[LintFinding]:
    """The findings of one scene in the given shapes and themes."""
    return [
        finding
        for aspect in aspects
        for theme in themes
        for finding in _lint_one(replace(request, aspect=aspect, theme=theme))
    ]


def _lint_one(request: Request) -> list[LintFinding]:
    from scenes.kit.lint import findings
    from studio.manim_adapter import FrameSink, run_scene

    built: list[Any] = []
    found: list[LintFinding] = []

    class Watch(FrameSink):
        def end_beat(self, beat: Beat, draw: Callable[[], np.ndarray]) -> None:
            scene = built[0]
            found.extend(
                LintFinding(request.scene, beat.name, request.aspect, request.theme, each.kind, each.message)
                for each in findings(list(scene.mobjects), scene.look, list(scene.caption_lines))
            )

    def make(renderer: Renderer) -> Any:
        built.append(request.build(renderer))
        return built[0]

    with workspace() as folder:
        run_scene(make, request.stage(), Watch(), folder)
    return found


def lint_scenes(
    scenes: Sequence[str], aspect: str, theme: str, recordings: Sequence[Path] = ()
) -> tuple[str, bool]:
    """(a line for each finding, whether there is none) for the named scenes or for all.

    Raises: BadInput for an unknown scene, shape or theme.
    """
    from scenes.registry import scene_infos
    from studio.commands import check_recordings, request_for, with_recordings
    from studio.progress import Progress

    aspects = tuple(ASPECTS) if aspect == "all" else (check_aspect(aspect),)
    themes = THEMES if theme == "all" else (check_theme(theme),)
    names = scenes or [info.name for info in scene_infos()]
    requests = [request_for(name, preset="preview") for name in names]
    check_recordings(recordings)
    with Progress() as progress:
        requests = with_recordings(requests, recordings, progress)
    found = [finding for request in requests for finding in lint(request, aspects, themes)]
    text = "\n".join(map(str, found))
    return text or f"{len(requests)} scenes: nothing to mend in the layout.", not found
