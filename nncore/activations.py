"""Activations: what a layer does to its pre-activations z, value and derivative side by side.

A layer computes z, its activation makes a = f(z); backward, dL/da becomes delta = dL/dz = dL/da * f'(z).
Softmax mixes the outputs of one example, so it has a product with its Jacobian in place of a derivative.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nncore.arrays import Array

SQRT_2_PI = (2.0 * np.pi) ** 0.5


def _special() -> Any:
    from scipy import special  # loaded when first needed: it takes longer than most commands run

    return special


@dataclass(frozen=True)
class Activation:
    """A function of z with its derivative, given z and the already known a."""

    name: str
    value: Callable[[Array], Array]
    derivative: Callable[[Array, Array], Array] | None = None

    def backward(self, z: Array, a: Array, gradient: Array) -> Array:
        """dL/dz from dL/da.

        Shapes: all (n, ..., units).
        """
        if self.derivative is None:
            return softmax_backward(a, gradient)
        return gradient * self.derivative(z, a)


class Identity(Activation):
    """a = z: nothing to compute, so nothing is copied."""

    def backward(self, z: Array, a: Array, gradient: Array) -> Array:
        """dL/dz is dL/da itself."""
        return gradient


def relu(z: Array) -> Array:
    """max(z, 0)."""
    return np.maximum(z, 0)


def relu_derivative(z: Array, a: Array) -> Array:
    """1 where z > 0, else 0 (at z = 0 too, as PyTorch has it)."""
    return (z > 0).astype(z.dtype)


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), without overflow."""
    return _special().expit(z)


def sigmoid_derivative(z: Array, a: Array) -> Array:
    """a (1 - a): at most 1/4, which is why deep sigmoid networks lose their gradient."""
    return a * (1 - a)


def tanh_derivative(z: Array, a: Array) -> Array:
    """1 - a²."""
    return 1 - a * a


def gelu(z: Array) -> Array:
    """z Φ(z), Φ(z) = (1 + erf(z / √2)) / 2 the normal distribution function (the exact form)."""
    return z * _special().ndtr(z)


def gelu_derivative(z: Array, a: Array) -> Array:
    """Φ(z) + z φ(z), φ the normal density."""
    bounded = np.clip(z, -40, 40)  # the density is 0 beyond; the square must not overflow
    density = np.exp(-0.5 * bounded * bounded) / SQRT_2_PI
    return _special().ndtr(z) + bounded * density


def sine_derivative(z: Array, a: Array) -> Array:
    """cos z."""
    return np.cos(z)


def softmax(z: Array) -> Array:
    """exp(z) / sum(exp(z)) over the last axis, shifted by the maximum so that nothing overflows.

    Shapes: (n, ..., units) -> the same.
    """
    with np.errstate(over="ignore"):  # a difference beyond the float range is -inf, and its exp is 0
        a = z - z.max(axis=-1, keepdims=True)
    np.exp(a, out=a)
    a /= a.sum(axis=-1, keepdims=True)
    return a


def softmax_backward(a: Array, gradient: Array) -> Array:
    """The product of dL/da with softmax's Jacobian diag(a) - a aᵀ."""
    return a * (gradient - (gradient * a).sum(axis=-1, keepdims=True))


def _same(z: Array) -> Array:
    return z


def _ones(z: Array, a: Array) -> Array:
    return np.ones_like(z)


ACTIVATIONS: dict[str, Activation] = {
    "identity": Identity("identity", _same, _ones),
    "relu": Activation("relu", relu, relu_derivative),
    "sigmoid": Activation("sigmoid", sigmoid, sigmoid_derivative),
    "tanh": Activation("tanh", np.tanh, tanh_derivative),
    "gelu": Activation("gelu", gelu, gelu_derivative),
    "sine": Activation("sine", np.sin, sine_derivative),
    "softmax": Activation("softmax", softmax),
}
