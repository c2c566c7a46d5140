"""Upload files have the shape, length and captions that each platform wants."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Here

from nncore.errors import BadInput
from studio.captions import Cue
from studio.embed import platforms
from studio.embed.platforms import PLATFORMS, check_platforms, make_uploads, post_text, shot_for
from studio.embed.takes import Shot
from studio.manifest import read_manifest
from studio.media import probe
from studio.progress import Progress

QUIET = Progress(quiet=True)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platforms with small pictures."""
    for name, each in PLATFORMS.items():
        monkeypatch.setitem(PLATFORMS, name, replace(each, preset="180p10"))


def test_each_gets_what_it_takes(shot: Callable[..., Shot], here: Here, tmp_path: Path) -> None:
    made = make_uploads(shot(), check_platforms(list(PLATFORMS)), tmp_path, QUIET, engine=here)
    names = {folder.name: sorted(path.name for path in folder.iterdir()) for folder in made}
    stem = "Signs"
    clip = [f"{stem}.json", f"{stem}.mp4", f"{stem}.png"]
    assert names["linkedin"] == names["x"] == [*clip, "post.txt"]
    assert names["youtube"] == [*clip, f"{stem}.srt", "post.txt"]
    assert names["medium"] == [f"{stem}.gif", f"{stem}.png", "post.txt"]
    square = tmp_path / "Signs-180p10" / "linkedin" / f"{stem}.mp4"
    assert (probe(square).width, probe(square).height) == (180, 180)
    assert read_manifest(square)["scenes"][0]["captions"] is True
    assert (
        read_manifest(tmp_path / "Signs-180p10" / "youtube" / f"{stem}.mp4")["scenes"][0]["captions"] is False
    )
    text = (tmp_path / "Signs-180p10" / "youtube" / "post.txt").read_text()
    assert "\n0:00 Blue\n0:01 Orange\n" in text
    assert "Alternative text:\nAnimation: Blue & orange. Blue adds." in text


def test_a_short_beat_is_held_until_it_is_long_enough(
    shot: Callable[..., Shot], here: Here, tmp_path: Path
) -> None:
    (folder,) = make_uploads(shot(beat="blue"), [PLATFORMS["linkedin"]], tmp_path, QUIET, engine=here)
    assert probe(folder / "Signs-blue.mp4").seconds >= 3


def test_too_long(
    shot: Callable[..., Shot], here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = replace(PLATFORMS["x"], longest=2)
    with pytest.raises(BadInput, match="X takes at most 2 s; name a single beat"):
        make_uploads(shot(), [short], tmp_path, QUIET, engine=here)


def test_shapes(shot: Callable[..., Shot]) -> None:
    assert shot_for(shot(), PLATFORMS["linkedin"], None).request.aspect == "1:1"
    assert shot_for(shot(), PLATFORMS["linkedin"], "4:5").request.aspect == "4:5"
    with pytest.raises(BadInput, match="LinkedIn shows 1:1 or 4:5, not 16:9"):
        shot_for(shot(), PLATFORMS["linkedin"], "16:9")
    with pytest.raises(BadInput, match="Did you mean 'linkedin'"):
        check_platforms(["linkdin"])


def test_what_was_lowered_is_in_the_text(shot: Callable[..., Shot]) -> None:
    text = post_text(
        platforms.PLATFORMS["medium"], shot(), [Cue("blue", 0, 1, "Blue adds.")], ["size 1 instead of 2"]
    )
    assert text.endswith("To fit, lowered: size 1 instead of 2.\n")
