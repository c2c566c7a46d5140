"""The loss over two weights: what was recorded at the recorded weights, the plain way's numbers elsewhere."""

from typing import Any

import numpy as np
import pytest

from nncore.errors import BadInput
from nncore.layers import build_layers
from nncore.network import Network
from nncore.recording import Recording
from nncore.slices import Weight, plain_losses, stacked_losses, steepest_weights, weight_slice

DEEP = (
    {"type": "dense", "units": 7, "activation": "tanh"},
    {"type": "dense", "units": 6, "activation": "relu"},
    {"type": "dense", "units": 4, "activation": "softmax"},
)
SQUARED = (
    {"type": "dense", "units": 5, "activation": "sigmoid"},
    {"type": "dense", "units": 4, "activation": "identity"},
)


@pytest.mark.parametrize(("layers", "loss"), [(DEEP, "cross_entropy"), (SQUARED, "mse")])
@pytest.mark.parametrize("pair", [("1.W", (2, 5), "1.W", (4, 0)), ("2.W", (1, 3), "2.b", (3,))])
def test_many_points_together_give_the_plain_numbers(layers: Any, loss: str, pair: Any) -> None:
    rng = np.random.default_rng(1)
    network = Network(build_layers(layers), loss, (8,)).init(rng, np.float64)
    x, y = rng.random((30, 8)), rng.integers(0, 4, 30)
    weights = [Weight(pair[0], pair[1]), Weight(pair[2], pair[3])]
    points = rng.normal(size=(9, 2))
    together = stacked_losses(network, x, y, weights, points)
    assert np.allclose(together, plain_losses(network, x, y, weights, points), rtol=1e-12)


def test_at_the_recorded_weights_height_and_slope_are_the_recorded_ones(digits: Recording) -> None:
    weights = steepest_weights(digits)
    for step in (0, 1):
        here = [float(digits.param(w.key, step)[w.index]) for w in weights]
        move = 1e-4
        x, y = ([at - move, at, at + move] for at in here)
        loss = weight_slice(digits, step, weights, np.array(x), np.array(y))
        assert loss[1, 1] == pytest.approx(digits.series("loss_batch")[step], rel=1e-6)
        slopes = (loss[1, 2] - loss[1, 0]) / (2 * move), (loss[2, 1] - loss[0, 1]) / (2 * move)
        recorded = [float(digits.grad(w.key, step)[w.index]) for w in weights]
        assert slopes == pytest.approx(recorded, rel=1e-4, abs=1e-7)


def test_over_the_training_set_the_middle_is_the_training_loss(digits: Recording) -> None:
    weights = [Weight("1.W", (29, 318)), Weight("2.W", (3, 67))]  # in two layers
    here = [np.array([float(digits.param(w.key, 0)[w.index])]) for w in weights]
    loss = weight_slice(digits, 0, weights, *here, examples="train")
    assert loss.shape == (1, 1)
    assert loss[0, 0] == pytest.approx(digits.evals("loss_train")[0], rel=1e-5)


def test_the_steepest_weights_have_the_largest_gradients(digits: Recording) -> None:
    first, second = steepest_weights(digits)
    matrices = [grad for grad in digits.grads(0).values() if grad.ndim == 2]
    sizes = [np.sort(np.abs(grad), axis=None)[::-1][:2] for grad in matrices]
    largest = np.sort(np.concatenate(sizes))[::-1]
    assert abs(digits.grad(first.key, 0)[first.index]) == largest[0]
    assert abs(digits.grad(second.key, 0)[second.index]) == largest[1]


def test_what_is_no_slice_is_refused(tiny: Recording) -> None:
    weight, other = Weight("1.W", (0, 0)), Weight("1.W", (0, 1))
    with pytest.raises(BadInput, match="two different weights"):
        weight_slice(tiny, 0, [weight, weight], np.zeros(1), np.zeros(1))
    with pytest.raises(BadInput, match="batch or train"):
        weight_slice(tiny, 0, [weight, other], np.zeros(1), np.zeros(1), examples="test")
