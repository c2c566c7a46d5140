"""Cache keys: a digest of everything that decides a segment's pixels, chained from beat to beat.

Beat 3's key holds beat 2's code, because a beat starts from the picture the one before left, but not its
words, its length and how it is entered: they decide that beat's frames alone. The code that counts is the
beat's own, the rest of its scene, and every module of the project that the scene imports, however deep;
comments do not count.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

from studio.code import Code
from studio.media import encoder_options
from studio.request import Request

#: Libraries whose version can change a pixel or a byte.
LIBRARIES = ("av", "manim", "numpy", "pillow", "pycairo", "scipy", "typst", "uharfbuzz")
FONT_PACKAGE = "font_source_sans_pro"


def segment_keys(request: Request, digests: dict[str, str], code: Code | None = None) -> list[str]:
    """One key for each beat of a library scene, in order; `digests` maps recipes to recording digests.

    `code` is one look at the source files, for many calls at the same moment.
    """
    ref, code = request.ref, code or Code()
    methods, shared = code.scene(ref.source, ref.name)
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
            **({"heading": request.heading} if request.heading else {}),
            "modules": {name: code.digest(path) for name, path in code.imports_of(ref.source).items()},
        }
    )
    keys = []
    for name, caption in ref.beats:
        key = _digest([key, name, methods.get(name)])
        words = dict(request.lines).get(name, caption)
        enters = ["enters"] if name in request.enters else []
        keys.append(_digest([key, words, dict(request.beat_seconds).get(name), *enters]))
    return keys


def versions() -> dict[str, str]:
    """The versions of what drew: the project's, the libraries', cairo's."""
    import cairo

    from nncore import __version__

    found = {"nnreel": __version__, "cairo": cairo.cairo_version_string()}
    return found | {name: _version(name) for name in LIBRARIES}


@cache
def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "missing"


@cache
def fonts_digest() -> str:
    """SHA-256 over the TrueType files of the font package."""
    digest = hashlib.sha256()
    folder = Path(str(files(FONT_PACKAGE))) / "files"
    for path in sorted(folder.glob("*.ttf")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=list).encode()).hexdigest()
