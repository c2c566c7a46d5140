"""Small specs that train in a blink, for tests of recording and of what is computed from recordings."""

from typing import Any

from nncore.recipes import dense, mlp
from nncore.runspec import RunSpec

TINY = RunSpec(
    name="tiny", dataset="moons", dataset_args={"n": 60}, loss="binary_cross_entropy", learning_rate=0.3,
    batch_size=10, epochs=6, seed=4, probes=3, snapshots=16, layers=mlp(6, 1, output="sigmoid"),
)  # fmt: skip

VARIANTS: dict[str, dict[str, Any]] = {
    "sgd": {},
    "adam in float64": {"optimizer": "adam", "dtype": "float64", "learning_rate": 0.01},
    "clipped momentum": {"optimizer": "momentum", "clip_norm": 0.05},
    "cosine with decay": {"schedule": "cosine", "l2": 0.01},
    "decoupled decay": {"optimizer": "adamw", "l2": 0.1, "learning_rate": 0.01},
    "dropout": {"layers": (dense(6), {"type": "dropout", "rate": 0.5}, dense(1, "sigmoid"))},
    "batch normalisation": {"layers": (dense(6, "identity"), {"type": "batchnorm", "activation": "relu"},
                                       dense(1, "sigmoid"))},
    "odd last batch": {"batch_size": 7},
    "early stopping": {"early_stopping": 2, "epochs": 40, "optimizer": "adam", "learning_rate": 0.1},
    "diverging": {"loss": "mse", "layers": (dense(1, "identity"),), "learning_rate": 60.0, "epochs": 40},
}  # fmt: skip
