"""Own runs: a spec from a recipe or a TOML file, changed by flags such as epochs=20 or layers=16:relu."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from nncore.errors import BadInput, did_you_mean
from nncore.recipes import recipe
from nncore.recording import Recording
from nncore.runspec import RunSpec

TABLES = ("dataset_args", "optimizer_args", "schedule_args")
WORDS = ("name", "dataset", "loss", "optimizer", "schedule", "dtype")


def own_run(name: str | None = None, file: Path | None = None, flags: Iterable[str] = ()) -> RunSpec:
    """The spec of a recipe, of a TOML file or of flags alone, with each NAME=VALUE of `flags` put in.

    Layers are written units:activation, comma between them, or as JSON; tables as key=value, or as JSON.
    Raises: BadInput naming the field, the value and what is allowed.
    """
    if name is not None and file is not None:
        raise BadInput(f"give a recipe or a file, not both: {name} and {file}")
    changes = _changes(flags)
    if file is not None:
        return RunSpec.from_toml(file).but(**changes)
    if name is not None:
        return recipe(name).spec.but(**changes)
    return RunSpec.from_json({"name": "own", **changes})


def _changes(flags: Iterable[str]) -> dict[str, Any]:
    known = [field.name for field in fields(RunSpec)]
    changes = {}
    for flag in flags:
        field, equals, value = flag.partition("=")
        field = field.strip().replace("-", "_")
        if not equals:
            raise BadInput(f"{flag!r} is not NAME=VALUE")
        if field not in known:
            raise BadInput(f"unknown field {field!r}.{did_you_mean(field, known)} Known: {', '.join(known)}")
        changes[field] = _value(field, value.strip())
    return changes


def _value(field: str, text: str) -> Any:
    if field in WORDS:
        return text
    if field == "layers" and not text.startswith("["):
        return [_dense(part.strip()) for part in text.split(",")]
    if field in TABLES and not text.startswith("{"):
        return dict(_pair(field, part) for part in text.split(",")) if text else {}
    if text.lower() in ("none", "off"):
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadInput(f"{field} = {text!r}: not a value that can be read") from error


def _dense(text: str) -> dict[str, Any]:
    units, _, activation = text.partition(":")
    if not units.isdigit():
        raise BadInput(f"layers: {text!r} is not units:activation, such as 128:relu")
    return {"type": "dense", "units": int(units), "activation": activation or "relu"}


def _pair(field: str, text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"{field}: {text!r} is not key=value")
    try:
        return key.strip(), json.loads(value)
    except ValueError:
        return key.strip(), value.strip()


def run_summary(recording: Recording) -> Mapping[str, Any]:
    """What `train` prints: where the recording is, its digest, size and time, and the final figures."""
    figures = {name: float(recording.evals(name)[-1]) for name in ("loss_train", "loss_test")}
    figures |= {name: float(recording.evals(name)[-1]) for name in ("accuracy_train", "accuracy_test")}
    return {
        "recipe": recording.name,
        "path": str(recording.path),
        "digest": recording.digest,
        "status": recording.status,
        "steps": recording.n_steps,
        "snapshots": len(recording.steps),
        "seconds": recording.manifest.get("timing", {}).get("training_seconds"),
        "bytes": sum(path.stat().st_size for path in recording.path.iterdir()),
        "best_step": recording.best_step,
        **{name: value if value == value else None for name, value in figures.items()},
    }
