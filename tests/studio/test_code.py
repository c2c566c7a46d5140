"""What source files say to the cache keys, with and without the notes of an earlier run."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from nncore.cache import cache_dir
from scenes.registry import scene_infos
from studio import code as code_module
from studio.code import Code
from studio.keys import segment_keys
from studio.request import Request

TWO = """import helper

class Two:
    @beat("One.")
    def one(self):
        self.play(%s)
"""


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def look(folder: Path) -> tuple[dict[str, str], tuple[dict[str, str], str]]:
    """One fresh look: (digests of what the scene imports from beside it, the scene's own)."""
    code = Code()
    source = folder / "two.py"
    found = {name: code.digest(path) for name, path in code.imports_of(source).items() if name == "helper"}
    return found, code.scene(source, "Two")


def write(folder: Path, two: str = "1", helper: str = "x = 1\n") -> None:
    (folder / "two.py").write_text(TWO % two)
    (folder / "helper.py").write_text(helper)


def forget() -> None:
    """As a new process would begin: nothing in memory, only what is on disk."""
    code_module._notes.cache_clear()


def test_a_new_run_reads_notes_in_place_of_syntax_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = [Request(info.name) for info in scene_infos()[:3]]
    code = Code()
    keys = [segment_keys(request, {}, code) for request in requests]
    code.remember()
    forget()

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a syntax tree was read")

    scenes = [request.ref.beats for request in requests]  # the registry reads them for itself
    monkeypatch.setattr(ast, "parse", refuse)
    again = Code()
    assert scenes
    assert [segment_keys(request, {}, again) for request in requests] == keys


def test_notes_never_hide_a_change(tmp_path: Path) -> None:
    write(tmp_path)
    before = look(tmp_path)
    Code().remember()
    forget()
    assert look(tmp_path) == before
    write(tmp_path, two="2")
    helpers, (beats, shared) = look(tmp_path)
    assert (helpers, shared) == (before[0], before[1][1])
    assert beats != before[1][0]
    write(tmp_path, helper="x = 2\n")
    assert look(tmp_path)[0] != before[0]
    assert look(tmp_path)[1] == before[1]
    write(tmp_path, helper="# a comment\nx = 1\n")
    assert look(tmp_path) == before


@pytest.mark.parametrize("damage", ["", "{", "[]", '"text"'])
def test_damaged_notes_are_no_notes(tmp_path: Path, damage: str) -> None:
    write(tmp_path)
    before = look(tmp_path)
    Code().remember()
    (notes,) = (cache_dir() / "known").glob("code-*.json")
    notes.write_text(damage)
    forget()
    assert look(tmp_path) == before
    Code().remember()
    assert notes.read_text() != damage
