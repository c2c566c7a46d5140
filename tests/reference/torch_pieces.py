"""Activations, losses, initialisers and schedules in PyTorch."""

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F
from torch_layers import ACTIVATIONS

EXTREMES = [-1e4, -800.0, -40.0, -5.0, -1.0, -1e-3, 0.0, 1e-3, 0.5, 1.0, 3.0, 40.0, 800.0, 1e4]


def activations() -> dict[str, Any]:
    """Values, and dL/dz for a given dL/da, ordinary and extreme z."""
    rng = np.random.default_rng(3)
    z = np.concatenate([rng.normal(0, 2, (5, 7)), np.reshape(EXTREMES, (2, 7))])
    upstream = rng.normal(size=z.shape)
    entries: dict[str, Any] = {"z": z, "upstream": upstream}
    for name, function in ACTIVATIONS.items():
        leaf = torch.tensor(z, requires_grad=True)
        a = function(leaf)
        a.backward(torch.tensor(upstream))
        assert leaf.grad is not None
        entries |= {f"{name}/a": a.detach().numpy(), f"{name}/delta": leaf.grad.numpy()}
    return entries


def losses() -> dict[str, Any]:
    """Values and gradients, ordinary and extreme outputs."""
    rng = np.random.default_rng(4)
    outputs = np.concatenate([rng.normal(0, 2, (5, 4)), rng.permutation(EXTREMES)[:8].reshape(2, 4)])
    labels = rng.integers(0, 4, len(outputs))
    entries: dict[str, Any] = {}

    def add(name: str, outputs: Any, y: Any, function: Any, target: Any) -> None:
        leaf = torch.tensor(outputs, requires_grad=True)
        value = function(leaf, torch.as_tensor(target))
        value.backward()
        assert leaf.grad is not None
        entries.update({f"{name}/outputs": outputs, f"{name}/y": y, f"{name}/value": value.item()})
        entries[f"{name}/gradient"] = leaf.grad.numpy()

    onehot, numbers = np.eye(4)[labels], rng.normal(size=outputs.shape)
    binary = labels % 2
    add("cross_entropy", outputs, labels, F.cross_entropy, labels)
    add("mse", outputs, numbers, F.mse_loss, numbers)
    add("mse.labels", outputs, labels, F.mse_loss, onehot)
    logits = F.binary_cross_entropy_with_logits
    add("binary_cross_entropy", outputs[:, :1], binary, logits, binary[:, None].astype(np.float64))
    add("binary_cross_entropy.rows", outputs, onehot, logits, onehot)
    return entries


def initializers() -> dict[str, Any]:
    """Standard deviations and bounds PyTorch would draw with."""
    entries: dict[str, Any] = {}
    for shape in ((128, 784), (10, 128), (8, 1, 3, 3), (16, 8, 5, 5)):
        fan_in, fan_out = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
        name = "x".join(map(str, shape))
        entries[f"he/{name}"] = torch.nn.init.calculate_gain("relu") / fan_in**0.5
        entries[f"glorot/{name}"] = (6.0 / (fan_in + fan_out)) ** 0.5
        entries[f"normal/{name}"] = 0.3
        entries[f"zeros/{name}"] = 0.0
    return entries


def schedules() -> dict[str, Any]:
    """Learning rates of 50 steps."""

    def rates(make: Any) -> Any:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
        schedule = make(optimizer)
        found = []
        for _ in range(50):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return np.array(found)

    lr = torch.optim.lr_scheduler
    return {
        "constant": rates(lambda o: lr.ConstantLR(o, factor=1.0)),
        "step": rates(lambda o: lr.StepLR(o, step_size=7, gamma=0.3)),
        "cosine": rates(lambda o: lr.CosineAnnealingLR(o, T_max=50, eta_min=0.01)),
    }
