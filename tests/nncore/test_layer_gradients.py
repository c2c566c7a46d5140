"""Central differences confirm every layer's gradients, for parameters and inputs."""

import numpy as np
import pytest

from nncore.layers import LAYERS, build_layers
from nncore.network import Network

WIDTH = 1e-5
TOLERANCE = 1e-7


def dense(units=3, activation="softmax"):
    return {"type": "dense", "units": units, "activation": activation}


def conv(**options):
    return {"type": "conv2d", "filters": 3, "activation": "gelu", **options}


FLAT = {"type": "flatten"}
TOKENS = {"type": "embedding", "vocabulary": 9, "units": 4}
NORM = {"type": "layernorm"}
ATTENTION = {"type": "attention", "units": 3}
BLOCK = [NORM, dense(6, "gelu"), {"type": "dropout", "rate": 0.2}, dense(4, "identity")]

# name -> layers, shape of one example, loss
NETWORKS = {
    "dense": ([dense(7, "gelu"), dense()], (6,), "cross_entropy"),
    "dense_relu": ([dense(7, "relu"), dense()], (6,), "cross_entropy"),
    "dense_softmax_inside": ([dense(7, "softmax"), dense(3, "tanh")], (6,), "mse"),
    "binary": ([dense(7, "sigmoid"), dense(1, "sigmoid")], (6,), "binary_cross_entropy"),
    "conv2d": ([conv(), conv(kernel=2, padding=1, stride=2), FLAT, dense()], (2, 8, 7), "cross_entropy"),
    "maxpool2d": ([conv(padding="same"), {"type": "maxpool2d", "size": 3, "stride": 2}, FLAT, dense()],
                  (1, 9, 8), "cross_entropy"),
    "batchnorm": ([dense(7, "tanh"), {"type": "batchnorm"}, dense()], (6,), "cross_entropy"),
    "batchnorm_conv": ([conv(), {"type": "batchnorm"}, FLAT, dense()], (2, 5, 5), "cross_entropy"),
    "layernorm": ([NORM, dense(7, "tanh"), NORM, dense()], (6,), "cross_entropy"),
    "dropout": ([dense(7, "tanh"), {"type": "dropout", "rate": 0.4}, dense()], (6,), "cross_entropy"),
    "rnn": ([{"type": "rnn", "units": 5}, dense()], (4, 6), "cross_entropy"),
    "rnn_all": ([{"type": "rnn", "units": 5, "output": "all"}, FLAT, dense()], (4, 6), "cross_entropy"),
    "attention": ([ATTENTION, {"type": "select", "position": 2}, dense()], (5, 4), "cross_entropy"),
    "transformer": ([TOKENS, {"type": "positions"}, {"type": "residual", "layers": [NORM, ATTENTION]},
                     {"type": "residual", "layers": BLOCK}, {"type": "select"}, dense()],
                    (5,), "cross_entropy"),
}  # fmt: skip


def example(name, train):
    """(network, batch, labels, loss function of the current arrays)."""
    layers, shape, loss = NETWORKS[name]
    rng = np.random.default_rng(3)
    network = Network(build_layers(layers), loss, shape).init(rng, np.float64)
    for w in network.params().values():
        w += rng.normal(0, 0.1, w.shape)
    x = rng.integers(0, 9, (5, *shape)) if name == "transformer" else rng.normal(size=(5, *shape))
    y = rng.integers(0, max(network.n_outputs, 2), 5)

    def loss_now():
        return network.batch_loss(network.forward(x, train, np.random.default_rng(7)), y)

    return network, x, y, loss_now


@pytest.mark.parametrize("train", [True, False], ids=["train", "evaluate"])
@pytest.mark.parametrize("name", NETWORKS)
def test_gradients(name, train):
    network, x, y, loss_now = example(name, train)
    found = network.backward(network.forward(x, train, np.random.default_rng(7)), y)
    pairs = [(key, w, found.params[key]) for key, w in network.params().items()]
    if found.x is not None:
        pairs.append(("x", x, found.x))
    rng = np.random.default_rng(4)
    for key, w, g in pairs:
        assert g.shape == w.shape
        for _ in range(6):
            index = tuple(rng.integers(0, side) for side in w.shape)
            kept = w[index]
            w[index] = kept + WIDTH
            above = loss_now()
            w[index] = kept - WIDTH
            below = loss_now()
            w[index] = kept
            difference = (above - below) / (2 * WIDTH)
            assert g[index] == pytest.approx(difference, rel=TOLERANCE, abs=TOLERANCE * 1e-2), (key, index)


def types_in(layers):
    for layer in layers:
        yield layer["type"]
        yield from types_in(layer.get("layers", ()))


def test_every_layer_is_confirmed():
    assert set(LAYERS) == {kind for layers, _, _ in NETWORKS.values() for kind in types_in(layers)}
