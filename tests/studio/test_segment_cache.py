"""The cache of segments: damaged ones are drawn again, what is in use stays, the rest is swept or limited."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Here
from drawn import draw

from nncore.errors import Busy
from studio.files import part_path
from studio.keys import segment_keys
from studio.locks import drawing
from studio.media import decode_all
from studio.plan import plan_jobs, plan_scene
from studio.processes import described
from studio.segments import SegmentStore

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("damage", ["cut", "flip", "sidecar", "gone"])
def test_a_damaged_segment_is_drawn_again(sample, tmp_path, here, damage):
    request = sample("Three")
    first = draw(request, tmp_path, here).read_bytes()
    store = SegmentStore()
    video = store.video(segment_keys(request, {})[1])
    data = bytearray(video.read_bytes())
    if damage == "cut":
        video.write_bytes(data[:48])
    elif damage == "flip":
        data[len(data) // 2] ^= 1
        video.write_bytes(data)
    elif damage == "sidecar":
        video.with_suffix(".json").write_text("{", encoding="utf-8")
    else:
        video.unlink()
    here.drawn.clear()
    shutil.rmtree(tmp_path / "again", ignore_errors=True)
    assert draw(request, tmp_path / "again", here).read_bytes() == first
    assert [job.first for job in here.drawn] == [1]


def test_what_other_processes_left_is_swept_and_what_is_ours_stays(tmp_path):
    store = SegmentStore(tmp_path)
    ours = part_path(store.video("a"))
    ours.write_bytes(b"being written")
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = tmp_path / f".b.part-{dead.pid}-abcdef.mp4"
    left.write_bytes(b"left behind")
    store.prepare()
    assert ours.exists()
    assert not left.exists()


class Empties(Here):
    """An engine in whose time something removes files from the cache."""

    def __init__(self, remove: Callable[[Path], None]) -> None:
        super().__init__()
        self.remove = remove

    def run(self, jobs, report) -> None:
        super().run(jobs, report)
        self.remove(SegmentStore().folder)


def remove_one(folder: Path) -> None:
    sorted(folder.glob("*.mp4"))[0].unlink()


@pytest.mark.parametrize(("remove", "said"), [(remove_one, "1 of 3"), (shutil.rmtree, "3 of 3")])
def test_a_cache_that_is_emptied_while_a_run_draws_is_one_line(sample, tmp_path, here, remove, said):
    with pytest.raises(Busy, match=rf"{said} segments are no longer in .* Give the same command again\.$"):
        draw(sample("Three"), tmp_path / "out", Empties(remove))
    assert list((tmp_path / "out").glob("*")) == []
    assert decode_all(draw(sample("Three"), tmp_path / "out", here)) > 0


def test_a_cache_folder_that_goes_under_a_worker_is_one_line(sample, tmp_path, monkeypatch):
    error = FileNotFoundError(2, "No such file or directory", "x.mp4")
    plan = plan_scene(sample("Three"))
    (job,) = plan_jobs([plan], SegmentStore(tmp_path / "gone"), 1)
    message, code, _ = described(job, error)
    assert code == Busy.exit_code
    assert message.startswith(f"{job.store} was removed")


HOLDER = """
import sys
from pathlib import Path
from studio.locks import locked
from studio.outputs import lock_path
with locked(lock_path(Path(sys.argv[1])), wait=True):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_cache_is_not_cleared_while_another_process_draws(sample, tmp_path, here):
    draw(sample("Three"), tmp_path, here)
    store = SegmentStore()
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "other.mp4")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as other:
        assert other.stdout.readline() == "held\n"
        assert drawing() == [str(other.pid)]
        with pytest.raises(Busy, match=rf"process {other.pid} is drawing .*; clear it when that has ended"):
            store.clear()
        other.communicate()
    assert store.clear() == 3


def test_the_limit_waits_for_others_that_draw(tmp_path, own_cache, monkeypatch):
    monkeypatch.setattr("studio.segments.SIZE_LIMIT", 0)
    store = SegmentStore()
    for others in (["1"], []):
        store.folder.mkdir(parents=True, exist_ok=True)
        kept(store, "old", 10_000)
        monkeypatch.setattr("studio.segments.drawing", lambda others=others: others)
        store.prepare()
        assert store.count() == len(others)


def kept(store: SegmentStore, key: str, age: float) -> None:
    """A segment that was last used `age` seconds ago."""
    part = store.folder / "part.mp4"
    part.write_bytes(bytes(1000))
    store.add(key, part, [{"name": "a", "caption": "", "frames": 1}], [])
    used = time.time() - age
    os.utime(store.folder / f"{key}.json", (used, used))


def test_the_cache_keeps_its_limit(tmp_path):
    store = SegmentStore(tmp_path)
    for index in range(4):
        kept(store, f"key{index}", 10_000 - index)
    assert store.shrink(2 * (store.size() // 4) + 10) == 2
    assert [store.find(f"key{i}") is not None for i in range(4)] == [False, False, True, True]
