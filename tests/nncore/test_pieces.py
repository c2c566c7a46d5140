"""Activations, losses, optimizers, schedules and initialisers: what must hold whatever the numbers."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nncore.activations import ACTIVATIONS, softmax
from nncore.errors import BadInput
from nncore.initializers import INITIALIZERS, build_initializer
from nncore.losses import LOSSES
from nncore.optimizers import OPTIMIZERS, build_optimizer, clip_by_norm, total_norm
from nncore.schedules import SCHEDULES, build_schedule

any_float = st.floats(allow_nan=False, allow_infinity=False, width=64)
any_float32 = st.floats(allow_nan=False, allow_infinity=False, width=32)
matrices = array_shapes(min_dims=2, max_dims=2, max_side=7)


@given(arrays(np.float64, matrices, elements=any_float))
def test_softmax_sums_to_one_whatever_the_logits(z):
    a = softmax(z)
    assert np.allclose(a.sum(axis=-1), 1, rtol=0, atol=1e-12)
    assert (a >= 0).all()


@given(arrays(np.float64, matrices, elements=st.floats(-50, 50)), st.floats(-1e3, 1e3))
def test_softmax_does_not_see_a_shift(z, shift):
    assert np.allclose(softmax(z + shift), softmax(z), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(z=arrays(np.float32, matrices, elements=any_float32))
def test_activations_stay_finite_in_float32(name, z):
    activation = ACTIVATIONS[name]
    a = activation.value(z)
    delta = activation.backward(z, a, np.ones_like(a))
    assert a.dtype == delta.dtype == np.float32
    assert np.isfinite(a).all()
    assert np.isfinite(delta).all()


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if ACTIVATIONS[name].derivative])
@given(z=st.floats(-6, 6).filter(lambda z: abs(z) > 1e-3))
def test_derivatives_are_slopes(name, z):
    activation, width = ACTIVATIONS[name], 1e-6
    ends = activation.value(np.array([z - width, z + width]))
    point = np.array([z])
    slope = activation.derivative(point, activation.value(point))[0]
    assert slope == pytest.approx((ends[1] - ends[0]) / (2 * width), abs=1e-8)


def test_gelu_has_its_minimum_where_it_is_known_to_be():
    z = np.linspace(-2, 0, 20_001)
    a = ACTIVATIONS["gelu"].value(z)
    assert z[a.argmin()] == pytest.approx(-0.752, abs=1e-3)
    assert a.min() == pytest.approx(-0.170, abs=1e-3)


@pytest.mark.parametrize("name", LOSSES)
@given(data=st.data(), n=st.sampled_from([1, 2, 5]))
def test_losses_from_large_outputs_are_finite(name, data, n):
    loss = LOSSES[name]
    large = 2.0**50 if name == "mse" else 2.0**127
    outputs = data.draw(arrays(np.float32, (n, 4), elements=st.floats(-large, large, width=32)))
    y = data.draw(arrays(np.int64, n, elements=st.integers(0, 3)))
    value, gradient = loss.value(outputs.astype(np.float64), y), loss.gradient(outputs, y)
    assert np.isfinite(value)
    assert value >= 0
    assert gradient.shape == outputs.shape
    assert gradient.dtype == np.float32
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", LOSSES)
def test_an_empty_batch_has_no_loss_and_no_gradient(name):
    outputs, y = np.empty((0, 3)), np.empty(0, np.int64)
    assert np.isnan(LOSSES[name].value(outputs, y))
    assert LOSSES[name].gradient(outputs, y).shape == (0, 3)


def test_losses_know_what_they_mean():
    z, y = np.zeros((2, 10)), np.array([3, 7])
    assert LOSSES["cross_entropy"].value(z, y) == pytest.approx(np.log(10))
    assert LOSSES["binary_cross_entropy"].value(z[:, :1], y * 0) == pytest.approx(np.log(2))
    assert LOSSES["mse"].value(z, y) == pytest.approx(0.1)
    assert LOSSES["mse"].value(z[:, :1], np.array([2.0, 4.0])) == pytest.approx(10)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_optimizers_descend_and_keep_types_and_gradients(name, dtype):
    optimizer = build_optimizer(name, l2=1e-4)
    params = {"1.W": np.full((3, 2), 2, dtype), "1.b": np.full(3, -2, dtype)}
    state = optimizer.init(params)
    for _ in range(200):
        grads = {key: w.copy() for key, w in params.items()}
        kept = {key: g.copy() for key, g in grads.items()}
        optimizer.update(params, grads, state, 0.02)
        assert all(np.array_equal(grads[key], kept[key]) for key in grads)
    assert total_norm(params) < 2
    held = [w for arrays_of_slot in state.values() for w in arrays_of_slot.values() if w.ndim]
    assert all(w.dtype == dtype for w in [*params.values(), *held])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_goes_on_from_its_recorded_state(name):
    rng = np.random.default_rng(0)
    grads = [{"1.W": rng.normal(size=(3, 2))} for _ in range(10)]
    straight, paused = {"1.W": np.ones((3, 2))}, {"1.W": np.ones((3, 2))}
    first = build_optimizer(name)
    state = first.init(straight)
    other = build_optimizer(name)
    kept = other.init(paused)
    for step, g in enumerate(grads):
        first.update(straight, g, state, 0.1)
        if step == 5:
            kept = {slot: {key: w.copy() for key, w in entries.items()} for slot, entries in kept.items()}
            other = build_optimizer(name)
        other.update(paused, g, kept, 0.1)
    assert np.array_equal(straight["1.W"], paused["1.W"])


@given(st.floats(0.01, 10))
def test_clipping_leaves_small_gradients_alone(limit):
    grads = {"1.W": np.array([[3.0, 0.0]]), "1.b": np.array([4.0])}
    assert clip_by_norm(grads, limit) == pytest.approx(5)
    assert total_norm(grads) == pytest.approx(min(limit, 5), rel=1e-5)


def test_the_norm_of_no_arrays_is_zero():
    assert total_norm({}) == 0


def test_initialisers_draw_alike_for_both_precisions_and_differ_by_seed():
    for name in INITIALIZERS:
        draw = build_initializer(name)
        one, two, other = (draw(np.random.default_rng(seed), (4, 3), 3, 4) for seed in (0, 0, 1))
        assert np.array_equal(one, two)
        assert name == "zeros" or not np.array_equal(one, other)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_start_at_the_base_rate_and_never_rise(name):
    schedule = build_schedule(name, {"every": 3} if name == "step" else None)
    rates = [schedule.at(0.5, step, 20) for step in range(21)]
    assert rates[0] == 0.5
    assert all(later <= earlier for earlier, later in pairwise(rates))
    assert schedule.at(0.5, 0, 0) == 0.5


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: build_optimizer("adan"), "Unknown optimizer 'adan'. Did you mean 'adam'"),
        (lambda: build_optimizer("adam", {"beta": 0.9}), "has no option 'beta'"),
        (lambda: build_optimizer("adam", {"beta1": 1.0}), "optimizer_args.beta1 is 1.0"),
        (lambda: build_optimizer("momentum", {"momentum": "much"}), "optimizer_args.momentum is 'much'"),
        (lambda: build_optimizer("adamw", {"weight_decay": -1}), "optimizer_args.weight_decay is -1"),
        (lambda: build_optimizer("sgd", l2=-0.1), "l2 is -0.1"),
        (lambda: build_optimizer("sgd", {"l2": 0.1}, l2=0.1), "left out where l2 is given"),
        (lambda: build_optimizer("sgd", {"_scratch": {}}), "has no option '_scratch'"),
        (lambda: build_schedule("cosin"), "Did you mean 'cosine'"),
        (lambda: build_schedule("step"), "needs the option 'every'"),
        (lambda: build_schedule("step", {"every": 0}), "schedule.every is 0"),
        (lambda: build_schedule("cosine", {"final": float("inf")}), "schedule.final is inf"),
        (lambda: build_initializer("normall"), "Did you mean 'normal'"),
    ],
)
def test_what_makes_no_sense_is_named(make, words):
    with pytest.raises(BadInput) as caught:
        make()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
