"""A clip with the sound of its recordings: a copy beside the silent one, same picture packets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nncore.errors import RecordingError
from nncore.recording import Recording
from scenes.kit.beats import SHORTEST_HOLD
from studio.files import publishing, workspace, write_bytes
from studio.film import LOUDNESS
from studio.film.audio import join_sound
from studio.film.sound.loudness import write_normalised
from studio.film.sound.track import Block, mixed
from studio.film.soundtrack import heard_in, sounding_of
from studio.film.timing import Moment, in_sequence
from studio.library import find_scene
from studio.manifest import digest_of, manifest_path, read_manifest
from studio.runs import recall

#: The bed's level under a clip.
_MUSIC = 0.5


def sounding_copies(clips: Sequence[Path], sound: str) -> tuple[list[Path], list[str]]:
    """(the clips' copies with sound, data or full; a note on each clip that has nothing to sound like)."""
    made: list[Path] = []
    notes: list[str] = []
    for clip in clips:
        copy = with_sound(clip, sound)
        if copy is not None:
            made.append(copy)
        else:
            notes.append(
                f"note: {clip.name} shows nothing that has a sound; --sound full lays a bed under it."
            )
    return made, notes


def with_sound(clip: Path, sound: str) -> Path | None:
    """Writes `<clip>-sound.mp4` and its manifest; None if nothing in the clip has a sound.

    Raises: RecordingError if a recording the clip was drawn from is not on this machine.
    """
    manifest = read_manifest(clip)
    blocks = _blocks(manifest)
    samples = mixed(blocks, sound=sound, music=_MUSIC)
    if not np.any(samples):
        return None
    target = clip.with_name(f"{clip.stem}-sound.mp4")
    with workspace() as work, publishing(target) as part:
        write_normalised(samples, work / "sound.mp4", LOUDNESS, lambda note: None)
        join_sound(clip, work / "sound.mp4", part, [], {})
    manifest["clip"] |= {"file": target.name, "sha256": digest_of(target)}
    manifest["sound"] = sound
    write_bytes(manifest_path(target), json.dumps(manifest, ensure_ascii=False, indent=1).encode())
    return target


def _blocks(manifest: dict[str, Any]) -> list[Block]:
    fps = manifest["clip"]["fps"]
    moments, recordings = [], []
    for scene in manifest["scenes"]:
        opened = {each["recipe"]: each for each in scene["recordings"]}
        digit = scene["params"].get("digit") or _default_digit(scene["scene"])
        for beat in scene["beats"]:
            moves = max(1, beat["frames"] - round(SHORTEST_HOLD * fps))
            name = next(iter(opened), "")
            moments.append(
                Moment(scene["scene"], beat["name"], 0, beat["frames"], moves, recipe=name, digit=int(digit))
            )
            recordings.append(opened)
    timeline = in_sequence(moments, fps)
    blocks = []
    for moment, known in zip(timeline.moments, recordings, strict=True):
        sounding = sounding_of(moment)
        wanted = (sounding.recipe or moment.recipe) if sounding else ""
        open_ = {wanted: _recording(wanted, known[wanted]["digest"])} if wanted in known else {}
        blocks.append(Block(*timeline.span(moment), None, heard_in(moment, fps, open_)))
    return blocks


def _default_digit(scene: str) -> int:
    from scenes.registry import scene_infos

    known = {info.name for info in scene_infos()}
    params = (find_scene(scene).params or {}) if scene in known else {}
    return int(params.get("digit", {}).get("default", -1))


def _recording(recipe: str, digest: str) -> Recording:
    recording = recall(recipe, digest)
    if recording is None:
        raise RecordingError(f"the recording of '{recipe}' with digest {digest[:12]} is not on this machine.")
    return recording
