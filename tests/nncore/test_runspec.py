"""Specs, recipes and duels: read, refused in one line, and fair."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_runs import TINY

from nncore.datasets import load_dataset
from nncore.errors import BadInput
from nncore.network import build_network
from nncore.recipes import DUELS, RECIPES, check_duel, recipe
from nncore.runspec import RunSpec, spec_diff
from nncore.training import spec_optimizer

plain = st.recursive(
    st.integers(-99, 99) | st.floats(-1e9, 1e9) | st.text(max_size=5) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
tables = st.dictionaries(st.text(max_size=6), plain, max_size=3)
rates = st.floats(1e-6, 1e3)
specs = st.builds(
    RunSpec,
    name=st.text(max_size=8), dataset=st.text(max_size=8),
    layers=st.lists(tables, min_size=1, max_size=3).map(tuple),
    dataset_args=tables, optimizer_args=tables, schedule_args=tables, learning_rate=rates, l2=rates,
    batch_size=st.integers(1, 99), epochs=st.integers(1, 99), seed=st.integers(0, 2**63 - 1),
    dtype=st.sampled_from(["float32", "float64"]), clip_norm=st.none() | rates,
    early_stopping=st.none() | st.integers(1, 9), eval_every=st.none() | st.integers(1, 9),
)  # fmt: skip


@given(specs)
def test_a_spec_survives_json(spec: RunSpec) -> None:
    assert RunSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert spec_diff(spec, spec.but(name="other")) == []


TOML = """
dataset = "moons"
loss = "binary_cross_entropy"
optimizer = "adam"
learning_rate = 0.01
epochs = 3
[dataset_args]
noise = 0.2
[[layers]]
type = "dense"
units = 8
activation = "relu"
[[layers]]
type = "dense"
units = 1
activation = "sigmoid"
"""


def test_a_spec_is_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "bent.toml"
    path.write_text(TOML)
    spec = RunSpec.from_toml(path)
    assert spec.name == "bent"
    assert spec.dataset_args == {"noise": 0.2}
    assert [layer["units"] for layer in spec.layers] == [8, 1]
    build_network(spec, load_dataset(spec.dataset, **spec.dataset_args))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (TOML.replace("epochs", "epoch"), "Did you mean 'epochs'?"),
        ("epochs = 3", "no 'dataset'"),
        ("epochs = = 3", "not valid TOML"),
        (TOML.replace("0.01", '"fast"'), "learning_rate = 'fast': must be a whole number or a number"),
    ],
)
def test_a_toml_file_that_is_wrong(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        RunSpec.from_toml(path)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_toml_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"gone\.toml"):
        RunSpec.from_toml(tmp_path / "gone.toml")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"learning_rate": -0.1}, ["learning_rate = -0.1", "above 0"]),
        ({"learning_rate": math.inf}, ["learning_rate = inf"]),
        ({"learning_rate": True}, ["learning_rate = True"]),
        ({"batch_size": 0}, ["batch_size = 0", "1 or more"]),
        ({"batch_size": 2.5}, ["batch_size = 2.5", "a whole number"]),
        ({"epochs": 0}, ["epochs = 0"]),
        ({"seed": -1}, ["seed = -1"]),
        ({"dtype": "float16"}, ["dtype = 'float16'", "float32 or float64"]),
        ({"l2": -1.0}, ["l2 = -1.0", "0 or more"]),
        ({"clip_norm": 0}, ["clip_norm = 0"]),
        ({"early_stopping": 0}, ["early_stopping = 0"]),
        ({"snapshots": 1}, ["snapshots = 1"]),
        ({"layers": ()}, ["layers = ()"]),
        ({"layers": ("dense",)}, ["layers = ('dense',)"]),
        ({"dataset_args": {"noise": math.nan}}, ["dataset_args"]),
    ],
)
def test_values_that_cannot_be(changes: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        TINY.but(**changes)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize("name", [name for name in RECIPES if name != "mnist"])
def test_every_recipe_builds(name: str) -> None:
    spec = recipe(name).spec
    assert spec.name == name
    assert RECIPES[name].shows
    dataset = load_dataset(spec.dataset, **spec.dataset_args)
    assert build_network(spec, dataset).init(np.random.default_rng(0)).params()
    assert spec.batch_size <= len(dataset.x_train)


def test_an_unknown_recipe_names_the_closest() -> None:
    with pytest.raises(BadInput, match="Did you mean 'digits'"):
        recipe("digit")


@pytest.mark.parametrize("name", DUELS)
def test_every_duel_is_fair(name: str) -> None:
    fighters = [recipe(member).spec for member in DUELS[name].recipes]
    assert check_duel(fighters) == DUELS[name].field


def test_an_unfair_duel_is_refused_and_says_why() -> None:
    with pytest.raises(BadInput, match="differ in learning_rate, batch_size"):
        check_duel([TINY, TINY.but(learning_rate=0.1, batch_size=5)])
    with pytest.raises(BadInput, match="differ in none"):
        check_duel([TINY, TINY.but(name="twin")])
    with pytest.raises(BadInput, match="at least two"):
        check_duel([TINY])
    with pytest.raises(BadInput, match="differ in l2, seed"):
        check_duel([TINY, TINY.but(l2=0.1), TINY.but(seed=9)])


def test_decay_is_coupled_for_all_but_adamw() -> None:
    assert spec_optimizer(TINY.but(optimizer="adam", l2=0.1)).l2 == 0.1
    decoupled = spec_optimizer(TINY.but(optimizer="adamw", l2=0.1))
    assert (decoupled.l2, getattr(decoupled, "weight_decay", None)) == (0, 0.1)
