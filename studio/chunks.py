"""A beat as a row of chunks of fixed length, each encoded for itself, so that several processes can share it.

Chunks end at the same frames however many processes draw them, and each starts afresh in the encoder: the
bytes are the same. A chunk is published as soon as it is drawn; a killed run goes on after the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nncore.errors import NNReelError
from studio.files import part_path
from studio.media import SegmentEncoder, probe
from studio.presets import Preset
from studio.segments import SegmentStore, chunk_key


class Chunks:
    """Encodes the frames of one segment, of `parts` processes' chunks those of process `part`.

    `lasting` says at any time whether what is drawn is what the key says.
    Units: `size` (width, height) in pixels.
    """

    def __init__(
        self,
        store: SegmentStore,
        key: str,
        quality: Preset,
        size: tuple[int, int],
        lasting: Callable[[], bool],
        part: int = 0,
        parts: int = 1,
    ) -> None:
        self.store, self.key, self.lasting = store, key, lasting
        self._quality, self._size = quality, size
        self._length = quality.chunk_frames
        self._part, self._parts = part, parts
        self._there: dict[int, bool] = {}
        self._open: _Chunk | None = None
        self._closing: _Chunk | None = None

    def wanted(self, first: int, count: int) -> Sequence[int]:
        """Which of the frames first .. first + count - 1 this process has to draw."""
        chunks = range(first // self._length, (first + count - 1) // self._length + 1)
        mine = [chunk for chunk in chunks if self._is_mine(chunk)]
        if len(mine) == len(chunks):
            return range(first, first + count)
        return [
            frame
            for chunk in mine
            for frame in range(
                max(first, chunk * self._length), min(first + count, (chunk + 1) * self._length)
            )
        ]

    def _is_mine(self, chunk: int) -> bool:
        if chunk % self._parts != self._part:
            return False
        if chunk not in self._there:
            self._there[chunk] = self.store.find(chunk_key(self.key, chunk)) is not None
        return not self._there[chunk]

    def put(self, first: int, pixels: np.ndarray, repeat: int) -> None:
        """Takes a frame that stands for `repeat` frames from number `first` on."""
        while repeat > 0:
            chunk = first // self._length
            count = min(repeat, (chunk + 1) * self._length - first)
            self._encoder(chunk).put(pixels, count)
            first, repeat = first + count, repeat - count

    def _encoder(self, number: int) -> SegmentEncoder:
        if self._open is None or self._open.number != number:
            self._close_open()
            part = part_path(self.store.video(chunk_key(self.key, number)))
            self._open = _Chunk(number, part, SegmentEncoder(part, *self._size, self._quality))
        return self._open.encoder

    def _close_open(self) -> None:
        """Lets the encoder finish beside the drawing of the next chunk, and publishes the one before."""
        self._publish()
        if self._open is not None:
            self._open.encoder.finish()
            self._closing, self._open = self._open, None

    def _publish(self) -> None:
        if self._closing is None:
            return
        chunk = self._closing
        chunk.encoder.close()
        self._closing = None
        counted = probe(chunk.path).frames
        if counted != chunk.encoder.frames:
            raise NNReelError(f"{chunk.path}: {counted} of {chunk.encoder.frames} frames were encoded.")
        # If the code changed meanwhile, the picture may be the new code's and the key is the old one's.
        self.store.add(
            chunk_key(self.key, chunk.number), chunk.path, [{"frames": counted}], [], for_all=self.lasting()
        )

    def end(self, frames: int, beats: list[dict[str, Any]], numbers: list[dict[str, Any]]) -> None:
        """Publishes the last chunk and what the segment holds; joins the chunks if all are there."""
        self._close_open()
        self._publish()
        count = -(-frames // self._length)
        if self.store.find(self.key) is None:
            self.store.add_end(self.key, count, beats, numbers, for_all=self.lasting())
            self.store.find(self.key)

    def abandon(self) -> None:
        """Removes what is unfinished."""
        for chunk in (self._open, self._closing):
            if chunk is not None:
                chunk.encoder.abort()
                chunk.path.unlink(missing_ok=True)
        self._open = self._closing = None


class _Chunk:
    """A chunk that is being encoded."""

    def __init__(self, number: int, path: Path, encoder: SegmentEncoder) -> None:
        self.number, self.path, self.encoder = number, path, encoder
