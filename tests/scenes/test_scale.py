"""Scale: areas in exact proportion to what they stand for; every outside number has a source."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from on_stage import at_beats

from nncore.errors import BadInput
from nncore.facts import compute_fact
from nncore.published import PUBLISHED, published_number
from nncore.recording import Recording
from scenes.kit.layout import Look, Region
from scenes.kit.nested_areas import NestedAreas
from scenes.kit.pixels import PixelView
from studio.runs import ensure_recording

SQUARE = Region(-4, -4, 4, 4)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return Recording.open(ensure_recording("digits"))


def areas(scene):
    return scene.values, [scene.areas.side(i) for i in range(len(scene.values))], scene.stage


def test_areas_are_in_proportion_over_nine_decades(recording):
    values, sides, stage = at_beats("Scale", {"digits": recording.path}, {"brain": areas})["brain"]
    ratios = (np.array(sides) / sides[0]) ** 2
    assert ratios == pytest.approx(np.array(values) / values[0])
    assert values[0] == 101_770
    assert sides[-1] <= stage.height


def test_the_halved_layer_is_half_the_square(recording):
    def box(scene):
        shape = scene.card[1]
        return shape.width * shape.height, scene.card[2].width ** 2, [e.text for e in scene.ledger]

    small, large, texts = at_beats("Scale", {"digits": recording.path}, {"halve_a_layer": box})[
        "halve_a_layer"
    ]
    expected = compute_fact(recording, "parameters_of", sizes="784-256-10") / 407_050
    assert small / large == pytest.approx(expected, rel=1e-3)
    assert {"407,050", "203,530"} <= set(texts)


@given(zoom=st.floats(6.0, 15.0))
def test_painted_area_is_the_squares_area(zoom):
    field = NestedAreas(Look(), SQUARE, [1e6], ["accent"], zoom)
    frame = np.zeros((80, 80, 4), np.uint8)
    field.paint(frame, PixelView(80, 80, 8.0, 8.0))
    side = field.side(0)
    painted = (frame[..., :3].max(axis=-1) > 0).sum() / 100
    assert painted == pytest.approx(side**2, abs=0.2 + 0.25 * side)


def test_weights_and_biases_are_all_parameters(recording):
    parts = [compute_fact(recording, name) for name in ("connections", "n_biases", "n_parameters")]
    assert parts == [101_632, 128 + 10, 101_770]


def test_the_smallest_square_is_plain_inside_the_next_ones_outline():
    field = NestedAreas(Look(), SQUARE, [1e3, 1e6], ["accent", "positive"], 6.0, np.zeros((4, 4, 4)))
    frame = np.zeros((800, 800, 4), np.uint8)
    field.paint(frame, PixelView(800, 800, 8.0, 8.0))
    outline, inside = frame[797, 100, :3], frame[790, 10, :3]
    assert (frame[798, 10, :3] == frame[798, 100, :3]).all()
    assert not (outline == inside).all()


def test_every_published_number_names_who_says_so(recording):
    for name, entry in PUBLISHED.items():
        assert entry.source
        assert compute_fact(recording, "published", what=name) == entry.value
    assert compute_fact(recording, "published", what="gpt4", unit="trillion") == pytest.approx(1.7)
    assert "never confirmed" in published_number("gpt4").source


def test_an_unknown_published_number_is_answered_with_the_closest(recording):
    with pytest.raises(BadInput, match="Did you mean 'gpt4'"):
        compute_fact(recording, "published", what="gpt5")
    with pytest.raises(BadInput, match="unit"):
        compute_fact(recording, "published", what="gpt4", unit="gazillion")
