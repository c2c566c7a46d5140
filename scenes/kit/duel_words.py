"""In which words a duel's difference is said: which field differs, and what each run has there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WORDS = {
    "learning_rate": "learning rate", "l2": "L2 decay", "early_stopping": "early stopping",
    "units": "neurons",
    "init": "how the weights start", "batchnorm": "batch normalisation", "batch_size": "batch size",
    "relu": "ReLU", "gelu": "GELU", "identity": "none", "sgd": "SGD", "adam": "Adam", "adamw": "AdamW",
    "rmsprop": "RMSprop", "he": "He", "glorot": "Glorot", "seed": "random seed",
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """The field that differs ("learning_rate", or inside the layers "activation"), and each run's values.

    A value is (dotted path in the spec, what is there); a path of "" marks a word that is not in the spec.
    """

    field: str
    values: tuple[tuple[tuple[str, Any], ...], ...]


def find_difference(field: str, specs: Sequence[Mapping[str, Any]]) -> Difference:
    """What differs in the one field in which the specs (JSON) differ; inside layers, which part of them."""
    if field != "layers":
        return Difference(field, tuple(((field, spec[field]),) for spec in specs))
    stacks = [spec["layers"] for spec in specs]
    kinds = [[layer["type"] for layer in stack] for stack in stacks]
    if any(kind != kinds[0] for kind in kinds):
        return _inserted(kinds, stacks)
    part = _different_part(stacks)
    return Difference(part, tuple(_part_values(stack, stacks, part) for stack in stacks))


def _inserted(kinds: Sequence[Sequence[str]], stacks: Sequence[Sequence[Mapping[str, Any]]]) -> Difference:
    """Layers of one kind that some runs have and others have not; else how many neurons each has."""
    everywhere = set(kinds[0]).intersection(*map(set, kinds[1:]))
    extra = next((kind for stack in kinds for kind in stack if kind not in everywhere), "")
    if not extra:
        return Difference("units", tuple(_units(stack) for stack in stacks))
    values = [(("", "with" if extra in stack else "without"),) for stack in kinds]
    return Difference(extra, tuple(values))


def _units(stack: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, Any], ...]:
    """The neurons of the hidden layers."""
    return tuple(
        (f"layers.{i}.units", layer["units"]) for i, layer in enumerate(stack[:-1]) if "units" in layer
    )


def _different_part(stacks: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    """The first entry of a layer that is not the same in all stacks."""
    for layers in zip(*stacks, strict=True):
        for part in layers[0]:
            if any(layer.get(part) != layers[0][part] for layer in layers):
                return str(part)
    return "layers"


def _part_values(
    stack: Sequence[Mapping[str, Any]], stacks: Sequence[Sequence[Mapping[str, Any]]], part: str
) -> tuple[tuple[str, Any], ...]:
    """One run's entries of that part: each layer's where the layers differ among themselves, else one."""
    found = [
        (f"layers.{i}.{part}", layer[part])
        for i, layer in enumerate(stack)
        if part in layer and any(other[i].get(part) != layer[part] for other in stacks)
    ]
    if found and part != "units" and all(value == found[0][1] for _, value in found):
        found = found[:1]
    return tuple(entry for path, value in found for entry in _entries(path, value))


def _entries(path: str, value: Any) -> list[tuple[str, Any]]:
    return (
        [(f"{path}.{key}", each) for key, each in value.items()]
        if isinstance(value, Mapping)
        else [(path, value)]
    )


def field_words(field: str) -> str:
    """A field's name as words."""
    return WORDS.get(field, field.replace("_", " "))


def value_words(value: Any) -> str:
    """A value that is not a number, as words."""
    return "none" if value is None else WORDS.get(str(value), str(value))
