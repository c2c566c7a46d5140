"""Facts about one update: what an optimizer divided a slope by, and the step it made of it."""

import numpy as np

from nncore.errors import BadInput
from nncore.facts import fact
from nncore.recording import Recording


@fact
def usual_slope(recording: Recording, step: int, key: str) -> float:
    """The root of the average squared slope of a parameter's first entry, by which update `step` divides."""
    kept = f"v {key}"
    if kept not in recording.optimizer_state(step):
        raise BadInput(f"{recording.spec.optimizer} keeps no average of squared slopes for {key}.")
    return float(np.sqrt(np.float64(recording.state(kept, _after(recording, step)).ravel()[0])))


@fact
def step_made(recording: Recording, step: int, key: str) -> float:
    """What update `step` added to a parameter's first entry."""
    before, after = (recording.param(key, at).ravel()[0] for at in (step, _after(recording, step)))
    return float(np.float64(after) - np.float64(before))


def _after(recording: Recording, step: int) -> int:
    """The snapshot right after an update. Raises: BadInput where there is none."""
    if step not in recording.steps or step + 1 not in recording.steps:
        raise BadInput(
            f"update {step} lies between two snapshots; the nearest is {recording.nearest_step(step)}"
        )
    return step + 1
