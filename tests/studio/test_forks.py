"""What the server of worker processes has imported, and that a worker never passes old code off as new."""

import os
import subprocess
import sys

import pytest

from nncore.errors import OutputError
from studio import loaded
from studio.code import ROOT
from studio.forks import server_context, start_ahead
from studio.outputs import Clip, render
from studio.progress import Progress
from studio.segments import SegmentStore

SEEN = """
import gc, sys
print("scenes.softmax" in sys.modules, "scenes.scale" in sys.modules)
print(gc.isenabled(), gc.get_freeze_count() > 0)
from studio.loaded import _LOADED
print("scenes.softmax" in _LOADED)
"""


def test_a_worker_finds_the_scenes_imported_that_will_be_drawn(tmp_path):
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from studio.forks import SCENES, server_context
import os
context = server_context(["Softmax", "NoSuchScene"])
assert SCENES not in os.environ
process = context.Process(target=exec, args=({SEEN!r}, dict()))
process.start()
process.join()
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["True", "False", "True", "True", "True"], run.stderr


@pytest.mark.parametrize("old", [False, True])
def test_what_old_code_drew_is_for_its_run_alone(sample, tmp_path, here, monkeypatch, old):
    with monkeypatch.context() as patch:
        if old:
            patch.setitem(loaded._LOADED, "studio.plan", "0" * 64)
        render([Clip(tmp_path / "Three.mp4", (sample("Three"),))], Progress(quiet=True), here)
    here.drawn.clear()
    render([Clip(tmp_path / "Three.mp4", (sample("Three"),))], Progress(quiet=True), here)
    assert bool(here.drawn) is old
    assert SegmentStore().count() == 3


def test_without_a_temporary_folder_one_line_says_so(monkeypatch):
    def fails():
        raise FileNotFoundError(2, "No usable temporary directory found in ['/nowhere']")

    monkeypatch.setattr("multiprocessing.forkserver.ensure_running", fails)
    start_ahead(["Softmax"])
    with pytest.raises(OutputError, match="no temporary folder can be written to"):
        server_context()
