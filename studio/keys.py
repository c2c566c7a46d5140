"""Cache keys: a digest of everything that decides a segment's pixels, chained from beat to beat.

Beat 3's key holds beat 2's code, because a beat starts from the picture the one before left, but not its
words and its length: they decide that beat's frames alone. The code that counts is the beat's own, the rest
of its scene, and every module of the project that the scene imports, however deep; comments do not count.
"""

from __future__ import annotations

import ast
import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

from studio.media import encoder_options
from studio.request import Request

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("nncore", "scenes", "studio")
#: Libraries whose version can change a pixel or a byte.
LIBRARIES = ("av", "manim", "numpy", "pillow", "pycairo", "scipy", "typst", "uharfbuzz")
#: The drawing and encoding code itself, counted for every scene.
RENDERER = ("studio.manim_adapter", "studio.media", "studio.segments", "studio.chunks")
#: Modules that import others of their package by the shape of their name.
FOUND_BY_NAME = {"nncore.facts": ("*_facts.py", "published.py")}
FONT_PACKAGE = "font_source_sans_pro"


def segment_keys(request: Request, digests: dict[str, str]) -> list[str]:
    """One key for each beat of a library scene, in order; `digests` maps recipes to recording digests."""
    ref = request.ref
    tree = ast.parse(ref.source.read_text(encoding="utf-8"))
    methods, shared = _split(tree, ref.name)
    width, height = request.quality.size(request.aspect)
    key = _digest(
        {
            "scene": ref.name,
            "size": [width, height, request.quality.fps],
            "encoder": [encoder_options(request.quality), request.quality.chunk_frames],
            "look": [request.aspect, request.theme, request.captions],
            "params": request.params,
            "recordings": digests,
            "versions": versions(),
            "fonts": fonts_digest(),
            "code": shared,
            "modules": {name: _module_digest(path) for name, path in imports_of(ref.source).items()},
        }
    )
    keys = []
    for name, caption in ref.beats:
        key = _digest([key, name, methods.get(name)])
        words = dict(request.lines).get(name, caption)
        keys.append(_digest([key, words, dict(request.beat_seconds).get(name)]))
    return keys


def versions() -> dict[str, str]:
    """The versions of what drew: the project's, the libraries', cairo's."""
    import cairo

    from nncore import __version__

    found = {"nnreel": __version__, "cairo": cairo.cairo_version_string()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


@cache
def fonts_digest() -> str:
    """SHA-256 over the TrueType files of the font package."""
    digest = hashlib.sha256()
    folder = Path(str(files(FONT_PACKAGE))) / "files"
    for path in sorted(folder.glob("*.ttf")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def imports_of(source: Path) -> dict[str, Path]:
    """The modules a file needs, found by following imports, and the renderer's own.

    Followed are the project's modules, and for a user's own file those beside it.
    """
    found: dict[str, Path] = {}
    looked: set[str] = set()
    waiting = [*_imports(source), *RENDERER]
    while waiting:
        name = waiting.pop()
        if name in looked:
            continue
        looked.add(name)
        path = _module_file(name, source.parent)
        if path is None or path == source:
            continue
        found[name] = path
        waiting += _imports(path)
        for pattern in FOUND_BY_NAME.get(name, ()):
            waiting += [f"{path.parent.name}.{each.stem}" for each in path.parent.glob(pattern)]
        if path.name == "__init__.py" and name in RENDERER:
            waiting += [f"{name}.{each.stem}" for each in path.parent.glob("[!_]*.py")]
    return {name: path for name, path in found.items() if not name.startswith("studio") or _draws(name)}


def _draws(name: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in RENDERER)


def _imports(path: Path) -> tuple[str, ...]:
    return _parsed(path, path.stat().st_mtime_ns)[0]


@cache
def _parsed(path: Path, changed: int) -> tuple[tuple[str, ...], str]:
    """(names of the modules a file imports, digest of its code)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(names), _digest(ast.dump(tree))


def _module_file(name: str, beside: Path) -> Path | None:
    parts = name.split(".")
    base = (ROOT if parts[0] in ROOMS else beside).joinpath(*parts)
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


def _module_digest(path: Path) -> str:
    return _parsed(path, path.stat().st_mtime_ns)[1]


def _split(tree: ast.Module, scene: str) -> tuple[dict[str, str], str]:
    """(each beat's code by name without its sentence, all other code of the file); no comments, no places."""
    methods: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == scene:
            for member in list(node.body):
                if isinstance(member, ast.FunctionDef) and (marks := _beat_marks(member)):
                    member.decorator_list = [mark for mark in member.decorator_list if mark not in marks]
                    methods[member.name] = ast.dump(member)
                    node.body.remove(member)
    return methods, ast.dump(tree)


def _beat_marks(method: ast.FunctionDef) -> list[ast.expr]:
    return [
        mark
        for mark in method.decorator_list
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "beat"
    ]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=list).encode()).hexdigest()
