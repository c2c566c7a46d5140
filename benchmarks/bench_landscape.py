"""A 51 × 51 loss surface over the whole training set: the fast way against one forward pass per grid point.

Run from the repository: python benchmarks/bench_landscape.py [RECIPE] [GRID]
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nncore.landscape import _pca_plane
from nncore.plane import flatten, plane_losses, plane_losses_plain
from nncore.recipes import recipe
from nncore.threads import one_thread
from nncore.training import train


@one_thread
def main() -> None:
    """Print both times, their ratio and the largest relative difference."""
    spec = recipe(sys.argv[1] if len(sys.argv) > 1 else "digits").spec
    grid = int(sys.argv[2]) if len(sys.argv) > 2 else 51
    with tempfile.TemporaryDirectory() as temporary:
        recording = train(spec, Path(temporary) / "run")
        path = np.stack([flatten(recording.params(int(step))) for step in recording.steps])
        plane = _pca_plane([path], None)
        where = plane.coordinates(path)
        axes = np.linspace(where.min(axis=0), where.max(axis=0), grid).T
        points = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
        network, data = recording.network(0, "float64"), recording.dataset()
        setting = (network, data.x_train, data.y_train, plane.origin, plane.u, plane.v, points)
        started = time.perf_counter()
        fast = plane_losses(*setting)
        fast_time = time.perf_counter() - started
        started = time.perf_counter()
        plain = plane_losses_plain(*setting)
        plain_time = time.perf_counter() - started
    worst = np.abs(fast / plain - 1).max()
    print(f"{spec.name}, {len(data.x_train)} examples, {grid} × {grid} points, float64, one thread")
    print(f"plain {plain_time:.2f} s, fast {fast_time:.2f} s: {plain_time / fast_time:.1f} times as fast; "
          f"largest relative difference {worst:.1e}")  # fmt: skip


if __name__ == "__main__":
    main()
