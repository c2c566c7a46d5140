"""A tiny recording, a session that draws nothing, and a preview as a user starts it."""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running import PORT, ROOT, SCENES, SMALL, TOKEN, Preview, train_tiny
from starlette.testclient import TestClient

from studio.preview.server import make_app
from studio.preview.session import Session
from studio.request import Request


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording that no test changes."""
    return train_tiny(tmp_path_factory.mktemp("tiny") / "recording")


@pytest.fixture
def session(tiny: Path, tmp_path: Path) -> Session:
    """A session that was not opened: it answers, and draws nothing."""
    for name in ("files", "output"):
        (tmp_path / name).mkdir()
    request = Request(f"{SCENES}:Slides", SMALL, recordings=(("tiny", str(tiny)),))
    return Session(request, tmp_path / "files", tmp_path / "output")


@pytest.fixture
def client(session: Session) -> Iterator[TestClient]:
    """A browser's requests to the session's server, without a network."""
    app = make_app(session, TOKEN, PORT)
    with TestClient(app, base_url=f"http://127.0.0.1:{PORT}") as opened:
        yield opened


Start = Callable[..., Preview]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, own_caches: str) -> Iterator[Start]:
    """Starts `render.py preview` on a copy of the sample scene that a test may change."""
    started: list[Preview] = []

    def run(*options: str) -> Preview:
        folder = tmp_path_factory.mktemp("preview")
        scene = Path(shutil.copy(SCENES, folder / "slides.py"))
        recording = train_tiny(folder / "recording")
        words = ["preview", f"{scene}:Slides", "--no-open", "--preset", SMALL, "--recording", str(recording)]
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "render.py"), *words, "-o", str(folder / "out"), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        if found is None:
            pytest.fail(f"no address: {process.communicate()}", pytrace=False)
        for pipe in (process.stdout, process.stderr):
            threading.Thread(target=pipe.read, daemon=True).start()  # type: ignore[union-attr]
        started.append(Preview(process, found[0], scene, recording, folder / "out"))
        return started[-1]

    yield run
    for preview in started:
        if preview.process.poll() is None:
            preview.end()
        for pipe in (preview.process.stdout, preview.process.stderr):
            pipe.close()  # type: ignore[union-attr]
