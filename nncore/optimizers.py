"""Optimizers: how a gradient becomes a step, in PyTorch's conventions, written beside each rule.

`init(params)` makes the state, `update(params, grads, state, learning_rate)` changes parameters and state
in place. The state is plain arrays, {"m": {"1.W": ...}, ..., "step": {"count": ...}}, so that it can be
recorded and given back. In the rules g is the gradient, plus l2 * w where an L2 penalty is asked for
(PyTorch's weight_decay).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from nncore.arrays import Array
from nncore.registry import build, require, require_fraction, require_not_negative

Params = Mapping[str, Array]
State = dict[str, dict[str, Array]]


@dataclass(frozen=True)
class Optimizer:
    """What the rules share: state made of zeros, the step count, the L2 penalty."""

    l2: float = 0.0
    slots: ClassVar[tuple[str, ...]] = ()
    _scratch: dict[str, Array] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse rates that make no sense."""
        for name in ("l2", "eps", "weight_decay"):
            if hasattr(self, name):
                require_not_negative(f"optimizer_args.{name}", getattr(self, name))
        for name in ("momentum", "alpha", "beta1", "beta2"):
            if hasattr(self, name):
                require_fraction(f"optimizer_args.{name}", getattr(self, name))

    def init(self, params: Params) -> State:
        """A state of zeros for these parameters."""
        state: State = {slot: {key: np.zeros_like(w) for key, w in params.items()} for slot in self.slots}
        state["step"] = {"count": np.zeros((), np.int64)}
        return state

    def update(self, params: Params, grads: Params, state: State, learning_rate: float) -> None:
        """One step: changes the parameters and the state in place, the gradients never."""
        state["step"]["count"] += 1
        count, rate = int(state["step"]["count"]), float(learning_rate)
        for key, w in params.items():
            scratch = self._scratch_for(key, w)
            g = grads[key]
            if self.l2:
                g = g + self.l2 * w
            self.step(w, g, {slot: state[slot][key] for slot in self.slots}, rate, count, scratch)

    def step(self, w: Array, g: Array, s: dict[str, Array], rate: float, count: int, scratch: Array) -> None:
        """The rule for one parameter array; `count` is 1 at the first step."""
        raise NotImplementedError

    def _scratch_for(self, key: str, w: Array) -> Array:
        scratch = self._scratch.get(key)
        if scratch is None or scratch.shape != w.shape or scratch.dtype != w.dtype:
            scratch = self._scratch[key] = np.empty_like(w)
        return scratch


@dataclass(frozen=True)
class SGD(Optimizer):
    """w ← w - learning_rate g."""

    def step(self, w: Array, g: Array, s: dict[str, Array], rate: float, count: int, scratch: Array) -> None:
        """w ← w - rate g."""
        w -= np.multiply(g, rate, out=scratch)


@dataclass(frozen=True)
class Momentum(Optimizer):
    """velocity ← momentum velocity + g; w ← w - learning_rate velocity."""

    momentum: float = 0.9
    slots: ClassVar[tuple[str, ...]] = ("velocity",)

    def step(self, w: Array, g: Array, s: dict[str, Array], rate: float, count: int, scratch: Array) -> None:
        """v ← μ v + g; w ← w - rate v."""
        velocity = s["velocity"]
        velocity *= self.momentum
        velocity += g
        w -= np.multiply(velocity, rate, out=scratch)


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """v ← alpha v + (1 - alpha) g²; w ← w - learning_rate g / (sqrt(v) + eps)."""

    alpha: float = 0.99
    eps: float = 1e-8
    slots: ClassVar[tuple[str, ...]] = ("v",)

    def step(self, w: Array, g: Array, s: dict[str, Array], rate: float, count: int, scratch: Array) -> None:
        """v ← α v + (1 - α) g²; w ← w - rate g / (√v + ε)."""
        v = s["v"]
        v *= self.alpha
        v += _square(g, 1 - self.alpha, scratch)
        np.sqrt(v, out=scratch)
        scratch += self.eps
        np.divide(g, scratch, out=scratch)
        scratch *= rate
        w -= scratch


@dataclass(frozen=True)
class Adam(Optimizer):
    """m ← beta1 m + (1 - beta1) g; v ← beta2 v + (1 - beta2) g²; w ← w - learning_rate m̂ / (sqrt(v̂) + eps).

    m̂ = m / (1 - beta1ᵗ) and v̂ = v / (1 - beta2ᵗ), t = 1 at the first step.

    Source: Kingma and Ba 2015, algorithm 1.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    slots: ClassVar[tuple[str, ...]] = ("m", "v")

    def step(self, w: Array, g: Array, s: dict[str, Array], rate: float, count: int, scratch: Array) -> None:
        """m ← β₁ m + (1 - β₁) g; v ← β₂ v + (1 - β₂) g²; w ← w - rate m̂ / (√v̂ + ε)."""
        m, v = s["m"], s["v"]
        m *= self.beta1
        m += np.multiply(g, 1 - self.beta1, out=scratch)
        v *= self.beta2
        v += _square(g, 1 - self.beta2, scratch)
        np.sqrt(v, out=scratch)
        scratch *= (1 - self.beta2**count) ** -0.5
        scratch += self.eps
        np.divide(m, scratch, out=scratch)
        scratch *= rate / (1 - self.beta1**count)
        w -= scratch


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled decay: first w ← w - learning_rate weight_decay w, then Adam's step.

    Source: Loshchilov and Hutter 2019, algorithm 2 with PyTorch's scaling by the learning rate.
    """

    weight_decay: float = 0.01

    def step(self, w: Array, g: Array, s: dict[str, Array], rate: float, count: int, scratch: Array) -> None:
        """w ← w (1 - rate λ); then Adam's step."""
        w *= 1 - rate * self.weight_decay
        super().step(w, g, s, rate, count, scratch)


def _square(g: Array, factor: float, out: Array) -> Array:
    """factor g² in `out`."""
    np.multiply(g, g, out=out)
    out *= factor
    return out


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
}


def build_optimizer(name: str, options: Mapping[str, Any] | None = None, l2: float = 0.0) -> Optimizer:
    """The optimizer called `name`; `l2` is the penalty any of them can carry."""
    require_not_negative("l2", l2)
    options = dict(options or {})
    if l2:
        require("optimizer_args.l2", options.get("l2"), "l2" not in options, "left out where l2 is given")
        options["l2"] = l2
    return build("optimizer", name, OPTIMIZERS, options)


def clip_by_norm(grads: Params, limit: float) -> float:
    """Scale all gradients in place so that their joint norm is at most `limit`; returns the norm before.

    Source: PyTorch's clip_grad_norm_ (it divides by norm + 1e-6).
    """
    norm = total_norm(grads)
    if norm > limit:
        for g in grads.values():
            g *= limit / (norm + 1e-6)
    return norm


def total_norm(arrays: Params) -> float:
    """The joint Euclidean norm of all arrays, summed in float64."""
    return float(sum(float(np.vdot(g, g)) for g in arrays.values()) ** 0.5)
