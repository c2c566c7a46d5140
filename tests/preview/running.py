"""What the preview's tests share: the sample scene, a run of a few steps, a started preview."""

import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from nncore.runspec import RunSpec
from nncore.training import train

ROOT = Path(__file__).resolve().parents[2]
SCENES = Path(__file__).parent / "slides.py"
SMALL = "180p10"
TOKEN, PORT = "0123456789abcdef", 8000


def train_tiny(folder: Path, seed: int = 0) -> Path:
    """A run of a few steps on two moons."""
    spec = RunSpec(
        name="tiny",
        dataset="moons",
        epochs=1,
        batch_size=64,
        seed=seed,
        layers=(
            {"type": "dense", "units": 3, "activation": "relu"},
            {"type": "dense", "units": 2, "activation": "softmax"},
        ),
    )
    return train(spec, folder, overwrite=True).path


@dataclass
class Preview:
    """A running `preview` command."""

    process: subprocess.Popen
    address: str
    scene: Path
    recording: Path
    output: Path

    def end(self) -> int:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)
