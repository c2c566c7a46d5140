"""Every layer, activation, loss, initialiser, schedule and optimizer against PyTorch's numbers."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from reference_data import FOLDER, assert_same, cases, entries, layers_of, module, named

from nncore.activations import ACTIVATIONS
from nncore.datasets import load_dataset
from nncore.initializers import INITIALIZERS, build_initializer
from nncore.layers import LAYERS, Stack, build_layers
from nncore.losses import LOSSES
from nncore.network import Network
from nncore.optimizers import OPTIMIZERS, build_optimizer, clip_by_norm
from nncore.schedules import SCHEDULES, build_schedule

LAYER_CASES = cases("layers")
NETWORK_CASES = cases("networks")
STEPS = cases("optimizers")
LOSS_CASES = cases("losses")
GIVEN = ("start", "grads", "clip")


class FixedDraws:
    """A generator whose only draw keeps what a stored mask keeps."""

    def __init__(self, mask):
        self.mask = mask

    def random(self, shape, dtype):
        """1 where kept, 0 where dropped."""
        return self.mask.astype(dtype).reshape(shape)


def types_in(layers):
    """Every layer type in a list of descriptions, nested ones too."""
    for layer in layers:
        yield layer["type"]
        yield from types_in(layer.get("layers", ()))


@pytest.mark.parametrize("name", LAYER_CASES)
def test_layer(name):
    case = LAYER_CASES[name]
    stack = Stack(build_layers(layers_of(case)), case["x"].shape[1:])
    stack.init(np.random.default_rng(0), np.float64)
    stack.load(named(case, "param"))
    train = not name.startswith("running")
    for batch in case.get("batches", ()):
        stack.absorb(stack.forward(batch, True, None))
    trace = stack.forward(case["x"], train, FixedDraws(case["mask"]) if "mask" in case else None)
    assert_same(trace.a[-1], case["a"], "output")
    x, grads, _ = stack.backward(trace, case["upstream"])
    expected = named(case, "grad")
    assert set(grads) == set(expected)
    for key, g in expected.items():
        assert_same(grads[key], g, f"gradient of {key}")
    if "grad_x" in case:
        assert_same(x, case["grad_x"], "gradient of x")
    for key, value in stack.buffers().items():
        if key[2:] in case:
            assert_same(value, case[key[2:]], key)


@pytest.mark.parametrize("name", NETWORK_CASES)
def test_network(name):
    case = NETWORK_CASES[name]
    network = Network(build_layers(layers_of(case)), str(case["loss"]), case["x"].shape[1:])
    network.load(named(case, "param"))
    trace = network.forward(case["x"], train=True)
    assert_same(network.batch_loss(trace, case["y"]), case["value"])
    assert_same(network.loss(case["x"], case["y"]), case["value"])
    found = network.backward(trace, case["y"])
    for key, g in named(case, "grad").items():
        assert_same(found.params[key], g, f"gradient of {key}")
    assert_same(found.x, case["grad_x"], "gradient of x")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation(name):
    given, case, activation = entries("activations"), cases("activations")[name], ACTIVATIONS[name]
    a = activation.value(given["z"])
    assert_same(a, case["a"])
    assert_same(activation.backward(given["z"], a, given["upstream"]), case["delta"])


@pytest.mark.parametrize("name", LOSS_CASES)
def test_loss(name):
    case, loss = LOSS_CASES[name], LOSSES[name.split(".")[0]]
    assert_same(loss.value(case["outputs"], case["y"]), case["value"])
    assert_same(loss.gradient(case["outputs"], case["y"]), case["gradient"])


@pytest.mark.parametrize("name", sorted(set(STEPS) - set(GIVEN)))
def test_fifty_steps(name):
    case = STEPS[name]
    made = json.loads(str(case["optimizer"]))
    optimizer = build_optimizer(made["name"], made["options"])
    params = {key: w.copy() for key, w in STEPS["start"].items()}
    state = optimizer.init(params)
    for step in range(50):
        grads = {key: g[step] for key, g in STEPS["grads"].items()}
        optimizer.update(params, grads, state, 0.03)
        for key, w in params.items():
            assert_same(w, case[key][step], f"{key} after step {step}")
    assert state["step"]["count"] == 50


def test_clipping():
    grads = {key: g.copy() for key, g in STEPS["start"].items()}
    assert_same(clip_by_norm(grads, 1.5), STEPS["clip"]["norm"])
    for key, g in grads.items():
        assert_same(g, STEPS["clip"][key], key)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule(name):
    options = {"step": {"every": 7, "factor": 0.3}, "cosine": {"final": 0.01}}.get(name, {})
    schedule = build_schedule(name, options)
    assert_same([schedule.at(0.2, step, 50) for step in range(50)], entries("schedules")[name])


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initializer(name):
    for text, expected in cases("initializers")[name].items():
        shape = tuple(int(side) for side in text.split("x"))
        area = int(np.prod(shape[2:]))
        draw = build_initializer({"name": name, "scale": 0.3} if name == "normal" else name)
        w = draw(np.random.default_rng(0), shape, shape[1] * area, shape[0] * area)
        rng = np.random.default_rng(0)
        unit = rng.uniform(-1, 1, shape) if name == "glorot" else rng.standard_normal(shape)
        assert_same(w, unit * expected, text)


def test_every_registry_entry_has_a_reference():
    layers = {kind for case in LAYER_CASES.values() for kind in types_in(layers_of(case))}
    optimizers = {json.loads(str(STEPS[name]["optimizer"]))["name"] for name in set(STEPS) - set(GIVEN)}
    assert set(LAYERS) == layers
    assert set(ACTIVATIONS) == set(cases("activations"))
    assert set(LOSSES) == {name.split(".")[0] for name in LOSS_CASES}
    assert set(OPTIMIZERS) == optimizers
    assert set(SCHEDULES) == set(entries("schedules"))
    assert set(INITIALIZERS) == set(cases("initializers"))


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def trained(kind, dtype, epochs, dataset):
    """The network of the reference run after so many epochs."""
    run = module("digits_run")
    network = Network(build_layers(run.LAYERS), "cross_entropy", dataset.sample_shape)
    network.load({key: w.astype(dtype) for key, w in run.initial_weights().items()})
    optimizer = build_optimizer(kind)
    state = optimizer.init(network.params())
    for batch in run.batches(len(dataset.x_train), epochs):
        trace = network.forward(dataset.x_train[batch], train=True)
        grads = network.backward(trace, dataset.y_train[batch], input_gradient=False)
        optimizer.update(network.params(), grads.params, state, run.RATES[kind])
    return network


@pytest.mark.parametrize("kind", ["sgd", "adam"])
def test_digits_after_one_epoch(kind, digits):
    network, case = trained(kind, np.float64, 1, digits), cases("digits")[kind]
    for key, w in network.params().items():
        np.testing.assert_allclose(
            module("digits_run").kept(w), case[key], rtol=1e-8, atol=1e-10, err_msg=key
        )


@pytest.mark.parametrize("kind", ["sgd", "adam"])
def test_digits_accuracy_is_pytorchs(kind, digits):
    run = module("digits_run")
    accuracy = trained(kind, np.float32, run.EPOCHS, digits).accuracy(digits.x_test, digits.y_test)
    assert accuracy == pytest.approx(cases("digits")[kind]["accuracy"], abs=0.005)
    assert accuracy > 0.93


if importlib.util.find_spec("torch"):

    def test_torch_still_gives_the_stored_numbers(tmp_path):
        root = str(Path(__file__).parents[2])
        command = [sys.executable, str(FOLDER / "make_reference.py"), str(tmp_path)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": root})
        for path in sorted(FOLDER.glob("*.npz")):
            with np.load(tmp_path / path.name) as new:
                stored = entries(path.stem)
                assert set(new.files) == set(stored)
                for key, value in stored.items():
                    if value.dtype.kind == "U":
                        assert new[key] == value
                    else:
                        assert_same(new[key], value, f"{path.stem} {key}", relative=1e-9)
