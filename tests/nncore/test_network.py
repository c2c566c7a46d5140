"""The network as a whole: traces, gradients, evaluation, and what it refuses."""

from types import SimpleNamespace

import numpy as np
import pytest

from nncore.datasets import Dataset, load_dataset
from nncore.errors import BadInput
from nncore.layers import build_layers
from nncore.network import Network, build_network, labels_of


def dense(units, activation="relu", **options):
    return {"type": "dense", "units": units, "activation": activation, **options}


def network(*layers, loss="cross_entropy", shape=(4,), dtype=np.float32):
    layers = layers or (dense(5), dense(3, "softmax"))
    return Network(build_layers(layers), loss, shape).init(np.random.default_rng(0), dtype)


def test_the_trace_holds_every_z_and_a():
    net = network()
    x = np.random.default_rng(1).normal(size=(6, 4)).astype(np.float32)
    trace = net.forward(x)
    assert trace.z[0] is None
    assert trace.a[0] is x
    assert [a.shape for a in trace.a] == [(6, 4), (6, 5), (6, 3)]
    W, b = net.params()["1.W"], net.params()["1.b"]
    assert trace.z[1] == pytest.approx(x @ W.T + b, abs=1e-6)
    assert np.array_equal(trace.a[1], np.maximum(trace.z[1], 0))
    assert net.output_shapes == [(4,), (5,), (3,)]


def test_delta_is_the_gradient_of_every_z():
    net = network(dtype=np.float64)
    x, y = np.random.default_rng(1).normal(size=(6, 4)), np.arange(6) % 3
    trace = net.forward(x, train=True)
    found = net.backward(trace, y)
    assert found.delta[0] is None
    for number in (1, 2):
        rows = found.delta[number]
        assert rows.T @ trace.a[number - 1] == pytest.approx(found.params[f"{number}.W"])
        assert rows.sum(axis=0) == pytest.approx(found.params[f"{number}.b"])
    assert found.x == pytest.approx(found.delta[1] @ net.params()["1.W"])


def test_declining_the_input_gradient():
    net = network()
    x, y = np.ones((2, 4), np.float32), np.array([0, 1])
    assert net.backward(net.forward(x), y, input_gradient=False).x is None


def test_both_precisions_start_from_the_same_weights():
    single, double = network(dtype=np.float32).params(), network(dtype=np.float64).params()
    assert all(np.array_equal(single[key], w.astype(np.float32)) for key, w in double.items())
    assert all(w.dtype == np.float32 for w in single.values())


def test_evaluation_in_parts_is_evaluation_at_once():
    net = network(dtype=np.float64)
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2500, 4)), rng.integers(0, 3, 2500)
    trace = net.forward(x)
    assert net.predict(x) == pytest.approx(trace.a[-1])
    assert net.loss(x, y) == pytest.approx(net.batch_loss(trace, y))
    assert net.accuracy(x, y) == (trace.a[-1].argmax(axis=1) == y).mean()


def test_nothing_to_evaluate_is_nan():
    net = network()
    x, y = np.empty((0, 4), np.float32), np.empty(0, np.int64)
    assert np.isnan(net.loss(x, y))
    assert np.isnan(net.accuracy(x, y))
    assert net.predict(x).shape == (0, 3)
    assert np.isnan(network(dense(1, "identity"), loss="mse").accuracy(np.ones((2, 4)), np.array([0.5, 1.0])))


def test_labels_of_one_and_of_many_outputs():
    assert labels_of(np.array([[0.2], [0.5]])).tolist() == [0, 1]
    assert labels_of(np.array([[0.2, 0.7, 0.1]])).tolist() == [1]


def test_load_takes_params_and_buffers_and_names_what_is_wrong():
    net = network(dense(5), {"type": "batchnorm"}, dense(3, "softmax"))
    arrays = net.params() | net.buffers()
    fresh = Network(
        build_layers((dense(5), {"type": "batchnorm"}, dense(3, "softmax"))), "cross_entropy", (4,)
    )
    assert fresh.load(arrays).dtype == np.float32
    x = np.ones((2, 4), np.float32)
    assert np.array_equal(fresh.predict(x), net.predict(x))
    with pytest.raises(BadInput, match=r"'1\.W' has shape"):
        fresh.load(arrays | {"1.W": np.zeros((4, 5))})
    with pytest.raises(BadInput, match=r"'3\.b' is missing"):
        fresh.load({key: w for key, w in arrays.items() if key != "3.b"})
    with pytest.raises(BadInput, match=r"4\.W"):
        fresh.load(arrays | {"4.W": np.zeros(2)})


def test_loaded_aliases_are_not_copied():
    net = network()
    arrays = {key: w.copy() for key, w in net.params().items()}
    net.load(arrays, copy=False)
    assert all(net.params()[key] is w for key, w in arrays.items())


@pytest.mark.parametrize(
    ("layers", "loss", "words"),
    [
        ((dense(3, "relu"),), "cross_entropy", "layers[0].activation is 'relu'; it must be 'softmax'"),
        ((dense(1, "identity"),), "binary_cross_entropy", "it must be 'sigmoid'"),
        ((dense(3, "softmax"),), "cros_entropy", "Did you mean 'cross_entropy'"),
        ((), "mse", "at least one layer"),
        ((dense(3), {"type": "conv2d", "filters": 2}), "mse", "layers[1] (conv2d): input of shape (3,)"),
    ],
)
def test_networks_that_make_no_sense_are_named(layers, loss, words):
    with pytest.raises(BadInput) as caught:
        Network(build_layers(layers), loss, (4,))
    assert words in str(caught.value)


def test_an_output_that_is_no_vector_is_named():
    with pytest.raises(BadInput, match="add a 'flatten' or 'select' layer"):
        Network(build_layers([dense(3, "identity")]), "mse", (5, 4))


def test_examples_of_another_shape_are_named():
    with pytest.raises(BadInput, match=r"shape \(5,\); the network takes \(4,\)"):
        network().forward(np.ones((2, 5)))


@pytest.mark.parametrize(
    ("layers", "loss", "words"),
    [
        ((dense(3, "softmax"),), "cross_entropy", "layers[0].units is 3; it must be 2"),
        ((dense(5, "identity"),), "mse", "it must be 2"),
        ((dense(2, "softmax"),), "cross_entropy", None),
        ((dense(1, "sigmoid"),), "binary_cross_entropy", None),
        ((dense(1, "tanh"),), "mse", None),
    ],
)
def test_outputs_must_fit_the_classes(layers, loss, words):
    spec, dataset = SimpleNamespace(layers=layers, loss=loss), load_dataset("xor")
    if words is None:
        assert build_network(spec, dataset).sample_shape == (2,)
        return
    with pytest.raises(BadInput) as caught:
        build_network(spec, dataset)
    assert words in str(caught.value)


def numbers(n_classes=0, **changes):
    x, y = np.zeros((4, 2), np.float32), np.zeros(4, np.float32 if n_classes == 0 else np.int64)
    parts = {"x_train": x, "y_train": y, "x_test": x, "y_test": y} | changes
    return Dataset("own", n_classes=n_classes, source="test", **parts)


TOKENS = {"type": "embedding", "vocabulary": 9, "units": 2}


@pytest.mark.parametrize(
    ("layers", "loss", "dataset", "words"),
    [
        ((dense(1, "sigmoid"),), "binary_cross_entropy", load_dataset("digits"), "one for each class of"),
        ((dense(2, "softmax"),), "cross_entropy", numbers(), "it must be 'mse'"),
        ((dense(2, "identity"),), "mse", numbers(), "it must be 1"),
        ((TOKENS, {"type": "flatten"}, dense(4, "softmax")), "cross_entropy", load_dataset("pointer"),
         "layers[0].vocabulary is 9; it must be at least 10"),
        ((TOKENS, {"type": "flatten"}, dense(2, "softmax")), "cross_entropy", numbers(2), "has no tokens"),
        ((dense(3), TOKENS, {"type": "flatten"}, dense(2, "softmax")), "cross_entropy", numbers(2),
         "layers[1].type is 'embedding'"),
    ],
)  # fmt: skip
def test_networks_must_fit_the_data(layers, loss, dataset, words):
    with pytest.raises(BadInput) as caught:
        build_network(SimpleNamespace(layers=layers, loss=loss), dataset)
    assert words in str(caught.value)


def test_whole_numbers_are_numbers_to_a_dense_layer():
    x = np.array([[1, 2, 3, 4]])
    assert network().predict(x).dtype == np.float32
