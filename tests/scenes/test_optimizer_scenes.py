"""The scenes of runs side by side: each ball, arrow, square, curve and picture is what its recording says."""

from pathlib import Path

import numpy as np
import pytest
from altered import altered_copy
from on_stage import at_beats

from nncore.decay_facts import input_sizes, unused_inputs_of
from nncore.errors import BadInput
from nncore.facts import compute_fact
from nncore.recording import Recording
from scenes.registry import scene_info
from studio.runs import ensure_recording


def runs(scene: str) -> dict[str, Path]:
    return {name: ensure_recording(name) for name in scene_info(scene).recipes}


def opened(scene: str) -> list[Recording]:
    return [Recording.open(path) for path in runs(scene).values()]


def numbers(scene):
    return [counter.text for counter in scene.table.counters]


def land_of(scene):
    land = scene.land
    return {
        "ends": [(land.ball_spot(i), land.heads[i]) for i in range(len(land.heads))],
        "spots": [
            land.spot(rec.param("1.W", rec.n_steps)[0, 0], rec.param("1.b", rec.n_steps)[0], loss)
            for rec, loss in zip(land.runs.value, end_losses(land.runs.value), strict=True)
        ],
        "low": land.loss_scale.low,
    }


def end_losses(recordings):
    return [float(rec.evals("loss_train")[-1]) for rec in recordings]


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


# --- Adam and AdamW ----------------------------------------------------------------------------------------


def pictures(scene):
    return {
        "rgba": [picture.rgba.copy() for picture in scene.pictures],
        "numbers": [number.text for number in scene.numbers],
        "curves": [[curve.line[-1] for curve in curves] for _, curves in scene.plots],
        "shown": {entry.text: (entry.recording, entry.source) for entry in scene.ledger},
    }


@pytest.fixture(scope="module")
def decay():
    return at_beats(
        "AdamVsAdamW", runs("AdamVsAdamW"), dict.fromkeys(("start", "train", "unused", "verdict"), pictures)
    )


def test_both_pictures_start_alike_and_equal_sizes_have_equal_colours(decay):
    assert np.array_equal(*decay["start"]["rgba"])
    assert len(set(decay["start"]["numbers"])) == 1
    assert not np.array_equal(*decay["train"]["rgba"])
    sizes = np.concatenate([input_sizes(rec, rec.n_steps) for rec in opened("AdamVsAdamW")])
    light = np.concatenate([rgba[..., :3].sum(axis=-1).ravel() for rgba in decay["train"]["rgba"]])
    order = np.argsort(sizes)
    assert (np.diff(light[order]) > -1e-5).all(), "brighter is larger, in one scale for both"


def test_the_colour_scale_ends_at_the_largest_size_of_both_runs(decay):
    largest = max(input_sizes(rec, int(step)).max() for rec in opened("AdamVsAdamW") for step in rec.steps)
    sources = [source for _, source in decay["verdict"]["shown"].values()]
    (end,) = [source for source in sources if source["key"] == "largest_input_size"]
    found = [input_sizes(rec, end["args"]["step"]).max() for rec in opened("AdamVsAdamW")]
    assert max(found) == largest
    assert f"{largest:.1f}" in decay["start"]["shown"]


def test_only_pixels_that_are_never_inked_stay_lit(decay):
    rec = opened("AdamVsAdamW")[0]
    for rgba in decay["unused"]["rgba"]:
        assert np.array_equal(rgba[..., 3].ravel() == 1, unused_inputs_of(rec))
    assert all((rgba[..., 3] == 1).all() for rgba in decay["verdict"]["rgba"])


def test_without_a_slope_adam_still_makes_a_full_step_and_adamw_only_decays(decay):
    adam, adamw = opened("AdamVsAdamW")
    sources = [source for _, source in decay["verdict"]["shown"].values() if source["kind"] == "param"]
    at = tuple(sources[0]["index"])
    assert unused_inputs_of(adam)[at[1]]
    assert all(tuple(source["index"]) == at for source in sources)
    start = adam.param("1.W", 0)[at]
    rate, decay_rate = adam.spec.learning_rate, adam.spec.l2
    assert abs(adam.param("1.W", 1)[at]) == pytest.approx(abs(start) - rate, rel=1e-4)
    assert adamw.param("1.W", 1)[at] == pytest.approx(start * (1 - rate * decay_rate), rel=1e-5)


def test_the_verdict_is_each_runs_own_accuracy(decay):
    for rec in opened("AdamVsAdamW"):
        text = f"{rec.evals('accuracy_test')[-1]:.1%}"
        assert decay["verdict"]["shown"][text][0] == rec.name


# --- local minima ------------------------------------------------------------------------------------------


def fits(scene):
    return {
        "losses": [cell.number.text for cell in scene.cells],
        "lit": [float(cell.number.get_fill_opacity()) == 1.0 for cell in scene.cells],
        "land": land_of(scene),
        "dimmed": scene.land.lit < 1,
        "shared": scene.land.shared_places(),
        "tags": [tag[1].text for tag in scene.tags],
        "curves": [cell.line.points[-1] for cell in scene.cells],
        "frames": [cell.frame for cell in scene.cells],
    }


@pytest.fixture(scope="module")
def minima():
    return at_beats("LocalMinima", runs("LocalMinima"), {"roll": fits, "best": fits})


def test_each_wave_is_the_networks_own(minima):
    for rec, frame, end in zip(
        opened("LocalMinima"), minima["roll"]["frames"], minima["roll"]["curves"], strict=True
    ):
        x = np.array([[frame.x.high]], np.float32)
        y = np.clip(rec.network(rec.n_steps).predict(x)[0, 0], frame.y.low, frame.y.high)
        assert np.allclose(end, frame.point(frame.x.high, y), atol=1e-4)


def test_balls_end_at_their_losses_and_only_the_deepest_are_lit(minima):
    recordings = opened("LocalMinima")
    losses = end_losses(recordings)
    assert minima["best"]["losses"] == [f"{loss:.2f}" for loss in losses]
    assert minima["best"]["lit"] == [loss < 0.02 for loss in losses]
    for (ball, _), spot in zip(minima["roll"]["land"]["ends"], minima["roll"]["land"]["spots"], strict=True):
        assert np.allclose(ball, spot, atol=1e-5)


def test_balls_are_dimmed_as_their_waves_are(minima):
    assert (minima["best"]["dimmed"] != np.array(minima["best"]["lit"])).all()
    assert not minima["roll"]["dimmed"].any()


def test_balls_that_share_a_place_are_counted(minima):
    ends = [
        (rec.param("1.W", rec.n_steps)[0, 0], rec.param("1.b", rec.n_steps)[0])
        for rec in opened("LocalMinima")
    ]
    (group,) = minima["roll"]["shared"]
    assert np.allclose(*(ends[i] for i in group), atol=1e-4)
    assert minima["roll"]["tags"] == ["two balls"] == ["two balls"] * (len(group) - 1)


@pytest.mark.parametrize("index", range(6))
def test_every_way_out_of_where_a_run_ends_leads_uphill(index):
    rec = opened("LocalMinima")[index]
    network, data = rec.network(rec.n_steps), rec.dataset()
    here = np.array([rec.param("1.W", rec.n_steps)[0, 0], rec.param("1.b", rec.n_steps)[0]])

    def loss(point):
        network.load({"1.W": point[:1, None], "1.b": point[1:]})
        return network.loss(data.x_train, data.y_train)

    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    around = [loss(here + 0.35 * np.array([np.cos(turn), np.sin(turn)])) for turn in turns]
    assert min(around) > loss(here)


def test_another_run_is_another_picture(tmp_path):
    paths = runs("LocalMinima")
    first = Recording.open(paths["minima_0"])
    other = altered_copy(paths["minima_0"], tmp_path / "other", "param 1.b", first.n_steps, (0,), 2.0)
    before, after = (
        at_beats("LocalMinima", paths | {"minima_0": path}, {"roll": fits})["roll"]["curves"][0]
        for path in (paths["minima_0"], other)
    )
    assert not np.allclose(before, after)
