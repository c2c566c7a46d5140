"""Cache keys: what changes a segment is in its key, and nothing else is."""

import subprocess
import sys
from pathlib import Path

import pytest
from drawn import draw

from studio.code import Code
from studio.keys import segment_keys
from studio.segments import SegmentStore

ROOT = Path(__file__).resolve().parents[2]


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
    "other",
    [
        {"beat_seconds": (("second", 9.0),)},
        {"lines": (("second", "Other words."),)},
        {"enters": ("second",)},
    ],
)
def test_words_and_length_of_a_beat_are_in_its_own_key_alone(sample, tmp_path, here, other):
    """And how it is entered. Because the frames of the beats after it come out the same."""
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
    assert loaded - set(Code().imports_of(sample("Three").ref.source)) == set()


def test_recordings_are_in_the_keys(sample):
    one, two = (segment_keys(sample("Measured"), {"tiny": digest}) for digest in ("a", "b"))
    assert not set(one) & set(two)
