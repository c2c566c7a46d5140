"""What a recording holds, and that it is what happened."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_runs import TINY

from nncore.errors import RecordingError
from nncore.npyfiles import as_bytes, from_bytes
from nncore.recipes import DIGITS
from nncore.recording import Recording
from nncore.snapshots import plan_steps
from nncore.training import EarlyStopping, plan_evaluations, prepare, train, training_steps, with_dtype


def test_each_step_is_the_learning_rate_times_the_recorded_gradient(tiny: Recording) -> None:
    dense_start = [int(s) for s in tiny.steps[:-1] if s + 1 in tiny.steps]
    assert len(dense_start) >= 5
    for step in dense_start:
        for key, w in tiny.params(step).items():
            expected = w - tiny.grad(key, step) * np.float32(tiny.spec.learning_rate)
            assert np.array_equal(tiny.param(key, step + 1), expected)


def test_steps_run_from_the_start_to_the_end(tiny: Recording) -> None:
    assert tiny.steps[0] == 0
    assert tiny.steps[-1] == tiny.n_steps == 6 * 5
    assert list(tiny.steps) == sorted(set(tiny.steps.tolist()))
    assert len(tiny.steps) <= TINY.snapshots
    assert tiny.nearest_step(0.4) == 0
    assert tiny.nearest_step(1e9) == tiny.n_steps


def test_series_have_one_number_per_update(tiny: Recording) -> None:
    for name in ("loss_batch", "learning_rate", "epoch", "grad_norm", "param_norm", "grad_norm 1.W"):
        assert tiny.series(name).shape == (tiny.n_steps,)
    assert tiny.series("epoch").tolist() == [step // 5 for step in range(30)]
    parts = np.stack([tiny.series(f"grad_norm {key}") for key in tiny.params(0)])
    assert np.allclose(np.sqrt((parts**2).sum(axis=0)), tiny.series("grad_norm"))
    norm = np.sqrt(sum(float((g.astype(float) ** 2).sum()) for g in tiny.grads(0).values()))
    assert tiny.series("grad_norm")[0] == pytest.approx(norm)
    size = tiny.series("param_norm 1.W")
    assert np.flatnonzero(np.isfinite(size)).tolist() == tiny.steps[:-1].tolist()
    assert size[3] == pytest.approx(np.linalg.norm(tiny.param("1.W", 3)))


def test_every_epoch_visits_every_example_once(tiny: Recording) -> None:
    for epoch in range(6):
        seen = np.concatenate([tiny.batch(step) for step in range(5 * epoch, 5 * epoch + 5)])
        assert sorted(seen.tolist()) == list(range(44))


def test_recorded_losses_and_activations_follow_from_recorded_weights(tiny: Recording) -> None:
    data = tiny.dataset()
    for step in (int(tiny.steps[3]), tiny.n_steps):
        network = tiny.network(step)
        trace = network.forward(tiny.probe_x)
        for layer in (1, 2):
            assert np.array_equal(trace.z[layer], tiny.z(layer, step))
            assert np.array_equal(trace.a[layer], tiny.a(layer, step))
        batch = tiny.batch(step)
        loss = network.loss(data.x_train[batch], data.y_train[batch])
        assert loss == pytest.approx(tiny.log_row(step)["loss_batch"])
    assert tiny.evals("loss_test")[-1] == pytest.approx(network.loss(data.x_test, data.y_test))
    assert tiny.evals("accuracy_test")[-1] == network.accuracy(data.x_test, data.y_test)


def test_evaluations_include_the_first_and_the_last_step(tiny: Recording) -> None:
    assert tiny.eval_steps[0] == 0
    assert tiny.eval_steps[-1] == tiny.n_steps
    for name in ("loss_train", "loss_test", "accuracy_train", "accuracy_test"):
        assert tiny.evals(name).shape == tiny.eval_steps.shape
        assert np.isfinite(tiny.evals(name)).all()


def test_what_is_missing_is_nan(tmp_path: Path) -> None:
    spec = TINY.but(loss="mse", layers=({"type": "dense", "units": 1},))
    recording = train(spec, tmp_path / "r")
    assert np.isnan(recording.log_row(3)["accuracy_test"])
    table = tmp_path / "table.csv"
    rng = np.random.default_rng(0)
    np.savetxt(table, rng.normal(size=(40, 3)), delimiter=",")
    numbers = spec.but(dataset="csv", dataset_args={"path": str(table), "task": "numbers"})
    recording = train(numbers, tmp_path / "numbers")
    assert np.isnan(recording.evals("accuracy_test")).all()
    assert np.isfinite(recording.evals("loss_test")).all()


def test_one_weights_history_is_that_weight_in_every_snapshot(tiny: Recording) -> None:
    history = tiny.param_history("1.W", (2, 1))
    assert history.tolist() == [float(tiny.param("1.W", int(step))[2, 1]) for step in tiny.steps]
    assert tiny.param_history("1.W").shape == (len(tiny.steps), 6, 2)
    assert tiny.grad_history("2.b", 0).shape == (len(tiny.steps),)


def test_what_is_read_cannot_be_written(tiny: Recording) -> None:
    with pytest.raises(ValueError, match="read-only"):
        tiny.param("1.W", 0)[0, 0] = 1.0
    network = tiny.network(0)
    network.params()["1.W"][:] = 0
    assert tiny.param("1.W", 0).any()


def test_probes_are_test_examples_of_every_class(tiny: Recording) -> None:
    assert tiny.probe_y.tolist() == [0, 0, 0, 1, 1, 1]
    assert np.array_equal(tiny.probe_x, tiny.dataset().x_test[tiny.probe_indices])
    assert np.array_equal(tiny.a(0, 0), tiny.probe_x)
    untrained = tiny.network(0).predict(tiny.dataset().x_test)[:, 0] >= 0.5
    missed = [label for label in (0, 1) if (untrained != label)[tiny.dataset().y_test == label].any()]
    assert missed
    for label in missed:
        first = tiny.probe_indices[tiny.probe_y.tolist().index(label)]
        assert untrained[first] != label


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (lambda r: r.param("1.w", 0), "no param '1.w'. Did you mean '1.W'?"),
        (lambda r: r.param("1.W", 1000), "step 1000 has no snapshot; the nearest has 30"),
        (lambda r: r.series("loss"), "no series 'loss'"),
        (lambda r: r.evals("accuracy"), "no evaluation 'accuracy'"),
        (lambda r: r.batch(31), "no step 31"),
        (lambda r: r.param_history("1.W", (9, 9)), "no element (9, 9)"),
    ],
)
def test_wrong_questions_are_answered_in_one_line(tiny: Recording, ask: Any, reason: str) -> None:
    with pytest.raises(RecordingError) as caught:
        ask(tiny)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_same_seed_gives_the_same_digest(tiny: Recording, tmp_path: Path) -> None:
    assert train(TINY, tmp_path / "again").digest == tiny.digest
    assert train(TINY.but(seed=5), tmp_path / "other").digest != tiny.digest


def test_recording_changes_nothing_in_the_run(tiny: Recording) -> None:
    for state in training_steps(TINY, tiny.dataset()):
        if state.step in tiny.steps:
            assert np.array_equal(state.network.params()["1.W"], tiny.param("1.W", state.step))


def test_a_diverged_run_is_a_recording(tmp_path: Path) -> None:
    spec = TINY.but(loss="mse", layers=({"type": "dense", "units": 1},), learning_rate=60.0, epochs=40)
    recording = train(spec, tmp_path / "r")
    assert recording.diverged
    assert recording.sealed
    assert recording.n_steps < 40 * 5
    assert np.isfinite(recording.series("loss_batch")).all()
    assert not np.isfinite(recording.log_row(recording.n_steps)["loss_batch"])


def test_early_stopping_keeps_the_best_snapshot(tmp_path: Path) -> None:
    spec = TINY.but(early_stopping=2, epochs=40, optimizer="adam", learning_rate=0.1)
    recording = train(spec, tmp_path / "r")
    losses = recording.evals("loss_test")
    assert recording.manifest["status"] == "stopped early"
    assert recording.best_step in recording.steps
    assert recording.best_step == recording.eval_steps[losses.argmin()]
    assert len(losses) - 1 - losses.argmin() == 2


def test_patience_counts_evaluations_without_a_better_loss() -> None:
    stopper = EarlyStopping(2)
    assert [stopper.should_stop(loss) for loss in (3.0, 2.0, 2.5, 1.9, 2.0, 1.9)] == [False] * 5 + [True]
    assert not any(EarlyStopping(None).should_stop(loss) for loss in range(9))


def test_dropout_masks_are_recorded(tmp_path: Path) -> None:
    layers = (TINY.layers[0], {"type": "dropout", "rate": 0.5}, TINY.layers[1])
    recording = train(TINY.but(layers=layers, batch_size=7), tmp_path / "r")
    masks = [recording.masks(int(step))["2"] for step in recording.steps]
    assert masks[0].dtype == bool
    assert [mask.shape for mask in masks] == [(len(recording.batch(int(s))), 6) for s in recording.steps]
    assert {len(mask) for mask in masks} == {7, 2}
    assert 0.3 < np.concatenate(masks).mean() < 0.7


def test_single_precision_is_kept(tiny: Recording, tmp_path: Path) -> None:
    assert tiny.param("1.W", 0).dtype == np.float32
    double = train(TINY.but(dtype="float64", epochs=1), tmp_path / "r")
    assert double.param("1.W", 0).dtype == np.float64
    assert np.allclose(double.param("1.W", 0), tiny.param("1.W", 0), rtol=1e-6)


def test_tokens_stay_whole_numbers(tiny: Recording) -> None:
    data = tiny.dataset()
    tokens = replace(data, x_train=np.zeros((44, 3), np.int64), x_test=np.zeros((16, 3), np.int64))
    assert with_dtype(tokens, "float32").x_train.dtype == np.int64


@given(n_steps=st.integers(1, 100_000), count=st.integers(1, 300))
def test_snapshots_are_dense_at_the_start_and_reach_the_end(n_steps: int, count: int) -> None:
    steps = plan_steps(n_steps, count)
    assert steps[0] == 0
    assert steps[-1] == n_steps
    assert (np.diff(steps) > 0).all()
    assert len(steps) <= max(count, 2)
    dense = min(12, count // 2, n_steps)
    assert steps[:dense].tolist() == list(range(dense))


@given(n_steps=st.integers(1, 5000), every=st.integers(1, 700))
def test_evaluations_are_planned_from_start_to_end(n_steps: int, every: int) -> None:
    steps = plan_evaluations(n_steps, every)
    assert steps[0] == 0
    assert steps[-1] == n_steps
    assert (np.diff(steps) > 0).all()
    assert set(range(0, n_steps, every)) <= set(steps.tolist())


@given(st.lists(st.integers(0, 255), min_size=1), st.sampled_from(["float32", "float64"]))
def test_pixels_survive_as_bytes(pixels: list[int], dtype: str) -> None:
    x = (np.array(pixels, np.uint8) / np.float32(255)).astype(dtype)
    small = as_bytes(x)
    assert small.dtype == np.uint8
    assert np.array_equal(from_bytes(small, dtype), x)
    for other in (x + 1e-6, -x - 1, x + 1.5, np.array(pixels)):
        assert as_bytes(other) is other


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_images_are_stored_small_and_read_exactly(tmp_path: Path, dtype: str) -> None:
    spec = DIGITS.but(epochs=1, dtype=dtype, snapshots=2)
    recording = train(spec, tmp_path / "run")
    assert (tmp_path / "run" / "x_train.npy").stat().st_size < 1438 * 784 + 200
    data = prepare(spec)
    assert recording.dataset().x_train.dtype == dtype
    assert np.array_equal(recording.dataset().x_train, data.x_train)
    with pytest.raises(ValueError, match="read-only"):
        recording.dataset().x_test[0, 0] = 1.0
