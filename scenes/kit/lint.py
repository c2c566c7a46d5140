"""Checks of a picture without drawing it: what is cut off, overlaps, is too small, too faint or in the way.

It reads the mobjects on stage at the end of a beat. It does not replace looking.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from manim import MathTypst, Mobject, VMobject
from manim.utils.family import extract_mobject_family_members

from scenes.kit.formula import Formula
from scenes.kit.layout import CAPTION_SHARE, Look, Region
from scenes.kit.pixel_image import PixelImage
from scenes.kit.pixels import PixelMobject
from scenes.kit.style import TEXT_SIZES, contrast
from scenes.kit.text import Label

#: Text fainter than this is dimmed on purpose: it is not being spoken of.
DIMMED = 0.45
LOWEST_CONTRAST = 4.5
#: How far a shape may reach over the frame's edge (half a stroke), in units.
EDGE_SLACK = 0.03


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a picture, and where it is in the frame."""

    kind: str
    message: str
    box: Region


@dataclass(frozen=True)
class _Text:
    words: str
    box: Region
    em: float
    color: str
    opacity: float
    order: int


def findings(mobjects: list[Mobject], look: Look, captions: list[Mobject]) -> list[Finding]:
    """Everything wrong with the mobjects on stage; `captions` may lie in the caption strip."""
    family = _visible(mobjects)
    caption_ids = {id(m) for caption in captions for m in caption.get_family()}
    texts = list(_texts(family))
    own = [text for text in texts if id(family[text.order]) not in caption_ids]
    return [
        *_out_of_frame(family, look),
        *_overlaps(texts),
        *_too_small(texts),
        *_too_faint(texts, family, look),
        *_in_the_way(own, look),
    ]


def _visible(mobjects: list[Mobject]) -> list[Mobject]:
    """Everything that is drawn, in drawing order; a formula stands for its parts."""
    everything = extract_mobject_family_members(mobjects, use_z_index=True)
    inside = {id(part) for m in everything if isinstance(m, MathTypst) for part in m.get_family()[1:]}
    return [m for m in everything if id(m) not in inside and _opacity(m) > 0.01 and _has_extent(m)]


def _has_extent(mobject: Mobject) -> bool:
    return isinstance(mobject, MathTypst) or len(mobject.points) > 1


def _opacity(mobject: Mobject) -> float:
    if isinstance(mobject, PixelMobject):
        return mobject.opacity
    if isinstance(mobject, MathTypst):
        parts = mobject.family_members_with_points()
        return max((float(part.get_fill_opacity()) for part in parts), default=0.0)
    if isinstance(mobject, VMobject):
        stroke = mobject.get_stroke_opacity() if mobject.get_stroke_width() > 0 else 0.0
        return float(max(mobject.get_fill_opacity(), stroke))
    return 1.0


def _box(mobject: Mobject) -> Region:
    points = mobject.get_all_points() if isinstance(mobject, MathTypst) else mobject.points
    low, high = points.min(axis=0), points.max(axis=0)
    return Region(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _around(one: Region, other: Region) -> Region:
    left, bottom = min(one.left, other.left), min(one.bottom, other.bottom)
    return Region(left, bottom, max(one.right, other.right), max(one.top, other.top))


def _texts(family: list[Mobject]) -> Iterator[_Text]:
    for order, m in enumerate(family):
        if isinstance(m, Label) and m.text.strip():
            yield _Text(
                m.text, _box(m), m.em, m.get_fill_color().to_hex(), float(m.get_fill_opacity()), order
            )
        elif isinstance(m, Formula):
            part = m.family_members_with_points()[0]
            color = part.get_fill_color().to_hex()
            yield _Text(f"formula {m.source}", _box(m), m.em, color, _opacity(m), order)


def _out_of_frame(family: list[Mobject], look: Look) -> Iterator[Finding]:
    frame = look.frame
    for m in family:
        box = _box(m)
        over = max(
            frame.left - box.left, box.right - frame.right, frame.bottom - box.bottom, box.top - frame.top
        )
        if over > EDGE_SLACK:
            yield Finding("out of frame", f"{_name(m)} reaches {over:.2f} units over the edge", box)


def _overlaps(texts: list[_Text]) -> Iterator[Finding]:
    for i, one in enumerate(texts):
        for other in texts[i + 1 :]:
            if one.words == other.words and one.box == other.box:
                continue
            # Ascenders and descenders of neighbouring lines may interlock by a tenth of an em.
            slack = 0.1 * min(one.em, other.em)
            wide = min(one.box.right, other.box.right) - max(one.box.left, other.box.left)
            high = min(one.box.top, other.box.top) - max(one.box.bottom, other.box.bottom)
            if wide > slack and high > slack:
                yield Finding("overlap", f"'{one.words}' and '{other.words}'", _around(one.box, other.box))


def _too_small(texts: list[_Text]) -> Iterator[Finding]:
    smallest = min(TEXT_SIZES.values()) * 8.0
    for text in texts:
        if text.em < smallest * 0.995:
            message = f"'{text.words}' has an em of {text.em:.3f}; the least is {smallest:.3f}"
            yield Finding("small text", message, text.box)


def _too_faint(texts: list[_Text], family: list[Mobject], look: Look) -> Iterator[Finding]:
    for text in texts:
        if text.opacity < DIMMED:
            continue
        behind = _behind(text, family, look)
        ratio = contrast(_mix(text.color, behind, text.opacity), behind)
        if ratio < LOWEST_CONTRAST:
            yield Finding("contrast", f"'{text.words}' has {ratio:.1f}:1 against {behind}", text.box)


def _behind(text: _Text, family: list[Mobject], look: Look) -> str:
    """The colour the text's centre lies on."""
    x, y, _ = text.box.center
    color = look.color("background")
    for m in family[: text.order]:
        if isinstance(m, Label | MathTypst) or not _covers(m, x, y):
            continue
        if isinstance(m, PixelImage):
            color = _over(m, x, y, color)
        elif isinstance(m, VMobject) and m.get_fill_opacity() > 0:
            color = _mix(m.get_fill_color().to_hex(), color, float(m.get_fill_opacity()))
    return color


def _covers(m: Mobject, x: float, y: float) -> bool:
    box = _box(m)
    return box.left <= x <= box.right and box.bottom <= y <= box.top


def _over(image: PixelImage, x: float, y: float, behind: str) -> str:
    rows, columns = image.rgba.shape[:2]
    region = image.region
    i = min(int((region.top - y) / region.height * rows), rows - 1)
    j = min(int((x - region.left) / region.width * columns), columns - 1)
    r, g, b, a = (float(v) for v in image.rgba[i, j])
    return _mix(_hex(np.array([r, g, b])), behind, a * image.opacity)


def _mix(front: str, behind: str, alpha: float) -> str:
    f, b = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) / 255 for c in (front, behind))
    return _hex(f * alpha + b * (1 - alpha))


def _hex(color: np.ndarray) -> str:
    return "#{:02x}{:02x}{:02x}".format(*np.clip(np.round(color * 255), 0, 255).astype(int))


def _in_the_way(texts: list[_Text], look: Look) -> Iterator[Finding]:
    covered = CAPTION_SHARE * look.frame.height if look.aspect == "9:16" else 0.0
    for text in texts:
        if text.box.bottom < look.caption.top - 0.01:
            yield Finding("under captions", f"'{text.words}' lies in the caption strip", text.box)
        elif text.box.top > look.frame.top - covered + 0.01 and covered:
            message = f"'{text.words}' lies where players put their controls"
            yield Finding("under controls", message, text.box)


def _name(m: Mobject) -> str:
    return f"'{m.text}'" if isinstance(m, Label) else type(m).__name__
