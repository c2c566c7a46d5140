"""Initialisation: three starts of one network, their signals, gradients and losses as recorded."""

import numpy as np
import pytest
from on_stage import at_beats

from nncore.facts import compute_fact
from nncore.recording import Recording
from studio.runs import ensure_recording

RECIPES = ("init_zeros", "init_large", "init_he")


@pytest.fixture(scope="module")
def runs() -> dict[str, Recording]:
    return {name: Recording.open(ensure_recording(name)) for name in RECIPES}


def stage(runs, looks, **options):
    return at_beats("Initialisation", {name: run.path for name, run in runs.items()}, looks, **options)


def bars(scene):
    return [(b.values, [b.length(i) for i in range(3)], [t.text for t in b.labels]) for b in scene.bars]


@pytest.mark.parametrize(("beat", "fact"), [("signal", "signal_size"), ("gradients", "gradient_norm")])
def test_bars_are_recorded_and_zero_has_none(runs, beat, fact):
    drawn = stage(runs, {beat: bars})[beat]
    for run, (values, lengths, texts) in zip(runs.values(), drawn, strict=True):
        where = [{"layer": i} if fact == "signal_size" else {"key": f"{i}.W"} for i in (1, 2, 3)]
        assert np.allclose(values, [compute_fact(run, fact, step=0, **place) for place in where])
        assert (np.array(lengths) > 0.01).all() == (values > 0).all()
        if not values.any():
            assert texts == ["0", "0", "0"]
            assert max(lengths) < 0.001
    assert (drawn[1][0] > 10 * drawn[2][0]).all()


def test_signals_are_the_probes_root_mean_square(runs):
    z = runs["init_he"].z(2, 0).astype(float)
    assert compute_fact(runs["init_he"], "signal_size", step=0, layer=2) == pytest.approx(
        np.sqrt((z**2).mean())
    )


def test_weights_of_zero_give_no_light_and_one_scale_serves_all(runs):
    def light(scene):
        return [[(field.density().max(), field.scale_value) for field in group] for group in scene.wires]

    zeros, large, he = stage(runs, {"three_starts": light})["three_starts"]
    assert [density for density, _ in zeros] == [0, 0, 0]
    assert [scale for _, scale in zeros] == [scale for _, scale in large] == [scale for _, scale in he]
    assert all(density > 0 for density, _ in he)


def test_zeros_never_move_and_guess_to_the_end(runs):
    zeros = runs["init_zeros"]
    assert compute_fact(zeros, "weights_moved", step=zeros.n_steps) == 0
    assert compute_fact(runs["init_he"], "weights_moved", step=540) > 10_000
    assert zeros.series("loss_batch")[-1] == pytest.approx(np.log(10), abs=0.05)


def test_it_ends_with_the_recorded_accuracies_and_activations(runs):
    def end(scene):
        return [s.text for s in scene.scores], scene.probe, [group[1].values for group in scene.discs]

    texts, probe, lit = stage(runs, {"learning": end}, aspect="1:1")["learning"]
    assert texts == [f"{run.evals('accuracy_test')[-1]:.0%} right" for run in runs.values()]
    for run, values in zip(runs.values(), lit, strict=True):
        assert np.array_equal(values, run.a(2, run.n_steps)[probe])
