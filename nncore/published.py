"""Published numbers: what a scene compares a run with, each with who says so and how sure that is."""

from dataclasses import dataclass

from nncore.errors import BadInput, did_you_mean
from nncore.facts import fact, n_parameters
from nncore.recording import Recording

UNITS = {"one": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}


@dataclass(frozen=True)
class Published:
    """One number from outside: of what, the number, and its source in words that fit on screen."""

    name: str
    value: float
    counts: str
    source: str


PUBLISHED: dict[str, Published] = {
    "resnet152": Published("ResNet-152", 60_192_808, "parameters", "documentation of torchvision"),
    "gpt2": Published("GPT-2", 1_542_000_000, "parameters", "Radford et al. 2019, table 2"),
    "gpt3": Published("GPT-3", 175_000_000_000, "parameters", "Brown et al. 2020"),
    "gpt4": Published(
        "GPT-4", 1_700_000_000_000, "parameters", "reported by the press in 2023, never confirmed by OpenAI"
    ),
    "brain": Published(
        "Human brain",
        100_000_000_000_000,
        "synapses",
        "86 billion neurons (Azevedo et al. 2009) × 1,000 or more each",
    ),
}


def published_number(name: str) -> Published:
    """The entry called `name`. Raises: BadInput with the closest name."""
    if name not in PUBLISHED:
        known = f"{did_you_mean(name, PUBLISHED)} Known: {', '.join(PUBLISHED)}"
        raise BadInput(f"no published number {name!r}.{known}")
    return PUBLISHED[name]


@fact
def published(recording: Recording, what: str, unit: str = "one") -> float:
    """A published number, such as published("gpt4", "trillion"): 1.7; its source stands in PUBLISHED."""
    if unit not in UNITS:
        raise BadInput(f"unit {unit!r} is not one of {', '.join(UNITS)}.{did_you_mean(unit, UNITS)}")
    return published_number(what).value / UNITS[unit]


@fact
def times_this_network(recording: Recording, what: str, unit: str = "one") -> float:
    """How many times the run's own parameters a published number is."""
    return published(recording, what, unit) / n_parameters(recording)
