"""The files of a recording, opened and checked: names, sizes, types and, once it is sealed, every byte."""

from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from nncore.datasets import Dataset
from nncore.errors import BadInput, RecordingError, did_you_mean
from nncore.manifest import DATA_ARRAYS, FORMAT, SCHEMA, check_manifest, step_file, steps_of
from nncore.network import build_network
from nncore.npyfiles import (
    checked_path,
    file_digest,
    from_bytes,
    json_digest,
    open_array,
    plain_dtype,
    read_json,
)
from nncore.runspec import RunSpec
from nncore.snapshots import Layout

WRONG = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, BadInput)


class RecordedFiles:
    """A recording's folder: its manifest, its snapshots by step, its log and its data."""

    def __init__(self, path: Path, manifest: dict[str, Any], spec: RunSpec, layout: Layout) -> None:
        self.path, self.manifest, self.spec, self.layout = path, manifest, spec, layout
        self.sealed = "seal" in manifest
        self.status: str = manifest["status"]
        self.steps = np.array(steps_of(path, manifest), dtype=np.int64)
        self.n_steps = int(self.steps[-1])
        self.probe_indices = np.array(manifest["probes"], dtype=np.int64)
        self._records: dict[int, np.ndarray] = {}
        self._data = {name: self._open_data(name) for name in DATA_ARRAYS}
        if not all(0 <= i < len(self._data["x_test"]) for i in manifest["probes"]):
            raise RecordingError(f"{path / 'manifest.json'}: a probe lies outside the test set")

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """Open a recording after checking all of it.

        Raises: RecordingError naming the file and the reason.
        """
        path = Path(folder)
        if not path.is_dir():
            raise RecordingError(f"{path}: no such recording; `train RECIPE -o {path}` makes one")
        manifest = read_json(path, "manifest.json")
        where = path / "manifest.json"
        if manifest.get("format") != FORMAT:
            raise RecordingError(f"{where}: not the manifest of a recording")
        schema = manifest.get("schema")
        if schema != SCHEMA:
            raise RecordingError(
                f"{where}: schema {schema!r}, this version reads {SCHEMA}; "
                + ("upgrade nnreel" if isinstance(schema, int) and schema > SCHEMA else "train it again")
            )
        try:
            check_manifest(manifest)
            layout = Layout.from_json(manifest["layout"])
            recording = cls(path, manifest, RunSpec.from_json(manifest["spec"]), layout)
            recording._check_network()
        except WRONG as error:
            reason = " ".join(str(error).split())[:120]
            raise RecordingError(f"{where}: {reason}; cut off or altered") from error
        recording._check_files()
        return recording

    def _check_network(self) -> None:
        shapes = build_network(self.spec, self._dataset).stack.shapes()
        recorded = {key: self.layout.shape(f"param {key}") for key in self.layout.names("param")}
        if recorded != shapes or self.layout.keys != tuple(shapes):
            raise ValueError("the recorded parameters are not those of the spec's layers")

    def _check_files(self) -> None:
        for step in self.steps:
            self._record(int(step))
        if self.sealed:
            for name, digest in self.manifest["files"].items():
                if file_digest(checked_path(self.path, name)) != digest:
                    raise RecordingError(f"{self.path / name}: altered since it was recorded")

    def _open_data(self, name: str) -> np.ndarray:
        dtype, shape = self.manifest["dataset"]["arrays"][name]
        array = open_array(self.path, f"{name}.npy", plain_dtype(dtype), tuple(shape))
        if array.dtype == np.uint8:
            array = from_bytes(array, self.spec.dtype)
            array.flags.writeable = False
        return array

    def _record(self, step: int) -> np.ndarray:
        if step not in self._records:
            where = int(np.searchsorted(self.steps, step))
            if where == len(self.steps) or self.steps[where] != step:
                near = self.nearest_step(step)
                raise RecordingError(f"{self.path}: step {step} has no snapshot; the nearest has {near}")
            rows = step - int(self.steps[where - 1]) if where else 1
            self._records[step] = open_array(self.path, step_file(step), self.layout.dtype(rows), (1,))
        return self._records[step]

    def field(self, kind: str, key: str, step: int) -> np.ndarray:
        """One recorded array: kind is param, grad, state, buffer, mask, z, a, attention, hidden."""
        record, name = self._record(int(step)), f"{kind} {key}"
        if name not in (record.dtype.names or ()):
            keys = self.layout.names(kind)
            raise RecordingError(
                f"{self.path}: no {kind} {key!r}.{did_you_mean(key, keys)} "
                f"Recorded: {', '.join(keys) or 'none'}"
            )
        array: np.ndarray = record[name][0]
        return array

    def _fields(self, kind: str, step: int) -> dict[str, np.ndarray]:
        return {key: self.field(kind, key, step) for key in self.layout.names(kind)}

    def nearest_step(self, step: float) -> int:
        """The step closest to `step` that has a snapshot."""
        return int(self.steps[np.abs(self.steps - step).argmin()])

    @cached_property
    def _log(self) -> np.ndarray:
        return np.concatenate([self._record(int(step))["log"][0] for step in self.steps])

    @cached_property
    def _dataset(self) -> Dataset:
        about = self.manifest["dataset"]
        shape, names = about["image_shape"], about["class_names"]
        return Dataset(
            name=about["name"],
            source=about["source"],
            n_classes=about["n_classes"],
            image_shape=None if shape is None else tuple(shape),
            class_names=tuple(names),
            **self._data,
        )

    @cached_property
    def digest(self) -> str:
        """The digest of the content; of an unsealed recording, of what is there."""
        if self.sealed:
            return str(self.manifest["digest"])
        files = {step_file(s): file_digest(self.path / step_file(s)) for s in self.steps}
        return json_digest([self.manifest, files])
