"""What scenes of runs side by side are drawn from, and what they show of their balls and numbers."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nncore.recording import Recording
from scenes.registry import scene_info
from studio.runs import ensure_recording


def runs(scene: str) -> dict[str, Path]:
    """The recordings the scene is drawn from, by the name of their recipe."""
    return {name: ensure_recording(name) for name in scene_info(scene).recipes}


def opened(scene: str) -> list[Recording]:
    """The same recordings, opened."""
    return [Recording.open(path) for path in runs(scene).values()]


def numbers(scene: Any) -> list[str]:
    """The losses as they stand in the table."""
    return [counter.text for counter in scene.table.counters]


def land_of(scene: Any) -> dict[str, Any]:
    """Where the balls are on the landscape, and where the recordings end on it."""
    land = scene.land
    return {
        "ends": [(land.ball_spot(i), land.heads[i]) for i in range(len(land.heads))],
        "spots": [
            land.spot(rec.param("1.W", rec.n_steps)[0, 0], rec.param("1.b", rec.n_steps)[0], loss)
            for rec, loss in zip(land.runs.value, end_losses(land.runs.value), strict=True)
        ],
        "low": land.loss_scale.low,
    }


def end_losses(recordings: Iterable[Recording]) -> list[float]:
    """The last recorded training loss of each."""
    return [float(rec.evals("loss_train")[-1]) for rec in recordings]
