"""Words that are spoken and read: what may stand in them, their recorded facts, how symbols are said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any

from nncore.errors import BadInput, NNReelError

if TYPE_CHECKING:
    from nncore.recording import Recording

_MARKUP = re.compile(
    r"</?[A-Za-z][^<>]*>|&(?:[a-z]+|#\d+);|\*\*|__|`|\[[^\]]*\]\([^)]*\)|^\s*#+ |\{\\|\\[nN]", re.MULTILINE
)
#: Where nobody speaks, a line stays for a look at the picture and then for its characters, in seconds.
_LOOK, _READ = 1.5, 1 / 14
#: How a voice says what a reader sees.
_SAID = (
    (r"−(?=\s*\d)", "minus "),
    ("−", " minus "),
    ("×", " times "),
    ("≈", " about "),
    ("→", " to "),
    ("½", "one half"),
    ("W₁", "W one"),
    ("W₂", "W two"),
    ("₁", " one"),
    ("₂", " two"),
    ("’", "'"),
    (r"(?<=\d),(?=\d{3})", ""),
)


@dataclass(frozen=True)
class Line:
    """What is said over one beat, facts filled in.

    `numbers` are entries for the manifest: every number in the words with its source.
    """

    scene: str
    beat: str
    text: str
    place: str
    numbers: tuple[dict[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """The line's name: the stem of its recorded WAV, its key in a translation."""
        return f"{self.scene}.{self.beat}" if self.scene else self.beat


def problem_with(words: Any) -> str:
    """What is wrong with a line's words; empty if nothing is."""
    if not isinstance(words, str):
        return f"a line is words in quotation marks, not {words!r}."
    if not words.strip():
        return "the line is empty; leave it out to keep the scene's own words."
    found = _MARKUP.search(words)
    if found:
        return f"'{found[0]}' is markup; a line is plain text, read and spoken as it is."
    try:
        list(Formatter().parse(words))
    except ValueError as error:
        return f"braces hold recorded facts, such as {{accuracy_test[last]:.1%}}: {error}."
    return ""


def filled(template: str, recording: Recording | None, beat: str) -> tuple[str, tuple[dict[str, Any], ...]]:
    """(the words with their recorded facts, an entry for each number among them).

    Raises: BadInput for a fact that does not exist.
    """
    from nncore.captions import caption_facts

    parts, numbers = [], []
    for literal, name, form, conversion in Formatter().parse(template):
        parts.append(literal)
        if name is None:
            continue
        if recording is None:
            raise BadInput(f"{{{name}}} needs a recording, and this scene has none.")
        facts = caption_facts(recording)
        Formatter().vformat("{" + name + "}", (), facts)
        value, source = facts.used[-1]
        form = "{" + (f"!{conversion}" if conversion else "") + f":{form}" + "}"
        parts.append(form.format(value))
        if not isinstance(value, str):
            about = {"recording": recording.name, "source": source.to_json()}
            numbers.append({"beat": beat, "template": form, "text": parts[-1], "value": value, **about})
    return "".join(parts), tuple(numbers)


def line_of(scene: str, beat: str, template: str, recording: Recording | None, place: str) -> Line:
    """A line with its facts filled in.

    Raises: NNReelError saying where, for a fact that can't be had.
    """
    try:
        text, numbers = filled(template, recording, beat)
    except (NNReelError, ValueError, KeyError, IndexError, TypeError) as error:
        raise BadInput(f"{place}: {error}") from error
    return Line(scene, beat, " ".join(text.split()), place, numbers)


def reading_seconds(text: str) -> float:
    """How long a film shows a line that nobody speaks: about five seconds for a short one."""
    return _LOOK + len(text) * _READ


def spoken(text: str) -> str:
    """The text with its symbols written out for a voice."""
    for pattern, said in _SAID:
        text = re.sub(pattern, said, text)
    return " ".join(text.split())
