"""LossLandscape draws the recorded run: the ball's height, its number and the gauge agree with it."""

from pathlib import Path

import numpy as np
import pytest
from altered import altered_copy
from on_stage import at_beats

from nncore.recording import Recording
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def digits() -> Path:
    return ensure_recording("digits")


def stage(scene):
    return {
        "ball": scene.view.ball_spot(),
        "true": scene.view.spot(*scene.land.path[-1], scene.land.path_loss[-1]),
        "head": float(scene.view.heads[0]),
        "loss": scene.gauge.counter.text,
        "step": scene.step.text,
        "shown": {entry.text: entry.source for entry in scene.ledger},
    }


def test_the_ball_ends_at_its_recorded_loss(digits):
    recording = Recording.open(digits)
    end = at_beats("LossLandscape", {"digits": digits}, {"descent": stage})["descent"]
    assert end["head"] == len(recording.steps) - 1
    assert np.allclose(end["ball"], end["true"])
    assert end["step"] == f"{recording.n_steps:,}"
    data = recording.dataset()
    loss = recording.network(recording.n_steps).loss(data.x_train, data.y_train)
    assert float(end["loss"]) == pytest.approx(loss, rel=5e-3)


def test_numbers_say_where_they_are_from(digits):
    recording = Recording.open(digits)
    shown = at_beats("LossLandscape", {"digits": digits}, {"landing": stage})["landing"]["shown"]
    variance = f"{recording.landscape().variance.sum():.1%}"
    assert shown[variance] == {"kind": "fact", "key": "landscape_variance"}
    assert shown["101,770"] == {"kind": "fact", "key": "n_parameters"}
    last = f"{recording.landscape().path_loss[-1]:#.3g}"
    assert shown[last]["key"] == "path_loss"


def test_another_end_is_another_landing(digits, tmp_path):
    recording = Recording.open(digits)
    step = recording.n_steps
    old = float(recording.param("2.b", step)[2])
    other = altered_copy(digits, tmp_path / "other", "param 2.b", step, (2,), old + 3.0)
    looks = {"descent": stage}
    before, after = (
        at_beats("LossLandscape", {"digits": path}, looks)["descent"]["loss"] for path in (digits, other)
    )
    assert before != after


def surfaces(scene):
    shown = scene.view._relief()
    scale = scene.view.loss_scale
    return {
        "steps": scene.batches,
        "heights": [relief.heights for relief in scene.view.reliefs.value],
        "shares": [np.array(scale.share(scene.rec.landscape(batch=s).loss)) for s in scene.batches],
        "full": np.array(scale.share(scene.land.loss)),
        "shown": shown.heights,
        "balls": scene.view.balls,
    }


def test_each_batch_has_its_own_recorded_surface_and_the_full_one_returns(digits):
    recording = Recording.open(digits)
    looks = {"batch_noise": surfaces, "descent": surfaces}
    end, after = at_beats("LossLandscape", {"digits": digits}, looks).values()
    assert end["steps"] == [int(step) for step in recording.steps[:4]]
    for height, share in zip(end["heights"][1:], [*end["shares"], end["full"]], strict=True):
        assert np.array_equal(height, share)
    assert np.array_equal(end["shown"], end["shares"][-1])
    assert end["balls"] == 0.0
    assert np.array_equal(after["shown"], after["full"])
    assert after["balls"] == 1.0
    assert not np.allclose(end["heights"][1], end["heights"][2], atol=0.02)
