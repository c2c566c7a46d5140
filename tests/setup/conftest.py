"""What the set-up tests share: an empty machine, and the set-up's own modules."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from machine_shims import Shims

SETUP = Path(__file__).resolve().parents[2] / ".setup"


@pytest.fixture
def shims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shims:
    """An empty machine: nothing on PATH but what the test adds."""
    made = Shims(tmp_path / "shims")
    monkeypatch.setenv("PATH", str(made.folder))
    for name in ("CC", "CXX", "PKG_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.fixture(scope="session")
def setup_modules() -> Iterator[dict[str, ModuleType]]:
    """`bootstrap` and `machine`, imported from their folder outside the rooms."""
    sys.path.insert(0, str(SETUP))
    yield {name: importlib.import_module(name) for name in ("machine", "bootstrap")}
    sys.path.remove(str(SETUP))


@pytest.fixture
def machine(setup_modules: dict[str, ModuleType]) -> ModuleType:
    return setup_modules["machine"]


@pytest.fixture
def bootstrap(setup_modules: dict[str, ModuleType]) -> ModuleType:
    return setup_modules["bootstrap"]
