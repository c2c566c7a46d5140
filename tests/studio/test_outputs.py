"""Rendering end to end: a clip and its manifest, equal bytes however it was drawn, nothing drawn twice."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from drawn import clip_of, draw

from nncore.errors import NNReelError, OutputError
from studio.engine import LocalEngine
from studio.media import decode_all, probe
from studio.outputs import Clip, render
from studio.progress import Progress
from studio.segments import SegmentStore


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


def test_an_ordinary_scene_renders_and_leaves_no_cache(sample, tmp_path, here):
    path = draw(sample("Plain"), tmp_path, here)
    assert decode_all(path) == 21
    manifest = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert [beat["name"] for beat in manifest["scenes"][0]["beats"]] == ["scene", "second"]
    assert SegmentStore().count() == 0


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


def test_two_clips_of_one_name_are_refused(sample, tmp_path, here):
    clips = [clip_of(sample("Three"), tmp_path)] * 2
    with pytest.raises(NNReelError, match="same name"):
        render(clips, Progress(quiet=True), here)
