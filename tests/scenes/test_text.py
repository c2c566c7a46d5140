"""Text: the same letters everywhere, on even baselines, never wider than asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.kit.formula import formula
from scenes.kit.layout import Look
from scenes.kit.text import Label, Paragraph, Runs, text_width, wrap, wrap_characters

LOOK = Look()
WORDS = st.lists(st.text("abcdefghijklmno0123456789", min_size=1, max_size=12), min_size=1, max_size=20)


def test_digits_are_tabular_so_counters_do_not_jitter():
    assert len({round(text_width(digit, 1.0), 6) for digit in "0123456789"}) == 1


@pytest.mark.parametrize("text", ["784 × 128 = 100,352", "∂L/∂w", "−0.17 → α β ≈ ²"])
def test_the_font_has_what_the_scenes_write(text):
    label = Label(LOOK, text)
    assert label.text == text
    assert len(label.points) > 10


def test_a_missing_glyph_is_an_error_not_a_box():
    with pytest.raises(ValueError, match="no glyph"):
        Label(LOOK, "漢")


def test_a_hyphen_before_a_number_is_drawn_as_a_minus_and_an_empty_label_draws_nothing():
    assert np.allclose(Label(LOOK, "-0.5").points, Label(LOOK, "−0.5").points)
    assert not np.allclose(Label(LOOK, "784-128").width, Label(LOOK, "784−128").width)
    assert Label(LOOK, "").width == 0


def test_another_text_keeps_its_end_and_its_baseline():
    for align, end in (("left", Label.get_left), ("right", Label.get_right)):
        label = Label(LOOK, "1,234").shift((1.0, 2.0, 0))
        baseline, place = label.baseline, end(label)[0]
        label.set_text("gjp 99", align)
        assert label.baseline == pytest.approx(baseline)
        assert end(label)[0] == pytest.approx(place)


def test_scaling_scales_the_em_and_keeps_the_baseline_known():
    label = Label(LOOK, "gap")
    em = label.em
    label.scale(2.0)
    assert label.em == pytest.approx(2 * em)
    assert label.on_baseline(0.5).baseline == pytest.approx(0.5)


def test_a_formula_is_as_large_as_text_of_its_size():
    for size in ("title", "body", "label", "tiny"):
        assert formula(LOOK, "8", size).height == pytest.approx(Label(LOOK, "8", size).height, rel=0.05)


@given(WORDS, st.floats(1.0, 12.0))
def test_wrapped_lines_fit_and_lose_nothing(words, width):
    text = " ".join(words)
    lines = wrap(text, width, 0.3)
    assert " ".join(lines) == text
    assert all(text_width(line, 0.3) <= width or " " not in line for line in lines)


@given(WORDS)
def test_captions_break_into_the_fewest_lines(words):
    text = " ".join(words)
    lines = wrap_characters(text, 42)
    assert " ".join(lines) == text
    assert all(len(line) <= 42 for line in lines)


def test_paragraph_lines_are_evenly_spaced():
    lines = Paragraph(LOOK, "one gap two yes three abc four xyz five", 2.0)
    steps = np.diff([line.baseline for line in lines])
    assert len(lines) >= 3
    assert np.allclose(steps, steps[0])


def test_runs_share_one_baseline():
    runs = Runs(LOOK, [("784", "input"), (" × ", "muted"), ("gap", "hidden")])
    assert np.ptp([run.baseline for run in runs]) < 1e-9
    assert runs[0].get_right()[0] < runs[1].get_left()[0] < runs[2].get_left()[0]
