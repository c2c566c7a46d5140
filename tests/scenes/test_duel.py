"""Duels: what differs is said in words, runs move in step, and an unfair duel is refused."""

from itertools import pairwise

import numpy as np
import pytest

from nncore.errors import BadInput
from nncore.recipes import DUELS, check_duel, recipe
from nncore.recording import Recording
from scenes.kit.duel import InStep, difference_of, moment, panels, snapshot_at
from scenes.kit.duel_words import field_words, find_difference, value_words
from scenes.kit.layout import Look
from studio.runs import ensure_recording

WORDS = {
    "optimizers": ("optimizer", ["SGD", "momentum", "RMSprop", "Adam", "AdamW"]),
    "vanishing": ("activation", ["sigmoid", "ReLU"]),
    "nonlinearity": ("activation", ["none", "ReLU"]),
    "batchnorm": ("batch normalisation", ["without", "with"]),
    "dropout": ("dropout", ["without", "with"]),
    "capacity": ("neurons", ["1", "64 64"]),
}


def words(name: str) -> tuple[str, list[str]]:
    specs = [recipe(member).spec for member in DUELS[name].recipes]
    found = find_difference(check_duel(specs), [spec.to_json() for spec in specs])
    return field_words(found.field), [" ".join(value_words(v) for _, v in values) for values in found.values]


@pytest.mark.parametrize("name", WORDS)
def test_the_difference_is_said_in_words(name):
    assert words(name) == WORDS[name]


@pytest.mark.parametrize("name", sorted(DUELS))
def test_every_duel_has_a_difference_and_a_value_for_each_run(name):
    field, values = words(name)
    assert field
    assert len(values) == len(DUELS[name].recipes)
    assert len(set(values)) == len(values)


def test_steps_are_even_in_log_time_and_end_exactly():
    runs = [Recording.open(ensure_recording(name)) for name in ("overfit", "overfit_early_stop")]
    clock = InStep(runs)
    steps = [clock.step(share) for share in np.linspace(0, 1, 21)]
    assert steps[0] == 0
    assert steps[-1] == clock.last == runs[0].n_steps
    assert (np.diff(np.log1p(steps)) > 0).all()
    assert np.allclose(np.diff(np.log1p(steps)), np.log1p(clock.last) / 20)
    assert clock.between(10, 500, 1.0) == 500
    assert clock.between(10, 500, 0.0) == pytest.approx(10)


def test_a_run_that_has_ended_stays_at_its_end():
    early = Recording.open(ensure_recording("overfit_early_stop"))
    last = len(early.steps) - 1
    assert moment(early, early.n_steps + 100) == (last, 0.0)
    assert snapshot_at(early, early.n_steps + 100) == early.n_steps
    i, share = moment(early, (early.steps[3] + early.steps[4]) / 2)
    assert (i, share) == (3, 0.5)


def test_an_unfair_duel_is_refused():
    runs = [Recording.open(ensure_recording(name)) for name in ("moons", "spirals")]
    with pytest.raises(BadInput, match="must differ in exactly one field"):
        difference_of(runs)


@pytest.mark.parametrize("aspect", ["16:9", "1:1", "4:5", "9:16"])
def test_panels_share_the_room_without_overlap(aspect):
    look = Look(aspect)
    places = panels(look, look.wide, 3)
    stacked = look.wide.height > look.wide.width
    for a, b in pairwise(places):
        assert (b.top < a.bottom) if stacked else (b.left > a.right)
