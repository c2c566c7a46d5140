"""Renders that do not get to their end: killed, interrupted, workers that die, scenes that raise."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from drawn import draw

from studio.engine import LocalEngine, SceneFailed, WorkerLost
from studio.media import decode_all

SILENT = {"stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
ROOT = Path(__file__).resolve().parents[2]


def test_a_scene_that_raises_is_one_line(sample, tmp_path):
    with pytest.raises(SceneFailed, match=r"ValueError: no such thing \(.*sample_scenes.py:\d+\)"):
        draw(sample("Fails"), tmp_path, LocalEngine(1))
    assert list(tmp_path.glob("*.mp4")) == []


def test_a_worker_that_dies_is_replaced_once(sample, tmp_path, monkeypatch):
    monkeypatch.setenv("NNREEL_TEST_MARK", str(tmp_path / "mark"))
    engine = FreshServer(1)
    assert decode_all(draw(sample("DiesOnce"), tmp_path, engine)) == 2
    monkeypatch.setenv("NNREEL_TEST_ALWAYS", "1")
    with pytest.raises(WorkerLost, match="ended twice"):
        draw(sample("DiesOnce"), tmp_path / "b", FreshServer(1))


class FreshServer(LocalEngine):
    """Workers that see this test's environment: they are started anew, not forked from the running server."""

    def run(self, jobs, report) -> None:
        from multiprocessing.forkserver import _forkserver

        _forkserver._stop()
        try:
            super().run(jobs, report)
        finally:
            _forkserver._stop()


#: What a render has just done when it is killed: begun to draw, begun to encode, published something.
MOMENTS = ("work/*", "segments/.*", "segments/*.json")


def test_a_run_that_is_killed_spoils_nothing(sample, tmp_path, here):
    """kill -9 at several moments; what is left behind is swept, and the bytes come out the same."""
    request = sample("Three", preset="240p15")
    wanted = draw(request, tmp_path / "calm", here).read_bytes()
    home = tmp_path / "cache-of-killed" / "nnreel"
    environment = os.environ | {"XDG_CACHE_HOME": str(home.parent)}
    command = [sys.executable, str(ROOT / "render.py"), "render", request.scene]
    command += ["--preset", request.preset, "-o", str(tmp_path / "out"), "--workers", "2"]
    codes = []
    for moment in MOMENTS:
        before = set(home.glob(moment))
        process = subprocess.Popen(command, env=environment, start_new_session=True, **SILENT)
        while process.poll() is None and not set(home.glob(moment)) - before:
            time.sleep(0.005)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        codes.append(process.wait())
        for path in (tmp_path / "out").glob("*.mp4"):
            assert path.read_bytes() == wanted
    assert codes[0] == -signal.SIGKILL
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).read_bytes() == wanted
    assert [*home.glob("segments/.*"), *home.glob("work/*")] == []


@pytest.mark.parametrize("engine", ["local", "dask"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_interrupted_ends_in_order(sample, tmp_path, number, code, engine):
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [sys.executable, str(ROOT / "render.py"), "render", sample("Three").scene]
    command += ["--preset", "1080p60", "-o", str(tmp_path / "out"), "--workers", "2", "--engine", engine]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, start_new_session=True, **pipes) as process:
        assert process.stderr.readline() == "Drawing Three\n"
        work = tmp_path / "cache" / "nnreel" / "work"
        while (
            process.poll() is None
            and len({each.name.split("-")[0] for each in work.glob("*")} - {str(process.pid)}) < 2
        ):  # both workers are at work
            time.sleep(0.05)
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        _, errors = process.communicate()
    assert process.returncode == code
    assert "Traceback" not in errors
    assert list((tmp_path / "out").iterdir()) == []
    assert [*work.iterdir(), *work.with_name("segments").glob(".*")] == []
