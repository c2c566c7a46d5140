"""Recorded dropout masks on a network's neurons: left out: hollow and crossed, kept: lit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nncore.recording import Recording
from scenes.kit.duel import InStep, snapshot_at
from scenes.kit.layout import Look, Region
from scenes.kit.pixels import Fixed, PixelMobject, PixelView, blend
from scenes.kit.style import rgb

#: Room above the neurons for a line of words, and between two layers, in units.
HEAD, GAP = 0.45, 0.7


class DropMask(PixelMobject):
    """One block of discs per dropout layer; `turn_to` shows the recorded mask at or before a step.

    Shapes: each mask (units,), True where the neuron was kept.
    """

    def __init__(self, look: Look, region: Region, masks: Sequence[tuple[int, Sequence[np.ndarray]]]) -> None:
        self.masks = Fixed(list(masks))
        self.shown, self.step = [np.asarray(m, bool) for m in masks[0][1]], masks[0][0]
        room = Region(region.left, region.bottom, region.right, region.top - HEAD)
        self.blocks = blocks = room.columns(*[1.0] * len(self.shown), gap=GAP)
        placed = [_grid(block, len(mask)) for block, mask in zip(blocks, self.shown, strict=True)]
        self.places = Fixed(np.concatenate([centers for centers, _ in placed]))
        self.radius = min(radius for _, radius in placed)
        low, high = self.places.value.min(axis=0) - self.radius, self.places.value.max(axis=0) + self.radius
        super().__init__(look, Region(*low, *high))

    def turn_to(self, step: float) -> DropMask:
        """Show the last recorded mask at or before a step; in place."""
        steps = [at for at, _ in self.masks.value]
        self.step, found = self.masks.value[max(0, int(np.searchsorted(steps, step, side="right")) - 1)]
        self.shown = [np.asarray(mask, bool) for mask in found]
        return self

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0:
            return
        kept = np.concatenate(self.shown)
        centers, radius = view.to_px(self.places.value), self.radius * view.scale
        lit, out = rgb(self.look.color("hidden")), rgb(self.look.color("muted")) * 0.55
        out = out + rgb(self.look.color("background")) * 0.45
        reach = int(np.ceil(radius)) + 2
        thick = max(1.0, 0.16 * radius)
        for (x, y), on in zip(centers, kept, strict=True):
            x0, y0 = max(int(x) - reach, 0), max(int(y) - reach, 0)
            part = frame[y0 : int(y) + reach + 1, x0 : int(x) + reach + 1]
            yy, xx = np.ogrid[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]]
            dx, dy = xx + 0.5 - x, yy + 0.5 - y
            away = np.hypot(dx, dy)
            if on:
                blend(part, lit, np.clip(radius - away + 0.5, 0, 1) * self.opacity)
                continue
            ring = np.clip(thick / 2 + 0.5 - np.abs(away - radius + thick), 0, 1)
            cross = np.minimum(np.abs(dx - dy), np.abs(dx + dy)) / np.sqrt(2)
            bars = np.clip(thick / 2 + 0.5 - cross, 0, 1) * (away < 0.5 * radius)
            blend(part, out, np.maximum(ring, bars) * self.opacity)


def recorded_masks(
    recording: Recording, clock: InStep, moments: int = 12
) -> list[tuple[int, list[np.ndarray]]]:
    """At some snapshots, even in log time: each dropout layer's mask for the first example of the batch."""
    shares = np.linspace(0, 1, moments)[:-1]
    steps = sorted({snapshot_at(recording, clock.step(share)) for share in shares})
    layers = [str(i) for i, layer in enumerate(recording.spec.layers, 1) if layer["type"] == "dropout"]
    return [(step, [recording.masks(step)[layer][0] for layer in layers]) for step in steps]


def _grid(room: Region, count: int) -> tuple[np.ndarray, float]:
    """(centres, radius) of discs in the arrangement of rows that makes them largest. Shapes: (n, 2)."""
    across = max(range(1, count + 1), key=lambda n: min(room.width / n, room.height / -(-count // n)))
    pitch = min(room.width / across, room.height / -(-count // across))
    row, column = np.divmod(np.arange(count), across)
    rows = -(-count // across)
    x = room.center[0] + (column - (across - 1) / 2) * pitch
    y = room.center[1] - (row - (rows - 1) / 2) * pitch
    return np.stack([x, y], axis=1), 0.4 * pitch
