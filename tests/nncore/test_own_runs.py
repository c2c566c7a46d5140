"""Specs from flags: the same run as from TOML, and one line where a flag is wrong."""

import json
from pathlib import Path

import pytest

from nncore.errors import BadInput
from nncore.own_runs import own_run, run_summary
from nncore.recipes import recipe
from nncore.recording import Recording
from nncore.runspec import RunSpec, spec_diff


def test_flags_say_the_same_as_toml(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'dataset = "moons"\nloss = "binary_cross_entropy"\nlearning_rate = 0.1\nclip_norm = 2\nseed = 7\n'
        '[dataset_args]\nnoise = 0.2\nn = 90\n'
        '[[layers]]\ntype = "dense"\nunits = 9\nactivation = "relu"\n'
        '[[layers]]\ntype = "dense"\nunits = 1\nactivation = "sigmoid"\n'
    )  # fmt: skip
    flags = ["dataset=moons", "loss=binary_cross_entropy", "learning-rate=0.1", "clip_norm=2", "seed=7",
             "dataset_args=noise=0.2,n=90", "layers=9:relu,1:sigmoid"]  # fmt: skip
    from_flags, from_file = own_run(flags=flags), own_run(file=path)
    assert spec_diff(from_flags, from_file) == []
    as_json = json.dumps([dict(layer) for layer in from_file.layers])
    assert own_run(flags=[*flags[:-1], f"layers={as_json}"]) == from_flags


def test_flags_change_a_recipe_or_a_file(tmp_path: Path) -> None:
    changed = own_run("digits", flags=["epochs=3", "early_stopping=5", "schedule=cosine", "schedule_args="])
    assert spec_diff(changed, recipe("digits").spec) == ["schedule", "epochs", "early_stopping"]
    assert own_run("rows_rnn", flags=["clip_norm=off"]).clip_norm is None
    assert own_run("digits") == recipe("digits").spec
    data = own_run(flags=["dataset=csv", "dataset_args=path=a.csv,test_fraction=0.5", "layers=2:softmax"])
    assert data.dataset_args == {"path": "a.csv", "test_fraction": 0.5}
    assert isinstance(data, RunSpec)


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (["epochs"], "not NAME=VALUE"),
        (["epoch=3"], "Did you mean 'epochs'?"),
        (["epochs=three"], "epochs = 'three'"),
        (["epochs=0"], "epochs = 0"),
        (["layers=wide"], "'wide' is not units:activation"),
        (["layers=[1"], "not a value"),
        (["dataset_args=noise"], "'noise' is not key=value"),
        (["learning_rate=-1"], "learning_rate = -1"),
    ],
)
def test_flags_that_are_wrong(flags: list[str], reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        own_run("digits", flags=flags)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_flags_alone_need_data_and_layers() -> None:
    with pytest.raises(BadInput, match="no 'layers'"):
        own_run(flags=["dataset=moons"])
    with pytest.raises(BadInput, match="not both"):
        own_run("digits", Path("run.toml"))


def test_a_summary_is_json_with_the_final_figures(tiny: Recording) -> None:
    summary = json.loads(json.dumps(run_summary(tiny), allow_nan=False))
    assert summary["digest"] == tiny.digest
    assert summary["accuracy_test"] == tiny.evals("accuracy_test")[-1]
    assert summary["bytes"] > sum(record.stat().st_size for record in tiny.path.glob("step_*.npy"))
    assert summary["seconds"] > 0
