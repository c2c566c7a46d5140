"""What gradient descent reads from a recording: two weights, the loss over them, each step, the run."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from nncore.errors import BadInput
from nncore.recording import Recording
from nncore.slices import Weight, steepest_weights, weight_slice
from nncore.sources import Source
from scenes.kit.contour_map import height_at

#: How far the map reaches from the start, in weight units, and how much denser its nodes are at the start.
REACH, NODES, BUNCHING = 4.0, 91, 3.6
#: The lowest place is looked for so near to the start.
NEAR = 1.2
RUN_NODES = 17


class Descent:
    """The two weights with the largest first gradient, through a run of plain gradient descent.

    Shapes: path, slopes (S, 2): both weights and their gradients at the recording's snapshots; x, y (91,):
    nodes of the map around the start, dense near it.
    Raises: BadInput for a recording that does not have what the scene shows, saying what is missing.
    """

    def __init__(self, recording: Recording, most_singles: int) -> None:
        self.recording = recording
        leading = int((recording.steps == np.arange(len(recording.steps))).sum())
        self.singles = min(most_singles, leading - 1)
        self._check()
        self.weights: list[Weight] = steepest_weights(recording)
        self.path = self._history(recording.param_history)
        self.slopes = self._history(recording.grad_history)
        self.losses = recording.series("loss_batch")
        fan = REACH * np.sinh(np.linspace(-BUNCHING, BUNCHING, NODES)) / np.sinh(BUNCHING)
        self.x, self.y = self.path[0, 0] + fan, self.path[0, 1] + fan

    def _check(self) -> None:
        recording, spec = self.recording, self.recording.spec
        if spec.optimizer != "sgd" or spec.l2 or spec.clip_norm or any(spec.optimizer_args.values()):
            raise BadInput(f"this scene draws plain gradient descent; '{spec.name}' learned in another way.")
        data = recording.dataset()
        if data.image_shape is None or spec.batch_size >= len(data.x_train):
            raise BadInput(f"this scene shows small batches of pictures; '{spec.name}' has none.")
        if self.singles < 1:
            raise BadInput(f"this scene needs snapshots of steps 0 and 1; '{spec.name}' lacks the second.")
        rows = recording.batch(0)
        loss = recording.network(0).loss(data.x_train[rows], data.y_train[rows])
        if not np.isclose(loss, recording.series("loss_batch")[0], rtol=1e-4):
            raise BadInput(f"'{spec.name}' has layers that act differently in training: no map.")

    def _history(self, read: Callable[..., np.ndarray]) -> np.ndarray:
        return np.stack([read(w.key, w.index) for w in self.weights], axis=1).astype(float)

    def name(self, which: int) -> str:
        """Where a weight leads: "w₁: neuron 67 to digit 3"."""
        weight = self.weights[which]
        origin = "pixel" if weight.layer == 1 else "neuron"
        target = "digit" if weight.layer == len(self.recording.spec.layers) else "neuron"
        return f"w{'₁₂'[which]}: {origin} {weight.index[1]} to {target} {weight.index[0]}"

    def values(self, step: int) -> np.ndarray:
        """The loss of a step's own batch over both weights. Shapes: (91, 91)."""
        return weight_slice(self.recording, step, self.weights, self.x, self.y)

    def pictures(self, step: int) -> np.ndarray:
        """The images of a step's batch. Shapes: (n, height, width)."""
        data = self.recording.dataset()
        assert data.image_shape is not None
        height, width = data.image_shape[-2:]
        return data.x_train[self.recording.batch(step)].reshape(-1, height, width).astype(float)

    @cached_property
    def lowest(self) -> np.ndarray:
        """The place of the lowest loss near the start on the first map. Shapes: (2,)."""
        near = np.flatnonzero(np.abs(self.x - self.path[0, 0]) < NEAR)
        values = self.values(0)[near][:, near]
        row, column = np.unravel_index(values.argmin(), values.shape)
        return np.array([self.x[near[column]], self.y[near[row]]])

    # --- addresses of shown numbers ------------------------------------------------------------------------

    def weight(self, which: int, step: int) -> Source:
        """A weight at a step."""
        return Source("param", self.weights[which].key, step, self.weights[which].index)

    def gradient(self, which: int, step: int) -> Source:
        """Its gradient at a step."""
        return Source("grad", self.weights[which].key, step, self.weights[which].index)


class WholeRun:
    """The run after the single steps on the map of all training examples, between snapshots in log time.

    Shapes: x, y (17,) nodes; maps (R, 17, 17); path (R, 2); steps (R,).
    """

    def __init__(self, descent: Descent, span: tuple[float, float, float, float]) -> None:
        recording, first = descent.recording, descent.singles
        left, right, bottom, top = span
        self.x, self.y = np.linspace(left, right, RUN_NODES), np.linspace(bottom, top, RUN_NODES)
        self.steps = recording.steps[first:]
        self.walked = descent.path[:first]
        self.path = descent.path[first:]
        self.maps = np.stack(
            [
                weight_slice(recording, int(step), descent.weights, self.x, self.y, "train")
                for step in self.steps
            ]
        )
        self.levels = np.array(
            [height_at(self.x, self.y, each, at) for each, at in zip(self.maps, self.path, strict=True)]
        )

    def at(self, step: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        """(the ball's place, those before, the map, its height at the ball) at a step between snapshots."""
        place = float(np.interp(np.log1p(step), np.log1p(self.steps), np.arange(len(self.steps))))
        i = min(int(place), len(self.steps) - 2)
        share = place - i
        mixed = [each[i] + share * (each[i + 1] - each[i]) for each in (self.path, self.maps, self.levels)]
        behind = np.concatenate([self.walked, self.path[: i + 1]])
        return mixed[0], behind, mixed[1], float(mixed[2])
