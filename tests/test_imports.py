"""The directions of imports that the linter's contracts in pyproject.toml cannot say."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ORDER = ("nncore", "scenes", "studio", "render")
SCENES = sorted(path for path in (ROOT / "scenes").glob("*.py") if path.stem not in ("__init__", "registry"))
DRAWING = sorted([*(ROOT / "scenes").rglob("*.py"), *(ROOT / "studio").rglob("*.py")])


def imports(path: Path) -> Iterator[str]:
    """Every module imported in a file, at any depth, as `module` or `module.name`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("room", ORDER[:-1])
def test_types_too_come_from_the_rooms_below(room: str) -> None:
    above = ORDER[ORDER.index(room) + 1 :]
    files = (ROOT / room).rglob("*.py")
    assert not [(name(path), m) for path in files for m in imports(path) if m.split(".")[0] in above]


@pytest.mark.parametrize("path", DRAWING, ids=name)
def test_nothing_that_draws_is_random(path: Path) -> None:
    assert not [module for module in imports(path) if module.startswith("numpy.random")]
    tree = ast.parse(path.read_text())
    attributes = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not attributes & {"np.random", "numpy.random"}


@pytest.mark.parametrize("path", SCENES, ids=name)
def test_a_scene_needs_only_the_kit_and_opens_nothing(path: Path) -> None:
    own = {module.split(".")[1] for module in imports(path) if module.startswith("scenes.")}
    assert own <= {"kit"}
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    assert not [call for call in calls if isinstance(call, ast.Name) and call.id in ("open", "exec", "eval")]


@pytest.mark.parametrize("path", sorted((ROOT / "scenes" / "kit").rglob("*.py")), ids=name)
def test_the_kit_knows_no_scene(path: Path) -> None:
    assert not [m for m in imports(path) if m.startswith("scenes.") and m.split(".")[1] not in ("kit",)]


def test_the_command_line_draws_nothing() -> None:
    assert not {"manim", "numpy", "cairo", "av"} & {m.split(".")[0] for m in imports(ROOT / "render.py")}


def test_a_room_is_imported_inside_the_command_that_needs_it() -> None:
    top = [
        node for node in ast.parse((ROOT / "render.py").read_text()).body if isinstance(node, ast.ImportFrom)
    ]
    rooms = {
        node.module for node in top if (node.module or "").split(".")[0] in ("scenes", "studio", "nncore")
    }
    assert rooms <= {"nncore", "nncore.errors", "studio.options"}


def test_any_file_of_facts_can_be_the_first_one_imported() -> None:
    code = (
        "import sys, importlib\n"
        "for name in sys.argv[1:]:\n"
        "    for known in [m for m in sys.modules if m.split('.')[0] == 'nncore']:\n"
        "        del sys.modules[known]\n"
        "    importlib.import_module('nncore.' + name)\n"
    )
    names = sorted(path.stem for path in (ROOT / "nncore").glob("*_facts.py"))
    assert names
    run = subprocess.run([sys.executable, "-c", code, *names], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
