"""RunSpec: everything that decides a training run, frozen, in JSON or TOML."""

import json
import math
import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from nncore.errors import BadInput, did_you_mean

DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class RunSpec:
    """One training run: two equal specs give the same weights, bit for bit, on the same machine.

    Units: eval_every in steps (None: once an epoch), early_stopping in evaluations without a better test
    loss, probes in examples per class, snapshots at most that many, snapshot_budget_mb in 10^6 bytes.
    """

    name: str
    dataset: str
    layers: tuple[dict[str, Any], ...]
    dataset_args: dict[str, Any] = field(default_factory=dict)
    loss: str = "cross_entropy"
    optimizer: str = "sgd"
    optimizer_args: dict[str, Any] = field(default_factory=dict)
    learning_rate: float = 0.1
    schedule: str = "constant"
    schedule_args: dict[str, Any] = field(default_factory=dict)
    batch_size: int = 32
    epochs: int = 10
    seed: int = 0
    dtype: str = "float32"
    l2: float = 0.0
    clip_norm: float | None = None
    early_stopping: int | None = None
    eval_every: int | None = None
    probes: int = 2
    snapshots: int = 120
    snapshot_budget_mb: float = 48.0

    def __post_init__(self) -> None:
        _check_types(self)
        object.__setattr__(self, "layers", tuple(_plain("layers", dict(layer)) for layer in self.layers))
        for name in ("dataset_args", "optimizer_args", "schedule_args"):
            object.__setattr__(self, name, _plain(name, dict(getattr(self, name))))
        _check_values(self)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that from_json turns back into an equal spec."""
        return {**asdict(self), "layers": [dict(layer) for layer in self.layers]}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "RunSpec":
        """Read a spec. Raises: BadInput naming an unknown or missing field."""
        known = [f.name for f in fields(cls)]
        for key in value:
            if key not in known:
                raise BadInput(
                    f"unknown field {key!r} in the run spec.{did_you_mean(key, known)}"
                    f" Known: {', '.join(known)}"
                )
        for key in ("dataset", "layers"):
            if key not in value:
                raise BadInput(f"the run spec has no {key!r}; it is needed")
        return cls(**{"name": "run", **value})

    @classmethod
    def from_toml(cls, path: Path | str) -> "RunSpec":
        """Read a run.toml: the same fields as JSON, layers as [[layers]] tables. Raises: BadInput."""
        path = Path(path)
        try:
            with open(path, "rb") as file:
                value = tomllib.load(file)
        except OSError as error:
            raise BadInput(f"{path}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadInput(f"{path}: not valid TOML ({error})") from error
        return cls.from_json({"name": path.stem, **value})

    def but(self, **changes: Any) -> "RunSpec":
        """A copy with some fields changed."""
        return replace(self, **changes)


def spec_diff(a: RunSpec, b: RunSpec) -> list[str]:
    """The names of the fields in which two specs differ, the run's own name aside."""
    return [f.name for f in fields(RunSpec) if f.name != "name" and getattr(a, f.name) != getattr(b, f.name)]


def _plain(name: str, value: dict[str, Any]) -> dict[str, Any]:
    try:
        result: dict[str, Any] = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name} = {value!r} is not plain data: {error}") from error
    return result


_KINDS: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "dataset": (str,),
    "loss": (str,),
    "optimizer": (str,),
    "schedule": (str,),
    "dtype": (str,),
    "dataset_args": (dict,),
    "optimizer_args": (dict,),
    "schedule_args": (dict,),
    "layers": (list, tuple),
    "learning_rate": (int, float),
    "l2": (int, float),
    "clip_norm": (int, float, type(None)),
    "early_stopping": (int, type(None)),
    "eval_every": (int, type(None)),
    "snapshot_budget_mb": (int, float),
}


_NAMES = {
    int: "a whole number", float: "a number", str: "a text", dict: "a table", list: "a list", tuple: "a list",
    type(None): "nothing",
}  # fmt: skip


def _check_types(spec: RunSpec) -> None:
    for f in fields(spec):
        value, kinds = getattr(spec, f.name), _KINDS.get(f.name, (int,))
        if not isinstance(value, kinds) or isinstance(value, bool):
            wanted = " or ".join(dict.fromkeys(_NAMES[kind] for kind in kinds))
            raise BadInput(f"{f.name} = {value!r}: must be {wanted}")
    if not spec.layers or not all(isinstance(layer, dict) for layer in spec.layers):
        raise BadInput(
            f"layers = {spec.layers!r}: give at least one layer, each a table such as "
            '{type = "dense", units = 10}'
        )


def _check_values(spec: RunSpec) -> None:
    def need(name: str, ok: bool, allowed: str) -> None:
        if not ok:
            raise BadInput(f"{name} = {getattr(spec, name)!r}: must be {allowed}")

    def finite(value: float) -> bool:
        return math.isfinite(value)

    need("learning_rate", finite(spec.learning_rate) and spec.learning_rate > 0, "a number above 0")
    need("l2", finite(spec.l2) and spec.l2 >= 0, "0 or more")
    need("batch_size", spec.batch_size >= 1, "1 or more")
    need("epochs", spec.epochs >= 1, "1 or more")
    need("seed", 0 <= spec.seed < 2**63, "between 0 and 2^63 - 1")
    need("dtype", spec.dtype in DTYPES, " or ".join(DTYPES))
    need("probes", spec.probes >= 1, "1 or more")
    need("snapshots", spec.snapshots >= 2, "2 or more")
    need("snapshot_budget_mb", finite(spec.snapshot_budget_mb) and spec.snapshot_budget_mb > 0, "above 0")
    need("clip_norm", spec.clip_norm is None or (finite(spec.clip_norm) and spec.clip_norm > 0), "above 0")
    for name in ("early_stopping", "eval_every"):
        need(name, getattr(spec, name) is None or getattr(spec, name) >= 1, "1 or more")
