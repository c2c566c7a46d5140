"""The paint of a traced height map: ramp and light, contours and grid, smooth edges.

Everything is laid down at the frame's own resolution: a contour is as thin on a phone as in print.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scenes.kit.encodings import sequential_rgb
from scenes.kit.layout import Look
from scenes.kit.pixels import blend_at
from scenes.kit.relief import Traced
from scenes.kit.style import rgb

LEVELS, SHADES, BRIGHTEST = 512, 256, 1.6
#: Rows over which the steepest outline of a column is smoothed.
STEEPEST = 14.0


@dataclass(frozen=True)
class Mood:
    """How a theme lights the map.

    `ramp`: the share of the ramp used (the darkest inks would hide all shading); `shadow`: the share of a
    colour that shadow leaves; `dusk`: what shadow adds; `walls`: the light on the cut sides, right and left
    of the corner, against level ground.
    """

    ramp: float
    shadow: float
    dusk: tuple[float, float, float]
    walls: tuple[float, float]


MOODS = {
    "dark": Mood(1.0, 0.2, (0.03, 0.04, 0.055), (0.36, 0.5)),
    "light": Mood(0.86, 0.66, (0.02, 0.04, 0.06), (0.62, 0.8)),
}


def ramp_rgb(look: Look, levels: np.ndarray) -> np.ndarray:
    """The colours of heights in full light: what a legend shows.

    Shapes: (...) in 0..1 -> (..., 3).
    """
    return sequential_rgb(look, np.asarray(levels) * MOODS[look.theme].ramp)


@lru_cache(maxsize=4)
def palette(look: Look) -> np.ndarray:
    """The colour of every height and amount of light, packed RGBA.

    Shapes: (LEVELS * SHADES,) uint32.
    """
    mood = MOODS[look.theme]
    base = ramp_rgb(look, np.linspace(0, 1, LEVELS))[:, None, :]
    shade = np.linspace(0, BRIGHTEST, SHADES)[None, :, None]
    dark = np.clip(shade, 0, 1) ** 0.9
    color = np.array(mood.dusk) * (1 - dark) + base * (mood.shadow + (1 - mood.shadow) * dark)
    color = color + (1 - color) * np.clip(shade - 1, 0, 1) * 0.55
    packed = np.full((LEVELS, SHADES, 4), 255, np.uint8)
    packed[..., :3] = np.clip(color * 255 + 0.5, 0, 255)
    return packed.view(np.uint32).ravel()


@dataclass(frozen=True)
class Marks:
    """Lines on the surface: `contours` over the whole height, `grid` cells along each side, their opacity."""

    contours: float
    offset: float
    grid: int
    strength: float
    thickness: float


def colored(look: Look, traced: Traced, marks: Marks) -> np.ndarray:
    """The picture of the map alone, edges smoothed.

    Shapes: (rows, columns, 4) uint8 premultiplied RGBA, row 0 at the bottom.
    """
    light = np.where(traced.wall, _wall_light(traced, MOODS[look.theme].walls), traced.light)
    level = np.clip(traced.height * np.float32(LEVELS - 1), 0, LEVELS - 1).astype(np.int32)
    shade = np.clip(light * np.float32((SHADES - 1) / BRIGHTEST), 0, SHADES - 1).astype(np.int32)
    level *= SHADES
    level += shade
    packed = palette(look).take(level)
    packed *= traced.seen
    picture = packed.view(np.uint8).reshape(*packed.shape, 4)
    if marks.strength > 0:
        _draw_lines(look, picture, traced, marks)
    _smooth_edges(picture, traced)
    _draw_rim(look, picture, traced, marks)
    _smooth_outline(picture, traced)
    return picture


def _wall_light(traced: Traced, walls: tuple[float, float]) -> np.ndarray:
    """Left and right of the corner the cut sides get different light, with a soft change at the corner."""
    right = np.clip((np.abs(traced.u) - np.abs(traced.v)) * 150 + 0.5, 0, 1)
    return walls[1] + (walls[0] - walls[1]) * right


def _draw_lines(look: Look, picture: np.ndarray, traced: Traced, marks: Marks) -> None:
    ink = rgb(look.color("ink" if look.theme == "dark" else "background"))
    flat = picture.reshape(-1, 4)
    surface = traced.seen & ~traced.wall
    for values, opacity, where in (
        (traced.u * np.float32(marks.grid / 2), 0.13, surface),
        (traced.v * np.float32(marks.grid / 2), 0.13, surface),
        (traced.height * np.float32(marks.contours) + np.float32(marks.offset), 0.5, traced.seen),
    ):
        cover = line_cover(values, marks.thickness)
        cover *= where
        spots = np.flatnonzero(cover > 0.02)
        blend_at(flat, (spots,), ink, cover.ravel()[spots] * np.float32(opacity * marks.strength))


def line_cover(values: np.ndarray, thickness: float) -> np.ndarray:
    """How much of each pixel the lines where `values` is whole cover; none where they would run together.

    Shapes: (rows, columns) both. Units: thickness in pixels.
    """
    across, along = np.zeros_like(values), np.zeros_like(values)
    np.subtract(values[:, 1:], values[:, :-1], out=across[:, 1:])
    np.subtract(values[1:], values[:-1], out=along[1:])
    across *= across
    along *= along
    across += along
    slope = np.sqrt(across, out=across)
    cover = np.rint(values)
    cover -= values
    np.abs(cover, out=cover)
    cover /= np.maximum(slope, np.float32(1e-4), out=along)
    np.subtract(np.float32(thickness / 2 + 0.5), cover, out=cover)
    np.clip(cover, 0, np.float32(min(1.0, thickness)), out=cover)
    slope *= np.float32(-6)
    slope += np.float32(2)
    cover *= np.clip(slope, 0, 1, out=slope)
    return cover


def _smooth_edges(picture: np.ndarray, traced: Traced) -> None:
    """Where a nearer part ends between two pixels of a column, each gets its exact share of both colours."""
    rows, columns = np.nonzero(traced.edge < 1)
    keep = rows > 0
    rows, columns = rows[keep], columns[keep]
    edge = traced.edge[rows, columns]
    far, near = picture[rows, columns].astype(np.float32), picture[rows - 1, columns].astype(np.float32)
    share = (0.5 - edge)[:, None]
    inside = edge <= 0.5
    mixed = np.where(inside[:, None], far * (1 - share) + near * share, near * (1 + share) - far * share)
    picture[rows - ~inside, columns] = (mixed + 0.5).astype(np.uint8)


def _draw_rim(look: Look, picture: np.ndarray, traced: Traced, marks: Marks) -> None:
    """A thin line where the surface meets its cut sides."""
    columns = np.flatnonzero(traced.crest > 0)
    crest, rows = traced.crest[columns], len(picture)
    lean = np.gradient(crest) if len(crest) > 1 else np.zeros(len(crest))
    cut = traced.crest[columns] - traced.foot[columns] > 1
    ink = np.append(rgb(look.color("ink" if look.theme == "dark" else "background")), 1.0) * 255
    reach = int(np.ceil(marks.thickness)) + 1
    for offset in range(-reach, reach + 1):
        row = np.clip(np.floor(crest).astype(int) + offset, 0, rows - 1)
        away = np.abs(row + 0.5 - crest) / np.hypot(1, np.clip(lean, -3, 3))
        alpha = (np.clip(marks.thickness * 0.6 + 0.5 - away, 0, 1) * cut * 0.6)[:, None]
        picture[row, columns] = (picture[row, columns] * (1 - alpha) + ink * alpha).astype(np.uint8)


def _smooth_outline(picture: np.ndarray, traced: Traced) -> None:
    """Exact coverage where the map ends against the background, on all four sides."""
    columns = np.flatnonzero(traced.crest > 0)
    if len(columns) > 1:
        _cover_end(picture, columns, traced.summit[columns], 1)
        _cover_end(picture, columns, traced.foot[columns], -1)
    left, right = traced.sides
    for edge, outward in ((left, -1), (right, 1)):
        column = int(np.floor(edge + (0.5 if outward < 0 else -0.5)))
        share = outward * (edge - column - (0 if outward < 0 else 1))
        if 0 < column < picture.shape[1] - 1:
            if share > 0:
                picture[:, column + outward] = (picture[:, column] * share).astype(np.uint8)
            else:
                picture[:, column] = (picture[:, column] * (1 + share)).astype(np.uint8)


def _cover_end(picture: np.ndarray, columns: np.ndarray, ends: np.ndarray, up: int) -> None:
    """Fades each column out over its end; the steeper the outline, the more rows its edge crosses there."""
    steps = np.abs(np.diff(ends))
    lean = np.minimum(np.append(steps[:1], steps), np.append(steps, steps[-1:]))
    lean = np.clip(lean, 1, STEEPEST)[:, None]
    last = len(picture) - 1
    edge = np.clip(np.floor(ends - 0.5 + (up < 0)).astype(int), 0, last)
    inner = picture[edge, columns].astype(np.float32)
    for offset in range(-int(lean.max() / 2) - 1, int(lean.max() / 2) + 2):
        row = edge + offset
        cover = np.clip(0.5 + up * (ends - row - 0.5)[:, None] / lean, 0, 1)
        own = np.clip(row, 0, last)
        beyond = up * offset > 0
        source = inner if beyond else picture[own, columns]
        touched = (cover[:, 0] < 1) & ((cover[:, 0] > 0) | (not beyond)) & (row == own)
        picture[own[touched], columns[touched]] = (source * cover)[touched] + 0.5
