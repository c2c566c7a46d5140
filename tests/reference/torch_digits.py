"""784-128-10 on the digits in PyTorch: weights after an epoch in float64, accuracy after a float32 run."""

from typing import Any

import torch
from digits_run import EPOCHS, RATES, batches, initial_weights, kept
from torch.nn import functional as F

from nncore.datasets import load_dataset

OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}


def train(kind: str, dtype: torch.dtype, epochs: int) -> tuple[dict[str, torch.Tensor], float]:
    """The weights after so many epochs, and the test accuracy."""
    dataset = load_dataset("digits")
    x, y = torch.tensor(dataset.x_train, dtype=dtype), torch.tensor(dataset.y_train)
    params = {key: torch.tensor(w, dtype=dtype, requires_grad=True) for key, w in initial_weights().items()}

    def logits(x: torch.Tensor) -> torch.Tensor:
        hidden = torch.relu(F.linear(x, params["1.W"], params["1.b"]))
        return F.linear(hidden, params["2.W"], params["2.b"])

    optimizer = OPTIMIZERS[kind](list(params.values()), lr=RATES[kind])
    for batch in batches(len(x), epochs):
        optimizer.zero_grad()
        F.cross_entropy(logits(x[batch]), y[batch]).backward()
        optimizer.step()
    with torch.no_grad():
        answers = logits(torch.tensor(dataset.x_test, dtype=dtype)).argmax(dim=1)
    return params, (answers == torch.tensor(dataset.y_test)).double().mean().item()


def reference() -> dict[str, Any]:
    """Sampled weights and accuracies, keys "optimizer/entry"."""
    entries: dict[str, Any] = {}
    for kind in OPTIMIZERS:
        params, _ = train(kind, torch.float64, 1)
        entries |= {f"{kind}/{key}": kept(w.detach().numpy()) for key, w in params.items()}
        entries[f"{kind}/accuracy"] = train(kind, torch.float32, EPOCHS)[1]
    return entries
