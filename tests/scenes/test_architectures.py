"""Architectures: four recordings, each drawn from its own run, in the same three stages."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playing import played, shown

from nncore.recording import Recording
from scenes.architectures import Architectures
from scenes.kit.flow_layout import flows_down, stages
from scenes.kit.flows import STAGES, AttentionFlow, ConvFlow, DenseFlow, Outputs, RecurrentFlow
from scenes.kit.layout import Look, Region
from studio.runs import ensure_recording

ROOM, TALL = Region(-5, -2, 5, 2), Region(-3, -4, 3, 4)


@pytest.fixture(scope="module")
def runs() -> dict[str, Path]:
    return {name: ensure_recording(name) for name in Architectures.recipes}


@pytest.fixture(scope="module")
def scene(runs):
    return played("Architectures", runs)


def flows(runs, room=ROOM):
    look = Look()
    recs = {name: Recording.open(path) for name, path in runs.items()}
    words = ["1st", *"ABCDAB"]
    yield DenseFlow(look, room, recs["digits"], 4), recs["digits"], 4
    yield ConvFlow(look, room, recs["digits_cnn"], 4), recs["digits_cnn"], 4
    yield RecurrentFlow(look, room, recs["rows_rnn"], 4), recs["rows_rnn"], 4
    yield AttentionFlow(look, room, recs["attention"], 4, words), recs["attention"], 4


def test_outputs_are_the_recorded_ones_and_dark_until_the_last_stage(runs):
    for flow, rec, probe in flows(runs):
        recorded = rec.a(len(rec.spec.layers), int(rec.steps[-1]))[probe]
        assert np.allclose(flow.outputs.discs.values, recorded)
        flow.turn_to(STAGES - 1)
        assert flow.outputs.discs.lit == 0
        flow.turn_to(STAGES)
        assert flow.outputs.discs.lit == 1


def test_a_flow_can_be_turned_back(runs):
    for flow, _, _ in flows(runs):
        flow.turn_to(STAGES).turn_to(0.0)
        assert flow.outputs.discs.lit == 0
        assert flow.outputs.answer.get_fill_opacity() == 0


@pytest.mark.parametrize("room", [ROOM, TALL])
def test_everything_stays_in_its_room(runs, room):
    for flow, _, _ in flows(runs, room):
        for part in flow.turn_to(STAGES).get_family():
            if len(part.points):
                assert room.left - 0.3 <= part.get_left()[0]
                assert part.get_right()[0] <= room.right + 0.3
                assert room.bottom - 0.3 <= part.get_bottom()[1]
                assert part.get_top()[1] <= room.top + 0.3


def test_tall_flows_end_at_the_foot(runs):
    for flow, _, _ in flows(runs, TALL):
        places = flow.outputs.discs.geometry.value
        assert np.ptp(places[:, 1]) == pytest.approx(0)
        assert places[0, 1] < TALL.bottom + 1


@given(
    st.floats(1, 12), st.floats(1, 12), st.lists(st.tuples(st.floats(0.2, 4), st.floats(0.2, 4)), min_size=1)
)
def test_stages_are_in_order_on_one_scale_and_inside(width, height, sizes):
    body = Region(-width / 2, -height / 2, width / 2, height / 2)
    places = stages(body, sizes, flows_down(body))
    scales = [place.width / wide for place, (wide, _) in zip(places, sizes, strict=True)]
    assert np.allclose(scales, scales[0])
    for place in places:
        assert body.left - 1e-6 <= place.left
        assert place.right <= body.right + 1e-6
        assert body.bottom - 1e-6 <= place.bottom
        assert place.top <= body.top + 1e-6
    along = [-place.top if flows_down(body) else place.left for place in places]
    assert along == sorted(along)


def test_the_largest_output_is_named():
    made = Outputs(Look(), ROOM, np.array([0.1, 0.7, 0.2]), "ABC")
    assert made.answer.text == "B"
    assert made.answer.get_center()[1] == pytest.approx(made.discs.place(1)[1], abs=0.05)


def test_each_network_shows_its_own_numbers(scene, runs):
    counts = [sum(w.size for w in Recording.open(path).params(0).values()) for path in runs.values()]
    assert set(shown(scene, "n_parameters")) == set(counts)
    entries = [entry for entry in scene.ledger if entry.source["key"] == "n_parameters"]
    assert {entry.recording for entry in entries} == set(runs)


def test_the_recurrent_digit_is_read_to_the_row_of_its_progress(runs):
    flow = next(f for f, _, _ in flows(runs) if isinstance(f, RecurrentFlow))
    flow.turn_to(1.0)
    assert flow.digit.read == flow.memory.read == 14
