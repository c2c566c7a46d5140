"""What `train` does with its words: one run or all recipes, where each goes, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nncore.errors import BadInput, NNReelError
from nncore.own_runs import own_run, run_summary
from nncore.recipes import RECIPES
from nncore.recording import Recording
from nncore.runspec import RunSpec
from nncore.training import train
from studio.progress import Progress
from studio.runs import path_of_spec

#: Datasets that `--data` chooses by the file's ending.
BY_SUFFIX = {".csv": "csv", ".npz": "npz"}
#: Recipes that need files not everybody has: `--all` leaves them out where these are not there.
NEED_FILES = ("mnist",)


def run(
    recipe: str | None,
    every: bool,
    output: Path | None,
    *,
    file: Path | None,
    fields: Sequence[str],
    data: Path | None,
    data_dir: Path | None,
    overwrite: bool,
    as_json: bool,
    **own: str | None,
) -> str:
    """Trains what the command line asks for; returns what to print."""
    changed = any([recipe, file, fields, data, data_dir, *own.values()])
    if every:
        if changed:
            raise BadInput("--all trains the recipes as they are; leave out the recipe and what changes it.")
        return train_all(output, overwrite, as_json)
    spec = spec_of(recipe, file, {**own, **data_fields(data)}, fields)
    if data_dir is not None:
        spec = spec.but(dataset_args={**spec.dataset_args, "data_dir": str(data_dir)})
    return train_one(spec, output, overwrite, as_json)


def spec_of(
    recipe: str | None, file: Path | None, fields: Mapping[str, str | None], given: Sequence[str]
) -> RunSpec:
    """The run that the command line asks for.

    Raises: BadInput for a field, value or combination that makes no run.
    """
    flags = [f"{name}={value}" for name, value in fields.items() if value is not None]
    if not (recipe or file or flags or given):
        raise BadInput(
            "name a recipe, give --spec run.toml, or say --dataset and --layers; see `train --help`."
        )
    return own_run(recipe, file, [*flags, *given])


def data_fields(data: Path | None) -> dict[str, str]:
    """The fields that put a CSV or NPZ file of the user's in the place of the dataset."""
    if data is None:
        return {}
    if data.suffix.lower() not in BY_SUFFIX:
        raise BadInput(f"--data takes a .csv or .npz file, not '{data}'; for IDX files set dataset_args.")
    return {"dataset": BY_SUFFIX[data.suffix.lower()], "dataset_args": json.dumps({"path": str(data)})}


def train_one(spec: RunSpec, output: Path | None, overwrite: bool, as_json: bool) -> str:
    """Trains one run into a folder, or into the cache."""
    with Progress() as progress:
        recording = _train(spec, output, overwrite, progress)
    summary = run_summary(recording)
    return json.dumps(summary, indent=1) if as_json else f"{summary['path']}\n{_figures(summary)}"


def train_all(output: Path | None, overwrite: bool, as_json: bool) -> str:
    """Trains every recipe; one line each with its time, size and final figures."""
    summaries, left_out = [], []
    with Progress() as progress:
        for name, recipe in RECIPES.items():
            folder = None if output is None else output / name
            try:
                summaries.append(run_summary(_train(recipe.spec, folder, overwrite, progress)))
            except NNReelError as error:
                if name not in NEED_FILES:
                    raise
                left_out.append({"recipe": name, "left_out": str(error)})
    if as_json:
        return json.dumps([*summaries, *left_out], indent=1)
    lines = [f"{'recipe':<20}{'seconds':>8}{'MB':>8}  final figures", *map(_row, summaries)]
    return "\n".join([*lines, *(f"{each['recipe']:<20}left out: {each['left_out']}" for each in left_out)])


def _train(spec: RunSpec, output: Path | None, overwrite: bool, progress: Progress) -> Recording:
    folder = output or path_of_spec(spec)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return train(spec, folder, progress=progress.training(spec.name), overwrite=overwrite or output is None)


def _row(summary: Mapping[str, Any]) -> str:
    size = summary["bytes"] / 1e6
    return f"{summary['recipe']:<20}{summary['seconds']:>8.1f}{size:>8.1f}  {_figures(summary)}"


def _figures(summary: Mapping[str, Any]) -> str:
    parts = [f"{summary['steps']:,} steps"]
    if summary["status"] != "finished":
        parts.append(str(summary["status"]))
    for name, template in (("loss_train", "{:.3g}"), ("loss_test", "{:.3g}"), ("accuracy_test", "{:.2%}")):
        if summary[name] is not None:
            parts.append(f"{name.replace('_', ' ')} {template.format(summary[name])}")
    return ", ".join(parts)
