"""A pack's files: what they are, what embed.json says of them, and when they are made again."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import Here
from PIL import Image

from nncore.errors import BadInput
from studio.embed.formats import check_formats
from studio.embed.making import Options
from studio.embed.moving import OverBudget
from studio.embed.pack import Pack, make_pack
from studio.embed.poster import fullest
from studio.embed.takes import Shot, draw
from studio.manifest import digest_of, read_manifest
from studio.media import decode_all, probe
from studio.progress import Progress

QUIET = Progress(quiet=True)


def files(pack: Pack) -> dict[str, dict]:
    return {each["role"]: each for each in pack.about["files"]}


def test_every_file_is_what_it_says(pack: Pack) -> None:
    found = files(pack)
    assert set(found) == {
        *("gif", "webp", "mp4", "av1", "vp9", "alpha"),
        *("poster-png", "poster-webp", "poster-alpha", "vtt", "srt", "txt"),
    }
    assert json.loads((pack.folder / "embed.json").read_text()) == pack.about
    for role, each in found.items():
        path = pack.folder / each["file"]
        assert path.stat().st_size > 0
        if "sha256" in each:
            assert (each["bytes"], each["sha256"]) == (path.stat().st_size, digest_of(path)), role
    codecs = {role: av.open(str(pack.folder / found[role]["file"])).streams.video[0].codec_context.name
              for role in ("mp4", "av1", "vp9", "alpha")}  # fmt: skip
    assert codecs == {"mp4": "h264", "av1": "libdav1d", "vp9": "vp9", "alpha": "vp9"}
    assert re.fullmatch(r'video/mp4; codecs="avc1\.[0-9a-f]{6}"', found["mp4"]["type"])
    assert re.fullmatch(r'video/mp4; codecs="av01\.0\.\d\dM\.08"', found["av1"]["type"])


def test_the_clips_are_whole_and_ready_for_the_web(pack: Pack) -> None:
    manifest = read_manifest(pack.folder / "Signs-180p10.mp4")
    for role in ("mp4", "av1", "vp9"):
        path = pack.folder / files(pack)[role]["file"]
        assert decode_all(path) == manifest["clip"]["frames"]
    found = probe(pack.folder / "Signs-180p10.mp4")
    assert (found.width, found.height, found.bt709, found.faststart) == (320, 180, True, True)
    assert manifest["scenes"][0]["captions"] is False
    assert [beat["name"] for beat in manifest["scenes"][0]["beats"]] == ["blue", "orange", "emptied"]


def test_the_master_loses_nothing(shot: Callable[..., Shot], here: Here, tmp_path: Path) -> None:
    from studio.embed.video import H264, encode_at
    from studio.media import to_yuv
    from studio.stills import still

    (take,) = draw([shot().lossless()], QUIET, here)
    master = take.join(tmp_path / "m.mp4")
    with av.open(str(master.path)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(video=0)]
    picture = still(shot().request, beat="orange")
    opaque = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    wanted = to_yuv(np.ascontiguousarray(opaque)).to_ndarray()
    assert np.array_equal(frames[master.ends[1] - 1], wanted)
    encode_at(master.path, tmp_path / "a.mp4", H264, 30)
    encode_at(master.path, tmp_path / "b.mp4", H264, 30)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_the_poster_is_the_fullest_end_of_a_beat(pack: Pack) -> None:
    with Image.open(pack.folder / "Signs-180p10.poster.png") as image:
        colors = image.convert("RGB").getpixel((92, 90)), image.convert("RGB").getpixel((228, 90))
    assert colors == ((0x56, 0xB4, 0xE9), (0xF5, 0x94, 0x3B))


def test_close_calls_go_to_the_later_picture() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    flat = np.zeros_like(noise)
    assert fullest([noise, flat]) == 0
    assert fullest([flat, noise, noise]) == 2


def test_transparent_files_have_holes_and_straight_colours(pack: Pack) -> None:
    with Image.open(pack.folder / "Signs-180p10.poster-alpha.webp") as image:
        pixels = np.asarray(image.convert("RGBA"))
    assert pixels[5, 315, 3] == 0
    assert pixels[90, 92, 3] == 255
    assert np.abs(pixels[90, 92, :3].astype(int) - (0x56, 0xB4, 0xE9)).max() <= 6


def test_a_scene_without_holes_refuses_to_be_transparent(
    shot: Callable[..., Shot], tmp_path: Path, here: Here
) -> None:
    with pytest.raises(BadInput, match="Full paints its whole picture"):
        make_pack(shot("Full"), tmp_path, Options(("mp4",), transparent=True), QUIET, here)
    assert not list(tmp_path.rglob("*.mp4"))


def test_made_again_nothing_is_drawn_or_changed(
    shot: Callable[..., Shot], tmp_path: Path, here: Here
) -> None:
    options = Options(("mp4", "gif"))
    first = make_pack(shot(), tmp_path, options, QUIET, here)
    here.jobs.clear()
    before = {
        path: path.stat().st_mtime_ns
        for path in first.folder.glob("Signs*")
        if path.suffix in (".mp4", ".gif")
    }
    again = make_pack(shot(), tmp_path, options, QUIET, here)
    assert here.jobs == []
    assert again.about == first.about
    assert {path: path.stat().st_mtime_ns for path in before} == before
    # A file that was changed by someone else is made anew, the others stay.
    (first.folder / "Signs-180p10.gif").write_bytes(b"GIF89a")
    repaired = make_pack(shot(), tmp_path, options, QUIET, here)
    assert repaired.about == first.about
    assert (first.folder / "Signs-180p10.mp4").stat().st_mtime_ns == before[first.folder / "Signs-180p10.mp4"]


def test_one_beat_alone(shot: Callable[..., Shot], tmp_path: Path, here: Here) -> None:
    pack = make_pack(shot(beat="orange", theme="light"), tmp_path, Options(("mp4",)), QUIET, here)
    assert pack.folder.name == "Signs-light-180p10-orange"
    assert [cue["beat"] for cue in pack.about["cues"]] == ["orange"]
    assert pack.about["cues"][0]["start"] == 0
    assert pack.about["caption"] == '"Orange" takes <away> & {{ more }}.'
    assert sum(len(job.keys) for job in here.jobs) == 1
    with pytest.raises(BadInput, match="Did you mean 'orange'"):
        make_pack(shot(beat="orang"), tmp_path, Options(("mp4",)), QUIET, here)


def test_over_budget_leaves_the_old_pack(shot: Callable[..., Shot], tmp_path: Path, here: Here) -> None:
    options = Options(("mp4", "webp"))
    pack = make_pack(shot(), tmp_path, options, QUIET, here)
    before = {path: path.read_bytes() for path in pack.folder.rglob("*") if path.is_file()}
    with pytest.raises(OverBudget):
        make_pack(shot(), tmp_path, replace(options, max_bytes=300), QUIET, here)
    assert {path: path.read_bytes() for path in pack.folder.rglob("*") if path.is_file()} == before


def test_unknown_formats() -> None:
    assert check_formats(["gif"]) == ("mp4", "gif")
    with pytest.raises(BadInput, match=r"no format 'gff'\. Did you mean 'gif'"):
        check_formats(["gff"])
