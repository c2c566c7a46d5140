"""TrainingLoop: each dart is a recorded prediction, each number of the loop that turn's own."""

from pathlib import Path

import numpy as np
import pytest
from altered import altered_copy
from playing import played, shown

from nncore.facts import compute_fact
from nncore.recording import Recording
from scenes.kit.dart_board import RINGS, DartBoard, DartField
from scenes.kit.layout import Look, Region
from scenes.kit.loop_diagram import LoopDiagram, Station
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def digits() -> Path:
    return ensure_recording("digits")


@pytest.fixture(scope="module")
def scene(digits):
    return played("TrainingLoop", {"digits": digits})


def test_darts_end_at_the_recorded_predictions(scene):
    data = scene.rec.dataset()
    y_hat = scene.rec.network(scene.end).predict(data.x_test)
    right = y_hat[np.arange(len(data.y_test)), data.y_test]
    assert np.allclose(scene.darts.distances, 1 - right, atol=1e-6)
    assert scene.darts.hits.tolist() == (y_hat.argmax(axis=1) == data.y_test).tolist()
    from_middle = np.linalg.norm(scene.darts.tips() - scene.board.middle[:2], axis=1)
    assert np.allclose(from_middle, (1 - right) * scene.board.radius, atol=1e-6)


def test_a_dart_lies_in_the_sector_of_its_class(scene):
    y = scene.rec.dataset().y_test
    way = np.stack([np.cos(a := scene.darts.geometry.value[2]), np.sin(a)])
    middles = scene.board.angle(np.arange(10))
    cosines = way.T @ np.stack([np.cos(middles), np.sin(middles)])
    assert (cosines.argmax(axis=1) == y).all()


def test_the_middle_is_certainty_and_the_rim_is_none():
    board = DartBoard(Look("1:1"), Region(-3, -3, 3, 3), ("a", "b", "c"))
    darts = DartField(board, np.array([0.0, 1.0]), board.angle(np.array([0, 1])), np.array([1.0, 0.0]))
    tips = darts.tips()
    assert np.allclose(tips[0], board.middle[:2])
    assert np.linalg.norm(tips[1] - board.middle[:2]) == pytest.approx(board.radius)


def test_counted_in_the_inner_ring_are_the_darts_there(scene):
    assert shown(scene, "darts_inside")[-1] == (scene.darts.distances <= RINGS[0]).sum()


def test_the_loops_numbers_are_those_of_each_turn(scene):
    losses = shown(scene, "loss_batch")
    assert losses == pytest.approx(scene.rec.series("loss_batch")[: len(losses)])
    gradients, changes = shown(scene, "grad_norm"), shown(scene, "update_size")
    rate = scene.rec.spec.learning_rate
    assert np.allclose(changes, rate * np.array(gradients), rtol=1e-3)
    assert shown(scene, "batch_number") == list(range(1, scene.turns + 1))


def test_the_batch_shown_is_the_batch_taken(scene):
    images = scene.data.x_train[scene.rec.batch(scene.turns - 1)]
    first = scene.batch.rgba[:28, :28, 0]
    assert np.argsort(first.ravel())[-1] == np.argsort(images[0].ravel())[-1]
    assert np.array_equal(scene.batch.rgba, scene.sheets[-1])


def test_a_loop_shows_a_number_once_its_card_was_reached():
    look, readings = Look(), ((-1.0, "?"), (0.0, "1"), (1.0, "2"))
    stations = [Station(word, "", readings, "ink") for word in ("a", "b", "c", "d")]
    loop = LoopDiagram(look, Region(-6, -2.5, 6, 2.5), stations, (3.0, 1.6))
    texts = [[c.text for c in loop.turn_to(t).counters] for t in (0.1, 0.3, 1.0, 1.6)]
    assert texts == [["1", "?", "?", "?"], ["1", "1", "?", "?"], ["1"] * 4, ["2", "2", "2", "1"]]


def test_another_bias_throws_the_darts_elsewhere(scene, digits, tmp_path):
    other = altered_copy(digits, tmp_path / "other", "param 2.b", scene.end, (3,), 30.0)
    recording = Recording.open(other)
    inside = compute_fact(recording, "darts_inside", step=scene.end, ring=0.25)
    assert inside < shown(scene, "darts_inside")[-1]
