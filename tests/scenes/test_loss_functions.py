"""LossFunctions: squares are recorded gaps squared, dots lie on the curve, the mistake is the costliest."""

import numpy as np
import pytest
from altered import altered_copy
from on_stage import at_beats

from nncore.facts import compute_fact
from nncore.recording import Recording
from nncore.softmax_facts import chances_on_test
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def recording() -> Recording:
    return Recording.open(ensure_recording("digits"))


def stage(recording, looks, **options):
    return at_beats("LossFunctions", {"digits": recording.path}, looks, **options)


def squares(scene):
    found = []
    for _, _, card in scene.cards:
        area = card.square.width * card.square.height / (card.frame.width * card.frame.height)
        found.append((area, card.gap.get_length() / card.frame.width, card.value.text))
    return scene.pairs, found


@pytest.mark.parametrize("aspect", ["16:9", "9:16"])
def test_a_squares_area_is_the_squared_error_of_a_recorded_chance(recording, aspect):
    pairs, found = stage(recording, {"squared_error": squares}, aspect=aspect)["squared_error"]
    for (probe, step), (area, gap, text), wanted in zip(pairs, found, (0.33, 0.95), strict=True):
        chance = float(recording.a(2, step)[probe, recording.probe_y[probe]])
        assert chance == pytest.approx(wanted, abs=0.01)
        assert area == pytest.approx((1 - chance) ** 2, abs=1e-4)
        assert gap == pytest.approx(1 - chance, abs=1e-4)
        assert text == f"{chance:.2f}"


def test_the_curve_is_minus_the_logarithm(recording):
    line, plot = stage(recording, {"cross_entropy": lambda s: (s.lines[0].line, s.plot)})["cross_entropy"]
    p = np.linspace(0.1, 1.0, 7)
    drawn = np.interp(plot.frame.places(p, p)[:, 0], line[:, 0], line[:, 1])
    assert drawn == pytest.approx(plot.frame.places(p, -np.log(p))[:, 1], abs=0.01)


def test_the_mistake_shown_is_the_costliest_of_the_test_set(recording):
    def shown(scene):
        return scene.worst, {e.source["key"]: e.value for e in scene.ledger if e.source["kind"] == "fact"}

    worst, values = stage(recording, {"confident_mistake": shown})["confident_mistake"]
    chances, right = chances_on_test(recording, recording.n_steps)
    assert worst == chances.argmin()
    assert not right[worst]
    assert values["example_loss"] == pytest.approx(-np.log(chances.min()))
    assert values["example_prediction"] != values["example_label"] == recording.dataset().y_test[worst]
    losses = -np.log(chances)
    share = compute_fact(recording, "loss_share_of_wrong", step=recording.n_steps)
    assert share == pytest.approx(losses[~right].sum() / losses.sum())


def test_the_wrong_share_of_the_loss_is_the_length_of_its_bar(recording):
    def bars(scene):
        return scene.shares[5].width / scene.shares[4].width

    length = stage(recording, {"all_test_digits": bars})["all_test_digits"]
    assert length == pytest.approx(
        compute_fact(recording, "loss_share_of_wrong", step=recording.n_steps), abs=1e-3
    )


def test_another_recording_has_other_squares(recording, tmp_path):
    pairs, before = stage(recording, {"squared_error": squares})["squared_error"]
    probe, step = pairs[0]
    place = (probe, int(recording.probe_y[probe]))
    other = altered_copy(recording.path, tmp_path / "b", "a 2", step, place, 0.3301)
    _, after = stage(Recording.open(other), {"squared_error": squares})["squared_error"]
    assert after[0][0] == pytest.approx(0.6699**2, abs=1e-4)
    assert after[0][0] != before[0][0]
