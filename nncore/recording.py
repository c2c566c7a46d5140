"""Recording: reads what a training run wrote down; the only thing a scene may draw numbers from.

Opening one checks all of it first (recorded_files.py); every array read from it is mapped, not loaded.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nncore.datasets import Dataset
from nncore.errors import RecordingError, did_you_mean
from nncore.network import Network
from nncore.recorded_files import RecordedFiles
from nncore.runspec import RunSpec
from nncore.snapshots import EVALS, Layout

if TYPE_CHECKING:
    from nncore.landscape import Landscape
    from nncore.replay import ReplayReport

SERIES = ("loss_batch", "learning_rate", "epoch", "grad_norm", "param_norm")


class Recording(RecordedFiles):
    """One recorded run, read-only. Open with Recording.open."""

    def __init__(self, path: Path, manifest: dict[str, Any], spec: RunSpec, layout: Layout) -> None:
        super().__init__(path, manifest, spec, layout)
        self._landscapes: dict[tuple[tuple[str, Any], ...], Landscape] = {}

    # what was recorded at a snapshot

    def param(self, key: str, step: int) -> np.ndarray:
        """One parameter before the update of `step`, such as param("1.W", 0). Shapes: W (n_out, n_in)."""
        return self.field("param", key, step)

    def params(self, step: int) -> dict[str, np.ndarray]:
        """All parameters before the update of `step`."""
        return self._fields("param", step)

    def grad(self, key: str, step: int) -> np.ndarray:
        """The gradient of the batch loss at `step`, mean over the batch, before decay and clipping."""
        return self.field("grad", key, step)

    def grads(self, step: int) -> dict[str, np.ndarray]:
        """All gradients of the batch loss at `step`."""
        return self._fields("grad", step)

    def state(self, key: str, step: int) -> np.ndarray:
        """One array the optimizer remembered before the update of `step`, such as `velocity 1.W`."""
        return self.field("state", key, step)

    def optimizer_state(self, step: int) -> dict[str, np.ndarray]:
        """All that the optimizer remembered before the update of `step`."""
        return self._fields("state", step)

    def buffers(self, step: int) -> dict[str, np.ndarray]:
        """What layers remember besides parameters: running means and variances."""
        return self._fields("buffer", step)

    def masks(self, step: int) -> dict[str, np.ndarray]:
        """Dropout masks of the batch at `step`, by layer; True was kept. Shapes: (batch, ...)."""
        return {key: mask[: len(self.batch(step))] for key, mask in self._fields("mask", step).items()}

    def z(self, layer: int, step: int) -> np.ndarray:
        """Pre-activations of the probes. Shapes: (P, ...)."""
        kind = "z" if str(layer) in self.layout.names("z") else "a"
        return self.field(kind, str(layer), step)

    def a(self, layer: int, step: int) -> np.ndarray:
        """Activations of the probes; layer 0 is the input. Shapes: (P, ...)."""
        return self.probe_x if layer == 0 else self.field("a", str(layer), step)

    def attention(self, layer: int | str, step: int) -> np.ndarray:
        """An attention layer's weights for the probes: row i is what position i takes. Shapes: (P, t, t)."""
        return self.field("attention", str(layer), step)

    def hidden(self, layer: int | str, step: int) -> np.ndarray:
        """A recurrent layer's states for the probes, one per position. Shapes: (P, t, units)."""
        return self.field("hidden", str(layer), step)

    def param_history(self, key: str, index: Any = None) -> np.ndarray:
        """A parameter, or one element of it, at every snapshot. Shapes: (S, ...)."""
        return self._history("param", key, index)

    def grad_history(self, key: str, index: Any = None) -> np.ndarray:
        """A gradient, or one element of it, at every snapshot. Shapes: (S, ...)."""
        return self._history("grad", key, index)

    def _history(self, kind: str, key: str, index: Any) -> np.ndarray:
        index = () if index is None else tuple(np.atleast_1d(index).tolist())
        try:
            return np.array([self.field(kind, key, int(step))[index] for step in self.steps])
        except IndexError as error:
            raise RecordingError(f"{self.path}: {kind} {key} has no element {index}") from error

    # what was recorded at every step

    def series(self, name: str) -> np.ndarray:
        """One number per update; `grad_norm 1.W` gives one parameter's part.

        param_norm comes from the snapshots and is NaN between them. Shapes: (n_steps,).
        """
        kind, _, key = name.partition(" ")
        if kind not in SERIES or (key and key not in self.layout.keys):
            names = [*SERIES, *(f"grad_norm {k}" for k in self.layout.keys)]
            raise RecordingError(f"{self.path}: no series {name!r}.{did_you_mean(name, names)}")
        rows = self._log[: self.n_steps]
        if kind == "param_norm":
            return self._param_norm(key)
        if kind != "grad_norm":
            return rows[kind].astype(np.int64) if kind == "epoch" else rows[kind].copy()
        norms = rows["grad_norms"]
        return norms[:, self.layout.keys.index(key)].copy() if key else np.sqrt((norms**2).sum(axis=1))

    def _param_norm(self, key: str) -> np.ndarray:
        norms = np.full(self.n_steps, np.nan)
        for step in self.steps[:-1]:
            arrays = [self.param(key, step)] if key else self.params(step).values()
            norms[step] = np.sqrt(sum(float((w.astype(np.float64) ** 2).sum()) for w in arrays))
        return norms

    @cached_property
    def eval_steps(self) -> np.ndarray:
        """The steps at which train and test sets were evaluated, the first and the last included."""
        return np.flatnonzero(~np.isnan(self._log["loss_train"]) | ~np.isnan(self._log["loss_test"]))

    def evals(self, name: str) -> np.ndarray:
        """Train or test loss or accuracy at eval_steps; NaN where it has no meaning. Shapes: (E,)."""
        if name not in EVALS:
            raise RecordingError(
                f"{self.path}: no evaluation {name!r}.{did_you_mean(name, EVALS)} "
                f"Recorded: {', '.join(EVALS)}"
            )
        return self._log[name][self.eval_steps]

    def batch(self, step: int) -> np.ndarray:
        """Indices into the training set of the batch at `step`."""
        row = self.log_row(step)
        return row["batch"][: row["batch_length"]].copy()

    def log_row(self, step: int) -> np.void:
        """Everything logged at one step; the row after the last update is that of the end state."""
        if not 0 <= step < len(self._log):
            raise RecordingError(f"{self.path}: no step {step}; the run made {self.n_steps}")
        row: np.void = self._log[step]
        return row

    # what goes with it

    @property
    def name(self) -> str:
        """The recipe's name."""
        return self.spec.name

    @property
    def diverged(self) -> bool:
        """Whether the run ended in numbers that are not finite."""
        return self.status == "diverged"

    @property
    def best_step(self) -> int:
        """The snapshot with the lowest evaluated test loss; where none was evaluated, the last."""
        here = np.isin(self.eval_steps, self.steps)
        losses, steps = self.evals("loss_test")[here], self.eval_steps[here]
        return int(steps[np.nanargmin(losses)]) if np.isfinite(losses).any() else self.n_steps

    @property
    def probe_x(self) -> np.ndarray:
        """The fixed test examples whose z and a every snapshot holds. Shapes: (P, ...)."""
        return self._data["x_test"][self.probe_indices]

    @property
    def probe_y(self) -> np.ndarray:
        """The probes' labels. Shapes: (P,)."""
        return self._data["y_test"][self.probe_indices]

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units of the input and of each layer with weights, such as (784, 128, 10)."""
        weights = [self.param(key, 0).shape for key in self.layout.names("param") if key.endswith(".W")]
        inputs = int(np.prod(self._data["x_train"].shape[1:]))
        return (inputs, *(shape[0] for shape in weights))

    def dataset(self) -> Dataset:
        """The data the run used, stored inside the recording."""
        return self._dataset

    def network(self, step: int, dtype: str | None = None) -> Network:
        """A network with the parameters recorded at `step`, a copy, in the run's dtype or another."""
        from nncore.training import restored_network

        return restored_network(self, step, dtype)

    def replay(self) -> "ReplayReport":
        """Train again from the manifest and compare bit for bit."""
        from nncore.replay import replay

        return replay(self)

    def landscape(self, **options: Any) -> "Landscape":
        """The loss over a plane through the recorded path; see nncore.landscape. Kept while this is open."""
        from nncore.landscape import recorded_landscape

        key = tuple(sorted(options.items()))
        if key not in self._landscapes:
            self._landscapes[key] = recorded_landscape(self, **options)
        return self._landscapes[key]
