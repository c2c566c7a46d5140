"""GIF and WebP: they fit, they last as long as the clip, and what was lowered is said."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from studio.embed.moving import GIF, KINDS, WEBP, Kind, Master, OverBudget, Setting, fit, lowered
from studio.embed.takes import Shot, draw
from studio.progress import Progress


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory, shot: Callable[..., Shot]) -> Master:
    from conftest import Here

    (take,) = draw([shot(preset="480p12").lossless()], Progress(quiet=True), Here())
    return take.join(tmp_path_factory.mktemp("master") / "master.mp4")


def seconds(path: Path) -> float:
    with Image.open(path) as image:
        total = 0
        for number in range(image.n_frames):
            image.seek(number)
            image.load()
            total += image.info["duration"]
        assert image.info["loop"] == 0
    return total / 1000


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_finest_is_taken_where_it_fits(kind: Kind, master: Master, tmp_path: Path) -> None:
    target = tmp_path / f"a{kind.suffix}"
    made = fit(master, target, kind, 10_000_000)
    assert (made.width, made.height, made.lowered) == (854, 480, ())
    assert made.bytes == target.stat().st_size
    assert seconds(target) == pytest.approx(master.ends[-1] / master.fps, abs=0.05)
    with Image.open(target) as image:
        assert image.size == (854, 480)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_was_lowered_is_said(kind: Kind, master: Master, tmp_path: Path) -> None:
    target = tmp_path / f"a{kind.suffix}"
    limit = fit(master, target, kind, 10_000_000).bytes * 2 // 3
    made = fit(master, target, kind, limit)
    assert target.stat().st_size == made.bytes <= limit
    assert made.lowered[0] == f"size {made.width}×{made.height} instead of 854×480"


def test_beats_are_left_out_last_and_whole(master: Master, tmp_path: Path) -> None:
    setting = Setting(270, 3, 64, beats=1)
    from studio.embed.moving import write_gif

    target = tmp_path / "a.gif"
    write_gif(master, target, setting)
    assert seconds(target) == pytest.approx(master.ends[0] / master.fps, abs=0.05)
    said = list(lowered(master, GIF, setting))
    assert said[:3] == [
        "size 480×270 instead of 854×480",
        "4 frames a second instead of 12",
        "64 colours instead of 256",
    ]
    assert said[3].startswith(f"the first 1 of {len(master.ends)} beats (")


def test_a_budget_that_cannot_be_met(master: Master, tmp_path: Path) -> None:
    with pytest.raises(OverBudget, match=r"no WEBP of 200 bytes: .*still has [\d,]+") as told:
        fit(master, tmp_path / "a.webp", WEBP, 200)
    assert told.value.exit_code == 2


def test_the_ladder_lowers_one_thing_at_a_time() -> None:
    for kind in KINDS.values():
        for one, other in zip(kind.ladder, kind.ladder[1:], strict=False):
            before = json.dumps([one.short_side, -one.every, one.detail])
            changed = [
                name
                for name in ("short_side", "every", "detail")
                if getattr(one, name) != getattr(other, name)
            ]
            assert len(changed) == 1, before
