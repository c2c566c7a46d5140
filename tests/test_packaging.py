"""What is shipped: the wheel's contents, the command it brings, and the pins that set-up installs."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import nncore

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("nncore", "scenes", "studio", "assets")
LOCKS = ("requirements.lock", ".setup/build.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("nnreel-*.whl"))


def test_the_wheel_holds_the_rooms_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    info = f"nnreel-{nncore.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {*ROOMS, "render.py", info}
    assert f"{info}/licenses/LICENSE" in names
    tracked = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file()]
    wanted = {path.relative_to(ROOT).as_posix() for path in tracked if "__pycache__" not in path.parts}
    assert wanted <= set(names)


def test_the_command_works_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(place)
    text = next(place.glob("*.dist-info/entry_points.txt")).read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("nnreel")]
    entry = EntryPoint("nnreel", line.split("=")[1].strip(), "console_scripts")
    code = f"import sys; sys.argv[0] = 'nnreel'; import {entry.module}; print({entry.module}.__file__)\n"
    run = code + f"sys.exit({entry.module}.{entry.attr}())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", run, "list"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(place), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    assert Path(first) == place / "render.py"
    assert any(line.startswith("ForwardPass") for line in rest)


def pins(lock: str) -> dict[str, list[Requirement]]:
    """The pinned requirements of a lock by name; a name may have several, for different machines."""
    found: dict[str, list[Requirement]] = {}
    for line in (ROOT / lock).read_text().replace("\\\n", "").splitlines():
        if line and not line.lstrip().startswith("#"):
            requirement = Requirement(line.split("--hash")[0].strip())
            found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact_and_has_hashes(lock: str) -> None:
    for entry in (ROOT / lock).read_text().replace("\\\n", "").splitlines():
        if entry and not entry.lstrip().startswith("#"):
            assert re.match(r"[a-z0-9-]+==[^ ]+ .*--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_index_and_no_place(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?:|file:|--index|--extra-index|--find-links|(^|\s)/\w", text)


def test_pins_satisfy_what_the_project_asks_for() -> None:
    declared = {
        "requirements.lock": [
            *PROJECT["project"]["dependencies"],
            *PROJECT["project"]["optional-dependencies"]["test"],
        ],
        ".setup/build.lock": [*PROJECT["dependency-groups"]["build"], *PROJECT["build-system"]["requires"]],
    }
    for lock, requirements in declared.items():
        pinned = pins(lock)
        for requirement in map(Requirement, requirements):
            versions = [pin.specifier for pin in pinned.get(canonicalize_name(requirement.name), [])]
            assert versions, f"{requirement} is not pinned: run .setup/lock"
            for version in versions:
                number = str(version).removeprefix("==")
                assert requirement.specifier.contains(number), f"{requirement} != {number}: run .setup/lock"


def test_one_version_in_one_place() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "nncore/__init__.py"
