"""Training: the only loop. It yields each step before its update, so recording and replay watch the same run.

batch -> forward -> loss -> backward -> [yield] -> clip -> optimizer -> next batch
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
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
    network = build_network(spec, dataset).init(starts, np.dtype(spec.dtype))
    optimizer = spec_optimizer(spec)
    schedule = build_schedule(spec.schedule, spec.schedule_args)
    params = network.params()
    state = optimizer.init(params)
    per_epoch = -(-n // spec.batch_size)
    n_steps = spec.epochs * per_epoch
    eval_steps = plan_evaluations(n_steps, spec.eval_every or per_epoch)
    due, stopper = set(eval_steps.tolist()), EarlyStopping(spec.early_stopping)
    for step in range(n_steps + 1):
        if step % per_epoch == 0:
            order = shuffles.permutation(n)
        batch = order[(step % per_epoch) * spec.batch_size :][: spec.batch_size]
        x, y = dataset.x_train[batch], dataset.y_train[batch]
        with np.errstate(all="ignore"):  # a run that diverges says so through `ending`
            trace = network.forward(x, True, noise)
            loss = network.batch_loss(trace, y)
            gradients = network.backward(trace, y, input_gradient=False)
            norms = key_norms([gradients.params[key] for key in params])
            evaluation = evaluate(network, dataset) if step in due or step == n_steps else None
        ending = "finished" if step == n_steps else None
        if not (np.isfinite(loss) and np.isfinite(norms).all()):
            ending = "diverged"
        elif evaluation is not None and stopper.should_stop(evaluation["loss_test"]):
            ending = "stopped early"
        if ending and evaluation is None:
            with np.errstate(all="ignore"):
                evaluation = evaluate(network, dataset)
        rate = schedule.at(spec.learning_rate, step, n_steps)
        yield StepState(
            step,
            n_steps,
            step // per_epoch,
            batch,
            network,
            trace,
            gradients,
            loss,
            rate,
            state,
            evaluation,
            eval_steps,
            norms,
            ending,
        )
        if ending:
            return
        with np.errstate(all="ignore"):
            if spec.clip_norm is not None:
                clip_by_norm(gradients.params, spec.clip_norm)
            optimizer.update(params, gradients.params, state, rate)
            network.absorb(trace)


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
    state = next(steps)
    recorder = Recorder(folder, spec, dataset, overwrite=overwrite)
    try:
        probes = choose_probes(state.network, dataset, spec.probes)
        probe_x = dataset.x_test[probes]
        while True:
            _record(recorder, state, probes, probe_x)
            if progress is not None:
                progress(state)
            if state.ending:
                break
            state = next(steps)
        recorder.flush()
        seconds = time.perf_counter() - started
        timing = {"training_seconds": seconds, **time_inference(state.network, dataset)}
        return recorder.seal(state.ending, timing)
    except BaseException:
        recorder.leave()
        raise


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


def restored_network(recording: "Recording", step: int) -> Network:
    """The network of a recording with the parameters of one snapshot."""
    network = build_network(recording.spec, recording.dataset())
    network.init(np.random.default_rng(0), np.dtype(recording.spec.dtype))
    return network.load(recording.params(step) | recording.buffers(step))
