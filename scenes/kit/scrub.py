"""Training time as motion: a mobject drawn through a recording's snapshots, which lie evenly in log time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import Animation, Mobject, UpdateFromAlphaFunc, linear

from scenes.kit.recorded_scene import RecordedScene


def scrubbing(
    mobject: Mobject, count: int, draw: Callable[[Any, int, float], None], **kwargs: Any
) -> Animation:
    """From the first of `count` snapshots to the last.

    `draw(mobject, i, share)` shows the moment `share` of the way from snapshot i to i + 1.
    """
    kwargs.setdefault("rate_func", linear)

    def show(shown: Mobject, alpha: float) -> None:
        at = alpha * (count - 1)
        i = min(int(at), max(count - 2, 0))
        draw(shown, i, float(np.clip(at - i, 0.0, 1.0)))

    return UpdateFromAlphaFunc(mobject, show, **kwargs)


def step_counting(scene: RecordedScene, steps: Sequence[int] | np.ndarray, **kwargs: Any) -> Animation:
    """The step counter in the title row through the snapshots' steps, in pace with `scrubbing`."""
    kwargs.setdefault("rate_func", linear)

    def count(label: Mobject, alpha: float) -> None:
        scene.status(f"step {int(steps[int(alpha * (len(steps) - 1))]):,}")

    return UpdateFromAlphaFunc(scene.status(f"step {int(steps[0]):,}"), count, **kwargs)


def between(values: Any, i: int, share: float) -> np.ndarray:
    """The values `share` of the way from entry i to the next; exactly entry i at 0 and the next at 1."""
    if share <= 0 or len(values) == 1:
        return np.asarray(values[i])
    return np.asarray(values[i + 1]) if share >= 1 else values[i] * (1 - share) + values[i + 1] * share
