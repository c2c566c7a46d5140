"""Training: the only loop. It yields each step before its update, so recording and replay watch the same run.

batch -> forward -> loss -> backward -> [yield] -> clip -> optimizer -> next batch
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nncore.arrays import Array
from nncore.datasets import Dataset, load_dataset
from nncore.errors import BadInput
from nncore.layers import Trace
from nncore.network import Gradients, Network, build_network, labels_of
from nncore.optimizers import Optimizer, State, build_optimizer, clip_by_norm
from nncore.probes import choose_probes
from nncore.recorder import Recorder
from nncore.runspec import RunSpec
from nncore.schedules import build_schedule
from nncore.snapshots import PROBE_EXTRAS
from nncore.threads import one_thread

if TYPE_CHECKING:
    from nncore.recording import Recording

EVALUATION_BATCH = 1024
Progress = Callable[["StepState"], None]


@dataclass
class StepState:
    """One step as the loop sees it, before its update; `ending` says why no update follows, if none does."""

    step: int
    n_steps: int
    epoch: int
    batch: Array
    network: Network
    trace: Trace
    gradients: Gradients
    loss: float
    learning_rate: float
    optimizer_state: State
    evaluation: dict[str, float] | None
    eval_steps: Array
    grad_norms: Array
    ending: str | None


def training_steps(spec: RunSpec, dataset: Dataset) -> Iterator[StepState]:
    """Train, yielding every step before its update and once more at the end.

    Raises: BadInput for a spec that does not fit, before the first step.
    """
    n = len(dataset.x_train)
    if spec.batch_size > n:
        raise BadInput(f"batch_size = {spec.batch_size}: must be at most {n}, the size of the training set")
    starts, shuffles, noise = np.random.default_rng(spec.seed).spawn(3)
    run = _Run(spec, dataset, starts, noise)
    for step, (epoch, batch) in enumerate(_batches(n, spec.batch_size, shuffles)):
        state = run.look(step, epoch, batch)
        yield state
        if state.ending:
            return
        run.update(state)


def _batches(n: int, size: int, rng: np.random.Generator) -> Iterator[tuple[int, Array]]:
    """(epoch, indices) without end; every epoch visits every example once, in a new order."""
    for epoch in count():
        order = rng.permutation(n)
        for start in range(0, n, size):
            yield epoch, order[start : start + size]


class _Run:
    """What a run carries from step to step. A run that diverges says so by its ending, not by warnings."""

    def __init__(
        self, spec: RunSpec, dataset: Dataset, starts: np.random.Generator, noise: np.random.Generator
    ) -> None:
        self.spec, self.dataset, self.noise = spec, dataset, noise
        self.network = build_network(spec, dataset).init(starts, np.dtype(spec.dtype))
        self.params = self.network.params()
        self.optimizer = spec_optimizer(spec)
        self.state = self.optimizer.init(self.params)
        self.schedule = build_schedule(spec.schedule, spec.schedule_args)
        self.stopper = EarlyStopping(spec.early_stopping)
        per_epoch = -(-len(dataset.x_train) // spec.batch_size)
        self.n_steps = spec.epochs * per_epoch
        self.eval_steps = plan_evaluations(self.n_steps, spec.eval_every or per_epoch)
        self._due = set(self.eval_steps.tolist())

    @np.errstate(all="ignore")
    def look(self, step: int, epoch: int, batch: Array) -> StepState:
        """Everything about a step but its update."""
        x, y = self.dataset.x_train[batch], self.dataset.y_train[batch]
        trace = self.network.forward(x, True, self.noise)
        loss = self.network.batch_loss(trace, y)
        gradients = self.network.backward(trace, y, input_gradient=False)
        norms = key_norms(gradients.params[key] for key in self.params)
        rate = self.schedule.at(self.spec.learning_rate, step, self.n_steps)
        diverged = not (np.isfinite(loss) and np.isfinite(norms).all())
        evaluation = evaluate(self.network, self.dataset) if step in self._due or diverged else None
        ending = "diverged" if diverged else "finished" if step == self.n_steps else None
        if ending is None and evaluation and self.stopper.should_stop(evaluation["loss_test"]):
            ending = "stopped early"
        return StepState(
            step, self.n_steps, epoch, batch, self.network, trace, gradients, loss, rate, self.state,
            evaluation, self.eval_steps, norms, ending,
        )  # fmt: skip

    @np.errstate(all="ignore")
    def update(self, state: StepState) -> None:
        """Clip, step, and let the layers take over the batch's statistics."""
        if self.spec.clip_norm is not None:
            clip_by_norm(state.gradients.params, self.spec.clip_norm)
        self.optimizer.update(self.params, state.gradients.params, self.state, state.learning_rate)
        self.network.absorb(state.trace)


def spec_optimizer(spec: RunSpec) -> Optimizer:
    """The spec's optimizer; its l2 is the decay of all of them, which AdamW alone keeps out of the gradient.

    Source: PyTorch, where one argument weight_decay has these two meanings.
    """
    if spec.optimizer == "adamw" and spec.l2:
        return build_optimizer("adamw", {"weight_decay": spec.l2, **spec.optimizer_args})
    return build_optimizer(spec.optimizer, spec.optimizer_args, spec.l2)


@dataclass
class EarlyStopping:
    """Counts evaluations without a better test loss; never stops where no patience is given."""

    patience: int | None
    best: float = float("inf")
    waited: int = 0

    def should_stop(self, loss_test: float) -> bool:
        """Take in one evaluation."""
        self.waited = 0 if loss_test < self.best else self.waited + 1
        self.best = min(self.best, loss_test)
        return self.patience is not None and self.waited >= self.patience


def plan_evaluations(n_steps: int, every: int) -> Array:
    """Step 0, doubling steps as long as they are below `every`, then every `every` steps, and the end."""
    doubling = [2**k for k in range(n_steps.bit_length()) if 2**k < every]
    steps = {0, *doubling, *range(every, n_steps, every), n_steps}
    return np.array(sorted(step for step in steps if step <= n_steps), np.int64)


def evaluate(network: Network, dataset: Dataset) -> dict[str, float]:
    """Loss and accuracy over the whole training and test sets; NaN accuracy where targets are not labels."""
    result = {}
    for part, x, y in (("train", dataset.x_train, dataset.y_train), ("test", dataset.x_test, dataset.y_test)):
        loss, right = 0.0, 0
        for start in range(0, len(x), EVALUATION_BATCH):
            here = slice(start, start + EVALUATION_BATCH)
            trace = network.forward(x[here])
            loss += network.batch_loss(trace, y[here]) * len(y[here])
            right += int((labels_of(trace.a[-1]) == y[here]).sum()) if dataset.n_classes else 0
        result[f"loss_{part}"] = loss / len(y) if len(y) else float("nan")
        result[f"accuracy_{part}"] = right / len(y) if dataset.n_classes and len(y) else float("nan")
    return result


def key_norms(arrays: Iterable[Array]) -> Array:
    """The Euclidean norm of each array. Shapes: (K,)."""
    return np.array([float(np.vdot(w, w)) for w in arrays]) ** 0.5


def prepare(spec: RunSpec) -> Dataset:
    """The spec's data, in its dtype. Raises: BadInput, RecordingError."""
    dataset = load_dataset(spec.dataset, **spec.dataset_args)
    return with_dtype(dataset, spec.dtype)


def with_dtype(dataset: Dataset, dtype: str) -> Dataset:
    """The dataset with real-valued examples in `dtype`; token numbers and labels stay whole numbers."""

    def cast(x: Array) -> Array:
        return np.ascontiguousarray(x, dtype if np.issubdtype(x.dtype, np.floating) else None)

    return replace(dataset, x_train=cast(dataset.x_train), x_test=cast(dataset.x_test))


@one_thread
def train(
    spec: RunSpec, folder: Path | str, *, progress: Progress | None = None, overwrite: bool = False
) -> "Recording":
    """Train and record; returns the sealed recording.

    A KeyboardInterrupt leaves what was recorded in FOLDER.partial.
    Raises: BadInput for a spec that does not fit or a folder that exists, OutputError where it cannot write.
    """
    from nncore.recording import Recording

    return Recording.open(record_run(spec, prepare(spec), folder, progress, overwrite))


def record_run(
    spec: RunSpec, dataset: Dataset, folder: Path | str, progress: Progress | None, overwrite: bool
) -> Path:
    """Run the loop and hand every step to a recorder; returns the folder once it is sealed."""
    started = time.perf_counter()
    steps = training_steps(spec, dataset)
    first = next(steps)  # refuses what does not fit, before anything is written
    recorder = Recorder(folder, spec, dataset, overwrite=overwrite)
    try:
        last = record_steps(recorder, chain([first], steps), dataset, progress)
        seconds = time.perf_counter() - started
        timing = {"training_seconds": seconds, **time_inference(last.network, dataset)}
        return recorder.seal(last.ending or "finished", timing)
    except BaseException:
        recorder.leave()
        raise


def record_steps(
    recorder: Recorder, steps: Iterable[StepState], dataset: Dataset, progress: Progress | None = None
) -> StepState:
    """Record every step and wait until all is on the disk; returns the last."""
    for state in steps:
        if state.step == 0:
            probes = choose_probes(state.network, dataset, recorder.spec.probes)
            probe_x = dataset.x_test[probes]
        _record(recorder, state, probes, probe_x)
        if progress is not None:
            progress(state)
    recorder.flush()
    return state


def _record(recorder: Recorder, state: StepState, probes: Array, probe_x: Array) -> None:
    numbers = {"loss_batch": state.loss, "learning_rate": state.learning_rate, "epoch": state.epoch}
    recorder.log(numbers | (state.evaluation or {}), state.grad_norms, state.batch)
    if state.step == 0:
        keys = list(state.network.params())
        recorder.begin(snapshot_arrays(state, probe_x), keys, state.n_steps, state.eval_steps, probes)
    if state.ending or state.step in recorder.steps:
        recorder.snapshot(state.step, snapshot_arrays(state, probe_x))


def snapshot_arrays(state: StepState, probe_x: Array) -> dict[str, Array]:
    """Everything a snapshot holds, by field name."""
    with np.errstate(all="ignore"):
        probe = state.network.forward(probe_x)
    arrays = {f"param {key}": w for key, w in state.network.params().items()}
    arrays |= {f"grad {key}": state.gradients.params[key] for key in state.network.params()}
    arrays |= {f"buffer {key}": w for key, w in state.network.buffers().items()}
    for slot, part in state.optimizer_state.items():
        arrays |= {f"state {slot} {key}": w for key, w in part.items()}
    arrays |= {f"mask {key}": mask for key, mask in state.trace.named("mask").items()}
    for kind in PROBE_EXTRAS:
        arrays |= {f"{kind} {key}": array for key, array in probe.named(kind).items()}
    for layer in range(1, len(probe.a)):
        arrays[f"a {layer}"] = probe.a[layer]
        if probe.z[layer] is not probe.a[layer]:
            arrays[f"z {layer}"] = probe.z[layer]
    return arrays


def time_inference(network: Network, dataset: Dataset, count: int = 10_000) -> dict[str, Any]:
    """How long one forward pass over `count` examples takes, for networks of dense layers; timed once."""
    if any(layer.kind != "dense" for layer in network.layers):
        return {}
    x = np.resize(dataset.x_train, (count, *dataset.sample_shape))
    network.predict(x[:1024])
    started = time.perf_counter()
    network.predict(x)
    return {"inference_seconds": time.perf_counter() - started, "inference_examples": count}


def restored_network(recording: "Recording", step: int, dtype: str | None = None) -> Network:
    """The network of a recording with the parameters of one snapshot, in another dtype on request."""
    wanted = np.dtype(dtype or recording.spec.dtype)
    network = build_network(recording.spec, recording.dataset()).init(np.random.default_rng(0), wanted)
    arrays = recording.params(step) | recording.buffers(step)
    return network.load({key: np.asarray(w, wanted) for key, w in arrays.items()})
