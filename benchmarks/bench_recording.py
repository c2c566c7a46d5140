"""What recording costs: a run with and without a recorder, by turns; its size; how fast it is read.

Run from the repository: python benchmarks/bench_recording.py [RECIPE] [ROUNDS]
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nncore.recipes import recipe
from nncore.recorder import Recorder
from nncore.recording import Recording
from nncore.runspec import RunSpec
from nncore.threads import one_thread
from nncore.training import prepare, record_steps, training_steps


@one_thread
def both_ways(spec: RunSpec, folder: Path) -> tuple[float, float]:
    """Seconds of the loop alone, and of the loop with everything written, synced and sealed."""
    dataset = prepare(spec)
    started = time.perf_counter()
    for _ in training_steps(spec, dataset):
        pass
    between = time.perf_counter()
    recorder = Recorder(folder, spec, dataset, overwrite=True)
    record_steps(recorder, training_steps(spec, dataset), dataset)
    recorder.seal("finished", {})
    return between - started, time.perf_counter() - between


def main() -> None:
    """Print both times, their ratio, the size and the reading times."""
    spec = recipe(sys.argv[1] if len(sys.argv) > 1 else "digits").spec
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "run"
        without, recorded = zip(*(both_ways(spec, folder) for _ in range(rounds)), strict=True)
        size = sum(path.stat().st_size for path in folder.iterdir())
        opening, reading = [], []
        for _ in range(20):
            started = time.perf_counter()
            recording = Recording.open(folder)
            opening.append(time.perf_counter() - started)
        for step in recording.steps:
            started = time.perf_counter()
            total = sum(float(w.sum()) for w in recording.params(int(step)).values())
            reading.append(time.perf_counter() - started)
            assert np.isfinite(total)
        key = next(iter(recording.params(0)))
        started = time.perf_counter()
        recording.param_history(key, (0, 0))
        history = time.perf_counter() - started
    base, cost = median(without), median(recorded)
    print(f"{spec.name}: {recording.n_steps} steps, {len(recording.steps)} snapshots, {size / 1e6:.1f} MB")
    print(f"{base:.3f} s without recording, {cost:.3f} s with: {100 * (cost / base - 1):+.1f} % {rounds}x")
    print(f"opened and checked in {1e3 * median(opening):.1f} ms")
    print(f"one snapshot read in {1e3 * median(reading):.2f} ms, the slowest in {1e3 * max(reading):.2f} ms")
    print(f"one weight's history over all snapshots in {1e3 * history:.2f} ms")


if __name__ == "__main__":
    main()
