"""Scales and ticks: where a value lies along an axis, and which few values to write beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nncore.errors import BadInput

KINDS = ("linear", "log", "symlog")


@dataclass(frozen=True)
class Scale:
    """One axis from `low` to `high`: linear, log, or symlog (sign(v) log(1 + |v| / linear): has a 0)."""

    low: float
    high: float
    kind: str = "linear"
    linear: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadInput(f"scale '{self.kind}' is not one of {', '.join(KINDS)}.")
        if not self.low < self.high or (self.kind == "log" and self.low <= 0):
            raise BadInput(f"a {self.kind} scale can't run from {self.low} to {self.high}.")

    def _bent(self, values: np.ndarray | float) -> np.ndarray:
        v = np.asarray(values, dtype=float)
        if self.kind == "log":
            return np.log10(np.maximum(v, np.finfo(float).tiny))
        return np.sign(v) * np.log10(1 + np.abs(v) / self.linear) if self.kind == "symlog" else v

    def share(self, values: np.ndarray | float) -> np.ndarray:
        """Where values lie: 0 at `low`, 1 at `high`.

        Shapes: (...) -> (...).
        """
        low, high = self._bent(self.low), self._bent(self.high)
        return (self._bent(values) - low) / (high - low)

    def value(self, share: float) -> float:
        """The value at a share of the axis."""
        low, high = float(self._bent(self.low)), float(self._bent(self.high))
        bent = low + share * (high - low)
        if self.kind == "log":
            return float(10**bent)
        return float(np.sign(bent) * (10 ** abs(bent) - 1) * self.linear) if self.kind == "symlog" else bent

    def ticks(self, most: int) -> np.ndarray:
        """At most `most` round values inside the axis (at least two where the axis holds two)."""
        found = np.array([], dtype=float)
        for candidates in self._candidates():
            inside = candidates[(self.share(candidates) > -1e-9) & (self.share(candidates) < 1 + 1e-9)]
            if len(inside) > max(most, 2):
                found = found if len(found) > 1 else _few(inside, most)
                break
            found = inside if len(inside) >= len(found) else found
        return found + 0.0  # no negative zero

    def _candidates(self) -> Iterator[np.ndarray]:
        """Sets of round values, coarse ones first."""
        if self.kind == "linear":
            size = np.floor(np.log10(self.high - self.low))
            for step in (m * 10.0**e for e in range(int(size) + 1, int(size) - 3, -1) for m in (5, 2, 1)):
                yield np.arange(np.ceil(self.low / step - 1e-9), np.floor(self.high / step + 1e-9) + 1) * step
            return
        top = max(abs(self.low), abs(self.high))
        bottom = self.low if self.kind == "log" else self.linear
        first, last = int(np.floor(np.log10(bottom) + 1e-9)), int(np.floor(np.log10(top) + 1e-9))
        for every in (4, 3, 2):
            yield self._signed(10.0 ** np.arange(last, first - 1, -every)[::-1])
        if self.kind == "symlog":  # next to 0 the first power is crowded
            yield self._signed(10.0 ** np.arange(first + 1, last + 1))
        yield self._signed(10.0 ** np.arange(first, last + 1))
        for factors in ((1, 3), (1, 2, 5)):
            yield self._signed(np.outer(10.0 ** np.arange(first, last + 1), factors).ravel())

    def _signed(self, powers: np.ndarray) -> np.ndarray:
        return powers if self.kind == "log" else np.concatenate([-powers[::-1], [0.0], powers])


def _few(ticks: np.ndarray, most: int) -> np.ndarray:
    """The ends of too many ticks, with the middle where there is one and room for it."""
    middle = len(ticks) % 2 and most > 2
    return ticks[[0, len(ticks) // 2, -1]] if middle else ticks[[0, -1]]


def tick_texts(ticks: np.ndarray, template: str | None = None) -> list[str]:
    """The ticks as text: as many decimals as the finest needs, thousands with commas, a real minus sign."""
    if template is not None:
        return [template.format(tick).replace("-", "−") for tick in ticks]
    sizes = np.abs(ticks[ticks != 0])
    if len(sizes) and (sizes.min() < 1e-3 or sizes.max() >= 1e6):
        return [_scientific(tick) for tick in ticks]
    decimals = max((_decimals(tick) for tick in ticks), default=0)
    mixed = len(sizes) > 1 and sizes.max() / sizes.min() > 99  # decades: each as short as it can be
    return [f"{tick:,.{_decimals(tick) if mixed else decimals}f}".replace("-", "−") for tick in ticks]


def _decimals(value: float) -> int:
    return next((d for d in range(7) if np.isclose(value, round(value, d), rtol=1e-6, atol=1e-12)), 7)


def _scientific(value: float) -> str:
    if value == 0:
        return "0"
    power = int(np.floor(np.log10(abs(value)) + 1e-9))
    factor = value / 10.0**power
    return f"{factor:.3g}e{power}".replace("-", "−")
