"""The segment cache: one MP4 and one JSON sidecar per drawn stretch of a scene, under its key.

The sidecar is written last and holds the video's digest: a segment without one, or one that does not fit it,
does not exist and is drawn again. Nothing here is ever written in place.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from nncore.cache import cache_dir
from nncore.errors import Busy
from studio.files import part_path, publish, sweep_parts, sweep_workspaces, write_bytes
from studio.locks import drawing
from studio.media import BrokenClip, join_into

#: The cache's size limit in bytes; the segments not used for longest go first.
SIZE_LIMIT = int(os.environ.get("NNREEL_CACHE_BYTES", 4_000_000_000))
_RECENT = 3600.0
_CHUNK = "~"
_END = "~end"


def chunk_key(key: str, number: int) -> str:
    """The key of one chunk of a segment."""
    return f"{key}{_CHUNK}{number}"


@dataclass(frozen=True)
class SegmentInfo:
    """What a segment's sidecar holds.

    `beats` are dicts of name, caption and frames; `numbers` the ledger entries of those beats. `only_for`
    names a run whose code changed while it drew: its segment may not be what the key says, and serves no
    other run.
    """

    key: str
    frames: int
    sha256: str
    size: int
    beats: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[dict[str, Any]] = field(default_factory=list)
    only_for: str = ""


class SegmentStore:
    """Segments in a folder (default: the user's cache), as one run sees them."""

    def __init__(self, folder: Path | None = None, run: str = "") -> None:
        self.folder = folder or cache_dir() / "segments"
        self.run = run or uuid4().hex

    def video(self, key: str) -> Path:
        """Where the segment's video is, if there is one."""
        return self.folder / f"{key}.mp4"

    def find(self, key: str) -> SegmentInfo | None:
        """The segment, if it is there whole or in chunks that are; a damaged one is removed."""
        return self._whole(key) or self._joined(key) or self._whole(key)  # another process may have joined it

    def drawn(self, keys: Sequence[str]) -> list[SegmentInfo]:
        """The segments that an engine has just drawn or found.

        Raises: Busy if something else has removed one meanwhile.
        """
        infos = [info for key in keys if (info := self.find(key)) is not None]
        if len(infos) < len(keys):
            raise Busy(
                f"{len(keys) - len(infos)} of {len(keys)} segments are no longer in {self.folder}: it was "
                "emptied while they were drawn. Give the same command again."
            )
        return infos

    def _whole(self, key: str) -> SegmentInfo | None:
        video, sidecar = self.video(key), self.folder / f"{key}.json"
        try:
            info = SegmentInfo(**json.loads(sidecar.read_text(encoding="utf-8")))
            data = video.read_bytes()
            if info.key != key or len(data) != info.size or hashlib.sha256(data).hexdigest() != info.sha256:
                raise ValueError("not what the sidecar says")
            if info.only_for not in ("", self.run):
                raise ValueError("drawn by code that was changing")
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):
            for path in (sidecar, video):
                with suppress(OSError):
                    path.unlink()
            return None
        with suppress(OSError):
            os.utime(sidecar)  # what was used last is kept longest
        return info

    def _joined(self, key: str) -> SegmentInfo | None:
        """The segment joined from its chunks, if all of them are there; the chunks go."""
        end = self.folder / f"{key}{_END}.json"
        try:
            about = json.loads(end.read_text(encoding="utf-8"))
            count, beats, numbers = (about[name] for name in ("chunks", "beats", "numbers"))
            if about["only_for"] not in ("", self.run):
                raise ValueError("drawn by code that was changing")
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            end.unlink(missing_ok=True)
            return None
        infos = [self._whole(chunk_key(key, number)) for number in range(count)]
        if not all(infos):
            return None
        part = part_path(self.video(key))
        lasting = not about["only_for"] and not any(info.only_for for info in infos if info)
        try:
            join_into([self.video(info.key) for info in infos if info], part)
            found = self.add(key, part, beats, numbers, for_all=lasting)
        except BrokenClip:  # another process has just joined them
            return None
        finally:
            part.unlink(missing_ok=True)
        self._drop_chunks(key)
        return found

    def add_end(
        self,
        key: str,
        chunks: int,
        beats: list[dict[str, Any]],
        numbers: list[dict[str, Any]],
        *,
        for_all: bool = True,
    ) -> None:
        """Publishes what a segment in chunks holds, once that is known."""
        about = {
            "chunks": chunks,
            "beats": beats,
            "numbers": numbers,
            "only_for": "" if for_all else self.run,
        }
        write_bytes(
            self.folder / f"{key}{_END}.json", json.dumps(about, ensure_ascii=False, indent=1).encode()
        )

    def add(
        self,
        key: str,
        part: Path,
        beats: list[dict[str, Any]],
        numbers: list[dict[str, Any]],
        *,
        for_all: bool = True,
    ) -> SegmentInfo:
        """Publishes a finished video under its key, then its sidecar, for all runs or this one only."""
        data = part.read_bytes()
        frames = sum(beat["frames"] for beat in beats)
        sha256, only_for = hashlib.sha256(data).hexdigest(), "" if for_all else self.run
        info = SegmentInfo(key, frames, sha256, len(data), beats, numbers, only_for)
        publish(part, self.video(key))
        text = json.dumps(asdict(info), ensure_ascii=False, indent=1)
        write_bytes(self.folder / f"{key}.json", text.encode())
        return info

    def prepare(self) -> None:
        """Makes the folder, removes what killed processes left, keeps the size limit.

        Others that are drawing may need any of the segments: the limit waits until a run has the cache alone.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        sweep_parts(self.folder)
        sweep_workspaces(cache_dir() / "work")
        self._sweep_chunks()
        if not drawing():
            self.shrink(SIZE_LIMIT)

    def _sweep_chunks(self) -> None:
        """Removes the chunks of segments that are whole: who joined them was killed before they went."""
        for key in {path.name.split(_CHUNK)[0] for path in self.folder.glob(f"[!.]*{_CHUNK}*")}:
            if self._whole(key):
                self._drop_chunks(key)

    def _drop_chunks(self, key: str) -> None:
        for path in self.folder.glob(f"{key}{_CHUNK}*"):
            path.unlink(missing_ok=True)

    def shrink(self, limit: int) -> int:
        """Removes the longest unused segments until the cache is below `limit` bytes; returns how many."""
        entries = sorted((path.stat().st_mtime, path) for path in self.folder.glob("*.json"))
        total, removed = self.size(), 0
        for used, sidecar in entries:
            if total <= limit or time.time() - used < _RECENT:
                break
            video = self.video(sidecar.stem)
            for path in (sidecar, video):
                with suppress(OSError):
                    total -= path.stat().st_size
                    path.unlink()
            removed += 1
        return removed

    def size(self) -> int:
        """Units: bytes."""
        return sum(path.stat().st_size for path in self.folder.glob("*") if path.is_file())

    def count(self) -> int:
        """How many segments there are."""
        return sum(1 for path in self.folder.glob("*.mp4") if _CHUNK not in path.name)

    def remove(self, key: str) -> None:
        """Removes one segment."""
        for path in (self.folder / f"{key}.json", self.video(key)):
            path.unlink(missing_ok=True)

    def clear(self) -> int:
        """Removes every segment; returns how many there were.

        Raises: Busy while another process draws, because it would be left without what it has.
        """
        if others := drawing():
            who = f"process{'es' if len(others) > 1 else ''} {', '.join(others)}"
            raise Busy(f"{who} is drawing into {self.folder}; clear it when that has ended.")
        count = self.count()
        sweep_parts(self.folder)
        for path in self.folder.glob("[!.]*"):
            with suppress(OSError):
                path.unlink()
        return count
