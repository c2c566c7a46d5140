"""What the renderer asks and hands over while a scene runs: which frames are wanted, and those frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

#: An RGBA picture, uint8 (height, width, 4). It belongs to the camera and changes with the next frame.
Pixels = np.ndarray


@dataclass
class Beat:
    """One section of a scene as it ran.

    Units: `first` and `count` in frames from the scene's start.
    """

    index: int
    name: str
    first: int
    count: int = 0


class FrameSink:
    """Takes a scene's frames; the base class wants none of them and so only measures the scene."""

    def begin_beat(self, beat: Beat) -> bool:
        """Whether the scene should go on with this beat; False ends it here."""
        return True

    def wanted(self, beat: Beat, first: int, count: int) -> Sequence[int]:
        """Which of the frames first .. first + count - 1 (numbers within the beat) to draw, ascending."""
        return ()

    def frame(self, beat: Beat, number: int, pixels: Pixels, repeat: int) -> None:
        """Takes one drawn frame that stands for `repeat` frames of the clip, from `number` on."""

    def end_beat(self, beat: Beat, draw: Callable[[], Pixels]) -> None:
        """Told when a beat is complete; `draw()` gives the picture it ends on."""
