"""Learning rates and optimizers side by side: each ball, arrow and square is what its recording says."""

import numpy as np
import pytest
from on_stage import at_beats
from side_runs import end_losses, land_of, numbers, opened, runs

from nncore.errors import BadInput
from nncore.facts import compute_fact

# --- learning rates ----------------------------------------------------------------------------------------


def test_learning_rates_are_in_step_and_land_where_they_were_recorded():
    looks = {
        "start": numbers,
        "together": lambda scene: (numbers(scene), land_of(scene), [c.drawn_to for c in scene.curves]),
    }
    found = at_beats("LearningRates", runs("LearningRates"), looks)
    texts, land, drawn = found["together"]
    assert len(set(found["start"])) == 1
    assert texts == [f"{loss:#.3g}" for loss in end_losses(opened("LearningRates"))]
    for (ball, head), spot in zip(land["ends"], land["spots"], strict=True):
        assert head == 24
        assert np.allclose(ball, spot, atol=1e-5)
    assert drawn == [24.0] * 3
    assert land["low"] == 0.0


def test_only_the_run_that_is_spoken_of_has_moved():
    found = at_beats(
        "LearningRates", runs("LearningRates"), {"small": lambda s: s.land.heads.tolist(), "good": numbers}
    )
    assert found["small"] == [24.0, 0.0, 0.0]
    assert found["good"][2] == f"{opened('LearningRates')[2].evals('loss_train')[0]:#.3g}"


# --- optimizers --------------------------------------------------------------------------------------------


def memory(scene):
    return {
        "arrows": [a is not None for a in scene.arrows],
        "squares": [[float(np.ptp(s.points[:, 0])) for s in pair] for pair in scene.table.squares],
        "stations": [(a.points[0], a.tip) for a in scene.stations],
        "ground": [scene.land.ground(turn) for turn in np.eye(2)],
        "numbers": numbers(scene),
    }


@pytest.fixture(scope="module")
def race():
    looks = {"momentum": memory, "adam": memory, "race": lambda scene: (memory(scene), land_of(scene))}
    return at_beats("Optimizers", runs("Optimizers"), looks)


def test_each_optimizer_shows_what_it_keeps(race):
    end = race["race"][0]
    assert end["arrows"] == [False, True, False, True, True]
    assert [len(pair) for pair in end["squares"]] == [0, 0, 2, 2, 2]


def test_squares_have_the_area_of_the_recorded_squared_slopes(race):
    for rec, sides in list(zip(opened("Optimizers"), race["race"][0]["squares"], strict=True))[2:]:
        kept = [float(rec.state(f"v {key}", rec.n_steps).ravel()[0]) for key in ("1.W", "1.b")]
        assert (sides[0] / sides[1]) ** 2 == pytest.approx(kept[0] / kept[1], rel=1e-3)


def test_arrows_on_the_way_point_where_the_recorded_velocity_leads(race):
    across, up = race["momentum"]["ground"]
    rec = opened("Optimizers")[1]
    velocity = np.array(
        [[float(rec.state(f"velocity {k}", s).ravel()[0]) for k in ("1.W", "1.b")] for s in rec.steps]
    )
    first = int(np.flatnonzero(np.arange(len(velocity)) % 4 == 0)[1])
    start, tip = race["momentum"]["stations"][0]
    lead = -velocity[first, 0] * across - velocity[first, 1] * up
    shown = tip - start
    cosine = shown @ lead / np.linalg.norm(shown) / np.linalg.norm(lead)
    assert cosine > 0.97  # the view is a perspective: level arrows turn a little
    assert len(race["momentum"]["stations"]) > 3


@pytest.fixture(scope="module")
def division():
    looks = {
        "divide": lambda scene: (
            [[label.text for label in line] for line in scene.division.lines],
            [float(np.ptp(bar.points[:, 1])) for bar in scene.division.step_bars],
            [float(np.ptp(bar.points[:, 1])) for bar in scene.division.slope_bars],
        )
    }
    return at_beats("Optimizers", runs("Optimizers"), looks)["divide"]


def test_the_division_that_is_shown_is_the_recorded_first_step(division):
    rec = opened("Optimizers")[2]
    texts, steps, slopes = division
    for column, key in enumerate(("1.W", "1.b"), 1):
        slope = float(rec.grad(key, 0).ravel()[0])
        usual = float(rec.state(f"v {key}", 1).ravel()[0]) ** 0.5
        made = float(rec.param(key, 1).ravel()[0]) - float(rec.param(key, 0).ravel()[0])
        assert made == pytest.approx(-rec.spec.learning_rate * slope / usual, rel=1e-4)
        assert [line[column] for line in texts] == [
            f"{slope:+.3f}", f"{usual:.3f}", f"−{rec.spec.learning_rate:g}", f"{made:+.3f}"
        ]  # fmt: skip
    recorded = [abs(float(rec.grad(key, 0).ravel()[0])) for key in ("1.W", "1.b")]
    assert slopes[0] / slopes[1] == pytest.approx(recorded[0] / recorded[1], rel=1e-3)
    assert steps[0] == pytest.approx(steps[1], rel=1e-3)


def test_adamws_way_is_dashed_so_that_adams_is_seen_under_it():
    looks = {"adam": lambda scene: [route.dashed for route in scene.land.routes.value]}
    found = at_beats("Optimizers", runs("Optimizers"), looks)
    assert found["adam"] == [False, False, False, False, True]


def test_a_run_that_divides_by_nothing_is_refused():
    momentum, divides = opened("Optimizers")[1:3]
    with pytest.raises(BadInput, match="momentum keeps no average of squared slopes"):
        compute_fact(momentum, "usual_slope", step=0, key="1.W")
    with pytest.raises(BadInput, match="update 80 lies between two snapshots"):
        compute_fact(divides, "step_made", step=divides.n_steps, key="1.W")


def test_all_five_end_where_they_were_recorded(race):
    found, land = race["race"]
    assert found["numbers"] == [f"{loss:#.3g}" for loss in end_losses(opened("Optimizers"))]
    for (ball, _), spot in zip(land["ends"], land["spots"], strict=True):
        assert np.allclose(ball, spot, atol=1e-5)
