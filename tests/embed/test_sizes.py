"""The digits clips are small enough for the web."""

from pathlib import Path

from studio.embed.making import Options
from studio.embed.pack import make_pack
from studio.embed.takes import Shot
from studio.progress import Progress
from studio.request import Request
from studio.runs import recordings_for


def test_the_busiest_digits_clip_at_720p30(tmp_path: Path) -> None:
    recordings = recordings_for(("digits",), ())
    shot = Shot(Request("ForwardPass", recordings=recordings))
    pack = make_pack(shot, tmp_path, Options(("mp4", "av1")), Progress(quiet=True))
    size = {each["role"]: each.get("bytes", 0) for each in pack.about["files"]}
    assert (pack.about["width"], pack.about["height"], pack.about["fps"]) == (1280, 720, 30)
    assert size["mp4"] <= 1_500_000 * pack.about["seconds"] / 30
    assert size["av1"] < size["mp4"]
