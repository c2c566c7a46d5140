"""`train`: recipes, own specs as flags or TOML, own data; what is said, what is refused and when."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import render
from nncore.errors import BadInput
from nncore.recipes import RECIPES
from nncore.recording import Recording

TOML = """
dataset = "moons"
loss = "binary_cross_entropy"
epochs = 2
[[layers]]
type = "dense"
units = 4
activation = "relu"
[[layers]]
type = "dense"
units = 1
activation = "sigmoid"
"""


def train(*words: str | Path) -> Result:
    return CliRunner().invoke(render.cli, ["train", *map(str, words)])


def refused(*words: str | Path) -> str:
    result = train(*words)
    assert isinstance(result.exception, BadInput), result.output
    return str(result.exception)


def test_flags_change_a_recipe_and_json_says_what_came_of_it(tmp_path):
    found = json.loads(
        train("moons", "--epochs", "2", "--seed", "5", "-o", tmp_path / "run", "--json").stdout
    )
    recording = Recording.open(tmp_path / "run")
    assert (recording.spec.epochs, recording.spec.seed) == (2, 5)
    assert found["digest"] == recording.digest
    assert found["steps"] == recording.n_steps
    assert found["bytes"] > 0
    assert found["accuracy_test"] == recording.evals("accuracy_test")[-1]


def test_a_toml_file_and_the_same_as_flags_are_the_same_run(tmp_path):
    (tmp_path / "own.toml").write_text(TOML, encoding="utf-8")
    train("--spec", tmp_path / "own.toml", "-o", tmp_path / "a")
    flags = ["--dataset", "moons", "--loss", "binary_cross_entropy", "--epochs", "2"]
    train(*flags, "--layers", "4:relu,1:sigmoid", "-o", tmp_path / "b")
    one, other = (Recording.open(tmp_path / name) for name in "ab")
    assert one.spec.but(name="x") == other.spec.but(name="x")


def test_own_data_from_csv(tmp_path):
    rows = [f"{i / 20},{(i * 7 % 20) / 20},{'left' if i < 10 else 'right'}" for i in range(20)]
    (tmp_path / "own.csv").write_text("\n".join(["a,b,side", *rows]), encoding="utf-8")
    result = train(
        "--data",
        tmp_path / "own.csv",
        "--layers",
        "4:relu,2:softmax",
        "--batch-size",
        "4",
        "-o",
        tmp_path / "r",
    )
    assert result.exit_code == 0, result.exception
    assert Recording.open(tmp_path / "r").dataset().n_classes == 2


def test_an_existing_recording_is_kept_unless_told_otherwise(tmp_path):
    train("moons", "--epochs", "1", "-o", tmp_path / "r")
    before = Recording.open(tmp_path / "r").digest
    assert "--overwrite" in refused("moons", "--epochs", "2", "-o", tmp_path / "r")
    assert Recording.open(tmp_path / "r").digest == before
    train("moons", "--epochs", "2", "-o", tmp_path / "r", "--overwrite")
    assert Recording.open(tmp_path / "r").spec.epochs == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "name a recipe"),
        (["moon"], "Did you mean 'moons'?"),
        (["moons", "--set", "epoch=3"], "Did you mean 'epochs'?"),
        (["moons", "--learning-rate", "-1"], "learning_rate = -1"),
        (["moons", "--batch-size", "100000"], "size of the training set"),
        (["moons", "--optimizer", "adm"], "Did you mean 'adam'?"),
        (["--data", "table.xlsx", "--layers", "2:softmax"], "--data takes"),
        (["--all", "moons"], "leave out the recipe"),
    ],
)
def test_what_makes_no_run_is_refused_with_a_line_and_nothing_is_written(tmp_path, words, says):
    output = [] if "--all" in words else ["-o", str(tmp_path / "r")]
    assert says in refused(*words, *output)
    assert list(tmp_path.iterdir()) == []


def test_all_trains_every_recipe_that_needs_no_files(tmp_path, monkeypatch):
    few = {name: RECIPES[name] for name in ("moons", "xor", "mnist")}
    monkeypatch.setattr("studio.train_command.RECIPES", few)
    monkeypatch.setenv("NNREEL_DATA", str(tmp_path / "nothing"))
    lines = train("--all", "-o", tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["recipe", "moons", "xor", "mnist"]
    assert "left out" in lines[-1]
