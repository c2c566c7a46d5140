"""Six runs into minima: each wave and ball is its recording's, and each ends where every way leads uphill."""

import numpy as np
import pytest
from altered import altered_copy
from on_stage import at_beats
from side_runs import end_losses, land_of, opened, runs

from nncore.recording import Recording


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
