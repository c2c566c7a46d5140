"""Cues come back from the files they were written to, whatever was said."""

import datetime

import srt
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from studio.captions import Cue, alternative, caption_line, to_srt, to_webvtt, transcript
from studio.presets import ASPECTS

WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=12)
SENTENCES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)


@st.composite
def cue_lists(draw) -> list[Cue]:
    cues, at = [], 0
    for number in range(draw(st.integers(1, 5))):
        end = at + draw(st.integers(1, 400_000))
        cues.append(Cue(f"beat_{number}", at / 1000, end / 1000, draw(SENTENCES)))
        at = end
    return cues


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@given(cue_lists())
def test_webvtt_comes_back(cues: list[Cue]) -> None:
    file = to_webvtt(cues)
    assert file.startswith("WEBVTT\n")
    found = webvtt.from_string(file)
    assert [unescaped(each.raw_text) for each in found] == [cue.text for cue in cues]
    assert [each.identifier for each in found] == [cue.beat for cue in cues]
    assert [each.start_in_seconds for each in found] == [int(cue.start) for cue in cues]
    assert all("<" not in each.raw_text and "-->" not in each.raw_text for each in found)


@given(cue_lists())
def test_srt_comes_back(cues: list[Cue]) -> None:
    found = list(srt.parse(to_srt(cues)))
    assert [each.content for each in found] == [cue.text for cue in cues]
    ends = [datetime.timedelta(milliseconds=round(cue.end * 1000)) for cue in cues]
    assert [each.end for each in found] == ends


def test_captions_stand_in_the_strip_that_scenes_leave_free() -> None:
    assert {aspect: caption_line(aspect) for aspect in ASPECTS} == {
        "16:9": 88,
        "1:1": 88,
        "4:5": 90,
        "9:16": 81,
    }
    text = to_webvtt([Cue("one", 0, 1, "First.")], caption_line("9:16"))
    assert "00:00:00.000 --> 00:00:01.000 line:81%\n" in text


def test_transcript_and_alternative_text() -> None:
    cues = [Cue("one", 0, 65.2, "First."), Cue("two", 65.2, 70, "Second."), Cue("three", 70, 75, "x" * 300)]
    assert transcript("T", cues) == f"T\n\n[0:00] First.\n[1:05] Second.\n[1:10] {'x' * 300}\n"
    assert alternative("T", cues) == "Animation: T. First. Second."
