"""Reading the PyTorch reference files of tests/reference."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

FOLDER = Path(__file__).parents[1] / "reference"
RELATIVE = 1e-10


def entries(part: str) -> dict[str, Any]:
    """All arrays of one reference file."""
    with np.load(FOLDER / f"{part}.npz", allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


def cases(part: str) -> dict[str, dict[str, Any]]:
    """The arrays of one reference file by case, keys "case/entry"."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in entries(part).items():
        if "/" in key:
            case, entry = key.split("/", 1)
            found.setdefault(case, {})[entry] = value
    return found


def layers_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The layer descriptions of a case."""
    return json.loads(str(case["layers"]))


def named(case: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The entries "prefix.KEY" of a case, by KEY."""
    return {key.removeprefix(f"{prefix}."): w for key, w in case.items() if key.startswith(f"{prefix}.")}


def assert_same(found: Any, expected: Any, what: str = "", relative: float = RELATIVE) -> None:
    """Equal to `relative`, element by element; the smallest are held to a thousandth of the largest's."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, f"{what}: shape {found.shape}, expected {expected.shape}"
    scale = float(abs(expected).max(initial=0))
    np.testing.assert_allclose(found, expected, rtol=relative, atol=relative * 1e-3 * scale, err_msg=what)


def module(name: str) -> ModuleType:
    """A script of the reference folder, as a module."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded
