"""Sources: the address of one number in a recording, so that whoever shows it can say where it is from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nncore.errors import BadInput, RecordingError, did_you_mean
from nncore.facts import compute_fact
from nncore.recording import Recording

KINDS = ("param", "grad", "state", "probe_x", "probe_y", "z", "a", "series", "eval", "spec", "fact")


@dataclass(frozen=True)
class Source:
    """Where one number is: a kind, a key, a step, an index into the array found there.

    key is a parameter ("1.W"), a state ("velocity 1.W"), a layer number (z and a, indexed by probe first), a
    series or an evaluation, a dotted field of the spec, or a fact's name, `args` then being its arguments.
    """

    kind: str
    key: str = ""
    step: int | None = None
    index: tuple[int, ...] = ()
    args: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", tuple(int(i) for i in self.index))
        object.__setattr__(self, "args", dict(self.args))
        object.__setattr__(self, "key", str(self.key))

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        if self.kind == "fact":
            args = ", ".join(f"{name}={value}" for name, value in self.args.items())
            return f"fact {self.key}({args})"
        where = f"[{','.join(map(str, self.index))}]" if self.index else ""
        when = "" if self.step is None else f" at step {self.step}"
        return f"{self.kind} {self.key}".rstrip() + where + when

    def to_json(self) -> dict[str, Any]:
        """A JSON object that from_json turns back into an equal source."""
        value: dict[str, Any] = {"kind": self.kind, "key": self.key}
        if self.step is not None:
            value["step"] = int(self.step)
        if self.index:
            value["index"] = list(self.index)
        if self.args:
            value["args"] = dict(self.args)
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Source":
        """Read a source. Raises: RecordingError."""
        try:
            known = {"kind", "key", "step", "index", "args"}
            if not set(value) <= known or value["kind"] not in KINDS:
                raise ValueError(f"kind {value['kind']!r}, keys {sorted(value)}")
            return cls(
                value["kind"],
                value.get("key", ""),
                value.get("step"),
                tuple(value.get("index", ())),
                value.get("args", {}),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise RecordingError(f"{value!r} is not the address of a number ({error})") from error


def resolve(recording: Recording, source: Source) -> float | int:
    """The number at a source. Raises: RecordingError for an address that leads nowhere."""
    try:
        value = _array(recording, source)
        if source.index:
            if any(i < 0 for i in source.index):
                raise IndexError("negative index")
            value = np.asarray(value)[source.index]
        number = np.asarray(value).item()
    except (IndexError, KeyError, TypeError, ValueError, BadInput) as error:
        reason = f"{source} is not the address of one number ({error})"
        raise RecordingError(f"{recording.path}: {reason}") from error
    if isinstance(number, bool | int):
        return int(number)
    if not isinstance(number, float):
        raise RecordingError(f"{recording.path}: {source} is {number!r}, not a number")
    return number


def _array(recording: Recording, source: Source) -> Any:
    kind, key = source.kind, source.key
    if kind == "fact":
        return compute_fact(recording, key, **source.args)
    if kind == "spec":
        return spec_value(recording, key)
    if kind in ("probe_x", "probe_y"):
        return recording.probe_x if kind == "probe_x" else recording.probe_y
    if kind not in KINDS:
        raise BadInput(f"unknown kind {kind!r}.{did_you_mean(kind, KINDS)} Known: {', '.join(KINDS)}")
    if source.step is None:
        raise ValueError("it has no step")
    step = int(source.step)
    if kind == "series":
        values = recording.series(key)
        if not 0 <= step < len(values):
            raise IndexError(f"the run made {len(values)} steps")
        return values[step]
    if kind == "eval":
        where = np.flatnonzero(recording.eval_steps == step)
        if not len(where):
            raise IndexError("nothing was evaluated at that step")
        return recording.evals(key)[where[0]]
    if kind in ("z", "a"):
        return recording.z(int(key), step) if kind == "z" else recording.a(int(key), step)
    arrays = {"param": recording.param, "grad": recording.grad, "state": recording.state}
    return arrays[kind](key, step)


def spec_value(recording: Recording, path: str) -> Any:
    """A field of the spec by its dotted path, such as `learning_rate` or `layers.0.units`."""
    value: Any = recording.spec.to_json()
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value
