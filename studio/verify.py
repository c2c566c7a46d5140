"""Checks a clip against its recordings: every number is derived again, the run replayed, the file decoded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nncore.errors import BadInput, RecordingError
from nncore.recording import Recording
from nncore.sources import Source, resolve
from nncore.threads import one_thread
from studio.manifest import digest_of, read_manifest
from studio.media import BrokenClip, decode_all, probe
from studio.runs import recall

_FACT_TOLERANCE = 1e-6


@one_thread
def verify(clip: Path, given: Sequence[Path] = ()) -> list[str]:
    """One line for each disagreement between clip, manifest and recordings; none if all agree.

    Raises: RecordingError if the clip, its manifest or a recording can't be read, BadInput if it is no
    clip but a manifest.
    """
    if not clip.is_file():
        raise RecordingError(f"no clip {clip}.")
    if clip.suffix == ".json":
        raise BadInput(f"{clip} is a manifest: give its clip, such as {clip.with_suffix('.mp4')}.")
    manifest = read_manifest(clip)
    try:
        wrong = check_file(clip, manifest)
        recordings, missing = _recordings(manifest, given)
        wrong += missing
        for scene in manifest["scenes"]:
            wrong += check_numbers(scene, recordings)
        for recording in recordings.values():
            report = recording.replay()
            if not report.ok:
                wrong.append(f"replay of {recording.path}: {report.first_difference}")
    except (KeyError, TypeError, AttributeError) as error:
        raise RecordingError(f"{clip.with_suffix('.json')} lacks something: {error!r}") from error
    return wrong


def check_file(clip: Path, manifest: dict[str, Any]) -> list[str]:
    """What the video file does not have as its manifest says."""
    about = manifest["clip"]
    wrong = []
    if digest_of(clip) != about["sha256"]:
        wrong.append(f"{clip}: its bytes are not those of the manifest")
    try:
        found = probe(clip)
        decoded = decode_all(clip)
    except BrokenClip as error:
        return [*wrong, str(error)]
    for name, is_, said in (
        ("frames", decoded, about["frames"]),
        ("width", found.width, about["width"]),
        ("height", found.height, about["height"]),
        ("frames per second", found.fps, about["fps"]),
    ):
        if is_ != said:
            wrong.append(f"{clip}: {name} {is_}, the manifest says {said}")
    ends = [beat["end"] for scene in manifest["scenes"] for beat in scene["beats"]]
    for name, seconds in (("the file", found.seconds), ("the last beat", ends[-1] if ends else 0.0)):
        if abs(seconds - about["seconds"]) > 1 / about["fps"]:
            wrong.append(
                f"{clip}: {name} ends at {seconds:.3f} s, the manifest says {about['seconds']:.3f} s"
            )
    if not found.bt709:
        wrong.append(f"{clip}: not tagged BT.709")
    if not found.faststart:
        wrong.append(f"{clip}: the index is not at the start")
    return wrong


def check_numbers(scene: dict[str, Any], recordings: dict[str, Recording]) -> list[str]:
    """The numbers of a scene whose value or text does not come out of the recording again."""
    wrong = []
    for entry in scene["numbers"]:
        recording = recordings.get(entry["recording"])
        place = f"{scene['scene']}.{entry['beat']}: '{entry['text']}'"
        if recording is None:
            wrong.append(f"{place}: there is no recording of '{entry['recording']}'")
            continue
        try:
            source = Source.from_json(entry["source"])
            value = resolve(recording, source)
        except (RecordingError, BadInput) as error:
            wrong.append(f"{place}: {error}")
            continue
        text = entry["template"].format(value)
        if text != entry["text"] or not _equal(value, entry["value"], source.kind):
            wrong.append(
                f"{place} ({source}): the recording says '{text}' ({value!r}, not {entry['value']!r})"
            )
    return wrong


def _equal(one: Any, two: Any, kind: str) -> bool:
    """What is stored must be the same; what is computed from it may differ in a float32's last digits."""
    if isinstance(one, str) or isinstance(two, str):
        return bool(one == two)
    if math.isnan(float(one)):
        return math.isnan(float(two))
    return math.isclose(float(one), float(two), rel_tol=_FACT_TOLERANCE if kind == "fact" else 0.0)


def _recordings(manifest: dict[str, Any], given: Sequence[Path]) -> tuple[dict[str, Recording], list[str]]:
    """(recordings by name, what is wrong with them): those given, else those the clip was drawn from."""
    opened = [Recording.open(path) for path in given]
    found: dict[str, Recording] = {}
    wrong: list[str] = []
    wanted = {item["recipe"]: item for scene in manifest["scenes"] for item in scene["recordings"]}
    for recipe, item in wanted.items():
        name = item["name"]
        fitting = [each for each in opened if each.name == name] or (opened if len(wanted) == 1 else [])
        recording = fitting[0] if fitting else recall(recipe, item["digest"])
        if recording is None:
            raise RecordingError(
                f"the recording of '{recipe}' with digest {item['digest'][:12]} is not on this machine; "
                "say where it is with --recording DIR."
            )
        if recording.digest != item["digest"]:
            digests = f"digest {recording.digest[:12]}, the clip was drawn from {item['digest'][:12]}"
            wrong.append(f"{recording.path}: {digests}")
        found[name] = recording
    return found, wrong
