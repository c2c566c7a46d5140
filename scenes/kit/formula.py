"""Mathematics set by Typst: `formula(look, "L = -log p_y")`; no LaTeX anywhere."""

from __future__ import annotations

from typing import Any, Self

from manim import MathTypst

from scenes.kit.layout import Look

#: manim's Typst font size (points) for an em of one unit, measured on a digit's height against `Label`.
POINTS_PER_EM = 92.4
#: The stroke of a fraction's bar, in manim's units per em.
BAR = 5.5


class Formula(MathTypst):
    """A formula that knows its source and its em, like a `Label` knows its text."""

    em = 0.0

    def __init__(self, look: Look, source: str, size: str = "body", role: str = "ink") -> None:
        super().__init__(source, font_size=POINTS_PER_EM * look.em(size))
        self.source, self.em = source, look.em(size)
        self.set_color(look.color(role))
        for part in self.family_members_with_points():
            # Bars of fractions are lines, and hairlines in small pictures.
            if part.get_stroke_width() > 0:
                part.set_stroke(width=BAR * self.em)

    def scale(self, scale_factor: float, **kwargs: Any) -> Self:  # type: ignore[override]
        super().scale(scale_factor, **kwargs)
        self.em *= scale_factor
        return self


def formula(look: Look, source: str, size: str = "body", role: str = "ink") -> Formula:
    """A formula in Typst's math notation, sized like text of the same named size.

    `{{part : name}}` marks a part that `.select("name")` returns.
    """
    return Formula(look, source, size, role)
