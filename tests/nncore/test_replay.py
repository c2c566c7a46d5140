"""Replay: every kind of run comes out the same again, and one changed number does not go unnoticed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from altered import altered_copy
from small_runs import TINY, VARIANTS

from nncore.manifest import step_file
from nncore.recording import Recording
from nncore.training import train


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
def test_every_kind_of_run_comes_out_the_same(tmp_path: Path, changes: dict[str, Any]) -> None:
    recording = train(TINY.but(**changes), tmp_path / "run")
    report = recording.replay()
    assert report.first_difference is None
    assert report.ok
    assert report.snapshots == len(recording.steps)


@pytest.mark.parametrize(
    ("field", "index", "words"),
    [
        ("param 1.W", (2, 1), "step 4: param 1.W[2, 1]"),
        ("grad 2.b", (0,), "step 4: grad 2.b[0]"),
        ("a 1", (0, 3), "step 4: a 1[0, 3]"),
        ("z 2", (5, 0), "step 4: z 2[5, 0]"),
    ],
)
def test_one_changed_number_is_found(
    tiny: Recording, tmp_path: Path, field: str, index: tuple[int, ...], words: str
) -> None:
    kind, _, key = field.partition(" ")
    value = float(tiny.field(kind, key, 4)[index])
    changed = float(np.nextafter(np.float32(value), np.float32(9)))
    report = Recording.open(altered_copy(tiny.path, tmp_path / "copy", field, 4, index, changed)).replay()
    assert not report.ok
    assert report.first_difference is not None
    assert report.first_difference.startswith(words)


@pytest.mark.parametrize("name", ["loss_batch", "learning_rate", "loss_test"])
def test_one_changed_log_number_is_found(tiny: Recording, tmp_path: Path, name: str) -> None:
    copy = altered_copy(tiny.path, tmp_path / "copy", "param 1.W", 4, (0, 0), tiny.param("1.W", 4)[0, 0])
    record = np.load(copy / step_file(4), mmap_mode="r+", allow_pickle=False)
    record["log"][0, -1][name] += 0.5
    record.flush()
    record["param 1.W"][0, 0, 0] += 0
    altered = altered_copy(copy, tmp_path / "sealed", "param 1.W", 4, (0, 0), tiny.param("1.W", 4)[0, 0])
    report = Recording.open(altered).replay()
    assert report.first_difference is not None
    assert report.first_difference.startswith(f"step 4: {name} is ")
