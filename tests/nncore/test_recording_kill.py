"""Runs that end badly: killed, interrupted, out of space. What was published stays, and nothing else does."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from small_runs import TINY

import nncore.recorder
from nncore.errors import BadInput, Busy, OutputError
from nncore.manifest import STEP_NAME
from nncore.recorder import partial_folder
from nncore.recording import Recording
from nncore.training import StepState, train

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def trainer() -> Iterator[subprocess.Popen[str]]:
    """A process that forks a training run for every folder it reads."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])])}
    command = [sys.executable, str(HERE / "killable.py")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def published(folder: Path) -> set[int]:
    """The steps whose snapshots have their final name."""
    return {int(match[1]) for match in map(STEP_NAME.match, os.listdir(folder)) if match}


@pytest.mark.parametrize("moment", range(10))
def test_killed_at_any_moment_it_opens_with_all_that_was_published(
    trainer: subprocess.Popen[str], tmp_path: Path, moment: int
) -> None:
    assert trainer.stdin is not None
    assert trainer.stdout is not None
    folder = tmp_path / "run"
    print(folder, file=trainer.stdin, flush=True)
    child = int(trainer.stdout.readline())
    wanted = random.Random(moment).randrange(1, 150)
    partial = partial_folder(folder)
    deadline = time.monotonic() + 30
    while not partial.exists() or len(published(partial)) < wanted:
        assert time.monotonic() < deadline
        time.sleep(0.0005)
    before = published(partial)
    os.kill(child, signal.SIGKILL)
    assert int(trainer.stdout.readline()) == signal.SIGKILL
    assert not folder.exists()
    recording = Recording.open(partial)
    assert not recording.sealed
    assert set(recording.steps.tolist()) >= before
    assert recording.eval_steps[0] == 0
    for step in recording.steps:
        batch = recording.batch(int(step))
        data, network = recording.dataset(), recording.network(int(step))
        loss = network.loss(data.x_train[batch], data.y_train[batch])
        assert loss == pytest.approx(recording.log_row(int(step))["loss_batch"])


def test_a_new_run_takes_the_place_of_a_killed_one(tmp_path: Path, tiny: Recording) -> None:
    left = partial_folder(tmp_path / "run")
    left.mkdir()
    (left / "manifest.json").write_text("half")
    assert train(TINY, tmp_path / "run").digest == tiny.digest
    assert os.listdir(tmp_path) == ["run"]


class Interrupt:
    """A progress report that acts once, at one step."""

    def __init__(self, step: int, act: object) -> None:
        self.step, self.act = step, act

    def __call__(self, state: StepState) -> None:
        if state.step == self.step and callable(self.act):
            self.act()


def test_an_interrupted_run_leaves_a_valid_partial(tmp_path: Path, tiny: Recording) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(TINY, tmp_path / "run", progress=Interrupt(9, interrupt))
    assert os.listdir(tmp_path) == ["run.partial"]
    recording = Recording.open(tmp_path / "run.partial")
    assert not recording.sealed
    assert recording.steps.tolist() == [step for step in tiny.steps if step <= 9]
    for step in recording.steps:
        assert np.array_equal(recording.param("1.W", step), tiny.param("1.W", step))


def test_a_folder_that_exists_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "diary").write_text("mine")
    with pytest.raises(BadInput, match="exists"):
        train(TINY, tmp_path / "run")
    assert (tmp_path / "run" / "diary").read_text() == "mine"
    assert os.listdir(tmp_path) == ["run"]


def test_overwriting_replaces_only_once_the_new_one_is_complete(tmp_path: Path, tiny: Recording) -> None:
    train(TINY, tmp_path / "run")
    seen = []

    def look() -> None:
        seen.append(Recording.open(tmp_path / "run").digest)

    new = train(TINY.but(seed=9), tmp_path / "run", overwrite=True, progress=Interrupt(20, look))
    assert seen == [tiny.digest]
    assert Recording.open(tmp_path / "run").digest == new.digest != tiny.digest
    assert os.listdir(tmp_path) == ["run"]


def test_two_runs_into_one_folder(tmp_path: Path) -> None:
    def second() -> None:
        with pytest.raises(Busy, match="run: another run records here"):
            train(TINY, tmp_path / "run")

    assert train(TINY, tmp_path / "run", progress=Interrupt(20, second)).sealed


@pytest.mark.parametrize("writes", [2, 6, 9])
def test_a_full_disk_leaves_the_previous_recording(
    tmp_path: Path, tiny: Recording, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    train(TINY, tmp_path / "run")
    publish, count = nncore.recorder.publish_array, 0

    def full(path: Path, array: np.ndarray) -> str:
        nonlocal count
        count += 1
        if count > writes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return publish(path, array)

    monkeypatch.setattr(nncore.recorder, "publish_array", full)
    with pytest.raises(OutputError, match="no space left") as caught:
        train(TINY, tmp_path / "run", overwrite=True)
    assert caught.value.exit_code == 74
    assert os.listdir(tmp_path) == ["run"]
    assert Recording.open(tmp_path / "run").digest == tiny.digest


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write"):
        train(TINY, tmp_path / "file" / "run")


def test_a_bad_spec_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    for change in ({"batch_size": 1000}, {"optimizer": "magic"}, {"dataset": "moon"}, {"loss": "hinge"}):
        with pytest.raises(BadInput):
            train(TINY.but(**change), tmp_path / "run")
    assert os.listdir(tmp_path) == []
