"""What the project's source files say to the cache keys: their imports and a digest of their code.

Reading one file's syntax tree takes ten times as long as reading its bytes, so what was found is noted in
the user's cache under the bytes' digest. Comments and the places of lines do not count.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from studio.notes import Notes, known

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("nncore", "scenes", "studio")
#: The drawing and encoding code itself, counted for every scene.
RENDERER = ("studio.manim_adapter", "studio.media", "studio.segments", "studio.chunks")
#: Modules that import others of their package by the shape of their name.
FOUND_BY_NAME = {"nncore.facts": ("*_facts.py", "published.py")}


class Code:
    """Source files as they are at one moment: each is looked at once, so make a new one for a new look."""

    def __init__(self) -> None:
        self._notes = _notes(known(f"code-{_reader()[:24]}"), _MANY_NOTES)
        self._read: dict[Path, str] = {}
        self._places: dict[tuple[str, Path | None], Path | None] = {}
        self._next: dict[tuple[Path, Path], list[tuple[str, Path]]] = {}

    def imports_of(self, source: Path) -> dict[str, Path]:
        """The modules a file needs, found by following imports, and the renderer's own.

        Followed are the project's modules, and for a user's own file those beside it.
        """
        found: dict[str, Path] = {}
        renderer = [(name, path) for name in RENDERER if (path := self._place(name, source.parent))]
        waiting = [*self._imported(source, source.parent), *renderer]
        while waiting:
            name, path = waiting.pop()
            if name in found or path == source:
                continue
            found[name] = path
            waiting += self._imported(path, source.parent)
            waiting += [each for each in _by_name(name, path) if each[0] not in found]
        return {name: path for name, path in found.items() if not name.startswith("studio") or _draws(name)}

    def digest(self, path: Path) -> str:
        """The digest of a file's code."""
        return str(self._noted(path, "")["digest"])

    def scene(self, path: Path, name: str) -> tuple[dict[str, str], str]:
        """(each beat's code by name without its sentence, all other code of the file), as digests."""
        noted = self._noted(path, name)
        return noted["beats"], noted["shared"]

    def _noted(self, path: Path, scene: str) -> dict[str, Any]:
        if path not in self._read:
            self._read[path] = hashlib.sha256(path.read_bytes()).hexdigest()
        key = f"{self._read[path]}{scene and ' '}{scene}"
        if key not in self._notes:
            tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
            self._notes[key] = _of_scene(tree, scene) if scene else _of_module(tree)
        return self._notes[key]

    def _imported(self, path: Path, beside: Path) -> list[tuple[str, Path]]:
        key = (path, beside)
        if key not in self._next:
            names = self._noted(path, "")["imports"]
            self._next[key] = [(name, found) for name in names if (found := self._place(name, beside))]
        return self._next[key]

    def _place(self, name: str, beside: Path) -> Path | None:
        ours = name.split(".")[0] in ROOMS
        key = (name, None if ours else beside)
        if key not in self._places:
            base = (ROOT if ours else beside).joinpath(*name.split("."))
            paths = (base.with_suffix(".py"), base / "__init__.py")
            self._places[key] = next((path for path in paths if path.is_file()), None)
        return self._places[key]

    def remember(self) -> None:
        """Writes what was found into the user's cache, for the next run."""
        self._notes.remember()


#: Read once for all the looks of a process.
_notes = cache(Notes)
_MANY_NOTES = 5000


@cache
def _reader() -> str:
    """What decides a note besides the file itself: Python's syntax trees and this module."""
    return hashlib.sha256(sys.version.encode() + Path(__file__).read_bytes()).hexdigest()


def _by_name(name: str, path: Path) -> Iterable[tuple[str, Path]]:
    for pattern in FOUND_BY_NAME.get(name, ()):
        for each in path.parent.glob(pattern):
            yield f"{path.parent.name}.{each.stem}", each
    if path.name == "__init__.py" and name in RENDERER:
        for each in path.parent.glob("[!_]*.py"):
            yield f"{name}.{each.stem}", each


def _draws(name: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in RENDERER)


def _of_module(tree: ast.Module) -> dict[str, Any]:
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return {"imports": list(dict.fromkeys(names)), "digest": _digest(tree)}


def _of_scene(tree: ast.Module, scene: str) -> dict[str, Any]:
    beats: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == scene:
            for member in list(node.body):
                if isinstance(member, ast.FunctionDef) and (marks := _beat_marks(member)):
                    member.decorator_list = [mark for mark in member.decorator_list if mark not in marks]
                    beats[member.name] = _digest(member)
                    node.body.remove(member)
    return {"beats": beats, "shared": _digest(tree)}


def _beat_marks(method: ast.FunctionDef) -> list[ast.expr]:
    return [
        mark
        for mark in method.decorator_list
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "beat"
    ]


def _digest(node: ast.AST) -> str:
    return hashlib.sha256(ast.dump(node).encode()).hexdigest()
