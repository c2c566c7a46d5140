"""Chunks: several workers on one beat, a killed run that goes on, damage, segments that travel in pieces."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.chunks import Chunks
from studio.commands import chosen, requests_for
from studio.engine import LocalEngine
from studio.media import decode_all
from studio.outputs import Clip, render
from studio.plan import plan_jobs, plan_scene
from studio.presets import ASPECTS, preset
from studio.progress import Progress
from studio.request import clip_name
from studio.segments import SegmentStore
from studio.worker import draw as draw_job

QUALITY = preset("90p10")


def picture(number: int) -> np.ndarray:
    pixels = np.full((90, 160, 4), 255, np.uint8)
    pixels[:, number % 150 :][:, :8, :3] = 40
    return pixels


def fill(
    store: SegmentStore, key: str, frames: int, part: int = 0, parts: int = 1, repeat: int = 1
) -> Chunks:
    store.prepare()
    chunks = Chunks(store, key, QUALITY, (160, 90), lambda: True, part, parts)
    for first in range(0, frames, repeat):
        for at in chunks.wanted(first, min(repeat, frames - first)):
            chunks.put(at, picture(first), 1)
    chunks.end(frames, [{"name": "a", "caption": "", "frames": frames}], [])
    return chunks


@pytest.mark.parametrize("frames", [1, 20, 21, 40, 47])
def test_any_number_of_parts_gives_the_same_bytes(tmp_path, frames):
    whole = SegmentStore(tmp_path / "whole")
    fill(whole, "k", frames)
    for parts in (2, 3):
        store = SegmentStore(tmp_path / str(parts))
        for part in range(parts):
            fill(store, "k", frames, part, parts)
        info = store.find("k")
        assert info is not None
        assert store.video("k").read_bytes() == whole.video("k").read_bytes()
        assert info.frames == frames == decode_all(store.video("k"))
        assert sorted(path.name for path in store.folder.iterdir()) == ["k.json", "k.mp4"]


def test_a_hold_over_the_end_of_a_chunk_is_split_there(tmp_path):
    store = SegmentStore(tmp_path)
    chunks = Chunks(store, "k", QUALITY, (160, 90), lambda: True)
    chunks.put(0, picture(0), 50)
    chunks.end(50, [{"name": "a", "caption": "", "frames": 50}], [])
    assert decode_all(store.video("k")) == 50


def test_what_was_drawn_before_a_kill_is_not_drawn_again(tmp_path):
    calm, store = SegmentStore(tmp_path / "calm"), SegmentStore(tmp_path / "killed")
    fill(calm, "k", 50)
    store.prepare()
    cut = Chunks(store, "k", QUALITY, (160, 90), lambda: True)
    for number in range(45):
        cut.put(number, picture(number), 1)
    cut.abandon()  # the last chunk and the one being closed are lost
    again = Chunks(store, "k", QUALITY, (160, 90), lambda: True)
    assert list(again.wanted(0, 50)) == list(range(20, 50))
    assert store.find("k") is None
    fill(store, "k", 50)
    assert store.video("k").read_bytes() == calm.video("k").read_bytes()


def test_chunks_that_a_kill_left_beside_their_segment_are_swept(tmp_path, monkeypatch):
    store = SegmentStore(tmp_path)
    fill(store, "waiting", 50, 0, 2)
    with monkeypatch.context() as killed:  # before they are removed
        killed.setattr(SegmentStore, "_drop_chunks", lambda self, key: None)
        fill(store, "joined", 50)
    assert store.video("joined~2").is_file()
    store.prepare()
    there = sorted(path.name for path in tmp_path.iterdir() if "~" in path.name)
    assert there == ["waiting~0.json", "waiting~0.mp4", "waiting~2.json", "waiting~2.mp4", "waiting~end.json"]
    assert store.find("joined") is not None


def test_a_damaged_chunk_is_drawn_again(tmp_path):
    store = SegmentStore(tmp_path)
    fill(store, "k", 50, 0, 2)
    first = store.video("k~0")
    first.write_bytes(first.read_bytes()[:-1])
    fill(store, "k", 50, 1, 2)
    assert store.find("k") is None
    fill(store, "k", 50, 0, 2)
    assert store.find("k") is not None


def test_an_ordinary_scene_is_shared_by_two_workers(sample, tmp_path, here):
    request, store = sample("Plain"), SegmentStore()
    jobs = plan_jobs([plan_scene(request)], store, 2)
    assert [(job.part, job.parts) for job in jobs] == [(0, 2), (1, 2)]
    paths = [
        render([Clip(tmp_path / name / clip_name(request), (request,))], Progress(quiet=True), engine)[0]
        for name, engine in (("one", here), ("two", LocalEngine(2)))
    ]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert list(store.folder.iterdir()) == []


def test_one_long_beat_is_shared_and_short_ones_are_not(sample, tmp_path):
    request, store = sample("Three"), SegmentStore(tmp_path)
    plan = plan_scene(request)
    assert all(job.parts == 1 for job in plan_jobs([plan] * 3, store, 2))
    for job in plan_jobs([plan], store, 1):
        draw_job(job, lambda frames, key: None)
    store.remove(plan.keys[1])
    whole = store.video(plan.keys[2]).read_bytes()
    jobs = plan_jobs([plan], store, 2)
    assert {job.first for job in jobs} == {1}
    for job in plan_jobs([replace(plan, keys=plan.keys)], store, 2):
        draw_job(job, lambda frames, key: None)
    assert all(plan.found(store))
    assert store.video(plan.keys[2]).read_bytes() == whole


def test_all_scenes_shapes_and_themes_are_one_list():
    assert chosen("all", ASPECTS) == tuple(ASPECTS)
    assert chosen("1:1, 9:16,1:1", ASPECTS) == ("1:1", "9:16")
    requests = requests_for((), True, aspect="16:9,1:1", theme="all", preset="preview")
    looks = {(each.scene, each.aspect, each.theme) for each in requests}
    assert len(looks) == len(requests) == 4 * len({each.scene for each in requests})


def test_nothing_changed_draws_nothing_and_opens_each_recording_once(sample, recording, tmp_path, here):
    requests = [
        sample("Measured", recordings=(("tiny", str(recording.path)),), aspect=aspect)
        for aspect in ("16:9", "1:1")
    ]
    clips = [Clip(tmp_path / clip_name(each), (each,)) for each in requests]
    paths = render(clips, Progress(quiet=True), here)
    made = [json.loads(Path(path).with_suffix(".json").read_text())["clip"]["sha256"] for path in paths]
    here.drawn.clear()
    assert render(clips, Progress(quiet=True), here) == paths
    assert here.drawn == []
    assert [json.loads(path.with_suffix(".json").read_text())["clip"]["sha256"] for path in paths] == made
