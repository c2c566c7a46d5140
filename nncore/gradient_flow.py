"""Gradient flow: how much of the gradient reaches each layer, at every step."""

from dataclasses import dataclass

import numpy as np

from nncore.arrays import Array
from nncore.recording import Recording


@dataclass(frozen=True)
class GradientFlow:
    """Euclidean gradient norms of the layers that have parameters.

    Shapes: layers (K,), norms (n_steps, K).
    """

    layers: tuple[int, ...]
    norms: Array


def gradient_flow(recording: Recording, weights_only: bool = True) -> GradientFlow:
    """The recorded gradient norm of each layer at each step; of its weights alone, or with its vectors."""
    groups: dict[int, list[str]] = {}
    for key in recording.layout.keys:
        if not weights_only or recording.param(key, 0).ndim >= 2:
            groups.setdefault(int(key.split(".")[0]), []).append(key)
    columns = [
        np.sqrt(sum(recording.series(f"grad_norm {key}") ** 2 for key in keys)) for keys in groups.values()
    ]
    return GradientFlow(tuple(groups), np.stack(columns, axis=1))
