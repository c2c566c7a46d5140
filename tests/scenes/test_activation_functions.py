"""ActivationFunctions: dots are recorded sums, they sit on the exact curves, and ranges are computed."""

import numpy as np
import pytest
from altered import altered_copy
from hypothesis import given
from hypothesis import strategies as st
from on_stage import at_beats

from nncore.activations import ACTIVATIONS
from nncore.errors import BadInput
from nncore.facts import compute_fact
from nncore.neuron_facts import curve
from nncore.recording import Recording
from scenes.kit.recorded_scene import MINUS
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def recording() -> Recording:
    return Recording.open(ensure_recording("digits"))


def stage(recording, looks, **options):
    return at_beats("ActivationFunctions", {"digits": recording.path}, looks, **options)


def dots(scene):
    return scene.probe, scene.plot, scene.dots.places


@pytest.mark.parametrize("name", ["relu", "gelu", "sigmoid", "tanh"])
def test_every_dot_is_a_recorded_sum_on_the_curve(recording, name):
    probe, plot, places = stage(recording, {name: dots})[name]
    z = recording.z(1, recording.n_steps)[probe].astype(float)
    assert np.allclose(places, plot.frame.places(z, ACTIVATIONS[name].value(z))[:, :2], atol=1e-6)


def test_softmax_dots_are_the_recorded_chances(recording):
    look = {"softmax": lambda s: (s.probe, [entry.text for entry in s.ledger])}
    probe, _ = stage(recording, look)["softmax"]
    step = compute_fact(recording, "first_likely_step", probe=probe)
    z, a = recording.z(2, step)[probe].astype(float), recording.a(2, step)[probe]
    assert np.allclose(np.exp(z) / np.exp(z).sum(), a, atol=1e-5), "all ten lie on one exponential curve"


def test_silent_neurons_are_counted_in_the_recording(recording, tmp_path):
    def shown(scene):
        return scene.probe, {e.source["key"]: e.value for e in scene.ledger if e.source["kind"] == "fact"}

    probe, before = stage(recording, {"relu": shown})["relu"]
    z = recording.z(1, recording.n_steps)[probe]
    assert before["silent_neurons"] == (z <= 0).sum()
    loud = int(np.flatnonzero(z > 0)[0])
    other = altered_copy(recording.path, tmp_path / "b", "z 1", recording.n_steps, (probe, loud), -0.5)
    assert (
        stage(Recording.open(other), {"relu": shown})["relu"][1]["silent_neurons"]
        == before["silent_neurons"] + 1
    )


def test_a_caption_writes_a_true_minus_and_keeps_other_hyphens(recording):
    caption = stage(recording, {"gelu": lambda scene: scene.captions["gelu"]})["gelu"]
    assert "−0.17" in caption
    assert "-" not in caption
    assert MINUS.sub("−", "ResNet-152 at -3, 1-2") == "ResNet-152 at −3, 1-2"


def test_gelu_has_its_known_minimum(recording):
    assert compute_fact(recording, "activation_lowest", activation="gelu") == pytest.approx(
        -0.16997, abs=1e-5
    )
    assert compute_fact(recording, "activation_lowest_at", activation="gelu") == pytest.approx(
        -0.7518, abs=1e-4
    )
    assert compute_fact(recording, "steepest_slope", activation="sigmoid") == pytest.approx(0.25)
    with pytest.raises(BadInput, match="Did you mean 'gelu'"):
        compute_fact(recording, "activation_lowest", activation="gelo")


@given(name=st.sampled_from(["gelu", "sigmoid", "tanh"]), z=st.floats(-6, 6))
def test_the_drawn_slope_is_the_curves_slope(name, z):
    value, slope = curve(name)
    nudged = value(np.array([z - 1e-6, z + 1e-6]))
    assert slope(np.array([z]))[0] == pytest.approx((nudged[1] - nudged[0]) / 2e-6, abs=1e-6)
