"""Gradient flow: how much of the gradient reaches each layer, at every step."""

from dataclasses import dataclass

import numpy as np

from nncore.arrays import Array
from nncore.recording import Recording


@dataclass(frozen=True)
class GradientFlow:
    """Euclidean gradient norms of the layers that have weights.

    Shapes: layers (K,), norms (n_steps, K).
    """

    layers: tuple[int, ...]
    norms: Array


def gradient_flow(recording: Recording) -> GradientFlow:
    """The recorded gradient norm of each layer's weights, without its vectors, at each step."""
    groups: dict[int, list[str]] = {}
    for key in recording.layout.keys:
        if recording.param(key, 0).ndim >= 2:
            groups.setdefault(int(key.split(".")[0]), []).append(key)
    columns = [
        np.sqrt(sum(recording.series(f"grad_norm {key}") ** 2 for key in keys)) for keys in groups.values()
    ]
    return GradientFlow(tuple(groups), np.stack(columns, axis=1))
