"""The layout lint catches each kind of defect when it is planted, and passes a clean picture."""

import pytest
from manim import Rectangle, config, tempconfig

from scenes.kit.layout import Look, Region, frame_size
from scenes.kit.lint import findings
from scenes.kit.pixel_image import PixelImage
from scenes.kit.text import Label


@pytest.fixture(params=["16:9", "1:1", "4:5", "9:16"])
def look(request):
    width, height = frame_size(request.param)
    with tempconfig({"frame_width": width, "frame_height": height}):
        yield Look(request.param, "dark")
    assert config.frame_height == 8.0


def kinds(mobjects, look, captions=()):
    return {finding.kind for finding in findings([*mobjects, *captions], look, list(captions))}


def test_a_clean_picture_has_no_findings(look):
    caption = Label(look, "a caption", "label").move_to(look.caption.center)
    assert kinds([Label(look, "7", "body")], look, [caption]) == set()


def test_text_over_the_edge_is_out_of_frame(look):
    label = Label(look, "much too far right", "body")
    label.move_to([look.frame.right, 0, 0])
    assert kinds([label], look) == {"out of frame"}


def test_a_shape_over_the_edge_is_out_of_frame(look):
    box = Rectangle(width=look.frame.width + 1, height=1).set_fill(look.color("surface"), 1)
    assert "out of frame" in kinds([box], look)


def test_texts_on_each_other_overlap(look):
    assert kinds([Label(look, "one", "body"), Label(look, "other", "body")], look) == {"overlap"}


def test_shrunken_text_is_small(look):
    assert kinds([Label(look, "tiny", "tiny").scale(0.8)], look) == {"small text"}


def test_faint_text_lacks_contrast(look):
    assert kinds([Label(look, "faint", "body", "faint")], look) == {"contrast"}


def test_text_on_an_image_of_its_own_colour_lacks_contrast(look):
    label = Label(look, "ink on ink", "body", "ink")
    white = PixelImage(look, [[[1.0, 1.0, 1.0, 1.0]]], Region(-3, -1, 3, 1))
    assert kinds([white, label], look) == {"contrast"}
    assert kinds([label, white.copy().shift([0, 5, 0]).set_opacity(0)], look) == set()


def test_text_in_the_caption_strip_is_in_the_way_unless_it_is_the_caption(look):
    label = Label(look, "in the strip", "label").move_to(look.caption.center)
    assert kinds([label], look) == {"under captions"}
    assert kinds([], look, [label]) == set()


def test_upright_video_keeps_its_top_free_for_the_player():
    look = Look("9:16", "light")
    label = Label(look, "hidden by the player", "label").move_to([0, look.frame.top - 0.6, 0])
    assert kinds([label], look) == {"under controls"}
