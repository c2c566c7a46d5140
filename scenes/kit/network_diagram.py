"""A network laid out in a region: every neuron has a place, for any layer sizes.

The stated rule: an input with an image shape is drawn as its image, one cell per input; a layer of up to 16
neurons is one line of discs; a larger one is a block of discs. All neurons are drawn. Edges are drawn as
light (`EdgeField`), all of them or the strongest, and the scene says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from scenes.kit.edge_field import EdgeField, PulseField
from scenes.kit.encodings import gray_image
from scenes.kit.layout import Look, Region
from scenes.kit.neuron_field import NeuronField
from scenes.kit.pixel_image import PixelImage

LINE_OF_DISCS = 16


@dataclass(frozen=True)
class LayerPlace:
    """Where one layer's neurons are.

    Shapes: centers (n, 2) units, in index order. Units: radius in units (half a cell for an image).
    """

    centers: np.ndarray
    radius: float

    @property
    def region(self) -> Region:
        """The rectangle around all neurons of the layer."""
        low, high = self.centers.min(axis=0) - self.radius, self.centers.max(axis=0) + self.radius
        return Region(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


class NetworkDiagram:
    """The places of all layers, flowing right in wide regions and down in tall ones, and builders for marks.

    `tail` is the share of the flow's length kept free after the outputs (for bars and labels), `picture` the
    most that an image takes, `slim` how much longer a block of discs is across the flow than along it.
    """

    def __init__(
        self,
        look: Look,
        region: Region,
        sizes: Sequence[int],
        image_shape: tuple[int, int] | None = None,
        tail: float = 0.22,
        down: bool | None = None,
        slim: float | None = None,
        picture: float = 0.3,
    ) -> None:
        self.look, self.region, self.sizes, self.image_shape = look, region, tuple(sizes), image_shape
        self.down = region.height > region.width if down is None else down
        self.length, self.breadth = (
            (region.height, region.width) if self.down else (region.width, region.height)
        )
        # A block is about `slim` times as long across the flow as along it; down there is room for more.
        self.tail, self.picture, self.slim = tail, picture, slim or (5 if self.down else 2)
        self.layers = self._place_layers()

    # --- places ------------------------------------------------------------------------------------------

    def _place_layers(self) -> list[LayerPlace]:
        blocks = [self._block(index, n) for index, n in enumerate(self.sizes)]
        room = self.length * (1 - self.tail) - sum(depth for _, depth, _ in blocks)
        gap = room / max(len(blocks) - 1, 1)
        places, at = [], 0.0
        for offsets, depth, radius in blocks:
            places.append(LayerPlace(self._to_frame(offsets[:, 0] + at + radius, offsets[:, 1]), radius))
            at += depth + gap
        return places

    def _block(self, index: int, n: int) -> tuple[np.ndarray, float, float]:
        """(offsets (n, 2) along and across the flow from the first neuron, depth along the flow, radius)."""
        if index == 0 and self.image_shape:
            rows, columns = self.image_shape
            side = min(self.breadth, self.picture * self.length)
            cell = side / max(rows, columns)
            row, column = np.divmod(np.arange(n), columns)
            along, across = (row, column) if self.down else (column, row)
            spread = columns if self.down else rows
            return np.stack([along * cell, (across - (spread - 1) / 2) * cell], 1), side, cell / 2
        lines = 1 if n <= LINE_OF_DISCS else ceil(sqrt(n / self.slim))
        per_line = ceil(n / lines)
        widest = 0.66 if n <= LINE_OF_DISCS else 0.4
        pitch = min(self.breadth / per_line, widest, 0.24 * self.length / lines)
        line, place = np.divmod(np.arange(n), per_line)
        offsets = np.stack([line * pitch, (place - (per_line - 1) / 2) * pitch], 1)
        radius = 0.39 * pitch
        return offsets, (lines - 1) * pitch + 2 * radius, radius

    def _to_frame(self, along: np.ndarray, across: np.ndarray) -> np.ndarray:
        r = self.region
        x, y, _ = r.center
        if self.down:
            return np.stack([x + across, r.top - along], axis=1)
        return np.stack([r.left + along, y - across], axis=1)

    @property
    def tail_region(self) -> Region:
        """The room after the outputs."""
        last, r = self.layers[-1].region, self.region
        if self.down:
            return Region(r.left, r.bottom, r.right, last.bottom)
        return Region(last.right, r.bottom, r.right, r.top)

    # --- marks -------------------------------------------------------------------------------------------

    def image(self, x: np.ndarray) -> PixelImage:
        """The input as an image. Shapes: x (n_inputs,) in 0..1."""
        assert self.image_shape is not None
        return PixelImage(
            self.look, gray_image(self.look, x.reshape(self.image_shape)), self.layers[0].region
        )

    def neurons(self, layer: int, values: np.ndarray, scale: float, role: str = "hidden") -> NeuronField:
        """A layer's discs with their activations. Shapes: values (n_layer,)."""
        place = self.layers[layer]
        return NeuronField(self.look, place.centers, place.radius, values, scale, role)

    def edge_ends(self, layer: int, keep: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Starts and ends of the edges into `layer`, in W.ravel()'s order, or of the kept flat indices."""
        n_in = self.sizes[layer - 1]
        flat = np.arange(self.sizes[layer] * n_in) if keep is None else keep
        j, k = np.divmod(flat, n_in)
        return self.layers[layer - 1].centers[k], self.layers[layer].centers[j]

    def edges(
        self,
        layer: int,
        values: np.ndarray,
        scale: float,
        strength: float = 1.0,
        keep: np.ndarray | None = None,
        gamma: float = 1.0,
        role: str | None = None,
    ) -> EdgeField:
        """The edges into `layer` as light. Shapes: values (n_layer, n_before), or one per kept edge."""
        starts, ends = self.edge_ends(layer, keep)
        return EdgeField(self.look, starts, ends, np.ravel(values), scale, strength, gamma, role)

    def pulses(
        self,
        layer: int,
        values: np.ndarray,
        scale: float,
        keep: np.ndarray | None = None,
        role: str | None = None,
    ) -> PulseField:
        """Light travelling along the edges into `layer`, in proportion to `values`."""
        starts, ends = self.edge_ends(layer, keep)
        return PulseField(self.look, starts, ends, np.ravel(values), scale, role=role)


def strongest(values: np.ndarray, count: int) -> np.ndarray:
    """Flat indices of the `count` entries of largest magnitude, weakest first so that strong ones are on top.

    Ties keep index order, so the choice is the same on every machine.
    """
    flat = np.abs(np.ravel(values))
    return np.argsort(flat, kind="stable")[max(len(flat) - count, 0) :]
