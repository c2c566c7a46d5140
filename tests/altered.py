"""A copy of a recording with one number changed and sealed again: another run, as far as anyone can tell."""

import json
import shutil
from pathlib import Path

import numpy as np

from nncore.manifest import content_digest, seal_digest, step_file
from nncore.npyfiles import file_digest


def altered_copy(
    source: Path, target: Path, field: str, step: int, index: tuple[int, ...], value: float
) -> Path:
    """Copies the recording and sets `field` (such as "param 1.W") at a snapshot."""
    shutil.copytree(source, target)
    path = target / step_file(step)
    record = np.load(path, mmap_mode="r+", allow_pickle=False)
    record[field][(0, *index)] = value
    record.flush()
    del record
    where = target / "manifest.json"
    manifest = json.loads(where.read_text(encoding="utf-8"))
    manifest["files"][path.name] = file_digest(path)
    manifest["digest"] = content_digest(manifest)
    manifest["seal"] = seal_digest(manifest)
    where.write_text(json.dumps(manifest), encoding="utf-8")
    return target
