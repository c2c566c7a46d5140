"""A clip agrees with its recording or the difference is named."""

import json

import pytest

from nncore.errors import BadInput, RecordingError
from nncore.recording import Recording
from studio.outputs import Clip, render
from studio.progress import Progress
from studio.request import clip_name
from studio.verify import verify
from tests.altered import altered_copy


@pytest.fixture
def clip(sample, recording, tmp_path, here):
    request = sample("Measured", recordings=(("tiny", str(recording.path)),))
    (path,) = render([Clip(tmp_path / clip_name(request), (request,))], Progress(quiet=True), here)
    return path


@pytest.fixture
def altered(recording, tmp_path):
    return altered_copy(recording.path, tmp_path / "altered", "param 1.W", recording.n_steps, (0, 0), 3.0)


def test_a_clip_agrees_with_the_recording_it_was_drawn_from(clip, recording):
    numbers = json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))["scenes"][0]["numbers"]
    kinds = [number["source"]["kind"] for number in numbers]
    assert set(kinds) == {"param", "eval", "spec"}
    assert kinds.count("spec") == 1, "what was set before the first beat is listed once"
    assert verify(clip) == []
    assert verify(clip, [recording.path]) == []


def test_another_recording_is_found_out(clip, altered):
    wrong = verify(clip, [altered])
    assert any("drawn from" in line for line in wrong)
    assert any("+3.0000" in line and "param 1.W[0,0]" in line for line in wrong)
    assert any("replay" in line for line in wrong)


def test_a_changed_weight_changes_the_picture(sample, recording, altered):
    from studio.stills import still

    one, two = (
        still(sample("Measured", recordings=(("tiny", str(path)),))) for path in (recording.path, altered)
    )
    assert (one != two).sum() > 50


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m["scenes"][0]["numbers"][0].update(value=0.5), "not 0.5"),
        (lambda m: m["scenes"][0]["numbers"][0].update(text="9.999"), "9.999"),
        (lambda m: m["scenes"][0]["numbers"][0].update(source={"kind": "param", "key": "7.W"}), "7.W"),
        (lambda m: m["clip"].update(frames=3), "the manifest says 3"),
        (lambda m: m["clip"].update(sha256="0"), "not those of the manifest"),
        (lambda m: m["scenes"][0]["beats"][-1].update(end=99.0), "99.000"),
    ],
)
def test_a_changed_manifest_is_found_out(clip, change, said):
    path = clip.with_suffix(".json")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert any(said in line for line in verify(clip))


def test_a_cut_off_clip_is_found_out(clip):
    clip.write_bytes(clip.read_bytes()[:1000])
    assert any("cannot be" in line for line in verify(clip))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 99}', '{"schema": 1}'])
def test_what_is_no_manifest_is_one_line(clip, text):
    clip.with_suffix(".json").write_text(text, encoding="utf-8")
    with pytest.raises(RecordingError, match="json"):
        verify(clip)


def test_a_manifest_is_not_its_clip(clip):
    with pytest.raises(BadInput, match=f"manifest: give its clip, such as {clip}"):
        verify(clip.with_suffix(".json"))


def test_without_its_recording_the_way_out_is_said(clip, recording, own_cache, tmp_path):
    for note in (own_cache / "known").iterdir():
        note.write_text(str(tmp_path / "nowhere"), encoding="utf-8")
    with pytest.raises(RecordingError, match="--recording"):
        verify(clip)
    assert verify(clip, [Recording.open(recording.path).path]) == []
