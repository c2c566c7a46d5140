"""Finds scenes by name: the project's own through the registry, a user's own as `path/to/file.py:Class`."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from nncore.errors import BadInput, did_you_mean

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class SceneRef:
    """A scene that can be drawn.

    `library` says that it is one of the project's, `recorded` that it is a RecordedScene. `beats` holds
    (name, caption template) pairs; of an ordinary manim scene none are known before it runs.
    """

    name: str
    source: Path
    library: bool
    recorded: bool
    recipes: tuple[str, ...] = ()
    beats: tuple[tuple[str, str], ...] = ()
    params: Mapping[str, Any] | None = None

    def load(self) -> type[Any]:
        """The scene class itself; imports manim."""
        if self.library:
            from scenes.registry import load_scene

            return load_scene(self.name)
        return _class_of(_import_file(self.source), self.name, self.source)

    def check_beat(self, name: str) -> str:
        """The beat's name, if the scene has it.

        Raises: BadInput for an unknown one.
        """
        known = [beat for beat, _ in self.beats]
        if self.recorded and name not in known:
            raise BadInput(
                f"{self.name} has no beat '{name}'.{did_you_mean(name, known)} Beats: {', '.join(known)}."
            )
        return name

    def check_params(self, given: Mapping[str, str]) -> None:
        """Raises: BadInput for a parameter the scene does not have or a value it does not take."""
        if self.recorded:
            from scenes.kit.context import checked_params

            checked_params(self.params or {}, given)
        elif given:
            raise BadInput(
                f"{self.source.name}:{self.name} is not one of the library's scenes: it takes no --set."
            )


@lru_cache(maxsize=64)
def find_scene(name: str) -> SceneRef:
    """The scene of that name.

    Raises: BadInput for an unknown one.
    """
    if ".py:" in name or name.endswith(".py"):
        return _users_scene(name)
    from scenes.registry import scene_info

    info = scene_info(name)
    return SceneRef(name, info.path, True, True, info.recipes, info.beats, info.params)


def _users_scene(name: str) -> SceneRef:
    """A scene of a file of the user's, from the file's text: it is run only where it is drawn."""
    file, _, class_name = name.rpartition(":")
    path = Path(file or name)
    if not path.is_file():
        raise BadInput(f"no file '{path}'; a scene of your own is named path/to/file.py:Class.")
    if not file:
        raise BadInput(f"'{name}' names a file; add the class to draw: {name}:Class.")
    try:
        classes = [node.name for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.ClassDef)]
    except (SyntaxError, ValueError) as error:
        raise BadInput(f"{path} is not Python: {error}") from error
    if class_name not in classes:
        hint = did_you_mean(class_name, classes)
        raise BadInput(
            f"{path} has no scene '{class_name}'.{hint} Classes in it: {', '.join(classes) or 'none'}."
        )
    from scenes.registry import scenes_in

    for info in scenes_in(path):
        if info.name == class_name:
            return SceneRef(class_name, path.resolve(), False, True, info.recipes, info.beats, info.params)
    return SceneRef(class_name, path.resolve(), False, False)


def _class_of(module: ModuleType, name: str, path: Path) -> type[Any]:
    from studio.manim_adapter import Scene

    found = getattr(module, name, None)
    if not (isinstance(found, type) and issubclass(found, Scene)):
        raise BadInput(f"'{name}' in {path} is not a manim Scene.")
    return found


def _import_file(path: Path) -> ModuleType:
    """Runs a user's file as a module, once per content; their own imports from beside it work."""
    path = path.resolve()
    if path.is_relative_to(ROOT / "scenes"):  # the project's own scenes that are not listed: a film's cards
        return importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    digest = hashlib.sha256(path.read_bytes() + str(path).encode()).hexdigest()[:16]
    name = f"_nnreel_user_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise BadInput(f"{path} could not be imported: {type(error).__name__}: {error}") from error
    return module
