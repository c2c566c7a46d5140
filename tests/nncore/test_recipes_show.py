"""Each recipe does what its name says: the claims the scenes make, checked on the runs themselves."""

from functools import cache

import numpy as np
import pytest

from nncore.agop import agop_matrix
from nncore.arrays import Array
from nncore.network import build_network
from nncore.recipes import recipe
from nncore.threads import one_thread
from nncore.training import prepare, training_steps


class Run:
    """A recipe's evaluations, gradient norms by step and parameters at the start and the end."""

    def __init__(self, name: str) -> None:
        self.spec = recipe(name).spec
        self.evals: list[dict[str, float]] = []
        self.norms: list[Array] = []
        for state in training_steps(self.spec, prepare(self.spec)):
            if state.evaluation:
                self.evals.append(state.evaluation)
            self.norms.append(state.grad_norms)
            if state.step == 0:
                self.first = {key: w.copy() for key, w in state.network.params().items()}
        self.last = state.network.params()
        self.ending = state.ending

    def at(self, name: str, place: int) -> float:
        """An evaluation by name and place."""
        return self.evals[place][name]

    def series(self, name: str) -> Array:
        """An evaluation over time."""
        return np.array([evaluation[name] for evaluation in self.evals])


@cache
@one_thread
def run(name: str) -> Run:
    """A recipe trained without being recorded, once for all tests."""
    return Run(name)


def test_digits_starts_near_chance_and_ends_well() -> None:
    digits = run("digits")
    assert 0.05 < digits.at("accuracy_test", 0) < 0.15
    assert digits.at("accuracy_test", -1) >= 0.95


def test_a_line_cannot_part_the_spirals_but_a_bent_one_can() -> None:
    assert run("spirals_linear").at("accuracy_test", -1) < 0.8
    assert run("spirals").at("accuracy_test", -1) > 0.98


def test_learning_rates_are_too_small_good_and_too_large() -> None:
    small, good, large = (run(f"lr_{size}").series("loss_train") for size in ("small", "good", "large"))
    assert good[-1] < 1.05 * good.min() < 0.1
    assert (np.diff(small) < 0).all()
    assert small[-1] > 100 * good[-1]
    assert large[-1] > 2 * large[0]
    assert (np.diff(large[3:]) > 0).all()


def test_optimizers_race_from_one_start_and_plain_descent_is_last() -> None:
    names = ("sgd", "momentum", "rmsprop", "adam", "adamw")
    runs = {name: run(f"opt_{name}") for name in names}
    starts = {each.at("loss_train", 0) for each in runs.values()}
    assert len(starts) == 1
    ends = {name: each.at("loss_train", -1) for name, each in runs.items()}
    assert all(ends[name] < ends["sgd"] / 5 for name in names[1:])
    momentum = runs["momentum"].series("loss_train")
    assert (np.diff(momentum) > 0).any(), "it swings past the bottom and up again"
    assert (np.diff(runs["sgd"].series("loss_train")) < 0).all()


def test_coupled_decay_collapses_unused_weights_and_decoupled_decay_shrinks_all_alike() -> None:
    coupled, decoupled = run("decay_adam"), run("decay_adamw")
    unused = prepare(coupled.spec).x_train.max(axis=0) == 0
    assert unused.sum() > 50

    def shrunk(one: Run) -> float:
        return float(np.linalg.norm(one.last["1.W"][:, unused]) / np.linalg.norm(one.first["1.W"][:, unused]))

    rate, decay, steps = coupled.spec.learning_rate, coupled.spec.l2, len(coupled.norms) - 1
    assert shrunk(coupled) < 0.01
    assert shrunk(decoupled) == pytest.approx((1 - rate * decay) ** steps, rel=1e-3)


def test_gradients_vanish_in_deep_sigmoids_and_not_in_deep_relus() -> None:
    sigmoid, relu = run("deep_sigmoid"), run("deep_relu")
    for norms in (sigmoid.norms[0], sigmoid.norms[-1]):
        weights = norms[::2]
        assert weights[0] < weights[-1] / 300
        assert (np.diff(weights[1:]) > 0).all()
    assert relu.norms[0][0] > relu.norms[0][-2] / 10
    assert sigmoid.at("accuracy_test", -1) < 0.2
    assert relu.at("accuracy_test", -1) > 0.9


def test_overfitting_parts_the_losses_and_each_remedy_brings_them_back() -> None:
    overfit = run("overfit")
    test = overfit.series("loss_test")
    assert overfit.at("loss_train", -1) < 0.06
    assert test[-1] > 2 * test.min()
    assert 0 < test.argmin() < len(test) - 5
    for remedy in ("overfit_l2", "overfit_dropout", "overfit_early_stop"):
        assert run(remedy).at("loss_test", -1) < 0.65 * test[-1]
    assert run("overfit_early_stop").ending == "stopped early"


def test_underfitting_leaves_both_losses_high() -> None:
    under, good = run("underfit"), run("overfit_l2")
    assert under.at("loss_train", -1) > 1.3 * good.at("loss_train", -1)
    assert under.at("loss_test", -1) > 1.3 * good.at("loss_test", -1)


def test_zeros_stay_symmetric_large_starts_badly_and_he_learns() -> None:
    zeros, large, he = (run(f"init_{kind}") for kind in ("zeros", "large", "he"))
    for key in ("1.W", "2.W"):
        assert (zeros.last[key] == zeros.last[key][0]).all()
    assert zeros.at("accuracy_test", -1) < 0.15
    assert large.at("loss_train", 0) > 50 * he.at("loss_train", 0)
    assert he.at("accuracy_test", -1) > large.at("accuracy_test", -1) + 0.1


def test_batch_normalisation_makes_deep_sigmoids_learn() -> None:
    assert run("bn_off").at("accuracy_test", -1) < 0.2
    assert run("bn_on").at("accuracy_test", -1) > 0.9


def test_the_row_reader_the_pointer_and_the_small_networks_learn() -> None:
    hard = {"rows_rnn": 0.93, "attention": 0.99, "faces_glasses": 0.97}
    easy = {"xor": 1.0, "moons": 0.95, "single_neuron": 0.8}
    for name, accuracy in (hard | easy).items():
        assert run(name).at("accuracy_test", -1) >= accuracy, name


def test_the_glasses_network_comes_to_look_at_the_eyes() -> None:
    faces = run("faces_glasses")
    data = prepare(faces.spec)
    network = build_network(faces.spec, data).init(np.random.default_rng(0))

    def share(params: dict[str, Array]) -> float:
        """The part of AGOP's diagonal in the rows where glasses sit."""
        rows = np.diagonal(agop_matrix(network.load(params), data.x_train[:300])).reshape(28, 28).sum(axis=1)
        return float(rows[8:14].sum() / rows.sum())

    assert share(faces.first) < 0.3
    assert share(faces.last) > 0.5


def test_seeds_end_in_different_minima() -> None:
    runs = [run(f"minima_{seed}") for seed in range(6)]
    ends = [each.at("loss_train", -1) for each in runs]
    assert sum(end < 0.02 for end in ends) == 2
    assert sum(end > 0.4 for end in ends) == 4
    assert all(each.series("loss_train")[-6] - end < 0.005 for each, end in zip(runs, ends, strict=True))
    places = {tuple(np.round(np.concatenate([w.ravel() for w in each.last.values()]), 1)) for each in runs}
    assert len(places) == 5
