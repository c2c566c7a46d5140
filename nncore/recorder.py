"""Recorder: writes a Recording while a network trains; a kill at any instant loses only the latest steps.

The training thread copies arrays into one record; a second thread writes, syncs and renames them. Until it is
sealed a recording lives beside its destination as `NAME.partial`, a valid recording of what happened so far.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import numpy as np

from nncore import __version__
from nncore.datasets import Dataset
from nncore.errors import BadInput, Busy
from nncore.manifest import DATA_ARRAYS, FORMAT, SCHEMA, content_digest, seal_digest, step_file
from nncore.npyfiles import as_bytes, json_digest, output_error, publish_array, publish_json, sync_folder
from nncore.runspec import RunSpec
from nncore.snapshots import NUMBERS, Layout, layout_of, plan_steps

WAITING_BYTES = 32_000_000  # snapshots in memory while the disk catches up with the dense start


def partial_folder(folder: Path) -> Path:
    """Where a recording lives until it is sealed."""
    return folder.with_name(folder.name + ".partial")


class Recorder:
    """Writes one recording.

    Raises: BadInput where `folder` exists, OutputError where it cannot be written, Busy where it is in use.
    """

    def __init__(self, folder: Path | str, spec: RunSpec, dataset: Dataset, overwrite: bool = False) -> None:
        self.folder, self.spec, self.overwrite = Path(os.path.abspath(folder)), spec, overwrite
        if not self.folder.name:
            raise BadInput(f"{folder} cannot be a recording's folder")
        if not overwrite and (self.folder.exists() or self.folder.is_symlink()):
            raise BadInput(f"{folder} exists; choose another folder or pass --overwrite")
        self.partial = partial_folder(self.folder)
        self._starting = self.folder.with_name(f".{self.folder.name}.starting")
        self._lock: int | None = None
        self._files: dict[str, str] = {}
        self._rows: list[tuple[Any, ...]] = []
        self._jobs: Queue[Callable[[], None] | None]
        self._failure: OSError | None = None
        self._thread = Thread(target=self._write, daemon=True)
        self._dataset = dataset
        self.manifest: dict[str, Any] = {}
        self.steps: set[int] = set()
        self._guard(self._claim)

    def _guard(self, action: Callable[[], None]) -> None:
        try:
            action()
        except OSError as error:
            self._discard()
            raise output_error(self.folder, error) from error

    def _claim(self) -> None:
        """Take the place; what an earlier run that was killed left there goes."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        for left in (self.partial, self._starting):
            if left.exists():
                held = _lock_folder(left, self.folder)
                shutil.rmtree(left)
                _unlock(held)
        self._starting.mkdir()
        self._lock = _lock_folder(self._starting, self.folder)

    def begin(
        self,
        arrays: Mapping[str, np.ndarray],
        keys: list[str],
        n_steps: int,
        eval_steps: np.ndarray,
        probes: np.ndarray,
    ) -> None:
        """Fix the layout from the first step's arrays, and with it which steps the budget lets us keep."""
        self.layout: Layout = layout_of(arrays, keys, self.spec.batch_size)
        count = int(self.spec.snapshot_budget_mb * 1e6 // max(self.layout.nbytes(), 1))
        steps = plan_steps(n_steps, min(count, self.spec.snapshots))
        if self.spec.early_stopping is not None:
            steps = np.union1d(steps, eval_steps)
        self.steps = {int(step) for step in steps}
        self.manifest = {
            "format": FORMAT,
            "schema": SCHEMA,
            "status": "training",
            "spec": self.spec.to_json(),
            "versions": {"nnreel": __version__, "numpy": np.__version__},
            "layout": self.layout.to_json(),
            "probes": [int(i) for i in probes],
        }
        self._jobs = Queue(max(3, WAITING_BYTES // max(self.layout.nbytes(), 1)))
        self._thread.start()

    def log(self, numbers: Mapping[str, float], grad_norms: np.ndarray, batch: np.ndarray) -> None:
        """Add one step's scalars, NaN where one is missing; they reach the disk with the next snapshot."""
        padded = np.zeros(self.spec.batch_size, np.int64)
        padded[: len(batch)] = batch
        row = (numbers.get(name, np.nan) for name in NUMBERS)
        self._rows.append((*row, grad_norms, len(batch), padded))

    def snapshot(self, step: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Copy the arrays and hand them to the writing thread. Raises: OutputError from an earlier write."""
        record = np.empty((1,), self.layout.dtype(len(self._rows)))
        record["log"][0] = np.array(self._rows, self.layout.log_dtype())
        for name, array in arrays.items():
            if name.startswith("mask "):  # the batch that ends an epoch may be shorter
                record[name][0] = False
                record[name][0, : len(array)] = array
            else:
                record[name][0] = array
        self._rows.clear()
        self._raise_failure()
        self._jobs.put(partial(self._publish if step else self._publish_first, step, record))

    def _write(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._failure is None:
                try:
                    job()
                except OSError as error:
                    self._failure = error

    def _publish(self, step: int, record: np.ndarray) -> None:
        self._files[step_file(step)] = publish_array(self.partial / step_file(step), record)

    def _publish_first(self, step: int, record: np.ndarray) -> None:
        """The data, the first snapshot and the manifest; only then does the partial recording appear."""
        self.manifest["dataset"] = self._publish_dataset()
        self._files[step_file(step)] = publish_array(self._starting / step_file(step), record)
        publish_json(self._starting / "manifest.json", self.manifest)
        os.replace(self._starting, self.partial)
        sync_folder(self.partial.parent)

    def _publish_dataset(self) -> dict[str, Any]:
        data = self._dataset
        arrays = {name: as_bytes(np.asarray(getattr(data, name))) for name in DATA_ARRAYS}
        for name, array in arrays.items():
            self._files[f"{name}.npy"] = publish_array(self._starting / f"{name}.npy", array)
        about = {
            "name": data.name,
            "source": data.source,
            "n_classes": data.n_classes,
            "image_shape": None if data.image_shape is None else list(data.image_shape),
            "class_names": list(data.class_names),
            "arrays": {name: [array.dtype.str, list(array.shape)] for name, array in arrays.items()},
        }
        return {**about, "digest": json_digest([about, self._files])}

    def flush(self) -> None:
        """Wait until everything handed over is on the disk. Raises: OutputError."""
        self._finish_writing()
        self._raise_failure()

    def _finish_writing(self) -> None:
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            failure = self._failure
            self._discard()
            raise output_error(self.folder, failure) from failure

    def seal(self, status: str, timing: Mapping[str, float], **facts: Any) -> Path:
        """Finish: digest over the content, then rename into place; only now is an old recording replaced."""
        self.flush()
        steps = sorted(int(name[5:13]) for name in self._files if name.startswith("step_"))
        self.manifest |= {"status": status, "steps": steps, "files": self._files, **facts}
        self.manifest["digest"] = content_digest(self.manifest)
        self.manifest["timing"] = dict(timing)
        self.manifest["seal"] = seal_digest(self.manifest)
        self._guard(self._replace)
        return self.folder

    def _replace(self) -> None:
        publish_json(self.partial / "manifest.json", self.manifest)
        sync_folder(self.partial)
        old = self.folder.with_name(f".{self.folder.name}.replaced")
        shutil.rmtree(old, ignore_errors=True)
        if self.overwrite and self.folder.exists():
            os.replace(self.folder, old)
        try:
            os.replace(self.partial, self.folder)
        except OSError:
            if old.exists():
                os.replace(old, self.folder)
            raise
        sync_folder(self.folder.parent)
        shutil.rmtree(old, ignore_errors=True)
        _unlock(self._lock)

    def leave(self) -> None:
        """Stop early: what was recorded stays behind as a valid, unsealed partial."""
        self._finish_writing()
        shutil.rmtree(self._starting, ignore_errors=True)
        _unlock(self._lock)

    def _discard(self) -> None:
        self._finish_writing()
        for folder in (self._starting, self.partial):
            shutil.rmtree(folder, ignore_errors=True)
        _unlock(self._lock)


def _lock_folder(folder: Path, destination: Path) -> int | None:
    """Hold an advisory lock on a folder, where the system has them. Raises: Busy."""
    if os.name == "nt" or not folder.is_dir():
        return None
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise Busy(
            f"{destination}: another run records here; wait for it or choose another folder"
        ) from error
    return handle


def _unlock(handle: int | None) -> None:
    if handle is not None:
        with contextlib.suppress(OSError):
            os.close(handle)
