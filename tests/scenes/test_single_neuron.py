"""SingleNeuron: knobs stand at recorded weights, the turned knob gives what the network would give."""

import numpy as np
import pytest
from altered import altered_copy
from on_stage import at_beats

from nncore.facts import compute_fact
from nncore.recording import Recording
from scenes.kit.knob import TURN, Knob
from scenes.kit.layout import Look
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def recording() -> Recording:
    return Recording.open(ensure_recording("digits"))


def stage(recording, looks, **options):
    return at_beats("SingleNeuron", {"digits": recording.path}, looks, **options)


def desk(scene):
    angles = [knob.angle for knob in scene.desk.dials]
    heights = [np.ptp(bar.points[:, 1]) for bar in scene.desk.bars]
    return scene.probe, scene.neuron, scene.inputs, angles, np.array(heights)


def test_knobs_and_bars_are_the_recorded_weights_and_products(recording):
    probe, neuron, inputs, angles, heights = stage(recording, {"weighted_sum": desk})["weighted_sum"]
    step = recording.n_steps
    weights = recording.param("1.W", step)[neuron, inputs].astype(float)
    limit = np.abs(recording.param("1.W", step)).max()
    assert angles == pytest.approx(list(TURN * weights / limit))
    products = np.abs(weights * recording.probe_x[probe].ravel()[inputs])
    assert heights / heights.max() == pytest.approx(products / products.max(), abs=1e-3)


def test_the_inputs_shown_are_the_largest_products(recording):
    probe, neuron, inputs, _, _ = stage(recording, {"weighted_sum": desk})["weighted_sum"]
    products = np.abs(recording.param("1.W", recording.n_steps)[neuron] * recording.probe_x[probe].ravel())
    assert products[inputs].min() >= np.delete(products, inputs).max()


def test_the_turned_knob_gives_what_the_network_gives(recording):
    probe, neuron, inputs, _, _ = stage(recording, {"weighted_sum": desk})["weighted_sum"]
    knob = stage(recording, {"inputs_arrive": lambda s: s.knob})["inputs_arrive"]
    network = recording.network(recording.n_steps)
    limit = compute_fact(recording, "largest_weight", step=recording.n_steps)
    network.params()["1.W"][neuron, inputs[knob]] = limit
    expected = network.forward(recording.probe_x[probe : probe + 1]).a[1][0, neuron]
    lamp = {"turn_one_knob": lambda s: (s.lamp.values[0], s.reading[-1].text)}
    value, text = stage(recording, lamp)["turn_one_knob"]
    assert value == pytest.approx(expected, abs=1e-5)
    assert text == f"{expected:.3f}"


@pytest.mark.parametrize("digit", [2, 7])
def test_the_numbers_shown_add_up_as_they_are_rounded(recording, digit):
    def numbers(scene):
        products = [float(label.text.replace("−", "-")) for label in scene.desk.product_labels]
        return products, [float(run[-1].text.replace("−", "-")) for run in scene.total]

    shown = stage(recording, {"weighted_sum": numbers}, params={"digit": digit})["weighted_sum"]
    products, (six, rest, bias, total) = shown
    assert sum(products) == pytest.approx(six, abs=0.0015)
    assert six + rest + bias == pytest.approx(total, abs=0.0015)


def test_the_neuron_that_fires_is_ringed_and_a_silent_one_is_not(recording):
    assert stage(recording, {"activation": lambda s: s.ring[0].get_stroke_opacity()})["activation"] == 1

    def silent(scene):
        scene._show(scene._at_notch(0))
        return scene.lamp.values[0], scene.ring[0].get_stroke_opacity()

    value, opacity = stage(recording, {"turn_one_knob": silent})["turn_one_knob"]
    assert (value, opacity) == (0, 0)


def test_another_weight_turns_its_knob(recording, tmp_path):
    _, neuron, inputs, before, _ = stage(recording, {"weighted_sum": desk})["weighted_sum"]
    place = (neuron, inputs[2])
    old = float(recording.param("1.W", recording.n_steps)[place])
    other = altered_copy(recording.path, tmp_path / "b", "param 1.W", recording.n_steps, place, old * 1.02)
    _, _, _, after, _ = stage(Recording.open(other), {"weighted_sum": desk})["weighted_sum"]
    assert after[2] == pytest.approx(before[2] * 1.02, rel=1e-5)
    assert after[:2] == before[:2]


def test_a_weight_of_zero_stands_upright_and_draws_no_arc():
    knob = Knob(Look(), np.zeros(3), 0.5, 0.0, 1.0)
    assert knob.angle == 0.0
    assert knob.arc.get_stroke_opacity() == 0.0
    assert knob.turn_to(-0.5).angle == -TURN / 2
