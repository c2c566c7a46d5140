"""Rendering end to end: cached beats, equal bytes however it was drawn, faults that leave nothing broken."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from nncore.errors import NNReelError, OutputError
from studio.engine import LocalEngine, SceneFailed, WorkerLost
from studio.files import part_path
from studio.keys import imports_of, segment_keys
from studio.media import decode_all, probe
from studio.outputs import Clip, clip_name, render
from studio.progress import Progress
from studio.segments import SegmentStore

SILENT = {"stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
ROOT = Path(__file__).resolve().parents[2]


def clip_of(request, folder: Path) -> Clip:
    return Clip(folder / clip_name(request), (request,))


def draw(request, folder: Path, engine) -> Path:
    (path,) = render([clip_of(request, folder)], Progress(quiet=True), engine)
    return path


def test_a_clip_and_its_manifest(sample, tmp_path, here):
    path = draw(sample("Three", params=(("shift", "2"),), aspect="1:1", theme="light"), tmp_path, here)
    assert path.name == "Three-1x1-light-90p10-shift2.mp4"
    manifest = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    (scene,) = manifest["scenes"]
    assert [beat["name"] for beat in scene["beats"]] == ["first", "second", "third"]
    assert [beat["caption"] for beat in scene["beats"]] == ["One.", "Two.", "Three."]
    assert scene["beats"][0]["start"] == 0
    assert all(a["end"] == b["start"] for a, b in zip(scene["beats"], scene["beats"][1:], strict=False))
    found = probe(path)
    assert found.frames == manifest["clip"]["frames"] == decode_all(path)
    assert abs(found.seconds - scene["beats"][-1]["end"]) < 1 / found.fps
    assert (found.width, found.height) == (90, 90)
    assert found.bt709
    assert found.faststart


def test_one_worker_two_workers_and_no_worker_give_equal_bytes(sample, tmp_path, here, own_cache):
    request = sample("Three")
    drawn = []
    for name, engine in (("none", here), ("one", LocalEngine(1)), ("two", LocalEngine(2))):
        drawn.append(draw(request, tmp_path / name, engine))
        SegmentStore().clear()
    for path in drawn[1:]:
        assert differing_frames(drawn[0], path) == []
        assert drawn[0].read_bytes() == path.read_bytes()


def differing_frames(one: Path, two: Path) -> list[int]:
    with av.open(str(one)) as a, av.open(str(two)) as b:
        pairs = zip(a.decode(video=0), b.decode(video=0), strict=True)
        return [i for i, (x, y) in enumerate(pairs) if not np.array_equal(x.to_ndarray(), y.to_ndarray())]


def test_what_is_there_is_not_drawn_again(sample, tmp_path, here):
    path = draw(sample("Three"), tmp_path, here)
    first, when = path.read_bytes(), path.stat().st_mtime_ns
    here.drawn.clear()
    draw(sample("Three"), tmp_path, here)
    assert here.drawn == []
    assert path.stat().st_mtime_ns == when
    path.unlink()
    assert draw(sample("Three"), tmp_path, here).read_bytes() == first
    assert here.drawn == []


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


def test_keys_change_from_the_edited_beat_on(sample, tmp_path):
    request = sample("Three")
    text = request.ref.source.read_text(encoding="utf-8")
    versions = {
        "same": text,
        "comment": text.replace("def second", "def second", 1) + "\n# a remark\n",
        "second": text.replace("run_time=0.6", "run_time=0.7"),
        "caption": text.replace("Two.", "Second."),
        "shared": text.replace('"default": 1', '"default": 2'),
    }
    keys = {}
    for name, source in versions.items():
        path = tmp_path / name / "sample_scenes.py"
        path.parent.mkdir()
        path.write_text(source, encoding="utf-8")
        keys[name] = segment_keys(sample("Three").__class__(f"{path}:Three", request.preset), {})
    changed = {name: [a != b for a, b in zip(keys["same"], each, strict=True)] for name, each in keys.items()}
    assert changed["comment"] == [False, False, False]
    assert changed["second"] == [False, True, True]
    assert changed["caption"] == [False, True, False]
    assert changed["shared"] == [True, True, True]


@pytest.mark.parametrize(
    "other", [{"beat_seconds": (("second", 9.0),)}, {"lines": (("second", "Other words."),)}]
)
def test_words_and_length_of_a_beat_are_in_its_own_key_alone(sample, tmp_path, here, other):
    """Because the frames of the beats after it come out the same."""
    one, two = sample("Three"), sample("Three", **other)
    same = [a == b for a, b in zip(segment_keys(one, {}), segment_keys(two, {}), strict=True)]
    assert same == [True, False, True]
    draw(one, tmp_path / "one", here)
    third = SegmentStore().video(segment_keys(one, {})[2])
    before = third.read_bytes()
    SegmentStore().clear()
    draw(two, tmp_path / "two", here)
    assert third.read_bytes() == before


@pytest.mark.parametrize(
    "other",
    [
        {"aspect": "1:1"},
        {"theme": "light"},
        {"captions": False},
        {"preset": "90p12"},
        {"params": (("shift", "2"),)},
    ],
)
def test_every_part_of_the_look_is_in_the_keys(sample, other):
    assert not set(segment_keys(sample("Three"), {})) & set(segment_keys(sample("Three", **other), {}))


def test_every_project_module_that_drawing_loads_is_in_the_keys(sample):
    """Loads the scene in a fresh process and compares what was imported with what the keys follow."""
    code = (
        "import sys, studio.worker; from studio.library import find_scene; find_scene(sys.argv[1]).load()\n"
    )
    code += "print(*[name for name in sys.modules if name.split('.')[0] in ('nncore', 'scenes')])"
    command = [sys.executable, "-c", code, sample("Three").scene]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split()) - {"scenes", "scenes.registry", "nncore.recipes"}
    assert loaded - set(imports_of(sample("Three").ref.source)) == set()


def test_recordings_are_in_the_keys(sample):
    one, two = (segment_keys(sample("Measured"), {"tiny": digest}) for digest in ("a", "b"))
    assert not set(one) & set(two)


def test_an_ordinary_scene_renders_and_leaves_no_cache(sample, tmp_path, here):
    path = draw(sample("Plain"), tmp_path, here)
    assert decode_all(path) == 21
    manifest = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert [beat["name"] for beat in manifest["scenes"][0]["beats"]] == ["scene", "second"]
    assert SegmentStore().count() == 0


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


def test_a_full_disk_leaves_the_last_clip(sample, tmp_path, here, monkeypatch):
    path = draw(sample("Three"), tmp_path, here)
    before = path.read_bytes()

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("studio.outputs.join_into", full)
    other = Clip(path, (sample("Three", captions=False),))
    with pytest.raises(OutputError, match="No space left"):
        render([other], Progress(quiet=True), here)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.glob(".*")] == []


def test_a_run_that_is_killed_spoils_nothing(sample, tmp_path, here):
    """kill -9 at several moments; what is left behind is swept, and the bytes come out the same."""
    wanted = draw(sample("Three"), tmp_path / "calm", here).read_bytes()
    cache = tmp_path / "killed-cache"
    environment = os.environ | {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "render.py"), "render", sample("Three").scene]
    command += ["--preset", sample("Three").preset, "-o", str(tmp_path / "out"), "--workers", "2"]
    for delay in (0.6, 1.4, 2.0):
        process = subprocess.Popen(
            command,
            env=environment,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for path in (tmp_path / "out").glob("*.mp4"):
            assert path.read_bytes() == wanted
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).read_bytes() == wanted
    assert [path.name for path in (cache / "nnreel" / "segments").glob(".*")] == []
    assert list((cache / "nnreel" / "work").iterdir()) == []


def test_code_that_changes_while_it_is_drawn_is_not_cached(sample, tmp_path, here, monkeypatch):
    path = tmp_path / "sample_scenes.py"
    shutil.copy(sample("Three").ref.source, path)
    request = replace(sample("Three"), scene=f"{path}:Three")
    build = type(request).build

    def edits(self, renderer):
        text = path.read_text(encoding="utf-8").replace("run_time=0.6", "run_time=0.7")
        path.write_text(text, encoding="utf-8")
        return build(self, renderer)

    monkeypatch.setattr(type(request), "build", edits)
    draw(request, tmp_path, here)
    monkeypatch.undo()
    text = path.read_text(encoding="utf-8").replace("run_time=0.7", "run_time=0.6")
    path.write_text(text, encoding="utf-8")
    here.drawn.clear()
    draw(request, tmp_path, here)
    assert [len(job.keys) for job in here.drawn] == [3]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_interrupted_ends_in_order(sample, tmp_path, number, code):
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [
        sys.executable,
        str(ROOT / "render.py"),
        "render",
        sample("Three").scene,
        "--preset",
        "1080p60",
    ]
    command += ["-o", str(tmp_path / "out"), "--workers", "2"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, start_new_session=True, **pipes) as process:
        assert process.stderr.readline() == "Drawing Three\n"
        work = tmp_path / "cache" / "nnreel" / "work"
        while process.poll() is None and len(list(work.glob("*"))) < 2:  # both workers are at work
            time.sleep(0.05)
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        _, errors = process.communicate()
    assert process.returncode == code
    assert "Traceback" not in errors
    assert list((tmp_path / "out").iterdir()) == []
    assert [*tmp_path.glob("cache/nnreel/work/*"), *tmp_path.glob("cache/nnreel/segments/.*")] == []


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


def test_the_cache_keeps_its_limit(tmp_path, monkeypatch):
    store = SegmentStore(tmp_path)
    for index in range(4):
        part = tmp_path / "part.mp4"
        part.write_bytes(bytes(1000))
        store.add(f"key{index}", part, [{"name": "a", "caption": "", "frames": 1}], [])
        used = time.time() - 10_000 + index
        os.utime(tmp_path / f"key{index}.json", (used, used))
    assert store.shrink(2 * (store.size() // 4) + 10) == 2
    assert [store.find(f"key{i}") is not None for i in range(4)] == [False, False, True, True]


def test_two_clips_of_one_name_are_refused(sample, tmp_path, here):
    clips = [clip_of(sample("Three"), tmp_path)] * 2
    with pytest.raises(NNReelError, match="same name"):
        render(clips, Progress(quiet=True), here)
