"""The only place that touches manim's internals: a renderer, a camera and a file writer of our own.

An ordinary `Scene` plays as always; its frames go to a `FrameSink` instead of manim's files. Importing
this package imports manim (about a second), so nothing imports it before there is something to draw.
"""

from manim import Scene

from studio.manim_adapter.renderer import Renderer
from studio.manim_adapter.session import Stage, run_scene
from studio.manim_adapter.sink import Beat, FrameSink

__all__ = ["Beat", "FrameSink", "Renderer", "Scene", "Stage", "run_scene"]
