"""Recipes: the named runs that scenes ask for, each one showing what its name says."""

from dataclasses import dataclass

from nncore.errors import BadInput, did_you_mean
from nncore.runspec import RunSpec


@dataclass(frozen=True)
class Recipe:
    """A spec and the one sentence it is there to show."""

    spec: RunSpec
    shows: str


DIGITS = RunSpec(
    name="digits",
    dataset="digits",
    learning_rate=0.1,
    batch_size=32,
    epochs=40,
    seed=3,
    layers=(
        {"type": "dense", "units": 128, "activation": "relu", "init": "he"},
        {"type": "dense", "units": 10, "activation": "softmax", "init": "glorot"},
    ),
)

RECIPES: dict[str, Recipe] = {
    "digits": Recipe(DIGITS, "a 784-128-10 network learns to read real handwritten digits"),
}


def recipe(name: str) -> Recipe:
    """The recipe called `name`. Raises: BadInput with the closest name."""
    if name not in RECIPES:
        raise BadInput(f"unknown recipe {name!r}.{did_you_mean(name, RECIPES)} Known: {', '.join(RECIPES)}")
    return RECIPES[name]
