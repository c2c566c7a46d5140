"""A small recording, and requests for the sample scenes at a size that draws in no time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nncore.recording import Recording
from nncore.runspec import RunSpec
from nncore.training import train
from studio.engine import JobReport
from studio.plan import Job
from studio.request import Request
from studio.worker import draw

SAMPLES = Path(__file__).parent / "sample_scenes.py"
TINY = "90p10"


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """A run of a few steps on two moons."""
    spec = RunSpec(
        name="tiny",
        dataset="moons",
        epochs=1,
        batch_size=32,
        layers=(
            {"type": "dense", "units": 4, "activation": "relu"},
            {"type": "dense", "units": 2, "activation": "softmax"},
        ),
    )
    return train(spec, tmp_path_factory.mktemp("recordings") / "tiny")


@pytest.fixture
def sample() -> Callable[..., Request]:
    """A request for one of the sample scenes."""

    def make(name: str, preset: str = TINY, **options) -> Request:
        return Request(f"{SAMPLES}:{name}", preset, **options)

    return make


class Here:
    """An engine that draws in this process."""

    workers = 1

    def __init__(self) -> None:
        self.drawn: list[Job] = []

    def run(self, jobs: list[Job], report: JobReport) -> None:
        for job in jobs:
            self.drawn.append(job)
            draw(job, lambda frames, key, job=job: report(job, frames, key))


@pytest.fixture
def here() -> Here:
    return Here()


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "nnreel"
