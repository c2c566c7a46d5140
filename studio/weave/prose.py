"""What a post says in words: its sentences and sections, with the lines they stand on; code is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from studio.weave.markers import front_matter_lines

SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“(\[])")


@dataclass(frozen=True)
class Passage:
    """A run of prose. `line` is the line it starts on, from 1; line breaks in the text count on."""

    text: str
    line: int

    def line_at(self, offset: int) -> int:
        """The line of the character at `offset`."""
        return self.line + self.text.count("\n", 0, offset)


@dataclass(frozen=True)
class Section:
    """A heading and what follows it up to the next heading.

    `blocks` are the (first, last) lines, from 1, of its top-level blocks after the heading.
    """

    heading: str
    level: int
    line: int
    blocks: tuple[tuple[int, int], ...]
    passages: tuple[Passage, ...]


def passages(text: str) -> list[Passage]:
    """Every paragraph, list item, table cell and heading; code, comments and front matter are left out."""
    return [_passage(token) for token in _tokens(text) if token.type == "inline"]


def sections(text: str) -> list[Section]:
    """The post cut at its headings; what stands before the first heading is a section without one."""
    cuts: list[list[Token]] = [[]]
    for token in _tokens(text):
        if token.type == "heading_open" and token.level == 0:
            cuts.append([])
        cuts[-1].append(token)
    return [_section(tokens) for tokens in cuts if tokens]


def _section(tokens: list[Token]) -> Section:
    inline = [_passage(token) for token in tokens if token.type == "inline"]
    headed = tokens[0].type == "heading_open"
    level = int(tokens[0].tag[1]) if headed else 0
    blocks = [(t.map[0] + 1, t.map[1]) for t in tokens[headed:] if t.map and t.level == 0]
    heading = inline[0].text if headed else ""
    return Section(heading, level, _line(tokens[0]), tuple(blocks), tuple(inline[headed:]))


def _passage(token: Token) -> Passage:
    return Passage(_plain(token), _line(token))


def _line(token: Token) -> int:
    return (token.map or [0, 0])[0] + 1


def sentences(passage: Passage) -> Iterator[tuple[str, int]]:
    """(sentence, its offset in the passage)."""
    at = 0
    for gap in SENTENCE_END.finditer(passage.text):
        yield passage.text[at : gap.start()], at
        at = gap.end()
    yield passage.text[at:], at


def _tokens(text: str) -> list[Token]:
    """The tokens that have a place in the text, front matter aside."""
    skipped = front_matter_lines(text)
    tokens = MarkdownIt("commonmark").enable("table").parse(text.removeprefix("\ufeff"))
    return [token for token in tokens if token.map and token.map[0] >= skipped]


def _plain(token: Token) -> str:
    parts = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type == "image":
            parts.append(child.content)
    return re.sub(r"\\(?:times|cdot)\b", "×", "".join(parts))
