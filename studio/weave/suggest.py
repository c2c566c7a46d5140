"""Which clip a section of a draft asks for: a plain index of each scene's concept words, no model.

A scene's words are its `concept`, declared in its source. A section scores a scene by how often it says
those words, more in the heading, more for words few scenes share. The reason is the words themselves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scenes.registry import SceneInfo, scene_infos
from studio.weave.markers import find_markers, lines_of
from studio.weave.prose import Passage, Section, sections

IN_HEADING = 3.0
#: Mentions of one phrase count less and less: a section that says one word ten times is not ten times sure.
LEAST_SCORE = 1.5


@dataclass(frozen=True)
class Suggestion:
    """One clip for one section. `after` is the line, from 1, behind which its marker would stand."""

    heading: str
    line: int
    scene: str
    score: float
    words: tuple[tuple[str, int], ...]
    in_heading: bool
    after: int

    @property
    def reason(self) -> str:
        """Why, in the section's own words."""
        said = ", ".join(f"'{word}'" + (f" {n} times" if n > 1 else "") for word, n in self.words)
        return f"says {said}" + (", in the heading too" if self.in_heading else "")


def suggest(text: str, infos: Sequence[SceneInfo] | None = None) -> list[Suggestion]:
    """At most one clip for each section, each scene at most once, the surest first to choose; in text order.

    Scenes that the post already has a marker for are left out.
    """
    scenes = scene_infos() if infos is None else infos
    there = {marker.scene for marker in find_markers(text)}
    scenes = [info for info in scenes if info.name not in there]
    shared = Counter(word for info in scenes for word in {normal(word) for word in info.concept})
    found = [
        suggestion
        for section in sections(text)
        for info in scenes
        if (suggestion := _scored(section, info, shared)) is not None
    ]
    chosen: list[Suggestion] = []
    for suggestion in sorted(found, key=lambda s: (-s.score, s.line, s.scene)):
        if all(s.scene != suggestion.scene and s.line != suggestion.line for s in chosen):
            chosen.append(suggestion)
    return sorted(chosen, key=lambda s: s.line)


def apply(text: str, suggestions: Sequence[Suggestion]) -> str:
    """The post with a marker for each suggestion, each in a paragraph of its own."""
    lines = lines_of(text)
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    for suggestion in sorted(suggestions, key=lambda s: -s.after):
        at = suggestion.after
        if at and not lines[at - 1].endswith(("\r", "\n")):
            lines[at - 1] += newline
        marker = f"<!-- nnreel: {suggestion.scene} -->{newline}"
        tail = [newline] if at < len(lines) and lines[at].strip() else []
        lines[at:at] = [newline, marker, *tail]
    return "".join(lines)


def normal(text: str) -> str:
    """Lower case, hyphens as spaces, British and plural endings evened out."""
    text = re.sub(r"[-–—_]", " ", text.lower())
    text = re.sub(r"isation\b", "ization", text).replace("’", "'")
    return re.sub(r"\b(\w{3,}?[^s'])s\b", r"\1", text)


def _mentions(word: str, text: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", text))


def _scored(section: Section, info: SceneInfo, shared: Counter[str]) -> Suggestion | None:
    heading, body = normal(section.heading), normal("\n".join(p.text for p in section.passages))
    if not section.blocks:
        return None
    score, words, in_heading = 0.0, [], False
    for word, as_said in {normal(word): word for word in reversed(info.concept)}.items():
        above, below = _mentions(word, heading), _mentions(word, body)
        if above + below == 0:
            continue
        weight = (1 + 0.5 * word.count(" ")) / shared[word]
        score += weight * (IN_HEADING * min(above, 1) + below**0.5)
        words.append((as_said, above + below))
        in_heading = in_heading or above > 0
    if score < LEAST_SCORE:
        return None
    best = tuple(sorted(words, key=lambda each: (-each[1], each[0]))[:3])
    after = _place(section, [normal(word) for word, _ in words])
    return Suggestion(section.heading, section.line, info.name, round(score, 2), best, in_heading, after)


def _place(section: Section, words: Sequence[str]) -> int:
    """The end of the block that says the words most."""

    def said(passage: Passage) -> int:
        return sum(_mentions(word, normal(passage.text)) for word in words)

    line = max(section.passages, key=said).line if section.passages else section.blocks[0][0]
    inside = [last for first, last in section.blocks if first <= line <= last]
    return inside[0] if inside else section.blocks[-1][1]
