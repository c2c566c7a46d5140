"""A tiny task that needs attention: the first token says where in the sequence the answer stands."""

import numpy as np

from nncore.datasets.dataset import Dataset, stratified_split
from nncore.registry import require_count


def pointer(
    seed: int = 0, n: int = 1500, length: int = 6, symbols: int = 4, test_fraction: float = 0.2
) -> Dataset:
    """One pointer token, then `length` symbols; the label is the symbol the pointer points to.

    Tokens 0 .. symbols - 1 are the symbols; token symbols + k points to the k-th symbol, at position k + 1.

    Shapes: x (n, 1 + length) int64, vocabulary symbols + length.
    """
    for name, value in (("n", n), ("length", length), ("symbols", symbols)):
        require_count(name, value, least=2)
    rng = np.random.default_rng(seed)
    content = rng.integers(0, symbols, (n, length))
    where = rng.integers(0, length, n)
    x = np.concatenate([symbols + where[:, None], content], axis=1)
    y = content[np.arange(n), where]
    train, test = stratified_split(y, test_fraction, seed)
    names = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i] if symbols <= 26 else str(i) for i in range(symbols))
    source = "generated: a pointer, then symbols; the label is the symbol pointed to"
    return Dataset("pointer", x[train], y[train], x[test], y[test], symbols, source, None, names)
