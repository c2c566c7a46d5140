"""GradientDescent draws recorded steps: the rule holds in its numbers, the map is the batch's loss."""

from pathlib import Path

import numpy as np
import pytest
from playing import played, shown

from nncore.errors import BadInput
from nncore.recipes import recipe
from nncore.recording import Recording
from nncore.slices import steepest_weights
from nncore.training import train
from scenes.kit.contour_map import ContourMap, Window, detail_for, height_at, interval_of
from scenes.kit.descent import Descent
from scenes.kit.layout import Look, Region
from studio.runs import ensure_recording

STEPS = 6


@pytest.fixture(scope="module")
def digits() -> Path:
    return ensure_recording("digits")


@pytest.fixture(scope="module")
def recording(digits) -> Recording:
    return Recording.open(digits)


@pytest.fixture(scope="module")
def scene(digits):
    return played("GradientDescent", {"digits": digits})


def test_old_weight_less_rate_times_gradient_is_the_next_snapshots_weight(recording):
    for weight in steepest_weights(recording):
        for step in range(STEPS):
            old, new = (float(recording.param(weight.key, s)[weight.index]) for s in (step, step + 1))
            move = recording.series("learning_rate")[step] * recording.grad(weight.key, step)[weight.index]
            assert new == pytest.approx(old - move, abs=1e-7)


def test_the_numbers_on_screen_are_those_of_the_rule(scene, recording):
    read = [entry.source for entry in scene.ledger]
    sources = [(each["kind"], each.get("step"), tuple(each.get("index", ()))) for each in read]
    entries = dict(zip(sources, scene.ledger, strict=True))
    rate = recording.series("learning_rate")[0]
    for weight in steepest_weights(recording):
        for step in range(STEPS):
            old = entries["param", step, weight.index].value
            new = entries["param", step + 1, weight.index].value
            assert new == pytest.approx(old - rate * entries["grad", step, weight.index].value, abs=1e-7)
    assert (
        scene.panel.rule.old.counters[0].text.replace("−", "-")
        == entries["param", STEPS - 1, steepest_weights(recording)[0].index].text
    )


def test_each_step_is_shown_with_the_loss_of_its_batch_before_and_after(scene, recording):
    before = recording.series("loss_batch")[:STEPS]
    assert set(before) <= set(shown(scene, "loss_batch"))
    after = np.array(shown(scene, "batch_loss_after"))
    assert len(after) == STEPS
    assert (after < before).all()
    axes = scene.tooth.axes
    for step, dot in enumerate(scene.tooth.dots):
        assert dot.get_center() == pytest.approx(axes.point(step, before[step]))
        assert scene.tooth.falls[step].end == pytest.approx(axes.point(step + 1, after[step]))


def test_it_ends_at_the_recorded_end(scene, recording):
    assert scene.status_label.text == f"step {recording.n_steps:,}"
    assert f"{recording.evals('accuracy_test')[-1]:.1%}" in scene.captions["whole_run"]
    pose = scene.mobjects and next(m for m in scene.mobjects if hasattr(m, "current")).current
    ends = [float(recording.param(w.key, recording.n_steps)[w.index]) for w in steepest_weights(recording)]
    assert pose.at == pytest.approx(ends)
    assert len(pose.path) == len(recording.steps) - 1


def test_the_map_has_the_recorded_height_and_slope_at_the_ball(recording):
    descent = Descent(recording, STEPS)
    for step in (0, 3):
        at, values = descent.path[step], descent.values(step)
        assert height_at(descent.x, descent.y, values, at) == pytest.approx(descent.losses[step], rel=1e-5)
        move = 1e-3
        for axis in range(2):
            ends = [at + sign * move * np.eye(2)[axis] for sign in (1, -1)]
            there, back = (height_at(descent.x, descent.y, values, end) for end in ends)
            slope = (there - back) / (2 * move)
            assert slope == pytest.approx(descent.slopes[step, axis], rel=1e-3, abs=1e-4)


@pytest.mark.parametrize(("recipe", "missing"), [("moons", "plain gradient descent"), ("xor", "pictures")])
def test_a_recording_without_what_it_shows_is_refused_in_words(recipe, missing):
    with pytest.raises(BadInput, match=missing):
        Descent(Recording.open(ensure_recording(recipe)), STEPS)


def test_layers_that_train_differently_have_no_map(tmp_path):
    dropout = {"type": "dropout", "rate": 0.5}
    spec = recipe("digits").spec
    layers = ({**spec.layers[0], "units": 4}, dropout, spec.layers[-1])
    run = train(spec.but(name="noisy", layers=layers, epochs=1, snapshots=4), tmp_path / "noisy")
    with pytest.raises(BadInput, match="differently in training"):
        Descent(run, STEPS)


def test_contour_intervals_go_down_in_round_steps():
    assert [interval_of(d) for d in range(-2, 5)] == pytest.approx([0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002])
    assert interval_of(detail_for(0.1, 10)) == pytest.approx(0.01)


def test_a_zoom_keeps_one_point_in_place_and_ends_exactly():
    wide, close = Window(0.0, 0.0, 1.0), Window(0.9, -0.3, 0.1)
    region = Region(-2, -1, 2, 1)
    still = (close.x - close.per_unit * wide.x, close.y - close.per_unit * wide.y)
    still = tuple(value / (1 - close.per_unit) for value in still)
    at = [wide.toward(close, share).point(region, *still) for share in (0, 0.3, 0.7, 1)]
    for point in at[1:]:
        assert point == pytest.approx(at[0])
    assert wide.toward(close, 1.0) == close


def test_the_painted_map_is_higher_where_the_values_are():
    from scenes.kit.pixels import PixelView

    nodes = np.linspace(-1, 1, 9)
    values = np.add.outer(0 * nodes, nodes)  # rises to the right
    region = Region(-4, -4, 4, 4)
    view = PixelView(80, 80, 8.0, 8.0)
    drawn = ContourMap(
        Look(), nodes, nodes, values, region, Window(0, 0, 0.25), middle=0.0, reach=0.5, detail=-20.0
    )
    frame = np.zeros((80, 80, 4), np.uint8)
    drawn.paint(frame, view)
    row = frame[40, 8:72, :3].astype(float).sum(axis=1)
    assert (np.diff(row) >= -3).all()
    assert row[-1] > row[0] + 100
    assert frame[0, 0, 3] < frame[0, 40, 3] == 255, "the corners are round"
