"""What stock manim needs to draw the project's own scenes, and a scene of all edges at once, for comparison.

Stock manim constructs a scene without arguments, so under it this module gives the kit a default context: the
recordings that the cache holds. `manim -qh benchmarks/render_cases.py Softmax`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from manim import Scene, UpdateFromAlphaFunc, config

from nncore.recording import Recording
from scenes.kit import context
from scenes.kit.edge_field import EdgeField
from scenes.kit.layout import Look
from scenes.registry import load_scene, scene_infos
from studio.runs import ensure_recording

config.frame_height, config.frame_width = 8.0, 8.0 * 16 / 9


def recorded_context(scene: type) -> context.RenderContext:
    """A context with the scene's recordings, trained where the cache has none."""
    recipes = getattr(scene, "recipes", ())
    return context.RenderContext({recipe: Recording.open(ensure_recording(recipe)) for recipe in recipes})


class AllEdges(Scene):
    """All 101,632 edges of 784-128-10, every strength changing in every frame, for one second."""

    def construct(self) -> None:
        sizes = (784, 128, 10)
        layers = [
            np.column_stack([np.full(size, x), np.linspace(3.6, -3.6, size)])
            for size, x in zip(sizes, (-6.0, 0.0, 6.0), strict=True)
        ]
        starts = np.concatenate([np.repeat(layers[0], 128, 0), np.repeat(layers[1], 10, 0)])
        ends = np.concatenate([np.tile(layers[1], (784, 1)), np.tile(layers[2], (128, 1))])
        phase = np.arange(len(starts)) * 12.9898
        edges = EdgeField(Look(), starts, ends, np.sin(phase), 1.0, strength=0.02)
        self.add(edges)

        def turn(field: EdgeField, alpha: float) -> None:
            field.values = np.sin(phase + 6 * alpha).astype(np.float32)

        self.play(UpdateFromAlphaFunc(edges, turn), run_time=1)


if "manim" in Path(sys.argv[0]).name or sys.argv[0].endswith("__main__.py"):
    context.default_context = recorded_context
    for info in scene_infos():
        globals()[info.name] = type(info.name, (load_scene(info.name),), {"__module__": __name__})
