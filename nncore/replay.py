"""Replay: train again from what the manifest says and compare every snapshot bit for bit."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nncore.recording import Recording
from nncore.threads import one_thread
from nncore.training import StepState, evaluate, restored_network, snapshot_arrays, training_steps


@dataclass(frozen=True)
class ReplayReport:
    """Whether the run came out the same, or where it first did not."""

    ok: bool
    first_difference: str | None = None
    snapshots: int = 0


@one_thread
def replay(recording: Recording) -> ReplayReport:
    """Train again with the recorded seed and data, and compute what follows from the recorded weights."""
    wanted = {int(step) for step in recording.steps}
    checked = 0
    for state in training_steps(recording.spec, recording.dataset()):
        if state.step > recording.n_steps:
            break
        difference = _compare_step(recording, state)
        if difference is None and state.step in wanted:
            difference = _compare_snapshot(recording, state) or _compare_restored(recording, state.step)
            checked += 1
        if difference is not None:
            return ReplayReport(False, f"step {state.step}: {difference}", checked)
    if checked != len(wanted):
        return ReplayReport(False, f"the run ended after {checked} of {len(wanted)} snapshots", checked)
    return ReplayReport(True, None, checked)


def _compare_step(recording: Recording, state: StepState) -> str | None:
    row = recording.log_row(state.step)
    if not np.array_equal(recording.batch(state.step), state.batch):
        return "another batch"
    for name, value in (("loss_batch", state.loss), ("learning_rate", state.learning_rate)):
        if not _same(row[name], value):
            return f"{name} is {value!r}, recorded {float(row[name])!r}"
    for name, value in (state.evaluation or {}).items():
        if not _same(row[name], value):
            return f"{name} is {value!r}, recorded {float(row[name])!r}"
    return None


def _compare_snapshot(recording: Recording, state: StepState) -> str | None:
    for name, array in snapshot_arrays(state, recording.probe_x).items():
        kind, _, key = name.partition(" ")
        recorded = recording.field(kind, key, state.step)
        if kind == "mask":
            recorded = recorded[: len(state.batch)]
        if not _same(recorded, array):
            return _describe(name, recorded, np.asarray(array))
    return None


def _compare_restored(recording: Recording, step: int) -> str | None:
    network = restored_network(recording, step)
    with np.errstate(all="ignore"):
        trace = network.forward(recording.probe_x)
        for layer in range(1, len(trace.a)):
            if not _same(recording.a(layer, step), trace.a[layer]):
                return f"a of layer {layer} does not follow from the recorded weights"
        where = np.flatnonzero(recording.eval_steps == step)
        found = evaluate(network, recording.dataset()) if len(where) else {}
    for name, value in found.items():
        if not _same(recording.evals(name)[where[0]], value):
            return f"{name} does not follow from the recorded weights"
    return None


def _same(recorded: npt.ArrayLike, found: npt.ArrayLike) -> bool:
    recorded = np.asarray(recorded)
    return np.array_equal(recorded, found, equal_nan=np.issubdtype(recorded.dtype, np.floating))


def _describe(name: str, recorded: np.ndarray, found: np.ndarray) -> str:
    if recorded.shape != found.shape:
        return f"{name} has shape {found.shape}, recorded {recorded.shape}"
    different = np.argwhere(~((recorded == found) | ((recorded != recorded) & (found != found))))
    index = tuple(int(i) for i in different[0])
    return f"{name}{list(index)} is {found[index]!r}, recorded {recorded[index]!r}"
