"""LandscapeView: a loss surface people want to look at, with recorded paths and balls on it.

One mobject paints surface, contour lines, paths and balls, because each can hide the other. The camera
(azimuth, elevation, zoom), the rise from a flat map and how far each path has come are plain attributes that
a Transform interpolates. The picture of the surface is kept until camera, rise or size change.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scenes.kit.layout import Look, Region
from scenes.kit.pixels import Fixed, PixelMobject, PixelView
from scenes.kit.relief import BASE, Camera, Relief, trace
from scenes.kit.relief_marks import HIDDEN, Route, ball, contact, hidden_at, line_on, spread, stroke
from scenes.kit.relief_paint import Marks, colored
from scenes.kit.scales import Scale
from scenes.kit.style import Style, rgb

#: The surface's height as a share of half its width.
TALL = 1.0
#: A range wider than this is drawn by the logarithm of the loss.
LOG_RANGE = 30.0
#: Columns that are worked out at a time.
STRIP = 120
#: A dash of a way, as long as the gap after it, where a ball's way is 4.4 wide.
DASH = 13.0
#: Cells of the grid along each side.
GRID = 20


def loss_scale(losses: np.ndarray) -> Scale:
    """The scale that holds all the losses: logarithmic where their range demands it."""
    low, high = float(np.min(losses)), float(np.max(losses))
    return Scale(low, high, "log" if low > 0 and high > LOG_RANGE * low else "linear")


class LandscapeView(PixelMobject):
    """The loss over a plane of parameters, seen from a turning camera.

    Shapes: alpha (columns,), beta (rows,), loss (rows, columns); `heads` (paths,).
    Units: azimuth and elevation in degrees (90: from above); `fit`: frame units per half of the map's width,
    and where its middle is, from the region's; `rise` from 0 (flat map) to 1; `surface`: which of several
    losses, 0.5 halfway between the first two; `heads` in snapshots along each path; `lines`, `beads`,
    `trail`, `balls`: opacity of contour lines, of a dot at every snapshot, of the ways gone, of the balls;
    `radius` of a ball in halves of the map's width.
    """

    lerped = (
        *("azimuth", "elevation", "fit", "zoom", "rise", "surface"),
        *("heads", "lines", "beads", "trail", "balls", "radius"),
    )

    def __init__(
        self,
        look: Look,
        region: Region,
        alpha: np.ndarray,
        beta: np.ndarray,
        loss: np.ndarray,
        azimuth: float = 64.0,
        elevation: float = 32.0,
        scale: Scale | None = None,
    ) -> None:
        self.loss_scale = scale or loss_scale(loss)
        self.origin = np.array([alpha[0] + alpha[-1], beta[0] + beta[-1]]) / 2
        self.half = np.array([alpha[-1] - alpha[0], beta[-1] - beta[0]]) / 2
        self.reliefs: Fixed = Fixed((Relief(self.loss_scale.share(loss), TALL),))
        self.routes: Fixed = Fixed(())
        self.cache: Fixed = Fixed({})
        self.azimuth, self.elevation = azimuth, elevation
        self.zoom, self.rise, self.lines, self.beads, self.trail, self.balls = 1.0, 1.0, 1.0, 0.0, 1.0, 1.0
        self.radius, self.surface = 0.06, 0.0
        self.heads = np.zeros(0)
        super().__init__(look, region)
        self.fit = self.fit_for(elevation, azimuth)

    def add_path(
        self, path: np.ndarray, path_loss: np.ndarray, slice_loss: np.ndarray, role: str = "accent"
    ) -> LandscapeView:
        """One more recorded path, its ball at the first snapshot.

        Shapes: path (S, 2) alpha, beta; path_loss, slice_loss (S,).
        """
        ground = (path - self.origin) / self.half
        true, below = (
            np.column_stack([ground, self.loss_scale.share(losses)]) for losses in (path_loss, slice_loss)
        )
        self.routes = Fixed((*self.routes.value, Route(true, below, role)))
        self.heads = np.append(self.heads, 0.0)
        return self

    def add_surface(self, loss: np.ndarray) -> LandscapeView:
        """One more loss over the same plane, on the same scale: `surface` = 1 shows it, 0.5 is halfway there.

        Shapes: loss (rows, columns).
        """
        self.reliefs = Fixed((*self.reliefs.value, Relief(self.loss_scale.share(loss), TALL)))
        return self

    def _relief(self) -> Relief:
        """The surface that is shown now."""
        reliefs = self.reliefs.value
        first = min(int(self.surface), len(reliefs) - 1)
        share = self.surface - first
        return reliefs[first].toward(reliefs[first + 1], share) if share > 0 else reliefs[first]

    @property
    def contours(self) -> tuple[float, float]:
        """(lines over the whole height, the bottom's place between two): one per doubling, or ten evenly."""
        low, high = self.loss_scale.low, self.loss_scale.high
        if self.loss_scale.kind != "log":
            return 10.0, 0.0
        return float(np.log2(high / low)), float(np.log2(low))

    # --- the camera --------------------------------------------------------------------------------------

    def fit_for(self, elevation: float, *azimuths: float) -> np.ndarray:
        """The `fit` with which the whole map stays in the region for all azimuths between those given.

        Shapes: -> (3,).
        """
        heights = self.reliefs.value[0].fine[::32, ::32]
        v, u = np.meshgrid(*(np.linspace(-1, 1, n) for n in heights.shape), indexing="ij")
        feet = [[a, b, -BASE] for a in (-1, 1) for b in (-1, 1)]
        points = np.concatenate([np.stack([u, v, heights], axis=-1).reshape(-1, 3), feet])
        shots = [
            Camera(azimuth, elevation, 1.0, 0.0, 0.0, TALL).project(points)
            for azimuth in np.linspace(min(azimuths), max(azimuths), 7)
        ]
        seen = np.concatenate(shots)
        low, high = seen.min(axis=0), seen.max(axis=0)
        room = self._initial_region
        scale = min(room.width / (high[0] - low[0]), room.height / (high[1] - low[1]))
        x, y, _ = -(low + high) / 2 * scale
        return np.array([scale, x, -y])

    def seen_from(self, azimuth: float, elevation: float, *through: float) -> dict[str, Any]:
        """The camera's attributes for a place, sized for a turn through further azimuths."""
        return {
            "azimuth": azimuth,
            "elevation": elevation,
            "fit": self.fit_for(elevation, azimuth, *through),
        }

    def camera(self) -> Camera:
        """The camera in frame units with y downwards."""
        grown = self.zoom * self.region.width / self._initial_region.width
        scale, x, y = self.fit * grown + [0.0, *self.region.center[:2]]
        return Camera(self.azimuth, self.elevation, float(scale), float(x), float(-y), TALL)

    def _pixels(self, view: PixelView) -> Camera:
        c = self.camera()
        x, y = view.to_px(np.array([[c.x, -c.y]]))[0]
        return Camera(c.azimuth, c.elevation, c.scale * view.scale, float(x), float(y), TALL)

    def place(self, u: float, v: float, height: float) -> np.ndarray:
        """Where a point of the map (u, v in -1..1, height 0..1) is on screen now.

        Shapes: -> (3,) frame units.
        """
        x, y, _ = self.camera().project(np.array([[u, v, height * self.rise]]))[0]
        return np.array([x, -y, 0.0])

    def spot(self, alpha: float, beta: float, loss: float) -> np.ndarray:
        """Where a point of the plane, at a loss, is on screen now.

        Shapes: -> (3,) frame units.
        """
        u, v = (np.array([alpha, beta]) - self.origin) / self.half
        return self.place(u, v, float(self.loss_scale.share(loss)))

    def ball_spot(self, index: int = 0) -> np.ndarray:
        """Where a ball touches its true loss on screen now.

        Shapes: -> (3,) frame units.
        """
        return self.place(*self.routes.value[index].at(float(self.heads[index]))[0])

    def line_losses(self) -> np.ndarray:
        """The losses at which the surface has contour lines."""
        count, offset = self.contours
        share = (np.arange(np.ceil(offset), offset + count) - offset) / count
        return np.array([self.loss_scale.value(float(each)) for each in share])

    # --- painting ----------------------------------------------------------------------------------------

    def paint(self, frame: np.ndarray, view: PixelView) -> None:
        if self.opacity <= 0:
            return
        camera = self._pixels(view)
        whole = frame if self.opacity >= 1 else frame.copy()
        depth = self._paint_surface(whole, view, camera)
        for route, head in zip(self.routes.value, self.heads, strict=True):
            self._paint_way(whole, depth, camera, route, float(head))
        anchors = self._anchors(camera)
        for i in np.argsort(-anchors[:, 2]):
            rivals = np.delete(anchors[:, :2], i, axis=0)
            route, place = self.routes.value[i], float(self.heads[i])
            self._paint_ball(whole, depth, camera, route, place, anchors[i, :2], rivals)
        if whole is not frame:
            frame[...] = (frame * (1 - self.opacity) + whole * self.opacity + 0.5).astype(np.uint8)

    def _paint_surface(self, frame: np.ndarray, view: PixelView, camera: Camera) -> np.ndarray:
        """Lays the surface down; returns every pixel's depth, infinite where there is none."""
        key = (camera, view.width, view.height, float(self.rise), float(self.surface), float(self.lines))
        if self.cache.value.get("key") != key:
            self.cache.value["picture"] = self._picture(view, camera)
            self.cache.value["key"] = key
        spots, colors, soft, shades, depth = self.cache.value["picture"]
        flat = frame.reshape(-1, 4)
        flat.view(np.uint32)[spots, 0] = colors
        keep = 1 - shades[:, 3:].astype(np.float32) / 255
        flat[soft] = (flat[soft] * keep + shades + 0.5).astype(np.uint8)
        return depth

    def _picture(self, view: PixelView, camera: Camera) -> tuple[np.ndarray, ...]:
        """(places and colours of the opaque pixels, of the others, depth): places in the flattened frame."""
        depth = np.full((view.height, view.width), np.float32(np.inf))
        contours, offset = self.contours
        marks = Marks(contours, offset, GRID, self.lines, 1.2 * min(view.width, view.height) / 720)
        found: tuple[list[np.ndarray], ...] = ([], [], [], [])
        for traced, inner in trace(self._relief(), camera, view.width, view.height, self.rise, STRIP):
            picture = colored(self.look, traced, marks)[:, inner]
            rows = traced.bottom - 1 - np.arange(len(picture))
            places = rows[:, None] * view.width + (traced.left + inner.start) + np.arange(picture.shape[1])
            packed = np.ascontiguousarray(picture).view(np.uint32)[..., 0]
            full = picture[..., 3] == 255
            soft = (picture[..., 3] > 0) & ~full
            seen = traced.seen[:, inner]
            depth.reshape(-1)[places[seen]] = traced.depth[:, inner][seen]
            for kept, part in zip(
                found, (places[full], packed[full], places[soft], picture[soft]), strict=True
            ):
                kept.append(part)
        empty = (np.zeros(0, int), np.zeros(0, np.uint32), np.zeros(0, int), np.zeros((0, 4), np.uint8))
        return *(np.concatenate([none, *parts]) for none, parts in zip(empty, found, strict=True)), depth

    def _inks(self, role: str) -> tuple[np.ndarray, np.ndarray]:
        """(a role's colour, what sets it off): bright on dark in both themes, unless chosen for one."""
        style = self.look.style if role.startswith("#") else Style("dark")
        return rgb(style.color(role)), rgb(style.color("background"))

    def _paint_way(
        self, frame: np.ndarray, depth: np.ndarray, camera: Camera, route: Route, head: float
    ) -> None:
        unit = camera.scale / 330
        color, casing = self._inks(route.role)
        lifted = np.array([1, 1, self.rise])
        if self.beads > 0:
            dots = camera.project(route.true * lifted)
            hidden = hidden_at(depth, dots)
            for part, share in ((~hidden, 1.0), (hidden, HIDDEN)):
                stroke(frame, dots[part, :2], casing, 7.2 * unit, 0.75 * share * self.beads)
                stroke(frame, dots[part, :2], color, 4.8 * unit, share * self.beads)
        if self.trail > 0 and head > 0:
            true, below = (way * lifted for way in route.until(head))
            line_on(frame, depth, camera, below, np.zeros(3), 4.5 * unit, 0.28 * self.trail)
            dash = DASH * unit if route.dashed else 0.0
            line_on(frame, depth, camera, true, casing, 7.4 * unit, 0.6 * self.trail, dash)
            line_on(frame, depth, camera, true, color, 4.4 * unit, self.trail, dash)

    def _anchors(self, camera: Camera) -> np.ndarray:
        """Where each ball is, each a little to another side, so that balls in one place share it.

        Shapes: -> (balls, 3) pixels and depth.
        """
        routes = zip(self.routes.value, self.heads, strict=True)
        feet = np.array([way.at(float(head))[0] * [1, 1, self.rise] for way, head in routes])
        return spread(camera.project(feet.reshape(-1, 3)), 0.15 * self.radius * camera.scale)

    def _paint_ball(
        self, frame: np.ndarray, depth: np.ndarray, camera: Camera, route: Route, head: float,
        own: np.ndarray, rivals: np.ndarray,
    ) -> None:  # fmt: skip
        if self.balls <= 0:
            return
        color, casing = self._inks(route.role)
        true, below = (point * [1, 1, self.rise] for point in route.at(head))
        radius = self.radius * self.balls
        crowd = 1 + int((np.linalg.norm(rivals - own, axis=1) < radius * camera.scale).sum())
        contact(frame, depth, camera, below, radius, 0.55 * self.balls / crowd)
        stem = np.vstack([below, true])
        for ink, width in ((casing, 5.2), (color, 2.6)):
            line_on(frame, depth, camera, stem, ink, width * camera.scale / 330, self.balls)
        # The anchors lie at the balls' feet: lifted to their middles.
        foot, middle = camera.project(np.array([true, true + [0, 0, radius / camera.tall]]))[:, :2]
        lift = middle - foot
        ball(frame, depth, camera, true, radius, color, own + lift, rivals + lift)
