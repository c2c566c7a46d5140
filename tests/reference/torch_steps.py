"""50 steps of every optimizer in PyTorch, on several parameters of different shapes."""

import json
from typing import Any

import numpy as np
import torch

SHAPES = {"1.W": (2, 3), "1.b": (2,), "2.W": (2, 1, 1, 2), "2.b": (1,)}
STEPS = 50
RATE = 0.03

CASES: dict[str, tuple[str, dict[str, Any], Any]] = {
    "sgd": ("sgd", {}, lambda p: torch.optim.SGD(p, RATE)),
    "sgd_l2": ("sgd", {"l2": 0.1}, lambda p: torch.optim.SGD(p, RATE, weight_decay=0.1)),
    "momentum": ("momentum", {"momentum": 0.8}, lambda p: torch.optim.SGD(p, RATE, momentum=0.8)),
    "momentum_l2": (
        "momentum",
        {"l2": 0.1},
        lambda p: torch.optim.SGD(p, RATE, momentum=0.9, weight_decay=0.1),
    ),
    "rmsprop": ("rmsprop", {}, lambda p: torch.optim.RMSprop(p, RATE)),
    "rmsprop_l2": (
        "rmsprop",
        {"alpha": 0.9, "l2": 0.1},
        lambda p: torch.optim.RMSprop(p, RATE, 0.9, weight_decay=0.1),
    ),
    "adam": ("adam", {}, lambda p: torch.optim.Adam(p, RATE)),
    "adam_l2": (
        "adam",
        {"beta1": 0.8, "beta2": 0.95, "eps": 1e-4, "l2": 0.1},
        lambda p: torch.optim.Adam(p, RATE, (0.8, 0.95), 1e-4, weight_decay=0.1),
    ),
    "adamw": ("adamw", {}, lambda p: torch.optim.AdamW(p, RATE)),
    "adamw_decay": ("adamw", {"weight_decay": 0.3}, lambda p: torch.optim.AdamW(p, RATE, weight_decay=0.3)),
}


def reference() -> dict[str, Any]:
    """The gradients all optimizers are given, and the parameters after each step, keys "case/parameter"."""
    rng = np.random.default_rng(5)
    start = {key: rng.normal(size=shape) for key, shape in SHAPES.items()}
    grads = {key: rng.normal(0, 1, (STEPS, *shape)) for key, shape in SHAPES.items()}
    for g in grads.values():
        g[rng.random(g.shape) < 0.1] = 0  # some weights get no gradient at some steps
    entries: dict[str, Any] = {f"start/{key}": w for key, w in start.items()}
    entries |= {f"grads/{key}": g for key, g in grads.items()}
    for name, (kind, options, make) in CASES.items():
        params = {key: torch.tensor(w, requires_grad=True) for key, w in start.items()}
        optimizer = make(list(params.values()))
        path: dict[str, list[Any]] = {key: [] for key in params}
        for step in range(STEPS):
            for key, w in params.items():
                w.grad = torch.tensor(grads[key][step])
            optimizer.step()
            for key, w in params.items():
                path[key].append(w.detach().numpy().copy())
        entries |= {f"{name}/{key}": np.array(steps) for key, steps in path.items()}
        entries[f"{name}/optimizer"] = json.dumps({"name": kind, "options": options})
    return entries | clipping(start)


def clipping(grads: dict[str, Any]) -> dict[str, Any]:
    """clip_grad_norm_ to 1.5 of gradients with a larger norm."""
    params = []
    for g in grads.values():
        w = torch.zeros(g.shape, requires_grad=True)
        w.grad = torch.tensor(g)
        params.append(w)
    norm = torch.nn.utils.clip_grad_norm_(params, 1.5)
    clipped = [w.grad.numpy() for w in params if w.grad is not None]
    return {"clip/norm": norm.item()} | {f"clip/{key}": g for key, g in zip(grads, clipped, strict=True)}
