"""Losses over a plane of parameters, fast: z of the first layer is linear in the plane's two coordinates.

    X (W0 + a U + b V)ᵀ = X W0ᵀ + a X Uᵀ + b X Vᵀ

So the widest product is done three times, not once per point; the rest of the network runs on every point.
"""

from collections.abc import Mapping

import numpy as np

from nncore.arrays import Array
from nncore.layers import Layer
from nncore.network import Network

LINEAR = ("dense", "conv2d")
BLOCK = 1 << 16  # numbers of the first layer's z per block: three such blocks stay in a core's cache


def flatten(params: Mapping[str, Array]) -> Array:
    """All parameters as one float64 vector, in the network's order. Shapes: (D,)."""
    return np.concatenate([np.asarray(w, np.float64).ravel() for w in params.values()])


def unflatten(point: Array, network: Network) -> dict[str, Array]:
    """The parameters a vector stands for, and the network's own buffers."""
    arrays, at = {}, 0
    for key, w in network.params().items():
        arrays[key] = point[at : at + w.size].reshape(w.shape)
        at += w.size
    return arrays | network.buffers()


def plane_losses(
    network: Network, x: Array, y: Array, origin: Array, u: Array, v: Array, points: Array
) -> Array:
    """The loss over all examples at each point origin + a u + b v, in float64.

    Shapes: origin, u, v (D,); points (N, 2) -> (N,).
    """
    first = first_weighted(network)
    with np.errstate(all="ignore"):
        if network.layers[first].kind not in LINEAR:
            return plane_losses_plain(network, x, y, origin, u, v, points)
        return _fast_losses(network, first, x, y, (origin, u, v), points)


def plane_losses_plain(
    network: Network, x: Array, y: Array, origin: Array, u: Array, v: Array, points: Array
) -> Array:
    """The same, one whole forward pass per point."""
    return np.array([network.load(unflatten(origin + a * u + b * v, network)).loss(x, y) for a, b in points])


def first_weighted(network: Network) -> int:
    """The place of the first layer that has parameters."""
    return next(i for i, layer in enumerate(network.layers) if layer.shapes)


def _fast_losses(
    network: Network, first: int, x: Array, y: Array, frame: tuple[Array, Array, Array], points: Array
) -> Array:
    totals = np.zeros(len(points))
    frame_params = [unflatten(vector, network) for vector in frame]
    width = int(np.prod(network.output_shapes[first + 1]))
    rows = max(BLOCK // width, 16)
    for start in range(0, len(x), rows):
        here = slice(start, start + rows)
        a = np.asarray(x[here]).astype(np.float64) if np.issubdtype(x.dtype, np.floating) else x[here]
        for layer in network.layers[:first]:
            a = layer.activation.value(layer.forward(a, False, None)[0])
        parts = [_first_z(network, first, a, params) for params in frame_params]
        _add_block(network, first, parts, frame_params, y[here], points, totals)
    return totals / len(x)


def _first_z(network: Network, first: int, a: Array, params: Mapping[str, Array]) -> Array:
    network.load(params)
    return network.layers[first].forward(a, False, None)[0]


def _add_block(
    network: Network,
    first: int,
    parts: list[Array],
    frame: list[dict[str, Array]],
    y: Array,
    points: Array,
    totals: Array,
) -> None:
    loss, layer = network.loss_function, network.layers[first]
    rest = network.layers[first + 1 :]
    z = np.empty_like(parts[0])
    scratch = np.empty_like(z)
    for i, (alpha, beta) in enumerate(points):
        np.multiply(parts[1], alpha, out=z)
        z += parts[0]
        z += np.multiply(parts[2], beta, out=scratch)
        a = layer.activation.value(z)
        last = z
        for number, later in enumerate(rest, first + 2):
            _set(later, f"{number}.", frame, alpha, beta)
            last = later.forward(a, False, None)[0]
            a = later.activation.value(last)
        totals[i] += loss.each(last if loss.link else a, y).sum()


def _set(layer: Layer, prefix: str, frame: list[dict[str, Array]], alpha: float, beta: float) -> None:
    layer.load(
        {
            key[len(prefix) :]: w + alpha * frame[1][key] + beta * frame[2][key]
            for key, w in frame[0].items()
            if key.startswith(prefix)
        },
        prefix,
        copy=False,
    )
