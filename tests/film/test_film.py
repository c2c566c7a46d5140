"""A whole film, small: everything in its place and time, nothing drawn twice, nothing half done."""

import json
import os
import shutil
import subprocess
import sys

import av
import numpy as np
import pyloudnorm
import pytest
import srt
import webvtt
from made_film import beats_in
from PIL import Image
from small_film import FILM, TINY

from nncore.errors import BadInput, MissingPiece
from studio.code import ROOT
from studio.film.audio import SAMPLE_RATE, read_sound
from studio.film.clip_sound import sounding_copies, with_sound
from studio.film.sound import data
from studio.film.sound.data import Sounding
from studio.manifest import read_manifest
from studio.media import decode_all, probe
from studio.outputs import Clip, render
from studio.progress import Progress
from studio.request import Request
from studio.verify import verify

SPOKEN = {
    "title": 1.2,
    "Three__first": 1.0,
    "Three__third": 2.7,
    "Measured__weight": 3.1,
    "Measured__again": 0.9,
}
BEATS = {("TitleCard", "title_card"): 1.2, ("Three", "first"): 1.0, ("Three", "third"): 2.7,
         ("Measured", "weight"): 3.1, ("Measured", "again"): 0.9}  # fmt: skip


def chapters_in(path) -> list[tuple[str, float, float]]:
    with av.open(str(path)) as container:
        return [
            (each["metadata"]["title"], *(float(each[end] * each["time_base"]) for end in ("start", "end")))
            for each in container.chapters()
        ]


def size_of(path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


@pytest.fixture
def sounding(monkeypatch):
    """The sample scenes' beats sound like their recording."""
    table = {
        "Measured.weight": Sounding(("neurons", "loss", "steps")),
        "Measured.again": Sounding(("neurons",)),
    }
    monkeypatch.setattr("studio.film.soundtrack.soundings", lambda: table)
    return data


def test_a_film_spoken_by_espeak(make, sounding, tiny):
    film, *others = make(voice="espeak").files
    found = probe(film)
    assert found.bt709
    assert found.faststart
    assert found.frames == decode_all(film) == read_manifest(film)["clip"]["frames"]
    with av.open(str(film)) as container:
        codecs = [
            stream.codec_context.name for stream in (*container.streams.video, *container.streams.audio)
        ]
        sound = container.streams.audio[0]
        ends = [found.frames / found.fps, float(sound.duration * sound.time_base)]
    assert codecs == ["h264", "aac"]
    assert abs(ends[0] - ends[1]) <= 0.040
    heard = read_sound(film)
    assert abs(heard.shape[1] / SAMPLE_RATE - ends[0]) <= 0.040
    assert pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(heard.T) == pytest.approx(-16, abs=0.5)
    assert verify(film, [tiny.path]) == []
    assert all(path.is_file() for path in others)


def test_every_line_starts_with_its_beat_and_ends_within_it(make, tones):
    film = make(voice=f"recorded {tones(**SPOKEN)}", sound="off").files[0]
    heard = np.abs(read_sound(film)).max(axis=0)
    loud = heard > 0.1 * heard.max()
    beats = beats_in(film)
    for key, seconds in BEATS.items():
        beat = beats[key]
        first, end = (round(beat[name] * SAMPLE_RATE) for name in ("start", "end"))
        here = np.flatnonzero(loud[first:end]) / SAMPLE_RATE
        assert here[0] <= 0.060
        assert here[-1] == pytest.approx(seconds, abs=0.1)
        assert beat["end"] - beat["start"] >= seconds
    silent = [beat for key, beat in beats.items() if key not in BEATS]
    assert silent
    for beat in silent:
        assert not loud[
            round((beat["start"] + 0.05) * SAMPLE_RATE) : round((beat["end"] - 0.05) * SAMPLE_RATE)
        ].any()


def test_chapters_captions_transcript_and_pictures(make, tmp_path):
    made = make(voice="espeak")
    film = made.files[0]
    assert film == tmp_path / "out" / "small" / f"small-{TINY}.mp4"
    chapters = chapters_in(film)
    assert [title for title, _, _ in chapters] == ["Three", "Measured"]
    (_, first, change), (_, second, end) = chapters
    assert first == 0
    assert change == pytest.approx(second, abs=0.002)
    assert end == pytest.approx(read_manifest(film)["clip"]["seconds"], abs=0.002)
    text = film.with_suffix(".chapters.txt").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "0:00 Three"
    beats = beats_in(film)
    captions = list(srt.parse(film.with_suffix(".srt").read_text(encoding="utf-8")))
    assert [each.start.total_seconds() for each in captions] == [
        round(beats[key]["start"], 3) for key in BEATS
    ]
    assert len(webvtt.read(str(film.with_suffix(".vtt"))).captions) == len(captions) == 5
    assert captions[-1].content.replace("\n", " ") == "The same once more, in the film's own words."
    transcript = film.with_suffix(".md").read_text(encoding="utf-8")
    assert transcript.startswith("# A small film\n")
    assert f"![Three, the last picture of the chapter](small-{TINY}-stills/01.jpg)" in transcript
    assert beats["Measured", "weight"]["caption"] in transcript
    for number in (1, 2):
        assert size_of(film.parent / f"small-{TINY}-stills" / f"{number:02}.jpg") == (160, 90)
    assert size_of(film.with_suffix(".thumbnail.png")) == (1280, 720)
    assert "2 chapters; YouTube shows them from 3 on." in made.notes


def test_nothing_is_made_twice(make, here):
    film = make().files[0]
    before = {path: path.stat().st_mtime_ns for path in film.parent.rglob("*")}
    here.drawn.clear()
    again = make()
    assert again.files[0] == film
    assert not again.anew
    assert here.drawn == []
    assert {path: path.stat().st_mtime_ns for path in film.parent.rglob("*")} == before
    film.write_bytes(film.read_bytes()[:-1])
    assert make().anew
    assert here.drawn == []
    assert probe(film).frames == decode_all(film)


def test_an_unchanged_film_needs_neither_what_draws_nor_what_sounds(make, tiny, tmp_path):
    film = make(voice="espeak").files[0]
    code = f"""
import sys
from pathlib import Path
from studio.film.film import make_film
from studio.film.options import Options
from studio.progress import Progress
tiny = Path({str(tiny.path)!r})
options = Options(Path({str(tmp_path / "out")!r}), {TINY!r}, voice="espeak", recordings=(tiny,))
made = make_film({str(tmp_path / "small.toml")!r}, options, Progress(quiet=True))
assert not made.anew
print(made.files[0], *({{"manim", "pydub", "sklearn"}} & set(sys.modules)))
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.stdout.split() == [str(film)], run.stderr


def test_a_changed_line_draws_only_its_own_beat(make, here):
    voice = {"voice": "espeak"}
    make(**voice)
    here.drawn.clear()
    make(FILM.replace("The same once more", "Once more exactly the same number for everybody"), **voice)
    assert here.drawn == [("Measured", 1, 1)]
    here.drawn.clear()
    make(FILM.replace('beats = ["first", "third"]', 'beats = ["third"]'), **voice)
    assert here.drawn == []


def test_a_line_that_is_too_long_for_its_beat_is_listed(make, tones):
    made = make(voice=f"recorded {tones(**SPOKEN)}")
    (note,) = [each for each in made.notes if "Three.third" in each]
    assert note.endswith("small.toml:10: Three.third holds 3.2 s until its line has ended.")


def test_sound_can_be_left_out(make):
    film = make(sound="off").files[0]
    with av.open(str(film)) as container:
        assert not container.streams.audio
    assert [title for title, _, _ in chapters_in(film)] == ["Three", "Measured"]


def test_the_same_recording_gives_the_same_film(make, sounding, tmp_path):
    one = make(voice="espeak").files[0].read_bytes()
    shutil.rmtree(tmp_path / "out")
    assert make(voice="espeak").files[0].read_bytes() == one


def test_a_second_language(make, tmp_path):
    other = tmp_path / "de.toml"
    long = "Derselbe Satz noch einmal, und zwar in einer anderen Sprache, in der er sehr viel länger ist."
    other.write_text(
        f'language = "de"\n[lines]\n"Three.first" = "Eins."\n"Measured.again" = "{long}"\n', "utf-8"
    )
    made = make(voice="espeak", translation=other)
    captions = webvtt.read(str(made.files[0].with_suffix(".de.vtt"))).captions
    assert captions[1].text == "Eins."
    assert " ".join(each.text.replace("\n", " ") for each in captions).endswith(long)
    missing = [note for note in made.notes if "in de." in note]
    assert [note.split("'")[1] for note in missing] == ["title", "Three.third", "Measured.weight"]
    beat = beats_in(made.files[0])["Measured", "again"]
    assert beat["end"] - beat["start"] >= len(long) / 20


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"voice": "recorded nowhere"}, BadInput),
        ({"voice": "command false"}, MissingPiece),
        ({"sound": "ful"}, BadInput),
        ({"loudness": 0.0}, BadInput),
        ({"preset": "nosuch"}, BadInput),
    ],
)
def test_what_fails_leaves_no_half_film(make, here, tmp_path, options, kind):
    with pytest.raises(kind):
        make(**options)
    assert here.drawn == []
    assert not (tmp_path / "out").exists()


def test_a_caption_that_cannot_be_drawn_in_is_refused(make, tmp_path):
    text = FILM.replace(
        "in the film's own words", "in words that take more than two lines of forty-two characters each"
    )
    with pytest.raises(BadInput, match=rf"{tmp_path}/small.toml:16: .* do not fit two lines"):
        make(text)
    assert make(text, burn=False).anew


def test_a_wrong_number_is_found(make, tiny):
    film = make().files[0]
    path = film.with_suffix(".json")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    entries = [number for scene in manifest["scenes"] for number in scene["numbers"]]
    entries[0]["text"] = "9.9999"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert len(verify(film, [tiny.path])) == 1


def test_a_clip_may_sound_like_its_recording(tiny, here, tmp_path, sounding):
    request = Request("samples.py:Measured", TINY, recordings=(("tiny", str(tiny.path)),))
    (clip,) = render([Clip(tmp_path / "Measured.mp4", (request,))], Progress(quiet=True), here)
    silent = clip.read_bytes()
    copy = with_sound(clip, "data")
    assert copy == tmp_path / "Measured-sound.mp4"
    assert clip.read_bytes() == silent
    assert verify(copy, [tiny.path]) == []
    heard = read_sound(copy)
    assert abs(heard.shape[1] / SAMPLE_RATE - probe(copy).seconds) <= 0.040
    assert pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(heard.T) == pytest.approx(-16, abs=0.6)


def test_a_clip_without_a_sound_says_so(tiny, here, tmp_path):
    request = Request("samples.py:Measured", TINY, recordings=(("tiny", str(tiny.path)),))
    clips = render([Clip(tmp_path / "Measured.mp4", (request,))], Progress(quiet=True), here)
    made, (note,) = sounding_copies(clips, "data")
    assert made == []
    assert "Measured.mp4 shows nothing that has a sound" in note
    (copy,), notes = sounding_copies(clips, "full")
    assert copy.is_file()
    assert notes == []


def test_a_voice_that_fails_is_asked_once_and_missing_recordings_are_all_named(make, tones):
    with pytest.raises(MissingPiece) as failed:
        make(voice="command false")
    assert len(str(failed.value).splitlines()) == 1
    with pytest.raises(BadInput) as missing:
        make(voice=f"recorded {tones(Three__first=1.0)}")
    lines = str(missing.value).splitlines()
    assert [line.split("small.toml:")[1].split(":")[0] for line in lines] == ["4", "10", "13", "16"]
