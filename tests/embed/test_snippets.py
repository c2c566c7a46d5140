"""Snippets as text: every kind escapes what its kind of page would take for its own."""

import html
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nncore.errors import BadInput
from studio.embed.snippets import KINDS, autoplay_script, check_base, hugo_shortcode, snippet

NASTY = '</script><b x="{{ y }}">\'& `{% z %}` >}} ]( --> \u2028 %'


def about(text: str = NASTY) -> dict:
    files = [
        {"role": "mp4", "file": "A.mp4", "type": 'video/mp4; codecs="avc1.64001f"', "bytes": 1_234_567},
        {"role": "av1", "file": "A.av1.mp4", "type": 'video/mp4; codecs="av01.0.05M.08"', "bytes": 1},
        {"role": "webp", "file": "A.webp", "type": "image/webp", "width": 854, "height": 480},
        {"role": "poster-png", "file": "A.poster.png", "type": "image/png"},
        {"role": "poster-webp", "file": "A.poster.webp", "type": "image/webp"},
        {"role": "vtt", "file": "A.vtt", "type": "text/vtt"},
    ]
    texts = dict.fromkeys(("title", "label", "alt", "caption"), text)
    return {
        "stem": "A", **texts, "width": 1280, "height": 720, "seconds": 25.1, "date": "2026-11-20",
        "files": files, "cues": [{"text": f"Said: {text}"}],
    }  # fmt: skip


class Reader(HTMLParser):
    """What a browser would take from a snippet: attributes by tag, text by tag."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.attributes: dict[str, dict] = {}
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.attributes.setdefault(tag, dict(attrs))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag] = self.texts.get(tag, "") + data


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60))
def test_texts_come_back_from_html(text: str) -> None:
    for kind in ("html", "jekyll", "wordpress", "ghost"):
        found = Reader(snippet(about(text), kind, "a/"))
        assert found.attributes["video"]["aria-label"] == text
        assert text in found.texts["figcaption"]
        assert found.texts["p"] == f"Said: {text}"
        assert "b" not in found.attributes


def test_html_says_what_a_page_needs() -> None:
    found = Reader(snippet(about(), "html", "https://example.org/clips/"))
    video = found.attributes["video"]
    assert {"controls", "playsinline", "muted"} <= video.keys()
    assert not {"autoplay", "loop"} & video.keys()
    assert (video["width"], video["height"], video["preload"]) == ("1280", "720", "metadata")
    assert video["poster"] == "https://example.org/clips/A.poster.webp"
    assert found.attributes["source"]["type"] == 'video/mp4; codecs="av01.0.05M.08"'
    assert found.attributes["track"]["kind"] == "captions"
    assert "Download (MP4, 1.2 MB)" in found.texts["figcaption"]
    assert "script" not in found.attributes


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "head"])
@pytest.mark.parametrize("autoplay", [False, True])
def test_a_snippet_is_one_block_of_markdown(kind: str, autoplay: bool) -> None:
    text = snippet(about("Words."), kind, "a/", autoplay=autoplay)
    assert text.endswith("\n")
    assert "\n\n" not in text
    if kind in ("html", "jekyll"):  # a Markdown page passes it through as it is
        assert MarkdownIt("commonmark").render(text) == text


def test_markdown_is_a_linked_picture() -> None:
    rendered = MarkdownIt("commonmark").render(snippet(about(), "markdown", "a/"))
    found = Reader(rendered)
    assert found.attributes["a"]["href"] == "a/A.mp4"
    image = found.attributes["img"]
    assert (image["src"], image["width"], image["height"]) == ("a/A.webp", "854", "480")
    assert image["alt"] == NASTY.replace("\u2028", image["alt"][NASTY.index("\u2028")])
    assert found.attributes["source"]["media"] == "(prefers-reduced-motion: reduce)"


def test_liquid_finds_nothing_in_jekyll() -> None:
    for autoplay in (False, True):
        text = snippet(about(), "jekyll", "a/", autoplay=autoplay)
        assert "{{" not in text
        assert "{%" not in text


def test_hugo_parameters_are_raw_strings() -> None:
    text = snippet(about(), "hugo", "a/")
    found = dict(re.findall(r"(\w+)=`([^`]*)`", text))
    assert text.startswith("{{< nnreel ")
    assert text.count(">}}") == 1
    assert found["caption"] == NASTY.replace("`", "'").replace(">}}", "> }}")
    assert set(re.findall(r'\.Get "(\w+)"', hugo_shortcode())) <= found.keys()


def test_mdx_strings_are_javascript() -> None:
    text = snippet(about(), "mdx", "a/")
    label = re.search(r"aria-label=\{(.*?)\} style=", text)
    assert label is not None
    assert json.loads(label[1]) == NASTY
    outside = re.sub(r'\{"(?:[^"\\]|\\.)*"\}', "", text)
    assert "&" not in outside
    assert "{{" not in outside.replace("style={{", "")


def test_linked_data_cannot_end_its_script() -> None:
    text = snippet(about(), "head", "https://example.org/")
    assert text.count("</script>") == 1
    data = json.loads(text.split("<script")[1].split(">", 1)[1].rsplit("</script>", 1)[0])
    assert data["contentUrl"] == "https://example.org/A.mp4"
    assert data["name"] == NASTY
    assert html.unescape(re.search(r'og:title" content="(.*?)">', text)[1]) == NASTY  # type: ignore[index]


def test_addresses() -> None:
    assert [check_base(base) for base in ("", "a", "https://x.org/b/")] == ["", "a/", "https://x.org/b/"]
    for bad in ('"', "a b", "<", "a)b", "javascript`"):
        with pytest.raises(BadInput, match="base-url"):
            check_base(bad)
    with pytest.raises(BadInput, match="Did you mean 'html'"):
        snippet(about(), "htm", "")


def test_the_script_needs_no_escaping_anywhere() -> None:
    script = autoplay_script()
    assert not re.search(r"&|<|\{\{|\{%|\n\s*\n", script)
