"""Overfitting draws the recorded maps, losses and masks of five runs on the same points."""

import numpy as np
import pytest
from altered import altered_copy
from on_stage import at_beats

from nncore.boundary_facts import learned_between
from nncore.decision_maps import decision_map
from nncore.facts import compute_fact
from nncore.recording import Recording
from scenes.kit.plane_views import GRID, MARGIN
from studio.runs import ensure_recording

RECIPES = ("overfit", "overfit_l2", "overfit_dropout", "overfit_early_stop", "underfit")


@pytest.fixture(scope="module")
def runs() -> dict[str, Recording]:
    return {name: Recording.open(ensure_recording(name)) for name in RECIPES}


def stage(runs, looks, **options):
    return at_beats("Overfitting", {name: run.path for name, run in runs.items()}, looks, **options)


def scores(recording, step):
    found = decision_map(recording, step, size=GRID, margin=MARGIN, scores=True)
    return found.values[..., 0]


def test_the_map_is_the_recorded_network_at_the_best_and_at_the_last_step(runs):
    look = {"learns": lambda s: s.view.map.scores, "memorises": lambda s: s.view.map.scores}
    seen = stage(runs, look)
    rec = runs["overfit"]
    assert np.allclose(seen["learns"], scores(rec, rec.best_step), atol=1e-4)
    assert np.allclose(seen["memorises"], scores(rec, rec.n_steps), atol=1e-4)


def test_rings_are_around_the_points_learned_by_heart(runs):
    def rings(scene):
        run, square = scene.runs["overfit"], scene.square
        span = run.x[-1] - run.x[0]
        centers = np.array([ring.get_center()[:2] for ring in scene.rings])
        return (centers - [square.left, square.bottom]) / square.width * span + [run.x[0], run.y[0]]

    places = stage(runs, {"memorises": rings})["memorises"]
    rec = runs["overfit"]
    odd = learned_between(rec, rec.best_step, rec.n_steps)
    assert len(odd) == compute_fact(rec, "points_learned", first=rec.best_step, last=rec.n_steps) > 0
    assert np.allclose(places, rec.dataset().x_train[odd], atol=1e-3)


def test_dropout_shows_the_recorded_masks(runs):
    step, shown = stage(runs, {"dropout": lambda s: (s.mask.step, s.mask.shown)})["dropout"]
    masks = runs["overfit_dropout"].masks(step)
    for layer, mask in zip(("2", "4"), shown, strict=True):
        assert np.array_equal(mask, masks[layer][0])
    left_out = compute_fact(runs["overfit_dropout"], "dropped_units", step=step, layer=2, example=0)
    assert left_out == (~shown[0]).sum()


def test_bars_are_the_recorded_losses_on_new_points(runs):
    def bars(scene):
        rows = scene.bars.bars
        return rows.values, [rows.length(i) / rows.unit for i in range(5)], [t.text for t in rows.labels]

    values, lengths, texts = stage(runs, {"underfit": bars})["underfit"]
    stopped = runs["overfit_early_stop"]
    last = [float(runs[name].evals("loss_test")[-1]) for name in RECIPES]
    kept = float(stopped.evals("loss_test")[list(stopped.eval_steps).index(stopped.best_step)])
    expected = [last[0], kept, last[1], last[2], last[4]]
    assert np.allclose(values, expected)
    assert np.allclose(lengths, expected, atol=1e-3)
    assert texts == [f"{value:.2f}" for value in expected]
    assert values[0] > 1.5 * values[1:4].max()


def test_another_recording_has_another_map(runs, tmp_path):
    rec = runs["overfit"]
    other = altered_copy(rec.path, tmp_path / "other", "param 3.b", rec.best_step, (0,), 5.0)
    look = {"learns": lambda s: s.view.map.scores}
    changed = stage({**runs, "overfit": Recording.open(other)}, look)["learns"]
    assert (changed > stage(runs, look)["learns"] + 1).all()
