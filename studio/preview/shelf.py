"""The files a page may ask for: the last clips and stills, and what its buttons made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.request import Request

#: Clips and stills kept for a page that is still loading them.
_KEPT = 4


class Shelf:
    """Files by the name they are asked for; `folder` holds those that only the preview needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, Path] = {}
        self.serial = 0

    def next(self, kind: str, suffix: str) -> Path:
        """Where the next file of a kind goes."""
        self.serial += 1
        return self.folder / f"{kind}-{self.serial}{suffix}"

    def put(self, path: Path) -> str:
        """Makes a file known, forgets the oldest of its kind, and returns its address from the page."""
        self.files[path.name] = path
        kind = path.name.partition("-")[0] + "-"
        mine = [
            name for name, each in self.files.items() if name.startswith(kind) and each.parent == self.folder
        ]
        for name in mine[:-_KEPT]:
            self.files.pop(name).unlink(missing_ok=True)
        return f"files/{path.name}"

    def put_picture(self, path: Path, request: Request, look: int, **facts: Any) -> dict[str, Any]:
        """Makes a clip or still known; returns what the page has to know of it."""
        width, height = request.quality.size(request.aspect)
        size = {"width": width, "height": height, "fps": request.quality.fps}
        serial = int(path.stem.rpartition("-")[2])
        return {"url": self.put(path), "serial": serial, "look": look, **size, **facts}
