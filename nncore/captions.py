"""Sentences with recorded facts in them: `{accuracy_test[last]:.1%}` turns into a number with a source."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nncore.errors import BadInput, did_you_mean
from nncore.facts import FACTS, fact_parameters
from nncore.recording import SERIES, Recording
from nncore.snapshots import EVALS
from nncore.sources import Source, resolve, spec_value


@dataclass
class CaptionFacts(Mapping[str, Any]):
    """Names for str.format_map; every number that was used is in `used`, with its source.

    Evaluations and series take a place: [first], [last], [best] or a step. Facts that need arguments take
    them the same way: {connections_layer[1]:,}. `{spec.learning_rate}` is a field of the spec.
    """

    recording: Recording
    used: list[tuple[float | int | str, Source]] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        if name == "spec":
            return _SpecFields(self)
        if name in EVALS or name in SERIES:
            return _Places(self, name)
        if name not in FACTS:
            known = f"{did_you_mean(name, list(self))} Known: {', '.join(self)}"
            raise BadInput(f"no fact {{{name}}} for a caption.{known}")
        needed = [p for p in fact_parameters(name).values() if p.default is p.empty]
        return _FactArguments(self, name) if needed else self.number(Source("fact", name))

    def __iter__(self) -> Iterator[str]:
        return iter((*EVALS, *SERIES, *FACTS, "spec"))

    def __len__(self) -> int:
        return len(EVALS) + len(SERIES) + len(FACTS) + 1

    def number(self, source: Source) -> float | int:
        """Resolve a source and remember it."""
        value = resolve(self.recording, source)
        self.used.append((value, source))
        return value


@dataclass
class _Places:
    facts: CaptionFacts
    name: str

    def __getitem__(self, place: str | int) -> float | int:
        recording, kind = self.facts.recording, "eval" if self.name in EVALS else "series"
        steps = recording.eval_steps if kind == "eval" else np.arange(recording.n_steps)
        if isinstance(place, str):
            named = {"first": steps[0], "last": steps[-1], "best": recording.best_step} if len(steps) else {}
            if place not in named:
                raise BadInput(f"{{{self.name}[{place}]}}: the place must be first, last, best or a step")
            place = int(named[place])
        return self.facts.number(Source(kind, self.name, place))


@dataclass
class _FactArguments:
    facts: CaptionFacts
    name: str

    def __getitem__(self, place: str | int) -> float | int:
        names = list(fact_parameters(self.name))
        values = [_place(self.facts.recording, part) for part in str(place).split(",")]
        return self.facts.number(Source("fact", self.name, args=dict(zip(names, values, strict=False))))


@dataclass
class _SpecFields:
    facts: CaptionFacts
    path: str = ""

    def __getattr__(self, name: str) -> Any:
        path = f"{self.path}.{name}".lstrip(".")
        try:
            value = spec_value(self.facts.recording, path)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise BadInput(f"{{spec.{path}}}: the spec has no such field") from error
        if isinstance(value, dict | list):
            return _SpecFields(self.facts, path)
        self.facts.used.append((value, Source("spec", path)))
        return value

    def __getitem__(self, name: str | int) -> Any:
        return self.__getattr__(str(name))


def _place(recording: Recording, text: str) -> int | str:
    named = {"first": 0, "last": recording.n_steps, "best": recording.best_step}
    text = text.strip()
    return named[text] if text in named else int(text) if text.lstrip("-").isdigit() else text


def caption_facts(recording: Recording) -> CaptionFacts:
    """The mapping a caption is formatted with: `template.format_map(caption_facts(recording))`."""
    return CaptionFacts(recording)
