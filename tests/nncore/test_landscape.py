"""Landscapes: the fast way gives the plain way's numbers; paths, planes and the cache are what they say."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_runs import TINY

import nncore.landscape
from nncore.cache import cache_dir
from nncore.derived import derived
from nncore.errors import BadInput
from nncore.landscape import KINDS, landscape
from nncore.network import Network
from nncore.plane import flatten, plane_losses, plane_losses_plain, unflatten
from nncore.recipes import recipe
from nncore.recording import Recording
from nncore.training import train

CONV = ({"type": "conv2d", "filters": 3, "kernel": 3, "activation": "relu"}, {"type": "maxpool2d", "size": 2},
        {"type": "flatten"}, {"type": "dense", "units": 4, "activation": "softmax"})  # fmt: skip
FLAT = ({"type": "flatten"}, {"type": "dense", "units": 5, "activation": "tanh"},
        {"type": "dense", "units": 4, "activation": "softmax"})  # fmt: skip
ROWS = ({"type": "rnn", "units": 5}, {"type": "dense", "units": 4, "activation": "softmax"})


@pytest.mark.parametrize(("layers", "shape"), [(CONV, (1, 8, 8)), (FLAT, (8, 8)), (ROWS, (8, 8))])
def test_the_fast_way_gives_the_plain_numbers(layers: Any, shape: tuple[int, ...]) -> None:
    from nncore.layers import build_layers

    rng = np.random.default_rng(0)
    network = Network(build_layers(layers), "cross_entropy", shape).init(rng, np.float64)
    x, y = rng.random((70, *shape)), rng.integers(0, 4, 70)
    origin = flatten(network.params())
    u, v = rng.normal(size=(2, len(origin)))
    points = rng.normal(size=(12, 2))
    fast = plane_losses(network, x, y, origin, u, v, points)
    assert np.allclose(fast, plane_losses_plain(network, x, y, origin, u, v, points), rtol=1e-12)


def test_the_surface_of_a_recorded_run(digits: Recording) -> None:
    surface = digits.landscape(grid=5, subset=200)
    assert surface.loss.shape == (5, 5)
    assert surface.path.shape == (len(digits.steps), 2)
    assert np.array_equal(surface.steps, digits.steps)
    assert 0.9 < surface.variance.sum() <= 1
    data = digits.dataset()
    x, y = data.x_train[:200], data.y_train[:200]
    for i in (0, len(digits.steps) - 1):
        network = digits.network(int(digits.steps[i]))
        assert surface.path_loss[i] == pytest.approx(network.loss(x, y), rel=1e-5)
    paths = np.stack([flatten(digits.params(int(step))) for step in digits.steps])
    plane = nncore.landscape._pca_plane([paths], None)
    point = plane.origin + surface.alpha[3] * plane.u + surface.beta[1] * plane.v
    at = 0
    for w in network.params().values():
        w[...] = point[at : at + w.size].reshape(w.shape)
        at += w.size
    assert surface.loss[1, 3] == pytest.approx(network.loss(x, y), rel=1e-5)
    assert surface.alpha[0] < surface.path[:, 0].min()
    assert surface.beta[-1] > surface.path[:, 1].max()


def test_the_surface_of_one_batch_lies_over_the_same_plane(digits: Recording) -> None:
    whole, step = digits.landscape(grid=4), 2
    one = digits.landscape(grid=4, batch=step)
    for name in ("alpha", "beta", "path", "steps", "variance"):
        assert np.array_equal(getattr(one, name), getattr(whole, name))
    assert not np.allclose(one.loss, whole.loss, rtol=1e-3)
    data, chosen = digits.dataset(), digits.batch(step)
    network = digits.network(0, "float64")
    plane = nncore.landscape._pca_plane(
        [np.stack([flatten(digits.params(int(each))) for each in digits.steps])], None
    )
    for row, column in ((0, 0), (1, 2), (3, 1)):
        point = plane.origin + one.alpha[column] * plane.u + one.beta[row] * plane.v
        network.load(unflatten(point, network))
        each = [network.loss(data.x_train[i : i + 1], data.y_train[i : i + 1]) for i in chosen]
        assert one.loss[row, column] == pytest.approx(np.mean(each), rel=1e-9)
    assert np.array_equal(digits.landscape(grid=4).loss, whole.loss)


@pytest.mark.parametrize("options", [{"batch": -1}, {"batch": 10**9}, {"batch": 0, "subset": 5}])
def test_only_a_step_has_a_batch(tiny: Recording, options: dict[str, int]) -> None:
    with pytest.raises(BadInput, match="batch ="):
        tiny.landscape(grid=3, **options)


def test_in_two_dimensions_the_plane_is_everything(tmp_path: Path) -> None:
    layers = ({"type": "dense", "units": 1, "activation": "sigmoid"},)
    recording = train(TINY.but(layers=layers, snapshots=3), tmp_path / "run")
    surface = recording.landscape(grid=3)
    assert surface.variance.sum() == pytest.approx(1)
    assert np.allclose(surface.path_loss, surface.slice_loss, rtol=1e-9)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> list[Recording]:
    """Three runs from three seeds."""
    folder = tmp_path_factory.mktemp("three")
    return [train(TINY.but(seed=seed), folder / str(seed)) for seed in range(3)]


def test_several_runs_on_one_landscape(three: list[Recording]) -> None:
    together = landscape(three, grid=5)
    assert len(together.paths) == 3
    first = landscape(three, grid=5, fit=1)
    alone = landscape([three[1]], grid=5)
    assert np.allclose(first.loss, alone.loss)
    assert np.allclose(first.paths[1], alone.path)


def test_a_plane_through_three_ends_holds_them(three: list[Recording]) -> None:
    surface = landscape(three, grid=5, kind="ends")
    for true, below in zip(surface.path_losses, surface.slice_losses, strict=True):
        assert below[-1] == pytest.approx(true[-1], rel=1e-9)
    with pytest.raises(BadInput, match="three recordings"):
        landscape(three[:2], kind="ends")


def test_with_two_parameters_the_exact_plane_leaves_nothing_out(tmp_path: Path) -> None:
    spec = recipe("minima_0").spec.but(epochs=6)
    runs = [train(spec.but(seed=seed), tmp_path / str(seed)) for seed in range(2)]
    surface = landscape(runs, grid=5, kind="exact")
    assert surface.variance.sum() == pytest.approx(1)
    for run, path, true, below in zip(
        runs, surface.paths, surface.path_losses, surface.slice_losses, strict=True
    ):
        assert np.array_equal(path[:, 0], run.param_history("1.W", (0, 0)))
        assert np.array_equal(path[:, 1], run.param_history("1.b", 0))
        assert np.allclose(true, below, rtol=1e-12)


def test_a_random_plane_comes_from_its_seed(tiny: Recording) -> None:
    one = tiny.landscape(grid=5, kind="random", seed=1)
    same = nncore.landscape._compute([tiny], 5, 0.25, None, "random", 1, None)
    other = tiny.landscape(grid=5, kind="random", seed=2)
    assert np.array_equal(one.loss, same["loss"])
    assert not np.array_equal(one.loss, other.loss)
    assert one.loss[2, 2] == pytest.approx(one.path_loss[-1], rel=1e-6)


def test_what_cannot_share_a_landscape(tiny: Recording, digits: Recording) -> None:
    with pytest.raises(BadInput, match="different data"):
        landscape([tiny, digits])
    with pytest.raises(BadInput, match="kind = 'pcb'"):
        tiny.landscape(kind="pcb")
    with pytest.raises(BadInput, match="grid = 1"):
        tiny.landscape(grid=1)
    with pytest.raises(BadInput, match="two parameters"):
        landscape([tiny], kind="exact")
    assert set(KINDS) == {"pca", "ends", "exact", "random"}


def test_landscapes_are_kept_and_damage_is_repaired(tiny: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(cache_dir().glob("derived/landscape-*.npz"))
    first = landscape([tiny], grid=4)
    (kept,) = set(cache_dir().glob("derived/landscape-*.npz")) - before
    for damage in (b"", b"no zip", kept.read_bytes()[:-40], kept.read_bytes()[:-1] + b"\x00"):
        kept.write_bytes(damage)
        again = landscape([tiny], grid=4)
        for field in fields(first):
            assert np.array_equal(getattr(first, field.name), getattr(again, field.name))
    monkeypatch.setattr(nncore.landscape, "_compute", None)
    assert np.array_equal(landscape([tiny], grid=4).loss, first.loss)


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert derived("test", 1, ["d"], {}, lambda: {"x": np.arange(3)})["x"].tolist() == [0, 1, 2]


def test_the_key_is_content_version_and_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    calls = iter(range(99))

    def ask(version: int, digest: str, size: int) -> int:
        return int(derived("t", version, [digest], {"size": size}, lambda: {"n": np.array(next(calls))})["n"])

    assert [ask(1, "a", 1), ask(1, "a", 1), ask(2, "a", 1), ask(1, "b", 1), ask(1, "a", 2)] == [0, 0, 1, 2, 3]
