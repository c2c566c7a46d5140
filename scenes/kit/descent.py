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
RUN_NODES = 17


class Descent:
    """The two weights with the largest first gradient, through a run of plain gradient descent.

    Shapes: path, slopes (S, 2): both weights and their gradients at the recording's snapshots; x, y (91,):
    nodes of the map around the start, dense near it.
    Raises: BadInput for a run with another optimizer, or without snapshots of the first two steps.
    """

    def __init__(self, recording: Recording, most_singles: int) -> None:
        self.recording = recording
        spec = recording.spec
        if spec.optimizer != "sgd" or spec.l2 or spec.clip_norm or any(spec.optimizer_args.values()):
            raise BadInput(f"this scene draws plain gradient descent; '{spec.name}' learned in another way.")
        leading = int((recording.steps == np.arange(len(recording.steps))).sum())
        self.singles = min(most_singles, leading - 1)
        if self.singles < 1:
            raise BadInput(f"this scene needs snapshots of steps 0 and 1; '{spec.name}' lacks the second.")
        self.weights: list[Weight] = steepest_weights(recording)
        self.path = self._history(recording.param_history)
        self.slopes = self._history(recording.grad_history)
        self.losses = recording.series("loss_batch")
        fan = REACH * np.sinh(np.linspace(-BUNCHING, BUNCHING, NODES)) / np.sinh(BUNCHING)
        self.x, self.y = self.path[0, 0] + fan, self.path[0, 1] + fan

    def _history(self, read: Callable[..., np.ndarray]) -> np.ndarray:
        return np.stack([read(w.key, w.index) for w in self.weights], axis=1).astype(float)

    def name(self, which: int) -> str:
        """Where a weight leads: "w₁: neuron 67 to digit 3"."""
        weight, data = self.weights[which], self.recording.dataset()
        last = weight.layer == len(self.recording.spec.layers) and data.n_classes
        kinds = ("pixel", "digit") if data.image_shape else ("input", "class")
        origin = kinds[0] if weight.layer == 1 else "neuron"
        target = kinds[1] if last else "neuron"
        return f"w{'₁₂'[which]}: {origin} {weight.index[1]} to {target} {weight.index[0]}"

    def values(self, step: int) -> np.ndarray:
        """The loss of a step's own batch over both weights. Shapes: (91, 91)."""
        return weight_slice(self.recording, step, self.weights, self.x, self.y)

    def pictures(self, step: int) -> np.ndarray | None:
        """The images of a step's batch, where the examples are images. Shapes: (n, height, width)."""
        data = self.recording.dataset()
        if data.image_shape is None:
            return None
        height, width = data.image_shape[-2:]
        return data.x_train[self.recording.batch(step)].reshape(-1, height, width).astype(float)

    @cached_property
    def lowest(self) -> np.ndarray:
        """The place of the lowest loss on the first map. Shapes: (2,)."""
        row, column = np.unravel_index(self.values(0).argmin(), (NODES, NODES))
        return np.array([self.x[column], self.y[row]])

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
