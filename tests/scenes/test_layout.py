"""Regions: inside the frame, apart from each other, in every shape; colours readable in both themes."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.kit.layout import ASPECTS, CAPTION_SHARE, Look, Region
from scenes.kit.style import CATEGORIES, TEXT_SIZES, THEMES, contrast

LOOKS = [Look(aspect, theme) for aspect in ASPECTS for theme in THEMES]


def inside(inner: Region, outer: Region) -> bool:
    return (
        inner.left >= outer.left - 1e-9
        and inner.right <= outer.right + 1e-9
        and inner.bottom >= outer.bottom - 1e-9
        and inner.top <= outer.top + 1e-9
    )


def apart(one: Region, other: Region) -> bool:
    return (
        one.right <= other.left + 1e-9
        or other.right <= one.left + 1e-9
        or one.top <= other.bottom + 1e-9
        or other.top <= one.bottom + 1e-9
    )


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_regions_lie_in_the_frame_and_apart(look):
    stage, side = look.panels()
    for region in (look.title, stage, side, look.caption):
        assert inside(region, look.frame)
    assert all(apart(a, b) for a, b in itertools.combinations((look.title, stage, side, look.caption), 2))
    assert inside(stage, look.wide)
    assert inside(side, look.wide)


def test_the_short_side_is_always_the_same():
    assert {min(look.frame.width, look.frame.height) for look in LOOKS} == {8.0}


def test_in_9_16_nothing_lies_under_the_players_controls():
    look = Look("9:16")
    covered = CAPTION_SHARE * look.frame.height
    assert look.title.top <= look.frame.top - covered
    assert look.caption.bottom >= look.frame.bottom + covered


@given(st.lists(st.floats(0.1, 5), min_size=1, max_size=6), st.floats(0, 0.4))
def test_columns_and_rows_fill_the_region(weights, gap):
    region = Region(-3, -2, 5, 4)
    for parts, size, total in (
        (region.columns(*weights, gap=gap), "width", region.width),
        (region.rows(*weights, gap=gap), "height", region.height),
    ):
        assert sum(getattr(part, size) for part in parts) + gap * (len(parts) - 1) == pytest.approx(total)
        assert all(inside(part, region) for part in parts)


def test_the_smallest_digit_is_readable_on_a_phone():
    digit_height = 0.66  # of an em, in this font
    assert min(TEXT_SIZES.values()) * digit_height >= 0.022


@pytest.mark.parametrize("theme", THEMES)
def test_roles_stand_out_from_the_background(theme):
    colors = THEMES[theme]
    for role, color in colors.items():
        if role in ("background", "surface", "faint"):
            continue
        assert contrast(color, colors["background"]) >= 4.5, role
    for color in CATEGORIES[theme]:
        assert contrast(color, colors["background"]) >= 3.0
