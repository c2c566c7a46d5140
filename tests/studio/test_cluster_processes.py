"""The processes that draw for a Dask worker: killed, outliving nobody, of daemonic workers, of older code."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from drawn import clip_of, draw
from hosts import ROOT, Hosts

from nncore.errors import MissingPiece
from studio import loaded
from studio.cluster.engine import DaskEngine
from studio.engine import WorkerLost
from studio.outputs import render
from studio.plan import Job
from studio.progress import Progress
from studio.segments import SegmentStore
from studio.worker import draw_checked


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    found = Hosts(tmp_path / "hosts")
    yield found
    found.close()


class Once(Progress):
    """Does something when the first frames are drawn."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__(quiet=True)
        self._act: Callable[[], None] | None = act

    def report(self, job: Job, frames: int, key: str) -> None:
        if frames and self._act:
            act, self._act = self._act, None
            act()


def test_a_process_killed_while_it_draws_costs_only_its_job(sample, tmp_path, here, hosts):
    request = sample("Three", preset="240p15")
    wanted = draw(request, tmp_path / "local", here).read_bytes()
    SegmentStore().clear()
    worker = hosts.worker("only")
    hosts.wait_for(1)
    said: list[str] = []

    def kill() -> None:
        for pid in hosts.drawing("only", worker):
            os.kill(pid, signal.SIGKILL)

    with DaskEngine(hosts.address, say=said.append) as engine:
        (path,) = render([clip_of(request, tmp_path / "dask")], Once(kill), engine)
    assert path.read_bytes() == wanted
    assert said == [f"worker only: its process for {request.scene} ended with code -9; it is drawn again."]
    assert worker.poll() is None
    assert list((tmp_path / "hosts" / "only" / "nnreel" / "work").iterdir()) == []


def test_a_job_whose_process_always_dies_ends_the_run(sample, tmp_path, hosts, monkeypatch):
    monkeypatch.setenv("NNREEL_TEST_MARK", str(tmp_path / "mark"))
    monkeypatch.setenv("NNREEL_TEST_ALWAYS", "1")
    hosts.worker("only")
    hosts.wait_for(1)
    said: list[str] = []
    with (
        DaskEngine(hosts.address, say=said.append) as engine,
        pytest.raises(WorkerLost, match="lost 3 times"),
    ):
        draw(sample("DiesOnce"), tmp_path, engine)
    assert len(said) == 2


def test_what_a_killed_worker_has_started_ends_too(sample, tmp_path, hosts):
    request = sample("Three", preset="1080p60")
    victim = hosts.worker("first")
    hosts.wait_for(1)
    left: list[int] = []

    def kill() -> None:
        left.extend(hosts.drawing("first", victim))
        victim.kill()
        victim.wait()
        until = time.monotonic() + 20
        while any(runs(pid) for pid in left) and time.monotonic() < until:
            time.sleep(0.05)
        raise KeyboardInterrupt

    with DaskEngine(hosts.address, say=lambda text: None) as engine, pytest.raises(KeyboardInterrupt):
        render([clip_of(request, tmp_path / "dask")], Once(kill), engine)
    assert left
    assert not any(map(runs, left))


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_worker_of_a_nanny_draws_though_it_is_daemonic(sample, tmp_path, here, hosts):
    wanted = draw(sample("Plain"), tmp_path / "local", here).read_bytes()
    SegmentStore().clear()
    hosts.worker("nanny", nanny=True)
    hosts.wait_for(1)
    with DaskEngine(hosts.address) as engine:
        assert draw(sample("Plain"), tmp_path / "dask", engine).read_bytes() == wanted


def test_a_worker_whose_server_has_older_code_is_refused(sample, tmp_path, hosts):
    copy = tmp_path / "copy"
    for room in ("nncore", "scenes", "studio"):
        shutil.copytree(ROOT / room, copy / room)
    hosts.worker("old", copy)
    hosts.wait_for(1)
    said: list[str] = []
    with DaskEngine(hosts.address, say=said.append) as engine:
        draw(sample("Three"), tmp_path / "before", engine)
        SegmentStore().clear()
        with open(copy / "studio" / "manim_adapter" / "__init__.py", "a", encoding="utf-8") as file:
            file.write("# a comment\n")
        with pytest.raises(MissingPiece, match="1 refused"):
            draw(sample("Three"), tmp_path / "after", engine)
    assert said[0].endswith("it runs an older studio.manim_adapter than is on its disk; restart it.")


def test_what_was_loaded_is_compared_with_what_is_there(monkeypatch):
    assert loaded.outdated() == ""
    monkeypatch.setitem(loaded._LOADED, "studio.plan", "0" * 64)
    assert draw_checked(None, lambda frames, key: None).startswith("it runs an older studio.plan")
