"""The JSON beside a clip: what it shows, from which recordings, and the source of every number in it.

It is written last, and holds the clip's digest, so a clip with a manifest that fits it is a finished one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nncore.errors import RecordingError
from studio.files import write_bytes
from studio.keys import fonts_digest, versions
from studio.media import probe
from studio.plan import ScenePlan
from studio.segments import SegmentInfo

SCHEMA = 1


def manifest_path(clip: Path) -> Path:
    """Where a clip's manifest is."""
    return clip.with_suffix(".json")


def write_manifest(clip: Path, parts: Sequence[tuple[ScenePlan, Sequence[SegmentInfo]]]) -> dict[str, Any]:
    """Writes the manifest of a clip that is already published; one part for each scene in it."""
    found = probe(clip)
    first = parts[0][0].request
    scenes, start = [], 0
    for plan, infos in parts:
        scenes.append(scene_entry(plan, infos, start, first.quality.fps))
        start += sum(info.frames for info in infos)
    manifest = {
        "schema": SCHEMA,
        "clip": {
            "file": clip.name,
            "sha256": digest_of(clip),
            "width": found.width,
            "height": found.height,
            "fps": first.quality.fps,
            "frames": start,
            "seconds": round(start / first.quality.fps, 6),
        },
        "preset": first.preset,
        "scenes": scenes,
        "versions": versions(),
        "fonts": fonts_digest(),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    write_bytes(manifest_path(clip), text.encode())
    return manifest


def read_manifest(clip: Path) -> dict[str, Any]:
    """The manifest of a clip.

    Raises: RecordingError if it is missing or is not one.
    """
    path = manifest_path(clip)
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordingError(f"{path} is missing; every clip has its manifest beside it.") from None
    except (OSError, ValueError) as error:
        raise RecordingError(f"{path} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise RecordingError(f"{path} is not a manifest of schema {SCHEMA}.")
    return manifest


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def scene_entry(plan: ScenePlan, infos: Sequence[SegmentInfo], first: int, fps: int) -> dict[str, Any]:
    """What a manifest says about one scene, whose first beat starts at frame `first`."""
    request = plan.request
    lasting = request.ref.recorded and not any(info.only_for for info in infos)
    beats, at = [], first
    for info in infos:
        for beat in info.beats:
            end = at + beat["frames"]
            span = {"start": round(at / fps, 6), "end": round(end / fps, 6), "frames": beat["frames"]}
            beats.append({"name": beat["name"], "caption": beat["caption"], **span})
            at = end
    return {
        "scene": request.ref.name,
        "aspect": request.aspect,
        "theme": request.theme,
        "captions": request.captions,
        "params": dict(request.params),
        "recordings": list(plan.recordings),
        "segments": list(plan.keys) if lasting else [],
        "beats": beats,
        "numbers": list({json.dumps(n): n for info in infos for n in info.numbers}.values()),
    }
