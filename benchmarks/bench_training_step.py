"""One training step, nncore beside PyTorch eager on the CPU: python bench_training_step.py [--threads N].

A step is forward, loss, backward and the optimizer's update on a batch that is ready, float32. Both sides run
in this one process with the same number of threads, in alternating rounds; a round is many steps, and medians
are compared. Needs torch 2.13 beside the project's own packages.
"""

import argparse
import importlib.util
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parents[1]))

from nncore.layers import build_layers
from nncore.network import Network
from nncore.optimizers import build_optimizer

ROUNDS = 41
ROUND_SECONDS = 0.04

Step = Callable[[], None]

MLP: tuple[dict[str, Any], ...] = (
    {"type": "dense", "units": 128, "activation": "relu"},
    {"type": "dense", "units": 10, "activation": "softmax"},
)
CNN: tuple[dict[str, Any], ...] = (
    {"type": "conv2d", "filters": 8, "kernel": 3, "padding": "same", "activation": "relu"},
    {"type": "maxpool2d"},
    {"type": "conv2d", "filters": 16, "kernel": 3, "padding": "same", "activation": "relu"},
    {"type": "maxpool2d"},
    {"type": "flatten"},
    {"type": "dense", "units": 10, "activation": "softmax"},
)
CASES = (
    ("784-128-10, SGD", MLP, (784,), "sgd", 32),
    ("784-128-10, SGD", MLP, (784,), "sgd", 64),
    ("784-128-10, Adam", MLP, (784,), "adam", 32),
    ("784-128-10, Adam", MLP, (784,), "adam", 64),
    ("tiny CNN, SGD", CNN, (1, 28, 28), "sgd", 32),
    ("tiny CNN, Adam", CNN, (1, 28, 28), "adam", 32),
)
RATES = {"sgd": 0.01, "adam": 1e-4}


def nncore_step(layers: Any, kind: str, x: Any, y: Any) -> Step:
    """One step of ours."""
    network = Network(build_layers(layers), "cross_entropy", x.shape[1:])
    network.init(np.random.default_rng(0), np.float32)
    optimizer, rate = build_optimizer(kind), RATES[kind]
    params = network.params()
    state = optimizer.init(params)

    def step() -> None:
        trace = network.forward(x, train=True)
        network.batch_loss(trace, y)
        grads = network.backward(trace, y, input_gradient=False)
        optimizer.update(params, grads.params, state, rate)
        network.absorb(trace)

    return step


def torch_step(layers: Any, kind: str, x: Any, y: Any) -> Step:
    """The same step in PyTorch eager."""
    import torch

    modules: list[torch.nn.Module] = []
    for layer in layers:
        if layer["type"] == "dense":
            modules.append(torch.nn.LazyLinear(layer["units"]))
        elif layer["type"] == "conv2d":
            modules.append(torch.nn.LazyConv2d(layer["filters"], layer["kernel"], padding=layer["padding"]))
        else:
            modules.append(torch.nn.MaxPool2d(2) if layer["type"] == "maxpool2d" else torch.nn.Flatten())
        if layer.get("activation") == "relu":
            modules.append(torch.nn.ReLU())
    model = torch.nn.Sequential(*modules)
    images, labels = torch.tensor(x), torch.tensor(y)
    model(images)
    make = torch.optim.SGD if kind == "sgd" else torch.optim.Adam
    optimizer = make(model.parameters(), lr=RATES[kind])

    def step() -> None:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        loss.item()
        loss.backward()
        optimizer.step()

    return step


def timed(step: Step, count: int) -> float:
    """Seconds a step takes, over `count` of them."""
    start = perf_counter()
    for _ in range(count):
        step()
    return (perf_counter() - start) / count


def compare(ours: Step, theirs: Step) -> tuple[float, float]:
    """Median seconds per step of both, measured in turn."""
    counts = [max(1, int(ROUND_SECONDS / timed(step, 20))) for step in (ours, theirs)]
    rounds = [(timed(ours, counts[0]), timed(theirs, counts[1])) for _ in range(ROUNDS)]
    return median(first for first, _ in rounds), median(second for _, second in rounds)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    threads = parser.parse_args().threads
    if importlib.util.find_spec("torch") is None:
        sys.exit("PyTorch is not installed here: pip install torch==2.13.0 (CPU) to compare with it.")
    import torch

    torch.set_num_threads(threads)
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {threads} thread(s), NumPy {np.__version__}, PyTorch {torch.__version__}, float32")
    print(f"{'':18} {'batch':>5} {'nncore':>10} {'PyTorch':>10} {'nncore/PyTorch':>15}")
    rng = np.random.default_rng(0)
    for name, layers, shape, kind, batch in CASES:
        x = rng.random((batch, *shape), np.float32)
        y = rng.integers(0, 10, batch)
        with threadpool_limits(threads):
            torch.set_num_threads(threads)
            ours, theirs = compare(nncore_step(layers, kind, x, y), torch_step(layers, kind, x, y))
        print(f"{name:18} {batch:5} {ours * 1e6:7.0f} µs {theirs * 1e6:7.0f} µs {ours / theirs:15.2f}")


if __name__ == "__main__":
    main()
