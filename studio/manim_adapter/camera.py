"""Draws a scene's mobjects into one pixel array: stock manim's picture with far less work per mobject."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import Any

import numpy as np
from manim.camera.camera import CAP_STYLE_MAP, LINE_JOIN_MAP, Camera
from manim.mobject.mobject import Mobject
from manim.mobject.types.vectorized_mobject import VMobject

from scenes.kit.pixels import PixelView
from studio.manim_adapter.families import members
from studio.manim_adapter.paths import PathCache

#: Stock methods that the fast drawing of outlines stands for; a camera with its own keeps them.
_STOCK = (
    "display_vectorized",
    "set_cairo_context_path",
    "set_cairo_context_color",
    "apply_fill",
    "apply_stroke",
    "transform_points_pre_display",
    "get_stroke_rgbas",
    "get_fill_rgbas",
)
#: manim's tables by the members' identity: hashing an enum's member costs more than drawing a dot.
_JOINS = {id(key): value for key, value in LINE_JOIN_MAP.items()}
_CAPS = {id(key): value for key, value in CAP_STYLE_MAP.items()}


class _Fast(Camera):
    """Mixed in front of the camera class that the scene asked for."""

    _keeps_stock_outlines = False
    _keeps_stock_lists = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._paths = PathCache()
        super().__init__(*args, **kwargs)

    def start_frame(self, under: np.ndarray | None) -> None:
        """Clears the frame to `under`, or to the background."""
        source: Any = self.background if under is None else under
        np.copyto(self.pixel_array, source)

    def get_mobjects_to_display(
        self,
        mobjects: Iterable[Mobject],
        include_submobjects: bool = True,
        excluded_mobjects: list | None = None,
    ) -> list[Mobject]:
        """Everything with points, in stack order."""
        if self._keeps_stock_lists or excluded_mobjects or not include_submobjects:
            return super().get_mobjects_to_display(mobjects, include_submobjects, excluded_mobjects)
        return members(mobjects, use_z_index=self.use_z_index, only_with_points=True)

    def display_multiple_vectorized_mobjects(
        self, vmobjects: list[VMobject], pixel_array: np.ndarray
    ) -> None:
        """Outlines, in stack order; those with a background image and special cameras take the stock way."""
        if self._keeps_stock_outlines or any(vmobject.background_image for vmobject in vmobjects):
            super().display_multiple_vectorized_mobjects(vmobjects, pixel_array)
            return
        context = self.get_cairo_context(pixel_array)
        for vmobject in vmobjects:
            self._draw_outline(context, vmobject)

    def _draw_outline(self, context: Any, mobject: VMobject) -> None:
        """Background stroke, fill, stroke; what would be invisible is left out."""
        fills = mobject.get_fill_rgbas()
        filled = _visible(fills)
        behind = _visible_stroke(mobject, True)
        stroked = _visible_stroke(mobject, False)
        if not (filled or behind or stroked) or not self._paths.put(context, mobject, mobject.points):
            return
        if behind:
            self._stroke(context, mobject, True)
        if filled:
            self._set_color(context, mobject, fills)
            context.fill_preserve()
        if stroked:
            self._stroke(context, mobject, False)

    def capture_mobjects(self, mobjects: Iterable[Mobject], **kwargs: Any) -> None:
        """Draws everything, in stack order."""
        shown = self.get_mobjects_to_display(mobjects, **kwargs)
        for outlines, group in groupby(shown, lambda mobject: isinstance(mobject, VMobject)):
            if outlines:
                self.display_multiple_vectorized_mobjects(list(group), self.pixel_array)  # type: ignore[arg-type]
                continue
            for kind, alike in groupby(group, self.type_or_raise):
                self.display_funcs[kind](list(alike), self.pixel_array)

    def _stroke(self, context: Any, mobject: VMobject, background: bool) -> None:
        self._set_color(context, mobject, mobject.get_stroke_rgbas(background))
        context.set_line_width(mobject.get_stroke_width(background) * self.cairo_line_width_multiple)
        context.set_line_join(_JOINS[id(mobject.joint_type)])
        context.set_line_cap(_CAPS[id(mobject.cap_style)])
        context.stroke_preserve()

    def _set_color(self, context: Any, mobject: VMobject, rgbas: np.ndarray) -> None:
        if len(rgbas) == 1:
            red, green, blue, alpha = rgbas[0].tolist()
            context.set_source_rgba(blue, green, red, alpha)  # cairo's little-endian ARGB is our BGRA
        else:
            self.set_cairo_context_color(context, rgbas, mobject)

    def display_image_mobject(self, image_mobject: Any, pixel_array: np.ndarray) -> None:
        """A mobject that draws itself does so, in its place in the stack."""
        if not hasattr(image_mobject, "paint"):
            super().display_image_mobject(image_mobject, pixel_array)
            return
        x, y = float(self.frame_center[0]), float(self.frame_center[1])
        view = PixelView(self.pixel_width, self.pixel_height, self.frame_width, self.frame_height, (x, y))
        image_mobject.paint(pixel_array, view)


def _visible(rgbas: np.ndarray) -> bool:
    return bool(rgbas[0, 3] > 0) if len(rgbas) == 1 else bool((rgbas[:, 3] > 0).any())


def _visible_stroke(mobject: VMobject, background: bool) -> bool:
    width = mobject.background_stroke_width if background else mobject.stroke_width
    return (
        width != 0
        and mobject.get_stroke_width(background) > 0
        and _visible(mobject.get_stroke_rgbas(background))
    )


@cache
def fast_camera(camera_class: Any) -> type[Any]:
    """The fast camera that is also a `camera_class`, so that moving and 3-D scenes keep their camera."""
    own = {
        "_keeps_stock_outlines": any(
            getattr(camera_class, name) is not getattr(Camera, name) for name in _STOCK
        ),
        "_keeps_stock_lists": camera_class.get_mobjects_to_display is not Camera.get_mobjects_to_display,
    }
    return type(f"Fast{camera_class.__name__}", (_Fast, camera_class), own)
