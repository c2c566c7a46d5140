"""Writes the PyTorch reference values that nncore is held to: python make_reference.py FOLDER.

Needs torch 2.13 (CPU), NumPy, SciPy, scikit-learn and platformdirs, and the repository on PYTHONPATH for the
digits. The files written beside this script are committed; the test suite reads them and needs no torch.
Everything is float64.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch_digits
import torch_layers
import torch_pieces
import torch_steps

PARTS = {
    "layers": torch_layers.reference,
    "networks": torch_layers.network_reference,
    "activations": torch_pieces.activations,
    "losses": torch_pieces.losses,
    "initializers": torch_pieces.initializers,
    "schedules": torch_pieces.schedules,
    "optimizers": torch_steps.reference,
    "digits": torch_digits.reference,
}


def main(folder: Path) -> None:
    """Write one NPZ file for each part."""
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PARTS.items():
        torch.manual_seed(0)
        np.savez_compressed(folder / f"{name}.npz", **make())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
