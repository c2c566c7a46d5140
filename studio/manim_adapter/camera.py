"""Draws a scene's mobjects into one pixel array: stock manim's picture with far less work per mobject."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
from manim.camera.camera import Camera
from manim.mobject.mobject import Mobject


class _Fast(Camera):
    """Mixed in front of manim's camera class that the scene asked for."""

    def start_frame(self, under: np.ndarray | None) -> None:
        """Clears the frame to `under`, or to the background."""
        source: Any = self.background if under is None else under
        np.copyto(self.pixel_array, source)

    def display_image_mobject(self, image_mobject: Any, pixel_array: np.ndarray) -> None:
        paint = getattr(image_mobject, "paint", None)
        if paint is None:
            super().display_image_mobject(image_mobject, pixel_array)
            return
        self.paint(image_mobject, pixel_array)

    def paint(self, mobject: Any, pixel_array: np.ndarray) -> None:
        """Lets a mobject that draws itself do so, in its place in the stack."""
        from scenes.kit.pixels import PixelView

        x, y = float(self.frame_center[0]), float(self.frame_center[1])
        view = PixelView(self.pixel_width, self.pixel_height, self.frame_width, self.frame_height, (x, y))
        mobject.paint(pixel_array, view)

    def capture_mobjects(self, mobjects: Iterable[Mobject], **kwargs: Any) -> None:
        super().capture_mobjects(mobjects, **kwargs)


@cache
def fast_camera(camera_class: Any) -> type[Any]:
    """The fast camera that is also a `camera_class`, so that moving and 3-D scenes keep their camera."""
    return type(f"Fast{camera_class.__name__}", (_Fast, camera_class), {})
