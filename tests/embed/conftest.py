"""One small pack of everything, made once for all tests of this folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.embed import making
from studio.embed.formats import FORMATS
from studio.embed.making import Options
from studio.embed.pack import Pack, make_pack
from studio.embed.takes import Shot
from studio.engine import JobReport
from studio.plan import Job
from studio.progress import Progress
from studio.request import Request
from studio.worker import draw

SCENES = Path(__file__).parent / "post_scenes.py"


class Here:
    """An engine that draws in this process and counts what it drew."""

    workers = 1

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def run(self, jobs: list[Job], report: JobReport) -> None:
        for job in jobs:
            self.jobs.append(job)
            draw(job, lambda frames, key, job=job: report(job, frames, key))


@pytest.fixture
def here() -> Here:
    return Here()


@pytest.fixture(scope="session")
def shot() -> Callable[..., Shot]:
    """A shot of one of the sample scenes, small."""

    def make(name: str = "Signs", beat: str | None = None, preset: str = "180p10", **look) -> Shot:
        return Shot(Request(f"{SCENES}:{name}", preset, **look), beat)

    return make


@pytest.fixture(scope="session")
def quick_moving() -> str:
    """GIF and WebP of the samples are drawn small."""
    return "120p6"


@pytest.fixture(autouse=True)
def small_moving(monkeypatch: pytest.MonkeyPatch, quick_moving: str) -> None:
    monkeypatch.setattr(making, "MOVING_PRESET", quick_moving)


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory, shot: Callable[..., Shot], quick_moving: str) -> Pack:
    """Every format, transparent and autoplaying."""
    options = Options(formats=FORMATS, autoplay=True, transparent=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "MOVING_PRESET", quick_moving)
        return make_pack(shot(), tmp_path_factory.mktemp("packs"), options, Progress(quiet=True), Here())
