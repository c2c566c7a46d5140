"""BatchNorm: the ridges are the recorded probes' z about each neuron's mean, with their recorded spreads."""

import numpy as np
import pytest
from altered import altered_copy
from on_stage import at_beats

from nncore.facts import compute_fact
from nncore.recording import Recording
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def runs() -> dict[str, Recording]:
    return {name: Recording.open(ensure_recording(name)) for name in ("bn_off", "bn_on")}


def stage(runs, looks, **options):
    return at_beats("BatchNorm", {name: run.path for name, run in runs.items()}, looks, **options)


def ridges(scene):
    return scene.layers, [r.counts for r in scene.ridges], [r.edges for r in scene.ridges]


def test_ridges_count_every_recorded_z_once(runs):
    layers, counts, edges = stage(runs, {"learns": ridges})["learns"]
    for i, run in enumerate(runs.values()):
        for layer, shown, bins in zip(layers[i], counts[i], edges[i], strict=True):
            z = run.z(layer, run.n_steps)
            away = np.clip(z - z.mean(axis=0), bins[0], bins[-1])
            assert np.array_equal(shown, np.histogram(away, bins)[0])
            assert shown.sum() == z.size


def test_it_looks_at_what_goes_into_the_sigmoids(runs):
    layers = stage(runs, {"all_the_same": lambda s: s.layers})["all_the_same"]
    assert layers == [[1, 2, 3, 4], [2, 4, 6, 8]]


def test_numbers_are_the_recorded_spreads_and_normalising_widens_the_deepest(runs):
    look = {"spread_out": lambda s: ([[t.text for t in r.labels] for r in s.ridges], s.layers)}
    texts, layers = stage(runs, look)["spread_out"]
    for i, run in enumerate(runs.values()):
        first = runs["bn_off"].steps[np.searchsorted(runs["bn_off"].steps, run.n_steps / 5)]
        step = int(run.steps[run.steps <= first][-1])
        spreads = [compute_fact(run, "z_spread", step=step, layer=layer) for layer in layers[i]]
        assert [float(text) for text in texts[i]] == pytest.approx(spreads, rel=0.05)
    assert float(texts[1][-1]) > 100 * float(texts[0][-1])


def test_spread_is_the_mean_of_each_neurons_standard_deviation(runs):
    z = runs["bn_off"].z(3, 0).astype(float)
    assert compute_fact(runs["bn_off"], "z_spread", step=0, layer=3) == pytest.approx(z.std(axis=0).mean())


def test_both_end_with_their_recorded_accuracy(runs):
    texts = stage(runs, {"learns": lambda s: [score.text for score in s.scores]})["learns"]
    assert texts == [f"{run.evals('accuracy_test')[-1]:.0%} right" for run in runs.values()]


def test_another_recording_has_another_number(runs, tmp_path):
    other = altered_copy(runs["bn_off"].path, tmp_path / "other", "z 4", 0, (0, 0), 50.0)
    look = {"all_the_same": lambda s: s.ridges[0].labels[3].text}
    changed = stage({**runs, "bn_off": Recording.open(other)}, look)["all_the_same"]
    assert changed != stage(runs, look)["all_the_same"]
