"""The manifest: what a recording says about itself, and the two digests that hold it to its word."""

import re
from collections.abc import Mapping
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

from nncore.errors import RecordingError
from nncore.npyfiles import json_digest, plain_dtype

FORMAT, SCHEMA = "nnreel recording", 1
DATA_ARRAYS = ("x_train", "y_train", "x_test", "y_test")
STATUSES = ("training", "finished", "stopped early", "diverged")
NOT_SEALED = ("digest", "timing", "seal")
STEP_NAME = re.compile(r"step_(\d{8})\.npy\Z")


def step_file(step: int) -> str:
    """The file name of a step's snapshot."""
    return f"step_{step:08d}.npy"


def content_digest(manifest: Mapping[str, Any]) -> str:
    """The digest of a sealed recording: everything its manifest says except how long things took."""
    return json_digest({key: value for key, value in manifest.items() if key not in NOT_SEALED})


def seal_digest(manifest: Mapping[str, Any]) -> str:
    """The check over the whole manifest, timings included."""
    return json_digest({key: value for key, value in manifest.items() if key != "seal"})


def check_manifest(manifest: dict[str, Any]) -> None:
    """Refuse a manifest that is not what its seal says. Raises: ValueError, KeyError or TypeError."""
    if manifest["status"] not in STATUSES:
        raise ValueError(f"status {manifest['status']!r} is unknown")
    for name in DATA_ARRAYS:
        dtype, shape = manifest["dataset"]["arrays"][name]
        plain_dtype(dtype)
        if not all(isinstance(n, int) and n >= 0 for n in shape):
            raise ValueError(f"{name} has the shape {shape!r}")
    _check_dataset(manifest["dataset"])
    if not all(isinstance(i, int) for i in manifest["probes"]):
        raise ValueError("the probes are not whole numbers")
    if (manifest["status"] == "training") == ("seal" in manifest):
        raise ValueError("a recording is either in training or sealed")
    if manifest["status"] == "training":
        return
    if manifest["seal"] != seal_digest(manifest) or manifest["digest"] != content_digest(manifest):
        raise ValueError("the manifest does not match its seal")


def _check_dataset(about: dict[str, Any]) -> None:
    texts = [about["name"], about["source"], *about["class_names"]]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("the dataset's name, source or class names are not texts")
    shape, sample = about["image_shape"], about["arrays"]["x_train"][1][1:]
    if shape is not None and (len(shape) != 2 or prod(shape) != prod(sample)):
        raise ValueError(f"examples of shape {sample!r} are no images of {shape!r}")


def steps_of(path: Path, manifest: dict[str, Any]) -> list[int]:
    """The steps with a snapshot: as sealed, or as far as an unsealed recording got."""
    if "seal" not in manifest:
        found = (STEP_NAME.match(entry.name) for entry in path.iterdir())
        steps = sorted(int(match[1]) for match in found if match)
    else:
        steps = manifest["steps"]
        if not all(isinstance(step, int) and step >= 0 for step in steps):
            raise ValueError("the steps are not whole numbers")
        for name in [*(step_file(step) for step in steps), *(f"{name}.npy" for name in DATA_ARRAYS)]:
            if name not in manifest["files"]:
                raise ValueError(f"{name} is not among the sealed files")
    if not steps or steps[0] != 0 or any(a >= b for a, b in pairwise(steps)):
        raise RecordingError(f"{path / step_file(0)}: missing; a recording starts with step 0")
    return steps
