"""Facts of signals and gradients on their way through the layers: how large, and what they still tell."""

import numpy as np

from nncore.errors import BadInput
from nncore.facts import fact
from nncore.recording import Recording


@fact
def z_spread(recording: Recording, step: int, layer: int) -> float:
    """How far a neuron's z differs from probe to probe: its standard deviation, mean over neurons."""
    z = np.asarray(recording.z(layer, step), dtype=np.float64)
    return float(z.std(axis=0).mean())


@fact
def signal_size(recording: Recording, step: int, layer: int) -> float:
    """The root mean square of a layer's recorded z over all probes and neurons."""
    z = np.asarray(recording.z(layer, step), dtype=np.float64)
    return float(np.sqrt((z**2).mean()))


@fact
def depth_ratio(recording: Recording, step: int, layer: int) -> float:
    """How many times larger the gradient of the last layer's weights is than that of layer `layer`'s.

    Raises: BadInput where that layer's gradient is zero.
    """
    keys = [key for key in recording.layout.keys if key.endswith(".W")]
    small = float(recording.series(f"grad_norm {layer}.W")[step])
    if small == 0:
        raise BadInput(f"layer {layer} of {recording.name} has a gradient of zero at step {step}")
    return float(recording.series(f"grad_norm {keys[-1]}")[step]) / small


@fact
def weights_moved(recording: Recording, step: int) -> int:
    """How many weights (without biases) differ from what they were at the start."""
    keys = [key for key in recording.layout.keys if key.endswith(".W")]
    return sum(int((recording.param(key, step) != recording.param(key, 0)).sum()) for key in keys)


@fact
def n_probes(recording: Recording) -> int:
    """Test examples whose z and a every snapshot holds."""
    return len(recording.probe_x)


@fact
def dropped_units(recording: Recording, step: int, layer: int, example: int) -> int:
    """How many neurons dropout layer `layer` left out for one example of the batch of a snapshot's step."""
    return int((~recording.masks(step)[str(layer)][example].astype(bool)).sum())
