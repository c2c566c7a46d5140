"""Markers: found where Markdown says a comment is, woven so that nothing else changes, twice is once."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nncore.errors import BadInput
from studio.weave.markers import find_markers, lines_of, woven

SNIPPET = '<figure>\n<video src="a.mp4"></video>\n</figure>'
#: Pieces that have broken Markdown tools before.
PIECES = [
    "A paragraph.\n", "\n", "```\ncode\n```\n", "~~~md\n<!-- nnreel: Softmax -->\n~~~\n",
    "    <!-- nnreel: Softmax -->\n", "- item\n  <!-- nnreel: Softmax -->\n", "> <!-- nnreel: Softmax -->\n",
    "<div>\nhtml\n</div>\n", "<!-- a comment -->\n", "# Heading\n", "a | b\n--|--\n1 | 2\n",
    "text\u2028separator\n", "`<!-- nnreel: Softmax -->`\n", "\ttab\n", "crlf line\r\n", "bare cr\r",
    "trailing  \n", "***\n", "\x0b\x0c\n", "<!-- /nnreel: Other -->\n", "</div>\n", "ÿ 漢字\n",
]  # fmt: skip
MARKERS = ["<!-- nnreel: ForwardPass -->\n", "\n<!-- nnreel: Softmax:sum aspect=1:1 theme=light -->\n\n"]
POSTS = st.lists(st.sampled_from(PIECES + MARKERS), max_size=14).map("".join)


def weave(text: str) -> str:
    markers = find_markers(text)
    return woven(text, markers, [f"{SNIPPET}\n{marker.ref}" for marker in markers])


def unwoven(text: str) -> str:
    """The woven text without what weaving wrote, found by the text alone."""
    return re.sub(
        r"(?s)" + re.escape(SNIPPET).replace(r"\n", r"(?:\r\n|\r|\n)").replace("\\\n", r"(?:\r\n|\r|\n)")
        + r"(?:\r\n|\r|\n)\S+(?:\r\n|\r|\n)(?:\r\n|\r|\n)<!-- /nnreel: \S+ -->(?:\r\n|\r|\n|\Z)",
        "",
        text,
    )  # fmt: skip


@given(POSTS)
def test_woven_twice_is_woven_once(text):
    once = weave(text)
    assert weave(once) == once


@given(POSTS)
def test_all_but_the_snippets_stays_as_it_was(text):
    left = unwoven(weave(text))
    assert left in (text, text + "\n")


@given(st.text(st.sampled_from("ab\r\n\u2028\x0b#`<!- >"), max_size=60))
def test_lines_are_cut_and_joined_without_loss(text):
    assert "".join(lines_of(text)) == text


def test_a_post_without_markers_is_not_changed():
    text = "\ufeff---\ntitle: x\n---\r\n\r\ntext without final newline"
    assert weave(text) == text


@pytest.mark.parametrize(
    "hidden",
    [
        "```\n<!-- nnreel: A -->\n```\n",
        "    <!-- nnreel: A -->\n",
        "- <!-- nnreel: A -->\n",
        "> <!-- nnreel: A -->\n",
        "text `<!-- nnreel: A -->` text\n",
        "---\ncomment: <!-- nnreel: A -->\n---\n\ntext\n",
        "+++\n\n<!-- nnreel: A -->\n\n+++\n\ntext\n",
    ],
)
def test_code_lists_quotes_and_front_matter_hold_no_markers(hidden):
    assert find_markers(hidden) == []


def test_what_a_marker_says_is_read():
    (marker,) = find_markers("x\n\n<!-- nnreel: Softmax:scores aspect=1:1 digit=7 -->\n")
    assert (marker.scene, marker.beat, marker.line) == ("Softmax", "scores", 3)
    assert marker.options == {"aspect": "1:1", "digit": "7"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\n<!-- nnreel: -->\n", "post:2"),
        ("<!-- nnreel: Softmax big -->\n", "'big' is not NAME=VALUE"),
        ("<!-- nnreel: Softmax a=1 a=2 -->\n", "'a' is given twice"),
        ("<!-- nnreel: Softmax --> and more\n", "stands alone"),
    ],
)
def test_a_marker_that_cannot_be_read_is_named_with_its_line(text, says):
    with pytest.raises(BadInput, match=re.escape(says)):
        find_markers(text)


def test_an_end_comment_in_code_ends_nothing():
    text = "<!-- nnreel: A -->\n\nkeep\n\n```\n<!-- /nnreel: A -->\n```\n"
    assert "keep" in weave(text)
    assert weave(text).count("```") == 2


def test_every_line_end_is_kept():
    for newline in ("\n", "\r\n"):
        text = newline.join(["a", "", "<!-- nnreel: A -->", "", "b", ""])
        assert re.findall(r"\r\n|\r|\n", weave(text)) == [newline] * weave(text).count(newline[-1])


def test_woven_snippets_are_still_html_to_markdown():
    html = MarkdownIt("commonmark").render(weave("a\n\n<!-- nnreel: A -->\nb\n"))
    assert "<figure>" in html
    assert "<p>b</p>" in html
