"""Recipes: the named runs that scenes ask for; duels: groups of them that differ in one field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nncore.errors import BadInput, did_you_mean
from nncore.runspec import RunSpec, spec_diff

Layer = dict[str, Any]


@dataclass(frozen=True)
class Recipe:
    """A spec and the one sentence it is there to show."""

    spec: RunSpec
    shows: str


@dataclass(frozen=True)
class Duel:
    """Recipes that differ in exactly one field of their specs, so that the difference has one cause."""

    field: str
    recipes: tuple[str, ...]


def dense(units: int, activation: str = "relu", init: Any = None) -> Layer:
    """A dense layer's description."""
    layer = {"type": "dense", "units": units, "activation": activation}
    return layer if init is None else {**layer, "init": init}


def mlp(
    *units: int, activation: str = "relu", output: str = "softmax", init: Any = None
) -> tuple[Layer, ...]:
    """Dense layers of one kind, the last with its own activation."""
    return (*(dense(n, activation, init) for n in units[:-1]), dense(units[-1], output, init))


DIGITS = RunSpec(
    name="digits", dataset="digits", learning_rate=0.1, batch_size=32, epochs=60, seed=3,
    layers=(dense(128, "relu", "he"), dense(10, "softmax", "glorot")), snapshot_budget_mb=40,
)  # fmt: skip
MNIST = DIGITS.but(dataset="mnist", batch_size=64, epochs=6, eval_every=469)
CNN = DIGITS.but(
    dataset_args={"view": "images"}, optimizer="adam", learning_rate=0.004, epochs=5,
    # Small first filters: what is seen in them afterwards was learned, not left from the start.
    layers=({"type": "conv2d", "filters": 8, "kernel": 5, "padding": "same", "activation": "relu",
             "init": {"name": "normal", "scale": 0.05}},
            {"type": "maxpool2d", "size": 2},
            {"type": "conv2d", "filters": 16, "kernel": 5, "padding": "same", "activation": "relu"},
            {"type": "maxpool2d", "size": 2}, {"type": "flatten"}, dense(10, "softmax")),
)  # fmt: skip
RNN = DIGITS.but(
    dataset_args={"view": "rows"}, optimizer="adam", learning_rate=0.003, schedule="cosine", epochs=30,
    clip_norm=1.0, l2=0.003,  # small weights keep the memory from jumping at every row
    layers=({"type": "rnn", "units": 64, "activation": "tanh"}, dense(10, "softmax")),
)  # fmt: skip
ATTENTION = RunSpec(
    name="attention", dataset="pointer", optimizer="adam", learning_rate=0.005, epochs=30, seed=1, probes=5,
    layers=({"type": "embedding", "vocabulary": 10, "units": 16}, {"type": "positions"},
            {"type": "attention", "units": 16}, {"type": "select", "position": 0}, dense(4, "softmax")),
)  # fmt: skip
MOONS = RunSpec(
    name="moons", dataset="moons", loss="binary_cross_entropy", optimizer="adam", learning_rate=0.02,
    batch_size=30, epochs=200, seed=1, probes=6, layers=mlp(8, 1, output="sigmoid"),
)  # fmt: skip
SPIRALS = MOONS.but(
    dataset="spirals", learning_rate=0.01, epochs=150, layers=mlp(16, 16, 1, output="sigmoid"),
)  # fmt: skip
NEURON = RunSpec(
    name="single_neuron", dataset="moons", loss="binary_cross_entropy", learning_rate=0.5, batch_size=30,
    epochs=20, seed=2, probes=6, layers=(dense(1, "sigmoid"),),
)  # fmt: skip
XOR = RunSpec(
    name="xor", dataset="xor", loss="binary_cross_entropy", learning_rate=1.0, batch_size=4, epochs=600,
    layers=mlp(4, 1, activation="tanh", output="sigmoid"), eval_every=10,
)  # fmt: skip
RATES = RunSpec(
    name="lr_good", dataset="line", loss="mse", learning_rate=0.3, batch_size=60, epochs=24, seed=2, probes=6,
    layers=(dense(1, "identity", {"name": "normal", "scale": 3.0}),), eval_every=1,
)  # fmt: skip
RACE = RATES.but(
    name="opt_sgd", dataset_args={"spread": 0.35, "slope": 1.0, "intercept": 2.0}, learning_rate=0.1,
    epochs=80,
)  # fmt: skip
MINIMA = RATES.but(
    name="minima", dataset="wave", learning_rate=0.1, epochs=100,
    layers=(dense(1, "sine", {"name": "normal", "scale": 3.5}),),
)  # fmt: skip
DECAY = DIGITS.but(learning_rate=0.003, epochs=20, l2=0.1, optimizer="adam", snapshot_budget_mb=44.0)
DEEP = DIGITS.but(
    epochs=20, layers=mlp(*[32] * 7, 10, activation="sigmoid", init="he"), eval_every=15, learning_rate=0.01,
    snapshot_budget_mb=20,
)  # fmt: skip
OVERFIT = RunSpec(
    name="overfit", dataset="moons", dataset_args={"n": 160, "noise": 0.3, "test_fraction": 0.5, "seed": 3},
    loss="binary_cross_entropy", optimizer="adam", learning_rate=0.006, batch_size=20, epochs=400, seed=0,
    eval_every=20, probes=6, layers=mlp(64, 64, 1, output="sigmoid"),
)  # fmt: skip
UNDERFIT = OVERFIT.but(layers=mlp(1, 1, output="sigmoid", init="glorot"))
INIT = DIGITS.but(epochs=12, layers=mlp(64, 64, 10, init="he"), learning_rate=0.05, snapshot_budget_mb=24)
INIT_LARGE = INIT.but(layers=mlp(64, 64, 10, init={"name": "normal", "scale": 1.0}))
NORM = DIGITS.but(epochs=12, layers=mlp(*[64] * 4, 10, activation="sigmoid"), snapshot_budget_mb=30)
FACES = RunSpec(
    name="faces_glasses", dataset="faces_glasses", loss="binary_cross_entropy", optimizer="adam",
    learning_rate=0.001, epochs=30, seed=1, probes=6, layers=mlp(64, 1, output="sigmoid"),
    snapshot_budget_mb=30,
)  # fmt: skip


def _normalised(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Batch normalisation between each hidden layer's z and its activation."""
    result: list[Layer] = []
    for layer in layers[:-1]:
        result += [
            {**layer, "activation": "identity"},
            {"type": "batchnorm", "activation": layer["activation"]},
        ]
    return (*result, layers[-1])


def _dropped(layers: Sequence[Layer], rate: float) -> tuple[Layer, ...]:
    hidden = [part for layer in layers[:-1] for part in (layer, {"type": "dropout", "rate": rate})]
    return (*hidden, layers[-1])


def _linear(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    return (*({**layer, "activation": "identity"} for layer in layers[:-1]), layers[-1])


_SPECS: dict[str, tuple[RunSpec, str]] = {
    "digits": (DIGITS, "a 784-128-10 network learns to read real handwritten digits"),
    "digits_cnn": (CNN, "a small convolutional network: filters, feature maps, digits"),
    "mnist": (MNIST, "the same on all of MNIST"),
    "xor": (XOR, "exclusive or: no straight line does it, four hidden neurons do"),
    "moons": (MOONS, "a boundary bends around two half moons"),
    "spirals": (SPIRALS, "a boundary winds itself between two spirals"),
    "spirals_linear": (SPIRALS.but(layers=_linear(SPIRALS.layers)),
                       "without activations, three layers still draw one straight line"),
    "single_neuron": (NEURON, "one neuron: two weights, a bias, a sigmoid"),
    "lr_small": (RATES.but(learning_rate=0.02), "steps too short: after all of them still on the way"),
    "lr_good": (RATES, "steps of the right length: down to the bottom"),
    "lr_large": (RATES.but(learning_rate=1.03), "steps too long: across the valley and up the other side"),
    "opt_sgd": (RACE, "plain gradient descent: crawls along the valley"),
    "opt_momentum": (RACE.but(optimizer="momentum"), "velocity carries it along, and past the bottom"),
    "opt_rmsprop": (RACE.but(optimizer="rmsprop"), "each weight's step divided by its gradient's usual size"),
    "opt_adam": (RACE.but(optimizer="adam"), "velocity and scale together"),
    "opt_adamw": (RACE.but(optimizer="adamw"), "Adam with decay of its own"),
    "decay_adam": (DECAY, "decay inside the gradient: Adam rescales it, and unused weights collapse"),
    "decay_adamw": (DECAY.but(optimizer="adamw"), "decay of its own: every weight shrinks alike"),
    "deep_sigmoid": (DEEP, "eight sigmoid layers: the gradient is gone before it reaches the first"),
    "deep_relu": (DEEP.but(layers=mlp(*[32] * 7, 10, init="he")), "eight ReLU layers: the gradient arrives"),
    "overfit": (OVERFIT, "too much freedom: the training loss falls to nothing, the test loss climbs"),
    "overfit_l2": (OVERFIT.but(l2=0.01), "the same with L2: small weights, a smooth boundary"),
    "overfit_dropout": (OVERFIT.but(layers=_dropped(OVERFIT.layers, 0.5)), "the same with dropout"),
    "overfit_early_stop": (OVERFIT.but(early_stopping=15), "stopped when the test loss stops falling"),
    "underfit": (UNDERFIT, "too little freedom: neither loss falls far"),
    "init_zeros": (INIT.but(layers=mlp(64, 64, 10, init="zeros")), "all zero: every neuron stays the same"),
    "init_large": (INIT_LARGE, "far too large: a huge loss at first"),
    "init_he": (INIT, "He: signals keep their size, learning starts at once"),
    "bn_off": (NORM, "deep sigmoids without normalisation: stuck"),
    "bn_on": (NORM.but(layers=_normalised(NORM.layers)), "the same with batch normalisation: learns"),
    "rows_rnn": (RNN, "a recurrent network reads a digit row by row"),
    "attention": (ATTENTION, "the first token says where to look, and attention looks there"),
    "faces_glasses": (FACES, "glasses or none: the network has to look at the eyes"),
    **{f"minima_{i}": (MINIMA.but(seed=i), "one sine neuron fits a wave: not every start gets to the bottom")
       for i in range(6)},
}  # fmt: skip

RECIPES: dict[str, Recipe] = {
    name: Recipe(spec.but(name=name), shows) for name, (spec, shows) in _SPECS.items()
}

DUELS: dict[str, Duel] = {
    "learning_rates": Duel("learning_rate", ("lr_small", "lr_good", "lr_large")),
    "optimizers": Duel("optimizer", ("opt_sgd", "opt_momentum", "opt_rmsprop", "opt_adam", "opt_adamw")),
    "decay": Duel("optimizer", ("decay_adam", "decay_adamw")),
    "vanishing": Duel("layers", ("deep_sigmoid", "deep_relu")),
    "capacity": Duel("layers", ("underfit", "overfit")),
    "l2": Duel("l2", ("overfit", "overfit_l2")),
    "dropout": Duel("layers", ("overfit", "overfit_dropout")),
    "early_stopping": Duel("early_stopping", ("overfit", "overfit_early_stop")),
    "initialisation": Duel("layers", ("init_zeros", "init_large", "init_he")),
    "batchnorm": Duel("layers", ("bn_off", "bn_on")),
    "nonlinearity": Duel("layers", ("spirals_linear", "spirals")),
    "minima": Duel("seed", tuple(f"minima_{i}" for i in range(6))),
}


def recipe(name: str) -> Recipe:
    """The recipe called `name`. Raises: BadInput with the closest name."""
    if name not in RECIPES:
        raise BadInput(f"unknown recipe {name!r}.{did_you_mean(name, RECIPES)} Known: {', '.join(RECIPES)}")
    return RECIPES[name]


def check_duel(specs: Sequence[RunSpec]) -> str:
    """The one field in which the specs differ.

    Raises: BadInput naming the fields where it is not exactly one.
    """
    if len(specs) < 2:
        raise BadInput("a duel needs at least two runs")
    first, *others = specs
    different = list(dict.fromkeys(field for other in others for field in spec_diff(first, other)))
    names = ", ".join(spec.name for spec in specs)
    if len(different) != 1:
        found = ", ".join(different) or "none"
        raise BadInput(f"{names} cannot duel: they must differ in exactly one field and differ in {found}")
    return different[0]
