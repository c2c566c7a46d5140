"""Embeddings: what a layer makes of the test set, projected to two dimensions one can draw."""

from dataclasses import dataclass

import numpy as np

from nncore.arrays import Array
from nncore.derived import derived
from nncore.errors import BadInput
from nncore.recording import Recording
from nncore.threads import one_thread

VERSION = 1


@dataclass(frozen=True)
class Embedding:
    """One layer's activations of test examples at some snapshots, all in the projection of the last of them.

    Shapes: steps (S,), points (S, n, 2), labels (n,), variance (S, 2): the share of the activations' variance
    that each axis explains at that snapshot.
    """

    steps: Array
    points: Array
    labels: Array
    variance: Array


def embedding(
    recording: Recording, layer: int, steps: tuple[int, ...] | None = None, count: int | None = None
) -> Embedding:
    """Hidden activations of the first `count` test examples, by PCA of the last snapshot, kept in the cache.

    Raises: BadInput for a layer the network does not have.
    """
    if not 1 <= layer <= len(recording.spec.layers):
        raise BadInput(f"layer = {layer}: must be from 1 to {len(recording.spec.layers)}")
    chosen = recording.steps if steps is None else np.array(steps, np.int64)
    args = {"layer": layer, "steps": chosen.tolist(), "count": count}
    found = derived(
        "embedding", VERSION, [recording.digest], args, lambda: _project(recording, layer, chosen, count)
    )
    return Embedding(
        chosen, found["points"], np.asarray(recording.dataset().y_test[:count]), found["variance"]
    )


@one_thread
def _project(recording: Recording, layer: int, steps: Array, count: int | None) -> dict[str, Array]:
    x = recording.dataset().x_test[:count]
    last = _activations(recording, layer, int(steps[-1]), x)
    mean = last.mean(axis=0)
    directions = np.linalg.svd(last - mean, full_matrices=False)[2][:2]
    directions *= np.where(directions[np.arange(2), np.abs(directions).argmax(axis=1)] < 0, -1, 1)[:, None]
    points, variance = [], []
    for step in steps:
        a = _activations(recording, layer, int(step), x)
        points.append((a - mean) @ directions.T)
        total = a.var(axis=0).sum()
        variance.append(points[-1].var(axis=0) / total if total > 0 else np.full(2, np.nan))
    return {"points": np.stack(points), "variance": np.stack(variance)}


def _activations(recording: Recording, layer: int, step: int, x: Array) -> Array:
    """One layer's a as vectors. Shapes: (n, units), float64."""
    network = recording.network(step)
    parts = [network.forward(x[start : start + 512]).a[layer] for start in range(0, len(x), 512)]
    return np.concatenate(parts).reshape(len(x), -1).astype(np.float64)
