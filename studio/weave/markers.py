"""Where a Markdown post wants a clip: `<!-- nnreel: Scene:beat aspect=1:1 -->`, alone on its line.

A Markdown parser decides what is a comment and what is code, a list or front matter; the text itself is
cut by lines, so everything outside the markers stays byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt

from nncore.errors import BadInput

BEGIN = re.compile(r"[ ]{0,3}<!--\s*nnreel:\s*(?P<words>.*?)\s*-->\s*\Z", re.DOTALL)
END = re.compile(r"[ ]{0,3}<!--\s*/nnreel:\s*(?P<ref>\S+)\s*-->\s*\Z")
STARTS = re.compile(r"[ ]{0,3}<!--\s*/?nnreel:")
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
FRONT_MATTER = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*(?:\r\n|\r|\n)")


@dataclass(frozen=True)
class Marker:
    """One place for a clip.

    `first` is the marker's own first line (from 0), `body` the lines after it that an earlier run wrote, as a
    half-open range; an empty range where there are none.
    """

    ref: str
    options: Mapping[str, str] = field(default_factory=dict)
    first: int = 0
    body: tuple[int, int] = (0, 0)

    @property
    def scene(self) -> str:
        """The scene's name."""
        return self.ref.partition(":")[0]

    @property
    def beat(self) -> str | None:
        """The beat's name; None for the whole scene."""
        return self.ref.partition(":")[2] or None

    @property
    def line(self) -> int:
        """The marker's line number, from 1."""
        return self.first + 1


def lines_of(text: str) -> list[str]:
    """The text's lines with their ends, cut where Markdown cuts them and nowhere else."""
    return LINE.findall(text)


def find_markers(text: str, name: str = "post") -> list[Marker]:
    """The markers of a post in order; those in code, lists, quotes and front matter are not markers.

    Raises: BadInput naming file and line for a marker that can't be read.
    """
    lines = lines_of(text)
    begins, ends = [], []
    for start, stop in _comments(text):
        block = "".join(lines[start:stop]).rstrip("\r\n")
        if begin := BEGIN.match(block):
            begins.append((start, stop, begin["words"]))
        elif end := END.match(block):
            ends.append((start, stop, end["ref"]))
        elif STARTS.match(block):
            raise BadInput(f"{name}:{start + 1}: a marker stands alone on its line: <!-- nnreel: Scene -->")
    markers = []
    for i, (start, stop, words) in enumerate(begins):
        ref, options = _read(words, f"{name}:{start + 1}")
        limit = begins[i + 1][0] if i + 1 < len(begins) else len(lines)
        close = [at for at in ends if stop <= at[0] < limit and at[2] == ref]
        body = (stop, close[0][1]) if close else (stop, stop)
        markers.append(Marker(ref, options, start, body))
    return markers


def _comments(text: str) -> list[tuple[int, int]]:
    """Line ranges of the top-level HTML blocks behind the front matter."""
    skipped = front_matter_lines(text)
    tokens = MarkdownIt("commonmark").parse(text.removeprefix("\ufeff"))
    return [
        (token.map[0], token.map[1])
        for token in tokens
        if token.type == "html_block" and token.level == 0 and token.map and token.map[0] >= skipped
    ]


def front_matter_lines(text: str) -> int:
    """How many lines the YAML or TOML front matter takes, its fences included; 0 without one."""
    fence = FRONT_MATTER.match(text)
    if not fence:
        return 0
    for number, line in enumerate(lines_of(text)[1:], start=1):
        if line.rstrip() in ({"---": ("---", "..."), "+++": ("+++",)}[fence[1]]):
            return number + 1
    return 0


def _read(words: str, where: str) -> tuple[str, dict[str, str]]:
    ref, *rest = words.split() or [""]
    if not re.fullmatch(r"[A-Za-z_]\w*(:\w+)?", ref):
        raise BadInput(f"{where}: a marker names a scene, <!-- nnreel: Scene -->; this one says '{words}'.")
    options: dict[str, str] = {}
    for word in rest:
        name, equals, value = word.partition("=")
        if not (equals and name and value):
            raise BadInput(f"{where}: '{word}' is not NAME=VALUE.")
        if name in options:
            raise BadInput(f"{where}: '{name}' is given twice.")
        options[name] = value
    return ref, options


def woven(text: str, markers: Sequence[Marker], snippets: Sequence[str]) -> str:
    """The post with each marker followed by its snippet and an end comment.

    Weaving what was woven with the same snippets gives the same text.
    """
    lines = lines_of(text)
    parts, at = [], 0
    for marker, snippet in zip(markers, snippets, strict=True):
        start, stop = marker.body
        own = "".join(lines[at:start])
        newline = _newline(lines, start - 1)
        if not own.endswith(("\r", "\n")):
            own += newline
        last = lines[stop - 1] if stop > start else ""
        closed = stop == len(lines) and not (last or lines[start - 1]).endswith(("\r", "\n"))
        body = newline.join([*snippet.strip().splitlines(), "", f"<!-- /nnreel: {marker.ref} -->"])
        parts += [own, body, "" if closed else newline]
        at = stop
    return "".join([*parts, *lines[at:]])


def _newline(lines: Sequence[str], index: int) -> str:
    """The line end in use around a line."""
    for line in (*lines[index : index + 1], *lines):
        if found := re.search(r"(\r\n|\r|\n)\Z", line):
            return found[1]
    return "\n"
