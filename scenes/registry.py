"""What scenes exist, read from their source text: listing them never imports manim.

Each file of this package that defines a class with `title`, `part` and `order` is a scene. The class
attributes are literals, so that a storyboard can be listed, checked and captioned without running it.
"""

from __future__ import annotations

import ast
import importlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from nncore.errors import BadInput, did_you_mean

FOLDER = Path(__file__).parent
#: Class attributes that are read as literals.
LITERALS = ("title", "concept", "part", "order", "recipe", "recipes", "params", "seconds")


@dataclass(frozen=True)
class SceneInfo:
    """A scene as its source text declares it."""

    name: str
    module: str
    path: Path
    title: str
    part: int
    order: int
    summary: str
    concept: tuple[str, ...] = ()
    recipes: tuple[str, ...] = ()
    seconds: int = 0
    params: dict[str, Any] = field(default_factory=dict)
    beats: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=1)
def scene_infos() -> tuple[SceneInfo, ...]:
    """All scenes in the order of the story."""
    found = [
        info
        for path in sorted(FOLDER.glob("*.py"))
        if path.name not in ("__init__.py", "registry.py")
        for info in scenes_in(path)
    ]
    return tuple(sorted(found, key=lambda info: (info.part, info.order)))


def scene_info(name: str) -> SceneInfo:
    """The scene of that name. Raises: BadInput, with the closest name."""
    known = {info.name: info for info in scene_infos()}
    if name not in known:
        raise BadInput(f"there is no scene '{name}'.{did_you_mean(name, known)} See `render.py list`.")
    return known[name]


def load_scene(name: str) -> type:
    """The scene's class; this imports manim."""
    info = scene_info(name)
    return getattr(importlib.import_module(info.module), info.name)


def scenes_in(path: Path) -> list[SceneInfo]:
    """The scenes a file declares."""
    return list(_declared(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=256)
def _declared(path: Path, changed: int) -> tuple[SceneInfo, ...]:
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return tuple(info for node in classes if (info := _info(node, path)))


def _info(node: ast.ClassDef, path: Path) -> SceneInfo | None:
    given: dict[str, Any] = {}
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            if name in LITERALS:
                given[name] = ast.literal_eval(statement.value)
    if not {"title", "part", "order"} <= given.keys():
        return None
    recipe = given.pop("recipe", "")
    recipes = tuple(given.pop("recipes", ())) or ((recipe,) if recipe else ())
    doc = ast.get_docstring(node) or ""
    return SceneInfo(
        name=node.name,
        module=f"scenes.{path.stem}",
        path=path,
        summary=doc.split("\n")[0],
        concept=tuple(given.pop("concept", ())),
        recipes=recipes,
        beats=tuple(_beats(node)),
        **given,
    )


def _beats(node: ast.ClassDef) -> list[tuple[str, str]]:
    return [
        (method.name, ast.literal_eval(mark.args[0]))
        for method in node.body
        if isinstance(method, ast.FunctionDef)
        for mark in method.decorator_list
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "beat"
    ]
