"""Facts: numbers that are shown but not stored, each computed from a recording by one named function.

A new fact is one function with a docstring under @fact, here or in a *_facts.py; its arguments after the
recording are plain numbers or strings, so that a clip's manifest can name them and `verify` compute it again.
"""

import inspect
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from pkgutil import iter_modules
from typing import Any, TypeVar

import numpy as np

import nncore
from nncore.errors import BadInput, did_you_mean
from nncore.recording import Recording

Fact = Callable[..., float | int]
Function = TypeVar("Function", bound=Fact)
FACTS: dict[str, Fact] = {}


def fact(function: Function) -> Function:
    """Register a function of a recording as a fact under its own name."""
    if function.__name__ in FACTS:
        raise ValueError(f"there is already a fact called {function.__name__}")
    FACTS[function.__name__] = function
    return function


def compute_fact(recording: Recording, name: str, **args: Any) -> float | int:
    """A fact's number. Raises: BadInput for an unknown name or argument."""
    if name not in FACTS:
        raise BadInput(f"unknown fact {name!r}.{did_you_mean(name, FACTS)} Known: {', '.join(FACTS)}")
    try:
        inspect.signature(FACTS[name]).bind(recording, **args)
    except TypeError as error:
        raise BadInput(f"fact {name} does not take {args}: {error}") from error
    return FACTS[name](recording, **args)


def fact_parameters(name: str) -> dict[str, inspect.Parameter]:
    """The arguments a fact takes after the recording."""
    return dict(list(inspect.signature(FACTS[name]).parameters.items())[1:])


@fact
def connections(recording: Recording) -> int:
    """All weights, without biases: 784 × 128 + 128 × 10 = 101,632."""
    return sum(connections_layer(recording, layer) for layer in range(1, len(recording.layer_sizes)))


@fact
def connections_layer(recording: Recording, layer: int) -> int:
    """The weights between the layer before and weighted layer `layer`: 784 × 128 = 100,352."""
    keys = [key for key in recording.params(0) if key.endswith(".W")]
    return int(recording.param(keys[layer - 1], 0).size)


@fact
def n_parameters(recording: Recording) -> int:
    """Every number the run learns, weights and biases: 101,770."""
    return sum(int(w.size) for w in recording.params(0).values())


@fact
def n_biases(recording: Recording) -> int:
    """Every number the run learns that is not a weight: 128 + 10 = 138."""
    return n_parameters(recording) - connections(recording)


@fact
def parameters_of(recording: Recording, sizes: str) -> int:
    """Parameters of a dense network of the given sizes, such as "784-512-10": 407,050."""
    units = [int(size) for size in sizes.split("-")]
    return sum(a * b + b for a, b in pairwise(units))


@fact
def layer_size(recording: Recording, layer: int) -> int:
    """Units of a layer; layer 0 is the input."""
    return recording.layer_sizes[layer]


@fact
def n_steps(recording: Recording) -> int:
    """Updates the run made."""
    return recording.n_steps


@fact
def n_snapshots(recording: Recording) -> int:
    """Steps whose parameters were all recorded."""
    return len(recording.steps)


@fact
def n_train(recording: Recording) -> int:
    """Training examples."""
    return len(recording.dataset().x_train)


@fact
def n_test(recording: Recording) -> int:
    """Test examples."""
    return len(recording.dataset().x_test)


@fact
def n_classes(recording: Recording) -> int:
    """Classes of the dataset."""
    return recording.dataset().n_classes


@fact
def image_pixels(recording: Recording) -> int:
    """Numbers one example has: 28 × 28 = 784 pixels."""
    return int(np.prod(recording.dataset().sample_shape))


@fact
def steps_per_epoch(recording: Recording) -> int:
    """Updates in one pass over the training set."""
    return -(-n_train(recording) // recording.spec.batch_size)


@fact
def n_test_wrong(recording: Recording, step: int) -> int:
    """Test examples the network gets wrong at a snapshot."""
    data = recording.dataset()
    y_hat = recording.network(step).predict(data.x_test)
    return int((y_hat.argmax(axis=1) != data.y_test).sum())


@fact
def probability_sum(recording: Recording, probe: int, step: int) -> float:
    """What a probe's recorded output probabilities add up to, summed in float64."""
    return float(_output(recording, step)[probe].sum(dtype=np.float64))


@fact
def predicted_label(recording: Recording, probe: int, step: int) -> int:
    """The class with a probe's largest recorded output."""
    return int(_output(recording, step)[probe].argmax())


@fact
def probe_loss(recording: Recording, probe: int, step: int) -> float:
    """The loss of one probe at a snapshot, in evaluation mode."""
    here = slice(probe, probe + 1)
    return recording.network(step).loss(recording.probe_x[here], recording.probe_y[here])


@fact
def batch_loss_after(recording: Recording, step: int) -> float:
    """The loss of the batch of `step` on the same examples once its update is made, in evaluation mode."""
    data, rows = recording.dataset(), recording.batch(step)
    return recording.network(step + 1).loss(data.x_train[rows], data.y_train[rows])


@fact
def weight_norm(recording: Recording, step: int, key: str = "") -> float:
    """The Euclidean size of one parameter array, or of all parameters together, at a snapshot."""
    arrays = [recording.param(key, step)] if key else list(recording.params(step).values())
    return float(sum(float((w.astype(np.float64) ** 2).sum()) for w in arrays) ** 0.5)


@fact
def gradient_norm(recording: Recording, step: int, key: str = "") -> float:
    """The Euclidean size of one parameter's gradient, or of the whole gradient, at a snapshot."""
    arrays = [recording.grad(key, step)] if key else list(recording.grads(step).values())
    return float(sum(float((g.astype(np.float64) ** 2).sum()) for g in arrays) ** 0.5)


@fact
def best_step(recording: Recording) -> int:
    """The snapshot with the lowest evaluated test loss."""
    return recording.best_step


@fact
def training_seconds(recording: Recording) -> float:
    """How long the run took on the machine that recorded it."""
    return float(recording.manifest["timing"]["training_seconds"])


@fact
def inference_seconds(recording: Recording) -> float:
    """How long the trained network took for 10,000 examples, timed once when it was recorded."""
    return float(recording.manifest["timing"]["inference_seconds"])


@fact
def inference_examples(recording: Recording) -> int:
    """How many examples that one timing of the trained network read: 10,000."""
    return int(recording.manifest["timing"]["inference_examples"])


@fact
def inference_microseconds_each(recording: Recording) -> float:
    """The timed forward pass, per example, in millionths of a second."""
    return 1e6 * inference_seconds(recording) / inference_examples(recording)


@fact
def landscape_variance(recording: Recording, axis: int = -1) -> float:
    """The share of the recorded path's variance that the landscape's plane explains: both axes, or one."""
    variance = recording.landscape().variance
    return float(variance.sum() if axis < 0 else variance[axis])


@fact
def path_loss(recording: Recording, step: int) -> float:
    """The loss over the whole training set at a snapshot, in float64: how high the ball is."""
    return _on_path(recording, recording.landscape().path_loss, step)


@fact
def slice_loss(recording: Recording, step: int) -> float:
    """The loss of the landscape's plane right below or above a snapshot, over the whole training set."""
    return _on_path(recording, recording.landscape().slice_loss, step)


@fact
def landscape_points(recording: Recording, side: int = 0) -> int:
    """How many losses were computed for the landscape; with side=1, along one side."""
    return int(np.sqrt(recording.landscape().loss.size) if side else recording.landscape().loss.size)


def _on_path(recording: Recording, losses: np.ndarray, step: int) -> float:
    where = np.flatnonzero(recording.landscape().steps == step)
    if not len(where):
        raise BadInput(f"step {step} has no snapshot; the nearest has {recording.nearest_step(step)}")
    return float(losses[where[0]])


def _output(recording: Recording, step: int) -> np.ndarray:
    return recording.a(len(recording.spec.layers), step)


# Facts of one theme each are in files of their own, named *_facts.py, and register by being imported.
for _found in iter_modules(nncore.__path__):
    if _found.name.endswith("_facts") or _found.name == "published":
        import_module(f"nncore.{_found.name}")
