"""Joins of a film: nothing left over from what was cut, dissolves, held beats, captions drawn in."""

import av
import numpy as np
import pytest
from made_film import beats_in
from small_film import FILM

from studio.manifest import read_manifest


def frames_of(path, beat) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        found = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]
        fps = container.streams.video[0].average_rate
    return found[round(beat["start"] * fps) : round(beat["end"] * fps)]


PARTS = """
import numpy as np
from manim import FadeOut, Group, Square

from scenes.kit.beats import beat
from scenes.kit.layout import Region
from scenes.kit.pixel_image import PixelImage
from scenes.kit.recorded_scene import RecordedScene


class Parts(RecordedScene):
    title = "Parts"
    part = 0
    order = 0

    @beat("One.")
    def one(self) -> None:
        self.image = PixelImage(self.look, np.full((2, 2, 4), 0.8), Region(-3, -1, -2, 1))
        self.square = Square(fill_opacity=0.8).shift((3, 0, 0))
        self.add(self.image, self.square)
        self.wait(0.2)

    @beat("Two.")
    def two(self) -> None:
        self.play(FadeOut(Group(self.image, self.square)), run_time=0.6)
"""


def test_a_beat_without_the_one_before_starts_without_its_leftovers(make, studio_folder):
    """The second beat fades out as one group what the first one showed, which then was never there."""
    (studio_folder / "parts.py").write_text(PARTS, encoding="utf-8")
    stage = slice(30, 60)

    def seen_in(beats: str) -> list[bool]:
        text = f'title = "Parts"\n[[scene]]\nname = "parts.py:Parts"\nbeats = {beats}\n'
        film = make(text, burn=False).files[0]
        pictures = frames_of(film, beats_in(film)["Parts", "two"])
        return [
            bool(np.ptp(picture[stage], axis=(0, 1)).max() > 20) for picture in (pictures[0], pictures[-1])
        ]

    assert seen_in('["one", "two"]') == [True, False]
    assert seen_in('["two"]') == [False, False]


def test_the_old_picture_is_gone_before_the_new_one_comes(make):
    film = make().files[0]
    dissolves = [scene["beats"][0] for scene in read_manifest(film)["scenes"] if scene["scene"] == "Dissolve"]
    assert len(dissolves) == 4
    for beat in dissolves:
        pictures = frames_of(film, beat)
        seen = [np.ptp(picture, axis=(0, 1)).max() for picture in pictures]
        middle = int(np.argmin(seen))
        assert max(seen[0], seen[-1]) > 1.5 * seen[middle]
        assert (np.diff(seen[: middle + 1]) <= 0).all()
        assert (np.diff(seen[middle:]) >= 0).all()


def test_a_beat_may_be_held(make):
    film = make(FILM.replace('transition = "card"', "seconds.again = 9.5")).files[0]
    beat = beats_in(film)["Measured", "again"]
    assert beat["end"] - beat["start"] == pytest.approx(9.5, abs=0.1)


@pytest.mark.parametrize(("aspect", "burned"), [("9:16", True), ("16:9", False)])
def test_what_is_watched_muted_has_its_captions_drawn_in(make, aspect, burned):
    scenes = read_manifest(make(voice="espeak", aspect=aspect).files[0])["scenes"]
    assert {each["captions"] for each in scenes if each["scene"] == "Three"} == {burned}


def test_what_nobody_says_is_drawn_in(make):
    scene = read_manifest(make().files[0])["scenes"]
    plain = make(burn=False).files[0]
    assert beats_in(plain)["Three", "first"]["caption"] == "One."
    assert {each["scene"]: each["captions"] for each in scene} == {
        "TitleCard": True, "Three": True, "Dissolve": True, "ChapterCard": False, "Measured": True,
        "CreditsCard": False,
    }  # fmt: skip
    assert [each["captions"] for each in read_manifest(plain)["scenes"] if each["scene"] == "Three"] == [
        False
    ]
