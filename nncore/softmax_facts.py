"""Facts of the output layer: scores into chances, and what a prediction costs."""

from functools import lru_cache

import numpy as np

from nncore.activations import softmax
from nncore.errors import BadInput
from nncore.facts import fact
from nncore.recording import Recording


def scores(recording: Recording, probe: int, step: int) -> np.ndarray:
    """The output layer's z of one probe, in float64. Shapes: (classes,)."""
    return recording.z(len(recording.spec.layers), step)[probe].astype(np.float64)


def chances(recording: Recording, step: int) -> np.ndarray:
    """The chance given to the right class, for every probe. Shapes: (P,)."""
    a = recording.a(len(recording.spec.layers), step)
    return a[np.arange(len(a)), recording.probe_y].astype(np.float64)


@fact
def first_likely_step(recording: Recording, probe: int) -> int:
    """The first snapshot that gives a probe's right class more than one half."""
    for step in recording.steps:
        if chances(recording, int(step))[probe] > 0.5:
            return int(step)
    raise BadInput(f"probe {probe} never gets more than one half for its class")


@fact
def exp_score(recording: Recording, probe: int, step: int, unit: int) -> float:
    """e to the power of one output's score."""
    return float(np.exp(scores(recording, probe, step)[unit]))


@fact
def exp_sum(recording: Recording, probe: int, step: int) -> float:
    """The sum of e to the power of all scores: what each is divided by."""
    return float(np.exp(scores(recording, probe, step)).sum())


@fact
def right_chance(recording: Recording, probe: int, step: int) -> float:
    """The recorded chance of a probe's right class."""
    return float(chances(recording, step)[probe])


@fact
def squared_error(recording: Recording, probe: int, step: int) -> float:
    """(p - 1)², p being the recorded chance of a probe's right class."""
    return (right_chance(recording, probe, step) - 1.0) ** 2


@fact
def error_size(recording: Recording, probe: int, step: int) -> float:
    """1 - p: how far the recorded chance of the right class is from one."""
    return 1.0 - right_chance(recording, probe, step)


@fact
def log_loss(recording: Recording, probe: int, step: int) -> float:
    """-log p of the recorded chance of a probe's right class."""
    return -float(np.log(right_chance(recording, probe, step)))


def nearest_prediction(recording: Recording, chance: float) -> tuple[int, int]:
    """(probe, step) of the recorded right-class chance that is nearest to a value, the earliest of equals."""
    table = np.stack([chances(recording, int(step)) for step in recording.steps])
    row, probe = np.unravel_index(np.abs(table - chance).argmin(), table.shape)
    return int(probe), int(recording.steps[row])


@lru_cache(maxsize=2)
def layers_on_test(recording: Recording, step: int) -> list[np.ndarray]:
    """The test set through the network of a snapshot: a of every layer, the input first.

    Shapes: (n_test, units) each.
    """
    return [np.asarray(a) for a in recording.network(step).forward(recording.dataset().x_test).a]


@lru_cache(maxsize=4)
def _chances_on_test(recording: Recording, step: int) -> np.ndarray:
    """Chances of every test example in float64, from the recorded parameters. Shapes: (n_test, classes)."""
    trace = recording.network(step).forward(recording.dataset().x_test)
    return softmax(np.asarray(trace.z[len(recording.spec.layers)], dtype=np.float64))


def chances_on_test(recording: Recording, step: int) -> tuple[np.ndarray, np.ndarray]:
    """(chance of the right class, whether the largest is the right one) of all test examples."""
    y_hat, y = _chances_on_test(recording, step), recording.dataset().y_test
    return y_hat[np.arange(len(y)), y], y_hat.argmax(axis=1) == y


@fact
def costliest_example(recording: Recording, step: int) -> int:
    """The test example with the largest loss."""
    return int(chances_on_test(recording, step)[0].argmin())


@fact
def example_label(recording: Recording, example: int) -> int:
    """The label of a test example."""
    return int(recording.dataset().y_test[example])


@fact
def example_prediction(recording: Recording, example: int, step: int) -> int:
    """The class a test example is taken for."""
    return int(_chances_on_test(recording, step)[example].argmax())


@fact
def example_confidence(recording: Recording, example: int, step: int) -> float:
    """The largest of a test example's chances."""
    return float(_chances_on_test(recording, step)[example].max())


@fact
def example_right_chance(recording: Recording, example: int, step: int) -> float:
    """The chance of a test example's right class."""
    return float(chances_on_test(recording, step)[0][example])


@fact
def example_loss(recording: Recording, example: int, step: int) -> float:
    """-log of the chance of a test example's right class."""
    return -float(np.log(example_right_chance(recording, example, step)))


@fact
def example_squared_error(recording: Recording, example: int, step: int) -> float:
    """(p - 1)² of the chance of a test example's right class."""
    return (example_right_chance(recording, example, step) - 1.0) ** 2


@fact
def loss_share_of_wrong(recording: Recording, step: int) -> float:
    """The share of the summed test loss that comes from the examples the network gets wrong."""
    right_chances, right = chances_on_test(recording, step)
    losses = -np.log(right_chances)
    return float(losses[~right].sum() / losses.sum())
