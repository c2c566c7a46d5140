"""A short film of two sample scenes, at a size that draws in no time, and what stands for its voice."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile
from small_film import FILM, TINY

from nncore.recording import Recording
from nncore.runspec import RunSpec
from nncore.training import train
from studio.film.audio import SAMPLE_RATE
from studio.film.film import Made, make_film
from studio.film.options import Options
from studio.progress import Progress
from studio.worker import draw

SAMPLES = Path(__file__).parents[1] / "studio" / "sample_scenes.py"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """A run of a few steps on two moons."""
    layers = (
        {"type": "dense", "units": 4, "activation": "relu"},
        {"type": "dense", "units": 2, "activation": "softmax"},
    )
    spec = RunSpec(name="tiny", dataset="moons", epochs=1, batch_size=32, layers=layers)
    return train(spec, tmp_path_factory.mktemp("recordings") / "tiny")


@pytest.fixture(scope="session")
def studio_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample scenes; films in it name them without a machine's paths."""
    folder = tmp_path_factory.mktemp("films")
    shutil.copy(SAMPLES, folder / "samples.py")
    return folder


@pytest.fixture(autouse=True)
def in_studio(studio_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(studio_folder)
    return studio_folder


class Here:
    """An engine that draws in this process and remembers what."""

    workers = 1

    def __init__(self) -> None:
        self.drawn: list[tuple[str, int, int]] = []

    def run(self, jobs, report) -> None:
        for job in jobs:
            self.drawn.append((job.request.ref.name, job.first, len(job.keys)))
            draw(job, lambda frames, key, job=job: report(job, frames, key))


@pytest.fixture
def here() -> Here:
    return Here()


@pytest.fixture
def make(tiny: Recording, here: Here, tmp_path: Path) -> Callable[..., Made]:
    """Makes a film from its text in this process, by default without a voice."""

    def made(text: str = FILM, **options) -> Made:
        path = tmp_path / "small.toml"
        path.write_text(text, encoding="utf-8")
        options = {"folder": tmp_path / "out", "preset": TINY, "recordings": (tiny.path,)} | options
        return make_film(str(path), Options(**options), Progress(quiet=True), here)

    return made


@pytest.fixture
def tones(tmp_path: Path) -> Callable[..., Path]:
    """A folder of recorded lines: a second of a tone for each name, with silence before and after it."""

    def folder(**seconds: float) -> Path:
        place = tmp_path / "voice"
        place.mkdir(exist_ok=True)
        for name, length in seconds.items():
            t = np.arange(round(length * SAMPLE_RATE)) / SAMPLE_RATE
            samples = np.concatenate([np.zeros(9000), 0.4 * np.sin(2 * np.pi * 330 * t), np.zeros(20000)])
            stem = name.replace("__", ".")
            wavfile.write(place / f"{stem}.wav", SAMPLE_RATE, (samples * 32767).astype(np.int16))
        return place

    return folder


@pytest.fixture
def talker(tmp_path: Path) -> Callable[[str], str]:
    """A voice program: Python code with `text` and `wav` as its words, as a command line."""

    def command(body: str, words: str = "'{text}' {wav}") -> str:
        path = tmp_path / "talker.py"
        path.write_text("import sys, time, wave, array, math\n" + body, encoding="utf-8")
        return f"command {sys.executable} {path} {words}"

    return command
