"""Opaque pictures that are put as whole pixels and mixed only along their rims."""

from __future__ import annotations

import numpy as np

from scenes.kit.pixels import blend


def packed_colors(colors: np.ndarray) -> np.ndarray:
    """Opaque colours as one number each. Shapes: (..., 3) in 0..1 -> (...) uint32."""
    pixels = np.full((*colors.shape[:-1], 4), 255, np.uint8)
    pixels[..., :3] = np.clip(colors, 0, 1) * 255 + 0.5
    return pixels.view(np.uint32)[..., 0]


def unpacked(packed: np.ndarray) -> np.ndarray:
    """The colours of `packed_colors` in whole grey levels. Shapes: (...) uint32 -> (..., 3) uint8."""
    return packed[..., None].view(np.uint8)[..., :3]


def lay(block: np.ndarray, packed: np.ndarray, cover: np.ndarray, opacity: float = 1.0) -> None:
    """Puts a picture over a part of the frame, in place; where it does not cover altogether it is mixed.

    Shapes: block (rows, columns, 4) uint8 RGBA; packed (rows, columns) uint32; cover (rows, columns) in 0..1.
    """
    if opacity < 1:
        blend(block, unpacked(packed) / np.float32(255), cover * opacity)
        return
    edge = np.nonzero(cover < 1)
    rim = block[edge]
    blend(rim, unpacked(packed[edge]) / np.float32(255), cover[edge])
    block.view(np.uint32)[..., 0] = packed
    block[edge] = rim
