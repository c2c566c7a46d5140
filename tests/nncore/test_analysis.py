"""What is computed from recordings: AGOP, gradient checks, embeddings, decision maps, gradient flow."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_runs import TINY

from nncore.agop import agop, agop_growth, agop_matrix
from nncore.decision_maps import decision_map
from nncore.embeddings import embedding
from nncore.errors import BadInput
from nncore.facts import compute_fact
from nncore.gradient_flow import gradient_flow
from nncore.layers import build_layers
from nncore.network import Network
from nncore.recording import Recording
from nncore.training import train

LAYERS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "dense": (({"type": "dense", "units": 5, "activation": "tanh"},
               {"type": "dense", "units": 3, "activation": "softmax"}), (6,)),
    "one layer": (({"type": "dense", "units": 3, "activation": "softmax"},), (6,)),
    "convolution": (({"type": "conv2d", "filters": 2, "kernel": 3, "activation": "sigmoid"},
                     {"type": "flatten"}, {"type": "dense", "units": 3, "activation": "softmax"}), (1, 4, 4)),
    "sequence": (({"type": "rnn", "units": 4},
                  {"type": "dense", "units": 3, "activation": "softmax"}), (3, 2)),
}  # fmt: skip


@pytest.mark.parametrize(("layers", "shape"), LAYERS.values(), ids=LAYERS)
def test_agop_is_the_mean_of_the_jacobians_squares(layers: Any, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    network = Network(build_layers(layers), "cross_entropy", shape).init(rng, np.float64)
    x = rng.random((7, *shape))
    size, nudge = int(np.prod(shape)), 1e-5
    expected = np.zeros((size, size))
    for example in x:
        jacobian = np.zeros((3, size))
        for i in range(size):
            step = np.zeros(size)
            step[i] = nudge
            up, down = (network.forward((example + s * step.reshape(shape))[None]).z[-1][0] for s in (1, -1))
            jacobian[:, i] = (up - down) / (2 * nudge)
        expected += jacobian.T @ jacobian / len(x)
    assert np.allclose(agop_matrix(network, x), expected, atol=1e-8)


def test_agop_of_a_recorded_digit_network(digits: Recording) -> None:
    one = agop(digits, digits.n_steps, count=100)
    assert one.matrix.shape == (784, 784)
    assert one.diagonal.shape == (28, 28)
    assert np.allclose(one.matrix, one.matrix.T)
    assert -1 <= one.correlation <= 1
    assert np.linalg.eigvalsh(one.matrix).min() > -1e-6 * np.trace(one.matrix)
    growth = agop_growth(digits, count=100)
    assert growth.diagonal.shape == (len(digits.steps), 28, 28)
    assert growth.correlation[-1] == one.correlation
    assert growth.correlation[-1] > growth.correlation[0]


def test_one_linear_neuron_has_the_agop_of_its_weights(tmp_path: Path) -> None:
    layers = ({"type": "dense", "units": 1, "activation": "sigmoid"},)
    recording = train(TINY.but(layers=layers), tmp_path / "run")
    assert agop(recording, 0).correlation == pytest.approx(1)


@pytest.mark.parametrize(("layer", "row", "column"), [(1, 5, 300), (1, 90, 415), (2, 3, 17)])
def test_one_weight_through_the_chain_rule(digits: Recording, layer: int, row: int, column: int) -> None:
    at = {"probe": 4, "step": int(digits.steps[3])}
    one = {**at, "layer": layer, "row": row, "column": column}
    gradient = compute_fact(digits, "weight_gradient", **one)
    assert compute_fact(digits, "difference_quotient", **one, nudge=1e-5) == pytest.approx(
        gradient, rel=1e-6, abs=1e-10
    )
    given = float(digits.a(layer - 1, at["step"])[4].ravel()[column])
    if layer == 1:
        slope = compute_fact(digits, "relu_slope", **at, layer=1, neuron=row)
        error = compute_fact(digits, "neuron_error", **at, neuron=row) * slope
    else:
        error = compute_fact(digits, "output_error", **at, unit=row)
        target = float(digits.probe_y[4] == row)
        assert error == pytest.approx(digits.a(2, at["step"])[4, row] - target, abs=1e-5)
    assert gradient == pytest.approx(error * given, rel=1e-5, abs=1e-9)


def test_a_batch_gradient_is_the_mean_of_its_examples(tiny: Recording) -> None:
    data, network = tiny.dataset(), tiny.network(3)
    batch = tiny.batch(3)
    each = []
    for i in batch:
        trace = network.forward(data.x_train[i : i + 1])
        each.append(network.backward(trace, data.y_train[i : i + 1]).params["1.W"])
    assert np.allclose(np.mean(each, axis=0), tiny.grad("1.W", 3), atol=1e-6)


def test_embeddings_share_the_last_snapshots_projection(digits: Recording) -> None:
    found = embedding(digits, 1, count=100)
    assert found.points.shape == (len(digits.steps), 100, 2)
    assert found.labels.tolist() == digits.dataset().y_test[:100].tolist()
    assert np.allclose(found.points[-1].mean(axis=0), 0, atol=1e-9)
    assert (found.variance[-1] > 0).all()
    assert found.variance[-1].sum() < 1
    hidden = digits.network(digits.n_steps).forward(digits.dataset().x_test[:100]).a[1].astype(float)
    values = np.linalg.svd(hidden - hidden.mean(axis=0), compute_uv=False) ** 2
    assert np.allclose(found.variance[-1], values[:2] / values.sum(), rtol=1e-6)

    def spread(points: np.ndarray) -> float:
        """Between classes over within them."""
        means = np.stack([points[found.labels == c].mean(axis=0) for c in range(10)])
        return float(means.var(axis=0).sum() / points.var(axis=0).sum())

    assert spread(found.points[-1]) > spread(found.points[0])
    with pytest.raises(BadInput, match="layer = 3"):
        embedding(digits, 3)


def test_a_decision_map_is_the_networks_answer_everywhere(tiny: Recording, digits: Recording) -> None:
    whole = decision_map(tiny, 3, size=9)
    assert whole.values.shape == (9, 9, 1)
    point = np.array([[whole.x[2], whole.y[7]]])
    assert whole.values[7, 2] == pytest.approx(tiny.network(3).predict(point)[0])
    data = tiny.dataset()
    assert whole.x[0] < data.x_train[:, 0].min()
    assert whole.y[-1] > data.x_test[:, 1].max()
    assert whole.x[1] - whole.x[0] == pytest.approx(whole.y[1] - whole.y[0])
    neurons = decision_map(tiny, 3, layer=1, size=9)
    assert neurons.values.shape == (9, 9, 6)
    assert (neurons.values >= 0).all()
    with pytest.raises(BadInput, match="points in a plane"):
        decision_map(digits, 0)


def test_gradient_flow_is_what_each_layer_received(tiny: Recording) -> None:
    flow = gradient_flow(tiny)
    assert flow.layers == (1, 2)
    assert flow.norms.shape == (tiny.n_steps, 2)
    assert flow.norms[2, 0] == pytest.approx(np.linalg.norm(tiny.grad("1.W", 2)), rel=1e-6)
