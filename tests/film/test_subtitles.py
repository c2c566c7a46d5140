"""Captions obey their limits whatever is said, and other programs can read them."""

import re
from itertools import pairwise

import srt
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from studio.captions import to_srt, to_webvtt
from studio.film.subtitles import cues_for, paged
from studio.film.timing import Moment, Said, in_sequence
from studio.film.voice import Nobody, Spoken
from studio.film.words import Line

words = st.lists(st.text("abcdefghijkl,.'éß", min_size=1, max_size=14), min_size=1, max_size=60).map(" ".join)


@given(st.lists(words, min_size=1, max_size=6), st.booleans())
def test_captions_obey_their_limits(texts, read):
    moments = []
    for text in texts:
        line = Line("S", "beat", text, "film.toml:1")
        said = Said(line, Nobody().speak(line) if read else Spoken(0.5))
        moments.append(Moment("S", "beat", 0, round(said.seconds * 15), 5, said))
    timeline = in_sequence(moments, 15)
    cues = cues_for(timeline, dict(enumerate(texts)))
    for cue in cues:
        lines = cue.text.split("\n")
        assert len(lines) <= 2
        assert all(len(line) <= 42 for line in lines)
        assert len(cue.text) / (cue.end - cue.start) <= 20
    for one, other in pairwise(cues):
        assert one.end <= other.start
    assert " ".join(cue.text.replace("\n", " ") for cue in cues).split() == " ".join(texts).split()


@given(words)
def test_pages_lose_nothing(text):
    assert " ".join(paged(text)).split() == text.split()


def test_other_programs_read_them(tmp_path):
    texts = {
        0: 'Less < more & "quotes"',
        1: "A sentence that is longer than two lines of forty-two characters " * 2,
    }
    moments = [Moment("S", f"beat{i}", 0, 150, 5) for i in texts]
    cues = cues_for(in_sequence(moments, 15), texts)
    read = list(srt.parse(to_srt(cues)))
    assert [each.content for each in read] == [cue.text for cue in cues]
    path = tmp_path / "film.vtt"
    path.write_text(to_webvtt(cues), encoding="utf-8")
    captions = webvtt.read(str(path)).captions
    assert [round(each.start_in_seconds, 3) for each in captions] == [cue.start for cue in cues]
    assert len(captions) == len(cues) == 3
    assert not re.search(r"\d,\d{3} -->", path.read_text(encoding="utf-8"))
