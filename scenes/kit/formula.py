"""Mathematics set by Typst: `formula(look, "L = -log p_y")`; no LaTeX anywhere."""

from __future__ import annotations

from manim import MathTypst

from scenes.kit.layout import Look

#: manim's Typst font size (points) that gives an em of one unit, measured on a digit's height against `Label`.
POINTS_PER_EM = 92.4


def formula(look: Look, source: str, size: str = "body", role: str = "ink") -> MathTypst:
    """A formula in Typst's math notation, sized like text of the same named size.

    `{{part : name}}` marks a part that `.select("name")` returns.
    """
    made = MathTypst(source, font_size=POINTS_PER_EM * look.em(size))
    made.set_color(look.color(role))
    made.em = look.em(size)
    return made
