"""What is said in a clip, as cues with times: WebVTT and SRT files, a transcript, text to read instead.

Cues come from the beats in a clip's manifest, whose sentences already hold their recorded facts.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import srt
import webvtt

#: Characters of alternative text that a screen reader's user is made to listen to in one go.
ALT_LENGTH = 300


@dataclass(frozen=True)
class Cue:
    """One beat's sentence.

    Units: start and end in seconds from the clip's start.
    """

    beat: str
    start: float
    end: float
    text: str


def cues_of(manifest: Mapping[str, Any]) -> list[Cue]:
    """The cues of a clip, in order; beats that say nothing have none."""
    beats = [beat for scene in manifest["scenes"] for beat in scene["beats"]]
    return [
        Cue(beat["name"], beat["start"], beat["end"], " ".join(beat["caption"].split()))
        for beat in beats
        if beat["caption"].strip()
    ]


def caption_line(aspect: str) -> int:
    """Where the strip that scenes leave free for captions begins, in percent of the height from the top."""
    from scenes.kit.layout import Look

    look = Look(aspect, "dark")
    return round(100 * (look.frame.top - look.caption.top) / (look.frame.top - look.frame.bottom))


def to_webvtt(cues: Sequence[Cue], line: int | None = None) -> str:
    """A WebVTT file; beats are the cues' identifiers.

    Units: `line` in percent of the picture's height, where the text begins; None leaves it to the player.
    """
    file = webvtt.WebVTT()
    settings = None if line is None else f"line:{line}%"
    for cue in cues:
        # The format's own escapes; quotation marks need none in it.
        text = html.escape(cue.text, quote=False)
        caption = webvtt.Caption(_clock(cue.start), _clock(cue.end), text, cue.beat, settings)
        file.captions.append(caption)
    return file.content.rstrip("\n") + "\n"


def to_srt(cues: Sequence[Cue]) -> str:
    """A SubRip file."""
    return srt.compose(
        srt.Subtitle(number, _span(cue.start), _span(cue.end), cue.text) for number, cue in enumerate(cues, 1)
    )


def transcript(title: str, cues: Sequence[Cue]) -> str:
    """The clip as plain text: its title, then each sentence with the second it starts at."""
    lines = [f"[{int(cue.start) // 60}:{int(cue.start) % 60:02}] {cue.text}" for cue in cues]
    return "\n".join([title, "", *lines]) + "\n"


def alternative(title: str, cues: Sequence[Cue]) -> str:
    """Alternative text: what the clip is and, as far as there is room, what it says, in whole sentences."""
    text = f"Animation: {title}." if title else "Animation."
    for cue in cues:
        if len(text) + 1 + len(cue.text) > ALT_LENGTH:
            break
        text += f" {cue.text}"
    return text


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _span(seconds: float) -> timedelta:
    return timedelta(milliseconds=round(seconds * 1000))
