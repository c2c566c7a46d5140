"""Snippets ready to paste: one template for each kind of page, texts escaped as that page needs it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from nncore.errors import BadInput, did_you_mean

#: Each kind of snippet and its template, which is also the name of its file in a pack.
KINDS = {
    "html": "html.html",
    "markdown": "markdown.html",
    "hugo": "hugo.md",
    "jekyll": "jekyll.html",
    "mdx": "mdx.mdx",
    "wordpress": "wordpress.html",
    "ghost": "ghost.html",
    "head": "head.html",
}
#: What a pack's file of a kind is called, where not as its template.
FILE_NAMES = {"markdown": "markdown.md", "hugo-shortcode": "hugo-shortcode.html"}
_TEMPLATES = Path(str(files("assets"))) / "embed"
_BASE = re.compile(r"[\w\-.~:/?&=%@+,;!*]*")


def check_kind(name: str) -> str:
    """The kind itself. Raises: BadInput for an unknown one."""
    if name not in KINDS:
        raise BadInput(f"no snippet '{name}'.{did_you_mean(name, KINDS)} Snippets: {', '.join(KINDS)}.")
    return name


def check_base(base: str) -> str:
    """The address of the pack's folder as others see it, ending in a slash ("" for the page's own folder).

    Raises: BadInput for one with spaces, quotes or brackets in it.
    """
    if not _BASE.fullmatch(base):
        raise BadInput(f"--base-url '{base}' has characters that an address has to write as %XX.")
    return base if not base or base.endswith("/") else base + "/"


def snippet(about: Mapping[str, Any], kind: str, base: str, *, autoplay: bool = False) -> str:
    """The snippet of one kind for a pack's embed.json."""
    clip = _view(about)
    if check_kind(kind) == "jekyll":
        clip = {name: _no_liquid(value) for name, value in clip.items()}
    template = _environment().get_template(KINDS[kind])
    linked = _linked_data(about, clip, base) if kind == "head" else ""
    text = template.render(clip=clip, base=check_base(base), autoplay=autoplay, linked=linked)
    return "\n".join(line for line in text.split("\n") if line.strip()) + "\n"


def hugo_shortcode() -> str:
    """The shortcode that hugo snippets call; a site saves it once."""
    text = (_TEMPLATES / "hugo-shortcode.html").read_text(encoding="utf-8")
    return text.replace("//AUTOPLAY//", autoplay_script())


def autoplay_script() -> str:
    """The script that starts clips where that is wanted."""
    return (_TEMPLATES / "autoplay.js").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=lambda name: name is None or not name.endswith(".md"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= {"js": _js, "hugo": _hugo}
    return environment


def size_text(count: int) -> str:
    """A file's size as people read it."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def _js(text: str) -> Markup:
    """A JavaScript string in JSX's braces."""
    return Markup("{" + _script_json(str(text)) + "}")


def _script_json(value: Any) -> str:
    """JSON that cannot end the script it stands in."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")


def _hugo(text: str) -> str:
    """A parameter of a shortcode: a raw string, which has no escapes and so no backquote in it."""
    return "`" + str(text).replace("`", "'").replace(">}}", "> }}").replace("%}}", "% }}") + "`"


def _no_liquid(value: Any) -> Any:
    """Texts whose braces Jekyll's Liquid leaves alone."""
    if isinstance(value, str):
        return Markup(str(Markup.escape(value)).replace("{", "&#123;"))
    if isinstance(value, list) and value and isinstance(value[0], str):
        return [_no_liquid(each) for each in value]
    return value


def _view(about: Mapping[str, Any]) -> dict[str, Any]:
    """What templates name of a pack; addresses are quoted, texts are as they are."""
    found = {each["role"]: each for each in about["files"]}
    sources = [
        {"file": quote(found[role]["file"]), "type": found[role]["type"]}
        for role in ("alpha", "av1", "vp9", "mp4")
        if role in found
    ]
    moving = found.get("webp") or found.get("gif") or found["poster-png"]
    name = {role: quote(each["file"]) for role, each in found.items()}
    still = "poster-alpha" if "poster-alpha" in name else "poster-webp"
    return {
        **{key: about[key] for key in ("stem", "title", "label", "alt", "caption", "width", "height")},
        "said": [cue["text"] for cue in about["cues"] if cue["text"] != about["caption"]],
        "sources": sources,
        "source_list": "|".join(
            "{}={}={}".format(each["file"], *_hugo_type(each["type"])) for each in sources
        ),
        "poster": name[still],
        "still": name["poster-png"],
        "vtt": name.get("vtt", ""),
        "download": name["mp4"],
        "size": size_text(found["mp4"]["bytes"]),
        "moving": quote(moving["file"]),
        "moving_width": moving["width"],
        "moving_height": moving["height"],
    }


def _hugo_type(mime: str) -> tuple[str, str]:
    """(container, codec) of a type such as video/mp4; codecs="avc1.64001f"."""
    container, _, codec = mime.removeprefix("video/").partition("; codecs=")
    return container, codec.strip('"')


def _linked_data(about: Mapping[str, Any], clip: Mapping[str, Any], base: str) -> Markup:
    """The clip as a schema.org VideoObject."""
    data = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": about["title"],
        "description": about["alt"],
        "thumbnailUrl": [base + clip["still"]],
        "contentUrl": base + clip["download"],
        "encodingFormat": "video/mp4",
        "uploadDate": about["date"],
        "duration": f"PT{about['seconds']:.1f}S",
        "width": about["width"],
        "height": about["height"],
        "inLanguage": "en",
        "transcript": " ".join(cue["text"] for cue in about["cues"]),
    }
    return Markup(_script_json(data))
