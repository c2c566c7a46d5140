"""One clip drawn through the whole pipeline, as the tests ask for it."""

from pathlib import Path

from studio.outputs import Clip, render
from studio.progress import Progress
from studio.request import clip_name


def clip_of(request, folder: Path) -> Clip:
    return Clip(folder / clip_name(request), (request,))


def draw(request, folder: Path, engine) -> Path:
    (path,) = render([clip_of(request, folder)], Progress(quiet=True), engine)
    return path
