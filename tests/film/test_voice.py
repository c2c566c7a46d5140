"""Voices: how long each line takes, and what is said when a voice cannot be had."""

import os
import time

import numpy as np
import pytest

from nncore.errors import BadInput, MissingPiece
from studio.film import voice
from studio.film.audio import SAMPLE_RATE
from studio.film.timing import PAUSE, Said
from studio.film.voice import voice_for
from studio.film.words import Line

LINE = Line("Three", "first", "One neuron reads 784 pixels.", "film.toml:9")
#: A program's second of tone, to a file or to stdout.
TONE = """
out = sys.argv[-1] if sys.argv[-1].endswith(".wav") else "/dev/stdout"
frames = array.array("h", [int(9000 * math.sin(i / 9)) for i in range(16000)]).tobytes()
file = wave.open(open(out, "wb"), "wb")
file.setnchannels(1), file.setsampwidth(2), file.setframerate(16000), file.setnframes(16000)
file.writeframes(frames)
"""


def test_nobody_takes_a_look_and_the_time_to_read():
    spoken = voice_for("none").speak(LINE)
    assert spoken.samples is None
    assert spoken.seconds == pytest.approx(1.5 + len(LINE.text) / 14)
    full = voice_for("none").speak(Line("", "b", 84 * "x", "x"))
    assert len(LINE.text) / spoken.seconds < 84 / full.seconds < 12


def test_espeak_speaks_longer_for_more_words():
    speaker = voice_for("espeak")
    short, long = speaker.speak(LINE), speaker.speak(Line("", "b", LINE.text * 3, "x"))
    assert 1 < short.seconds < long.seconds / 2
    assert np.abs(short.samples).max() > 0.1
    assert np.array_equal(speaker.speak(LINE).samples, short.samples)


def test_a_recorded_line_without_the_silence_around_it(tones):
    spoken = voice_for(f"recorded {tones(Three__first=1.5)}").speak(LINE)
    assert spoken.seconds == pytest.approx(1.5, abs=0.02)
    assert np.abs(spoken.samples[:100]).max() < np.abs(spoken.samples).max()
    said = Said(LINE, spoken)
    assert 1.5 + PAUSE <= said.seconds < 1.5 + PAUSE + 0.1


def test_a_line_that_nobody_recorded(tones):
    place = tones(Three__frist=1.0)
    with pytest.raises(
        BadInput, match=r"film.toml:9: no recording .*Three.first.wav. Did you mean 'Three.frist.wav'"
    ):
        voice_for(f"recorded {place}").speak(LINE)


@pytest.mark.parametrize("content", [b"", b"RIFF nothing", os.urandom(3000)], ids=["empty", "cut", "noise"])
def test_a_recording_that_cannot_be_read(tones, content):
    place = tones(Three__first=1.0)
    (place / "Three.first.wav").write_bytes(content)
    with pytest.raises(BadInput, match=r"film.toml:9: .*Three.first.wav: not a sound") as raised:
        voice_for(f"recorded {place}").speak(LINE)
    assert len(str(raised.value).splitlines()) == 1


def test_a_recording_without_sound(tones):
    place = tones(Three__first=0.0)
    with pytest.raises(BadInput, match="no sound in it"):
        voice_for(f"recorded {place}").speak(LINE)


@pytest.mark.parametrize("words", ["'{text}' {wav}", "{wav}", ""])
def test_any_program_may_speak(talker, words):
    given = "given = sys.argv[1] if len(sys.argv) > 2 else sys.stdin.read()\nassert '784 pixels' in given\n"
    spoken = voice_for(talker(given + TONE, words)).speak(LINE)
    assert spoken.seconds == pytest.approx(1.0, abs=0.05)


def test_what_was_spoken_is_kept(talker, tmp_path):
    count = f"open({str(tmp_path / 'calls')!r}, 'a').write('x')\n"
    speaker = voice_for(talker(count + TONE))
    for text in ("One.", "Two.", "One."):
        speaker.speak(Line("", "b", text, "x"))
    assert (tmp_path / "calls").read_text() == "xx"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("sys.exit('no such speaker')", "failed with code 1: no such speaker"),
        ("pass", "ended without a WAV"),
        ("open(sys.argv[2], 'w').write('hello')", "not a sound that can be read"),
    ],
)
def test_a_program_that_fails(talker, body, says):
    with pytest.raises(MissingPiece, match=says) as raised:
        voice_for(talker(body)).speak(LINE)
    assert str(raised.value).startswith("film.toml:9: ")
    assert len(str(raised.value).splitlines()) == 1


def test_a_program_that_hangs_is_stopped_with_all_it_started(talker, tmp_path, monkeypatch):
    monkeypatch.setattr(voice, "TIME_LIMIT", 1.0)
    note = tmp_path / "child"
    body = f"""import subprocess
child = subprocess.Popen(['sleep', '60'])
open({str(note)!r}, 'w').write(str(child.pid))
time.sleep(60)
"""
    with pytest.raises(MissingPiece, match="longer than 1 s"):
        voice_for(talker(body)).speak(LINE)
    child = int(note.read_text())
    for _ in range(100):
        if not _runs(child):
            return
        time.sleep(0.02)
    pytest.fail("what the program had started still runs")


def _runs(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            return file.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("words", "kind", "says"),
    [
        ("espaek", BadInput, "Did you mean 'espeak'"),
        ("none please", BadInput, "takes nothing after it"),
        ("espeak de", BadInput, "takes nothing after it"),
        ("recorded", BadInput, "takes a folder of WAV files"),
        ("recorded nowhere", BadInput, "there is no folder 'nowhere'"),
        ("command", BadInput, "takes a program"),
        ("command 'x", BadInput, "No closing quotation"),
        ("command no-such-program {wav}", MissingPiece, "'no-such-program' is not on this machine"),
    ],
)
def test_voices_that_do_not_exist(words, kind, says):
    with pytest.raises(kind, match=says):
        voice_for(words)


def test_espeak_that_is_not_there(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingPiece, match="install the package espeak-ng"):
        voice_for("espeak")


def test_a_line_needs_time_to_be_read(tones):
    quick = voice_for(f"recorded {tones(Three__first=0.5)}").speak(LINE)
    long = "x" * 120
    assert Said(LINE, quick, (long,)).seconds >= len(long) / 20
    assert len(quick.samples) == round(quick.seconds * SAMPLE_RATE)
