"""AGOP of the digits network over 1,000 images, against one Jacobian per image.

Run from the repository: python benchmarks/bench_agop.py [RECIPE]
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nncore.agop import agop_matrix
from nncore.network import Network
from nncore.recipes import recipe
from nncore.threads import one_thread
from nncore.training import train


def by_example(network: Network, x: np.ndarray) -> np.ndarray:
    """The definition: the mean of Jᵀ J, one image and one output at a time."""
    size = int(np.prod(x.shape[1:]))
    total = np.zeros((size, size))
    for example in x:
        trace = network.forward(example[None])
        rows = []
        for seed in np.eye(network.n_outputs, dtype=trace.z[-1].dtype):
            slope, _, _ = network.stack.backward(trace, seed[None], fused=True)
            rows.append(np.asarray(slope).ravel())
        jacobian = np.array(rows, np.float64)
        total += jacobian.T @ jacobian
    return total / len(x)


@one_thread
def main() -> None:
    """Print both times and the largest difference."""
    spec = recipe(sys.argv[1] if len(sys.argv) > 1 else "digits").spec
    with tempfile.TemporaryDirectory() as temporary:
        recording = train(spec, Path(temporary) / "run")
        network, x = recording.network(recording.n_steps), recording.dataset().x_train[:1000]
        started = time.perf_counter()
        fast = agop_matrix(network, x)
        fast_time = time.perf_counter() - started
        started = time.perf_counter()
        plain = by_example(network, x)
        plain_time = time.perf_counter() - started
    worst = np.abs(fast - plain).max() / np.abs(plain).max()
    print(f"{spec.name}, {len(x)} examples, one thread: {fast_time:.3f} s")
    print(f"one Jacobian for each example: {plain_time:.2f} s, {plain_time / fast_time:.0f} times as long")
    print(f"largest difference {worst:.1e} of the largest entry")


if __name__ == "__main__":
    main()
