"""DecisionBoundary: tiles are the recorded neurons' answers, and their weighted sum is the map."""

import numpy as np
import pytest
from altered import altered_copy
from on_stage import at_beats

from nncore.recording import Recording
from scenes.kit.tile_network import COPIES
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def runs() -> dict[str, Recording]:
    return {name: Recording.open(ensure_recording(name)) for name in ("moons", "spirals")}


def stage(runs, looks, **options):
    return at_beats("DecisionBoundary", {name: run.path for name, run in runs.items()}, looks, **options)


def answers(recording, step, maps, layer):
    grid = np.stack(np.meshgrid(maps.x, maps.y), axis=-1).reshape(-1, 2)
    trace = recording.network(step).forward(grid)
    return np.asarray(trace.a[layer]).T.reshape(-1, maps.size, maps.size), np.asarray(trace.z[layer])


def test_tiles_and_edges_are_the_recorded_network_after_training(runs):
    look = {"spirals": lambda s: (s.maps, [t.values for t in s.tiles], [w.values for w in s.wires])}
    maps, tiles, wires = stage(runs, look)["spirals"]
    rec = runs["spirals"]
    for layer in (1, 2):
        assert np.allclose(tiles[layer], answers(rec, rec.n_steps, maps, layer)[0], atol=1e-5)
    for layer in (1, 2, 3):
        assert np.array_equal(wires[layer - 1], np.tile(rec.param(f"{layer}.W", rec.n_steps).ravel(), COPIES))


def test_weighted_answers_and_the_bias_add_up_to_the_score(runs):
    maps = stage(runs, {"learning": lambda s: s.maps})["learning"]
    rec = runs["moons"]
    hidden, _ = answers(rec, rec.n_steps, maps, 1)
    weights, bias = rec.param("2.W", rec.n_steps)[0], rec.param("2.b", rec.n_steps)[0]
    total = np.tensordot(weights, hidden, axes=1) + bias
    _, score = answers(rec, rec.n_steps, maps, 2)
    assert np.allclose(total.ravel(), score.ravel(), atol=1e-4)


@pytest.mark.parametrize("aspect", ["16:9", "9:16"])
def test_no_two_tiles_overlap(runs, aspect):
    net = stage(runs, {"spirals": lambda s: s.net}, aspect=aspect)["spirals"]
    places = np.concatenate(net.centers)
    apart = np.abs(places[:, None] - places[None]).max(axis=-1)
    apart[np.diag_indices(len(places))] = np.inf
    assert apart.min() >= net.side


def test_the_score_is_the_recorded_accuracy_and_another_recording_has_another_map(runs, tmp_path):
    rec = runs["moons"]
    look = {"learning": lambda s: (s.score.text, s.view.map.scores)}
    text, scores = stage(runs, look)["learning"]
    assert text == f"{rec.evals('accuracy_test')[-1]:.0%} of new points right"
    other = altered_copy(rec.path, tmp_path / "other", "param 2.b", rec.n_steps, (0,), 30.0)
    changed = stage({**runs, "moons": Recording.open(other)}, look)["learning"][1]
    assert (changed > scores + 1).all()


@pytest.mark.parametrize("aspect", ["1:1", "9:16"])
def test_a_line_goes_around_every_tile_of_a_layer_and_of_no_other(runs, aspect):
    net = stage(runs, {"spirals": lambda s: s.net}, aspect=aspect)["spirals"]
    for layer in (1, 2):
        frame = net.frame(layer)
        low, high = frame.get_corner((-1, -1, 0))[:2], frame.get_corner((1, 1, 0))[:2]
        for other, places in enumerate(net.centers):
            inside = ((places > low) & (places < high)).all(axis=1)
            assert inside.all() if other == layer else not inside.any()
