"""The line under a picture: what is drawn, what is left out, what a colour means."""

from __future__ import annotations

from scenes.kit.layout import Look, Region
from scenes.kit.text import LINE_HEIGHT, Paragraph


def above_notes(look: Look, lines: int = 1, size: str = "tiny") -> tuple[Region, Region]:
    """(the picture's region, that of the notes under it) between title and caption.

    Upright shapes are narrow: there the notes get one line more.
    """
    wide = look.wide
    high = (lines + (1 if look.upright else 0)) * LINE_HEIGHT * look.em(size) + 0.2
    return (
        Region(wide.left, wide.bottom + high, wide.right, wide.top),
        Region(wide.left, wide.bottom, wide.right, wide.bottom + high - 0.1),
    )


def note(look: Look, region: Region, text: str, size: str = "tiny", role: str = "muted") -> Paragraph:
    """Words centred in a region, wrapped to its width."""
    return Paragraph(look, text, region.width, size, role, align="center").move_to(region.center)
