"""RecurrentPass: memory and guesses are the recorded ones, row by row."""

from pathlib import Path

import numpy as np
import pytest
from playing import played, shown

from nncore.sequence_facts import early_guesses
from scenes.kit.encodings import signed_image
from scenes.kit.flows import likeness_order
from scenes.kit.layout import Look, Region
from scenes.kit.read_image import ReadImage
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def run() -> Path:
    return ensure_recording("rows_rnn")


@pytest.fixture(scope="module")
def scene(run):
    return played("RecurrentPass", {"rows_rnn": run})


def test_the_guess_after_the_last_row_is_the_recorded_output(scene):
    guesses = early_guesses(scene.rec, scene.probe, scene.end)
    assert np.allclose(guesses[-1], scene.rec.a(2, scene.end)[scene.probe], atol=1e-5)
    assert np.allclose(guesses.sum(axis=1), 1)


def test_every_memory_cell_is_a_recorded_state_and_none_is_lost(scene):
    recorded = scene.rec.hidden(1, scene.end)[scene.probe]
    drawn = scene.memories[-1]
    assert np.allclose(np.sort(drawn, axis=1), np.sort(recorded, axis=1))
    assert np.allclose(scene.memory.whole, signed_image(scene.look, drawn, 1.0), atol=1e-6)


def test_likeness_order_is_a_permutation_that_joins_equal_columns():
    wave = np.sin(np.linspace(0, 6, 28))
    memory = np.stack([wave, -wave, np.cos(wave * 3), wave, -wave], axis=1)
    order = likeness_order(memory).tolist()
    assert sorted(order) == [0, 1, 2, 3, 4]
    assert abs(order.index(0) - order.index(3)) == 1


def test_what_is_not_read_yet_is_not_shown():
    look = Look()
    whole = signed_image(look, np.ones((4, 3)), 1.0)
    image = ReadImage(look, whole, Region(0, 0, 1, 1))
    image.read = 2.0
    empty = signed_image(look, np.zeros(()), 1.0)
    assert np.allclose(image.seen()[:2], whole[:2])
    assert np.allclose(image.seen()[2:], empty, atol=1e-6)


def test_it_settles_with_the_row_that_is_named(scene):
    best = early_guesses(scene.rec, scene.probe, scene.end).argmax(axis=1)
    (row,) = shown(scene, "settled_after")
    assert (best[row - 1 :] == best[-1]).all()
    assert best[row - 2] != best[-1]


def test_before_training_the_memory_hardly_changes_from_row_to_row(scene):
    change = [np.abs(np.diff(scene.rec.hidden(1, s), axis=1)).mean() for s in (0, scene.end)]
    assert change[0] < change[1] / 2


def test_every_early_guess_shown_is_the_largest(scene):
    labels, chances = shown(scene, "early_label"), shown(scene, "early_probability")
    guesses = early_guesses(scene.rec, scene.probe, scene.end)
    assert set(labels) == set(guesses.argmax(axis=1).tolist())
    assert np.allclose(sorted(chances), sorted(guesses.max(axis=1)))


def test_the_ink_ends_before_the_guess_settles(scene):
    (inked,), (settled,) = shown(scene, "last_inked_row"), shown(scene, "settled_after")
    rows = scene.rec.probe_x[scene.probe].reshape(scene.rows, -1)
    assert rows[int(inked) - 1].any()
    assert not rows[int(inked) :].any()
    assert settled > inked


def test_both_memories_are_whole_in_the_last_beat(scene):
    drawn = [m for m in scene.mobjects if isinstance(m, ReadImage)]
    assert len(drawn) == 2
    assert all(image.read == scene.rows for image in drawn)
    untrained = next(image for image in drawn if image is not scene.memory)
    assert np.allclose(untrained.whole, signed_image(scene.look, scene.memories[0], 1.0), atol=1e-6)
