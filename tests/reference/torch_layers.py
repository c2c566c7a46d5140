"""Every layer, and whole networks, in PyTorch: outputs and all gradients for given inputs and parameters.

A case stores its layers as JSON (nncore's descriptions), x, the parameters under nncore's keys, an upstream
gradient, and what PyTorch makes of them.
"""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

Params = dict[str, Tensor]
Entries = dict[str, Any]

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda z: z,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "gelu": F.gelu,
    "sine": torch.sin,
    "softmax": lambda z: torch.softmax(z, dim=-1),
}


def conv(x: Tensor, p: Params, o: dict[str, Any]) -> Tensor:
    """torch.nn.functional.conv2d."""
    return F.conv2d(x, p["W"], p["b"], stride=o.get("stride", 1), padding=o.get("padding", 0))


def rnn(x: Tensor, p: Params, o: dict[str, Any]) -> Tensor:
    """torch.nn.RNN with its second bias at 0, gradients reaching p."""
    module = torch.nn.RNN(x.shape[2], o["units"], nonlinearity=o.get("activation", "tanh"), batch_first=True)
    weights = {"weight_ih_l0": p["W_x"], "weight_hh_l0": p["W_h"], "bias_ih_l0": p["b"]}
    weights["bias_hh_l0"] = torch.zeros_like(p["b"])
    every, last = torch.func.functional_call(module, weights, (x,))
    return every if o.get("output") == "all" else last[0]


def attention(x: Tensor, p: Params, o: dict[str, Any]) -> Tensor:
    """scaled_dot_product_attention between three linear maps and a fourth."""
    q, k, v = (F.linear(x, p[name]) for name in ("W_q", "W_k", "W_v"))
    return F.linear(F.scaled_dot_product_attention(q, k, v), p["W_o"])


def residual(x: Tensor, p: Params, o: dict[str, Any]) -> Tensor:
    """x + inner(x)."""
    return x + run(o["layers"], x, {key.removeprefix("inner."): w for key, w in p.items()})


def batchnorm(x: Tensor, p: Params, o: dict[str, Any]) -> Tensor:
    """torch.nn.functional.batch_norm by the batch (running statistics have their own cases)."""
    return F.batch_norm(x, None, None, p["gamma"], p["beta"], training=True, eps=o.get("eps", 1e-5))


LAYERS: dict[str, Callable[[Tensor, Params, dict[str, Any]], Tensor]] = {
    "dense": lambda x, p, o: F.linear(x, p["W"], p["b"]),
    "conv2d": conv,
    "maxpool2d": lambda x, p, o: F.max_pool2d(x, o.get("size", 2), o.get("stride")),
    "flatten": lambda x, p, o: x.flatten(1),
    "select": lambda x, p, o: x[:, o.get("position", 0)],
    "embedding": lambda x, p, o: F.embedding(x, p["W"]),
    "positions": lambda x, p, o: x + p["W"],
    "layernorm": lambda x, p, o: F.layer_norm(x, x.shape[-1:], p["gamma"], p["beta"], o.get("eps", 1e-5)),
    "batchnorm": batchnorm,
    "rnn": rnn,
    "attention": attention,
    "residual": residual,
}


def run(
    layers: list[dict[str, Any]], x: Tensor, params: Params, skip_last_activation: bool = False
) -> Tensor:
    """The layers one after the other, parameters by nncore's keys."""
    for number, options in enumerate(layers, 1):
        prefix = f"{number}."
        own = {key.removeprefix(prefix): w for key, w in params.items() if key.startswith(prefix)}
        x = LAYERS[options["type"]](x, own, options)
        last = number == len(layers) and skip_last_activation
        if options["type"] in ("dense", "conv2d") and not last:
            x = ACTIVATIONS[options.get("activation", "identity")](x)
    return x


def draw(rng: np.random.Generator, shapes: dict[str, tuple[int, ...]]) -> Params:
    """Parameters of the given shapes."""
    return {key: torch.tensor(rng.normal(0, 0.6, shape), requires_grad=True) for key, shape in shapes.items()}


def case(layers: list[dict[str, Any]], x: Tensor, params: Params, rng: np.random.Generator) -> Entries:
    """One case: inputs, parameters, upstream gradient, output and gradients."""
    if x.is_floating_point():
        x.requires_grad_()
    a = run(layers, x, params)
    upstream = torch.tensor(rng.normal(size=a.shape))
    a.backward(upstream)
    return stored(layers, x, params) | {"upstream": upstream.numpy(), "a": a.detach().numpy()}


def stored(layers: list[dict[str, Any]], x: Tensor, params: Params) -> Entries:
    """What every case stores, gradients included."""
    entries: Entries = {"layers": json.dumps(layers), "x": x.detach().numpy()}
    entries |= {f"param.{key}": w.detach().numpy() for key, w in params.items()}
    entries |= {f"grad.{key}": w.grad.numpy() for key, w in params.items() if w.grad is not None}
    if x.grad is not None:
        entries["grad_x"] = x.grad.numpy()
    return entries


def tied(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Small whole numbers: many windows have more than one maximum."""
    return rng.integers(0, 3, shape).astype(np.float64)


class Cases:
    """Collects cases of one layer each."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.found: dict[str, Entries] = {}

    def add(self, name: str, options: dict[str, Any], x: Any, **shapes: tuple[int, ...]) -> None:
        """One more case; "__" in a parameter's name stands for a dot."""
        params = draw(self.rng, {"1." + key.replace("__", "."): shape for key, shape in shapes.items()})
        self.found[name] = case([options], torch.as_tensor(x), params, self.rng)


def image_cases(cases: Cases) -> None:
    """Dense layers and those of a CNN."""
    add, rng, n = cases.add, cases.rng, cases.rng.normal
    for activation in ACTIVATIONS:
        options = {"type": "dense", "units": 4, "activation": activation}
        add(f"dense_{activation}", options, n(size=(3, 5)), W=(4, 5), b=(4,))
    add("dense_sequence", {"type": "dense", "units": 4}, n(size=(2, 3, 5)), W=(4, 5), b=(4,))
    convs: list[dict[str, Any]] = [
        {"kernel": 3, "activation": "relu"},
        {"kernel": 3, "padding": "same", "activation": "tanh"},
        {"kernel": 2, "stride": 2, "padding": 1},
        {"kernel": 1},
    ]
    for i, extra in enumerate(convs):
        k = extra["kernel"]
        options = {"type": "conv2d", "filters": 3, **extra}
        add(f"conv2d_{i}", options, n(size=(2, 2, 6, 5)), W=(3, 2, k, k), b=(3,))
    add("maxpool2d", {"type": "maxpool2d"}, n(size=(2, 2, 5, 6)))
    add("maxpool2d_tied", {"type": "maxpool2d"}, tied(rng, (2, 2, 6, 4)))
    add("maxpool2d_overlapping", {"type": "maxpool2d", "size": 3, "stride": 2}, tied(rng, (2, 1, 7, 6)))
    add("flatten", {"type": "flatten"}, n(size=(2, 2, 3, 2)))


def sequence_cases(cases: Cases) -> None:
    """Normalisation, and the layers of an RNN and a Transformer."""
    add, rng, n = cases.add, cases.rng, cases.rng.normal
    add("select", {"type": "select", "position": 1}, n(size=(2, 3, 4)))
    add("embedding", {"type": "embedding", "vocabulary": 6, "units": 3}, rng.integers(0, 6, (3, 5)), W=(6, 3))
    add("positions", {"type": "positions"}, n(size=(2, 3, 4)), W=(3, 4))
    add("layernorm", {"type": "layernorm"}, n(2, 3, (3, 5)), gamma=(5,), beta=(5,))
    add("layernorm_sequence", {"type": "layernorm", "eps": 0.01}, n(2, 3, (2, 3, 5)), gamma=(5,), beta=(5,))
    add("batchnorm_dense", {"type": "batchnorm"}, n(2, 3, (5, 4)), gamma=(4,), beta=(4,))
    add("batchnorm_conv", {"type": "batchnorm", "eps": 0.01}, n(2, 3, (2, 3, 3, 2)), gamma=(3,), beta=(3,))
    for activation, output in (("tanh", "last"), ("tanh", "all"), ("relu", "last"), ("relu", "all")):
        options = {"type": "rnn", "units": 3, "activation": activation, "output": output}
        add(f"rnn_{activation}_{output}", options, n(size=(2, 4, 5)), W_x=(3, 5), W_h=(3, 3), b=(3,))
    heads = {"W_q": (3, 4), "W_k": (3, 4), "W_v": (3, 4), "W_o": (4, 3)}
    add("attention", {"type": "attention", "units": 3}, n(size=(2, 5, 4)), **heads)
    inner = [{"type": "layernorm"}, {"type": "attention", "units": 3}]
    shapes = {"inner__1__gamma": (4,), "inner__1__beta": (4,)}
    shapes |= {f"inner__2__{key}": shape for key, shape in heads.items()}
    add("residual_attention", {"type": "residual", "layers": inner}, n(size=(2, 5, 4)), **shapes)
    dense = [{"type": "dense", "units": 4, "activation": "gelu"}]
    shapes = {"inner__1__W": (4, 4), "inner__1__b": (4,)}
    add("residual_dense", {"type": "residual", "layers": dense}, n(size=(3, 4)), **shapes)


def dropout_case(rng: np.random.Generator) -> Entries:
    """PyTorch draws the mask; it is stored with the rest."""
    x = torch.tensor(rng.normal(1, 0.1, (4, 6)), requires_grad=True)
    a = F.dropout(x, 0.3, training=True)
    upstream = torch.tensor(rng.normal(size=a.shape))
    a.backward(upstream)
    entries = stored([{"type": "dropout", "rate": 0.3}], x, {})
    return entries | {"upstream": upstream.numpy(), "a": a.detach().numpy(), "mask": (a != 0).numpy()}


def running_case(rng: np.random.Generator, shape: tuple[int, ...]) -> Entries:
    """Batch normalisation over three training passes, then one in evaluation mode with its gradients."""
    module = torch.nn.BatchNorm1d(shape[1]) if len(shape) == 2 else torch.nn.BatchNorm2d(shape[1])
    batches = [torch.tensor(rng.normal(1, 2, shape)) for _ in range(3)]
    for batch in batches:
        module(batch)
    module.eval()
    params = {"1.gamma": module.weight, "1.beta": module.bias}
    module.zero_grad()
    x = batches[0].clone().requires_grad_()
    a = module(x)
    upstream = torch.tensor(rng.normal(size=shape))
    a.backward(upstream)
    entries = stored([{"type": "batchnorm"}], x, params)
    running = {"running_mean": module.running_mean, "running_var": module.running_var}
    entries |= {name: value.numpy() for name, value in running.items() if value is not None}
    batch = torch.stack(batches).numpy()
    return entries | {"upstream": upstream.numpy(), "a": a.detach().numpy(), "batches": batch}


def reference() -> Entries:
    """All layer cases, keys "case/entry"."""
    rng = np.random.default_rng(1)
    collected = Cases(rng)
    image_cases(collected)
    sequence_cases(collected)
    cases = collected.found
    cases["dropout"] = dropout_case(rng)
    cases["running_dense"] = running_case(rng, (5, 3))
    cases["running_conv"] = running_case(rng, (2, 2, 3, 2))
    return flat(cases)


def flat(cases: dict[str, Entries]) -> Entries:
    """Keys "case/entry" for all of them."""
    return {f"{name}/{key}": value for name, entries in cases.items() for key, value in entries.items()}


def network_reference() -> Entries:
    """Whole networks with their loss: its value and every gradient, down to the input."""
    rng = np.random.default_rng(2)

    def dense(units: int, activation: str) -> dict[str, Any]:
        return {"type": "dense", "units": units, "activation": activation}

    cases = {}
    labels = torch.tensor(rng.integers(0, 3, 4))
    plain = {"1.W": (5, 6), "1.b": (5,), "2.W": (3, 5), "2.b": (3,)}
    for loss, last in (("cross_entropy", "softmax"), ("mse", "softmax"), ("mse", "identity")):
        x, layers = torch.tensor(rng.normal(size=(4, 6))), [dense(5, "relu"), dense(3, last)]
        cases[f"{loss}_{last}"] = network_case(layers, loss, x, labels, draw(rng, plain))
    x, layers = torch.tensor(rng.normal(size=(4, 6))), [dense(5, "tanh"), dense(1, "sigmoid")]
    shapes = plain | {"2.W": (1, 5), "2.b": (1,)}
    cases["binary"] = network_case(layers, "binary_cross_entropy", x, labels % 2, draw(rng, shapes))
    image = torch.tensor(rng.normal(size=(4, 1, 8, 8)))
    layers = [
        {"type": "conv2d", "filters": 2, "padding": "same", "activation": "relu"},
        {"type": "maxpool2d"},
        {"type": "conv2d", "filters": 3, "activation": "relu"},
        {"type": "flatten"},
        dense(3, "softmax"),
    ]
    shapes = {"1.W": (2, 1, 3, 3), "1.b": (2,), "3.W": (3, 2, 3, 3), "3.b": (3,), "5.W": (3, 12), "5.b": (3,)}
    cases["cnn"] = network_case(layers, "cross_entropy", image, labels, draw(rng, shapes))
    return flat(cases)


def network_case(layers: list[dict[str, Any]], loss: str, x: Tensor, y: Tensor, params: Params) -> Entries:
    """One network: loss and gradients."""
    x.requires_grad_()
    outputs = run(layers, x, params, skip_last_activation=loss != "mse")
    if loss == "cross_entropy":
        value = F.cross_entropy(outputs, y)
    elif loss == "mse":
        value = F.mse_loss(outputs, F.one_hot(y, outputs.shape[1]).to(outputs.dtype))
    else:
        value = F.binary_cross_entropy_with_logits(outputs[:, 0], y.to(outputs.dtype))
    value.backward()
    return stored(layers, x, params) | {"loss": loss, "y": y.numpy(), "value": value.item()}
