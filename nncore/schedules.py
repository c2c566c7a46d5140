"""Schedules: the learning rate of each step, from the base rate, the step and the number of steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, pi
from typing import Any

from nncore.registry import build, require_count, require_not_negative


@dataclass(frozen=True)
class Constant:
    """The base rate at every step."""

    def at(self, learning_rate: float, step: int, n_steps: int) -> float:
        """The rate for update `step` (from 0) of `n_steps`."""
        return learning_rate


@dataclass(frozen=True)
class Step:
    """The base rate times `factor` for every `every` steps passed (PyTorch's StepLR, counted in steps)."""

    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        require_count("schedule.every", self.every)
        require_not_negative("schedule.factor", self.factor)

    def at(self, learning_rate: float, step: int, n_steps: int) -> float:
        """The rate for update `step` (from 0) of `n_steps`."""
        return learning_rate * self.factor ** (step // self.every)


@dataclass(frozen=True)
class Cosine:
    """Half a cosine from the base rate down to `final` after all steps (PyTorch's CosineAnnealingLR)."""

    final: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        require_not_negative("schedule.final", self.final)

    def at(self, learning_rate: float, step: int, n_steps: int) -> float:
        """The rate for update `step` (from 0) of `n_steps`."""
        return self.final + (learning_rate - self.final) * (1 + cos(pi * step / max(n_steps, 1))) / 2


Schedule = Constant | Step | Cosine

SCHEDULES: dict[str, Callable[..., Schedule]] = {
    "constant": Constant,
    "step": Step,
    "cosine": Cosine,
}


def build_schedule(name: str, options: Mapping[str, Any] | None = None) -> Schedule:
    """The schedule called `name`."""
    return build("schedule", name, SCHEDULES, options or {})
