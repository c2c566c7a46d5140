"""What a film's manifest says of it."""

from pathlib import Path

from studio.manifest import read_manifest


def beats_in(path: Path) -> dict[tuple[str, str], dict]:
    """Each beat's entry, by its scene and name."""
    scenes = read_manifest(path)["scenes"]
    return {(scene["scene"], beat["name"]): beat for scene in scenes for beat in scene["beats"]}
