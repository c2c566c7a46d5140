"""VanishingGradients: bars and light are the recorded gradients, on one log scale for both networks."""

import numpy as np
import pytest
from altered import altered_copy
from on_stage import at_beats

from nncore.recording import Recording
from scenes.kit.gradient_panel import SHOWN, LogLevels
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def runs() -> dict[str, Recording]:
    return {name: Recording.open(ensure_recording(name)) for name in ("deep_sigmoid", "deep_relu")}


def stage(runs, looks, **options):
    return at_beats("VanishingGradients", {name: run.path for name, run in runs.items()}, looks, **options)


def test_bars_are_the_recorded_gradient_norms_on_one_log_scale(runs):
    def bars(scene):
        panels = scene.scenery
        return (
            [p.norm_scale for p in panels],
            [[np.ptp(b.points[:, 1]) for b in p.bars] for p in panels],
            (panels[0].frame.area.height),
        )

    scales, heights, full = stage(runs, {"relu_arrives": bars})["relu_arrives"]
    assert scales[0] == scales[1]
    for run, drawn in zip(runs.values(), heights, strict=True):
        norms = np.array([run.series(f"grad_norm {n}.W")[0] for n in range(1, 9)])
        assert np.allclose(np.array(drawn) / full, scales[0].share(norms), atol=1e-3)
    assert heights[0][0] < heights[0][-1] / 2
    assert heights[1][0] > heights[1][-1]


def test_the_gradient_is_revealed_from_the_output_back(runs):
    def half(scene):
        panel = scene.scenery[0].reveal(3.0)
        return panel.light.values, panel.edge_levels

    shown, levels = stage(runs, {"two_networks": half})["two_networks"]
    last_three = 3 * SHOWN * SHOWN
    assert not shown[:-last_three].any()
    assert np.array_equal(shown[-last_three:], levels[-last_three:])


def test_light_grows_with_the_gradient_and_is_none_for_zero():
    levels = LogLevels(1e-6, 1e-2)
    seen = levels(np.array([0.0, 1e-7, 1e-5, -1e-5, 1e-3, 1.0]))
    assert seen[0] == 0 == seen[1]
    assert seen[2] == seen[3]
    assert (np.diff(seen[3:]) > 0).all()
    assert seen[-1] == 1


def test_both_runs_end_in_step_with_their_recorded_accuracies(runs):
    def end(scene):
        return scene.status_label.text, [s.text for s in scene.scores], [p.norms for p in scene.scenery]

    status, texts, norms = stage(runs, {"over_training": end}, aspect="9:16")["over_training"]
    assert status == f"step {runs['deep_relu'].n_steps:,}"
    assert texts == [f"{run.evals('accuracy_test')[-1]:.0%} right" for run in runs.values()]
    for run, shown in zip(runs.values(), norms, strict=True):
        assert shown[0] == run.series("grad_norm 1.W")[-1]


def test_another_recording_has_other_light(runs, tmp_path):
    rec = runs["deep_relu"]
    other = altered_copy(rec.path, tmp_path / "other", "grad 5.W", 0, (0, 0), 3.0)
    look = {"relu_arrives": lambda s: s.scenery[1].light.values}
    before = stage(runs, look)["relu_arrives"]
    after = stage({**runs, "deep_relu": Recording.open(other)}, look)["relu_arrives"]
    place = 3 * SHOWN * SHOWN
    assert after[place] == 1.0 > before[place]
