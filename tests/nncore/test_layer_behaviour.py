"""What layers keep in the trace, what training changes, and which shapes they refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore.errors import BadInput
from nncore.layers import LAYERS, Stack, build_layer, build_layers

SHAPES = {
    "dense": ({"units": 3}, (4,)),
    "conv2d": ({"filters": 2, "padding": 1}, (2, 5, 4)),
    "maxpool2d": ({}, (2, 5, 4)),
    "flatten": ({}, (2, 3)),
    "dropout": ({"rate": 0.3}, (4,)),
    "batchnorm": ({}, (2, 5, 4)),
    "layernorm": ({}, (4,)),
    "embedding": ({"vocabulary": 5, "units": 3}, (4,)),
    "positions": ({}, (3, 4)),
    "rnn": ({"units": 3, "output": "all"}, (3, 4)),
    "attention": ({"units": 3}, (3, 4)),
    "select": ({"position": 1}, (3, 4)),
    "residual": ({"layers": [{"type": "dense", "units": 4}]}, (4,)),
}


def built(kind, shape=None, **options):
    """A stack of one layer with parameters."""
    given_options, given_shape = SHAPES[kind]
    stack = Stack([build_layer({"type": kind, **(given_options | options)})], shape or given_shape)
    stack.init(np.random.default_rng(0), np.float32)
    return stack


@pytest.mark.parametrize("kind", LAYERS)
@given(n=st.sampled_from([0, 1, 2, 3, 7]), train=st.booleans())
@settings(max_examples=10, deadline=None)
def test_any_batch_size(kind, n, train):
    stack = built(kind)
    shape = SHAPES[kind][1]
    rng = np.random.default_rng(n)
    x = (
        rng.integers(0, 5, (n, *shape))
        if kind == "embedding"
        else rng.normal(size=(n, *shape)).astype(np.float32)
    )
    trace = stack.forward(x, train, rng)
    assert trace.a[-1].shape == (n, *stack.output_shapes[-1])
    assert trace.a[-1].dtype == np.float32
    gradient, grads, deltas = stack.backward(trace, np.ones_like(trace.a[-1]))
    assert set(grads) == set(stack.params())
    for key, w in stack.params().items():
        assert grads[key].shape == w.shape
        assert grads[key].dtype == np.float32
    assert gradient is None if kind == "embedding" else gradient.shape == x.shape
    assert len(deltas) == 2
    stack.absorb(trace)
    for value in [*stack.buffers().values(), *grads.values()]:
        assert np.isfinite(value).all()


@pytest.mark.parametrize("kind", LAYERS)
def test_forward_changes_nothing_and_declining_the_input_gradient_changes_no_other(kind):
    stack = built(kind)
    kept = {key: w.copy() for key, w in (stack.params() | stack.buffers()).items()}
    shape = SHAPES[kind][1]
    x = np.ones((3, *shape), np.int64 if kind == "embedding" else np.float32)
    trace = stack.forward(x, True, np.random.default_rng(0))
    upstream = np.ones_like(trace.a[-1])
    both = [stack.backward(trace, upstream, wants_x=wants)[1] for wants in (True, False)]
    for key in both[0]:
        assert np.array_equal(both[0][key], both[1][key])
    for key, w in (stack.params() | stack.buffers()).items():
        assert np.array_equal(w, kept[key])


def test_dropout_keeps_its_mask_and_the_expected_sum():
    stack = built("dropout", (2000,))
    x = np.ones((4, 2000), np.float32)
    trace = stack.forward(x, True, np.random.default_rng(1))
    mask = trace.named("mask")["1"]
    assert mask.dtype == bool
    assert np.array_equal(trace.a[1] != 0, mask)
    assert trace.a[1].mean() == pytest.approx(1, abs=0.05)
    assert stack.forward(x, False, None).a[1] is not None
    assert np.array_equal(stack.forward(x, False, None).a[1], x)


def test_dropout_draws_one_mask_for_both_precisions():
    stack = built("dropout", (50,))
    masks = [
        stack.forward(np.ones((2, 50), dtype), True, np.random.default_rng(1)).named("mask")["1"]
        for dtype in (np.float32, np.float64)
    ]
    assert np.array_equal(*masks)


def test_masks_inside_a_residual_are_found_by_their_nested_layer():
    layers = [{"type": "residual", "layers": [{"type": "dropout"}]}, {"type": "dropout"}]
    stack = Stack(build_layers(layers), (3,))
    stack.init(np.random.default_rng(0), np.float32)
    trace = stack.forward(np.ones((2, 3), np.float32), True, np.random.default_rng(0))
    assert set(trace.named("mask")) == {"1.inner.1", "2"}


def test_attention_weights_and_hidden_states_are_kept():
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    attention = built("attention").forward(x, False, None).named("attention")["1"]
    assert attention.shape == (2, 3, 3)
    assert attention.sum(axis=-1) == pytest.approx(np.ones((2, 3)), abs=1e-6)
    trace = built("rnn", output="last").forward(x, False, None)
    assert np.array_equal(trace.named("hidden")["1"][:, -1], trace.a[1])


def test_pooling_sends_the_gradient_to_the_first_of_equal_maxima():
    stack = built("maxpool2d", (1, 2, 2))
    trace = stack.forward(np.zeros((1, 1, 2, 2), np.float32), True, None)
    gradient, _, _ = stack.backward(trace, np.ones((1, 1, 1, 1), np.float32))
    assert gradient.tolist() == [[[[1, 0], [0, 0]]]]


def test_parameters_are_views_and_load_copies():
    stack = built("residual")
    stack.params()["1.inner.1.W"][:] = 7
    assert (stack.forward(np.ones((1, 4), np.float32), False, None).a[1] == 29).all()
    given = {key: np.zeros_like(w) for key, w in stack.params().items()}
    stack.load(given)
    given["1.inner.1.W"][:] = 5
    assert not stack.params()["1.inner.1.W"].any()


def test_running_statistics_survive_a_load():
    stack = built("batchnorm", (3,))
    x = np.random.default_rng(0).normal(5, 2, (8, 3)).astype(np.float32)
    stack.absorb(stack.forward(x, True, None))
    fresh = Stack(build_layers([{"type": "batchnorm"}]), (3,))
    fresh.load(stack.params() | stack.buffers())
    assert np.array_equal(fresh.forward(x, False, None).a[1], stack.forward(x, False, None).a[1])
    assert fresh.buffers()["1.running_mean"].dtype == np.float32


@pytest.mark.parametrize(
    ("kind", "shape", "words"),
    [
        ("dense", (1, 4, 4), "flatten"),
        ("conv2d", (784,), "view = 'images'"),
        ("maxpool2d", (2, 1, 5), "2×2"),
        ("batchnorm", (3, 4), "neither a vector nor an image"),
        ("layernorm", (1, 3, 4), "neither a vector nor a sequence"),
        ("embedding", (3, 4), "sequence of tokens"),
        ("positions", (4,), "not a sequence"),
        ("rnn", (784,), "view = 'rows'"),
        ("attention", (4,), "not a sequence"),
        ("select", (1, 4), "position is 1"),
        ("residual", (5,), "same shape"),
    ],
)
def test_shapes_that_do_not_fit_are_named(kind, shape, words):
    with pytest.raises(BadInput, match=words) as caught:
        built(kind, shape)
    assert str(caught.value).startswith(f"layers[0] ({kind}): ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("description", "words"),
    [
        ({"type": "dens", "units": 3}, "Did you mean 'dense'"),
        ({"type": "dense"}, "needs the option 'units'"),
        ({"type": "dense", "unit": 3}, "Did you mean 'units'"),
        ({"type": "dense", "units": 0}, "units is 0; it must be a whole number of at least 1"),
        ({"type": "dense", "units": 2.5}, "units is 2.5"),
        ({"type": "dense", "units": 3, "activation": "rleu"}, "Did you mean 'relu'"),
        ({"type": "dense", "units": 3, "init": "hee"}, "Did you mean 'he'"),
        ({"type": "dense", "units": 3, "init": {"name": "normal", "scale": -1}}, "init.scale is -1"),
        ({"type": "dense", "units": 3, "init": {"scale": 1}}, "needs a 'name'"),
        ({"type": "dropout", "rate": 1}, "rate is 1"),
        ({"type": "dropout", "rate": float("nan")}, "rate is nan"),
        ({"type": "conv2d", "filters": 2, "kernel": 2, "padding": "same"}, "padding is 'same'"),
        ({"type": "conv2d", "filters": 2, "padding": -1}, "padding is -1"),
        ({"type": "rnn", "units": 2, "activation": "gelu"}, "'tanh' or 'relu'"),
        ({"type": "rnn", "units": 2, "output": "first"}, "'last' or 'all'"),
        ({"type": "residual", "layers": [{"type": "denze"}]}, "layers\\[0\\]: Unknown layer 'denze'"),
        ({"type": "conv2d", "filters": 2, "activation": "softmax"}, "another than 'softmax'"),
        ({"type": "residual", "layers": []}, "at least one layer"),
        ({"units": 3}, "must be a table with a 'type'"),
        ("dense", "must be a table with a 'type'"),
    ],
)
def test_descriptions_that_make_no_sense_are_named(description, words):
    with pytest.raises(BadInput, match=words) as caught:
        build_layer(description, "layers[4]")
    assert str(caught.value).startswith("layers[4]")
    assert caught.value.exit_code == 2


def test_tokens_out_of_range_are_named():
    stack = built("embedding")
    with pytest.raises(BadInput, match="token 5 has no embedding"):
        stack.forward(np.array([[0, 5]]), False, None)
    with pytest.raises(BadInput, match="whole numbers"):
        stack.forward(np.zeros((1, 2)), False, None)
