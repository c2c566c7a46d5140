"""Small scenes the studio's tests draw: a recorded one with three beats, and ordinary manim scenes."""

import os
from pathlib import Path

import numpy as np
from manim import (
    BLUE,
    DOWN,
    LEFT,
    ORANGE,
    RIGHT,
    UP,
    Circle,
    Create,
    FadeIn,
    FadeOut,
    Line,
    Rotate,
    Scene,
    Square,
    Transform,
    VGroup,
)

from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.layout import Region
from scenes.kit.pixel_image import PixelImage
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.text import Label


class Three(RecordedScene):
    """Three beats that build on each other."""

    title = "Three"
    part = 0
    order = 0
    params = {"shift": {"type": "int", "default": 1, "min": 0, "max": 2}}

    @beat("One.")
    def first(self) -> None:
        self.square = Square(color=self.look.color("positive"), fill_opacity=0.5)
        self.image = PixelImage(self.look, np.full((2, 2, 4), 0.8), Region(-3, -1, -2, 1))
        self.play(Create(self.square), run_time=0.4)
        self.add(self.image)

    @beat("Two.")
    def second(self) -> None:
        self.play(
            self.square.animate.shift(RIGHT * self.settings["shift"]), FadeOut(self.image), run_time=0.6
        )

    @beat("Three.")
    def third(self) -> None:
        self.play(Rotate(self.square, 1.0), FadeIn(Label(self.look, "end")), run_time=0.5)


class Measured(RecordedScene):
    """Shows a weight of its recording as a number, as a length and in its caption."""

    title = "Measured"
    part = 0
    order = 1
    recipe = "tiny"

    def open_stage(self) -> None:
        super().open_stage()
        self.rate = self.number(Source("spec", "learning_rate"), "{:g}", "tiny").shift(DOWN)
        self.add(self.rate)

    @beat("After training the test loss is {loss_test[last]:.3f}.")
    def weight(self) -> None:
        source = Source("param", "1.W", self.rec.n_steps, (0, 0))
        bar = Line(LEFT, LEFT + RIGHT * (1 + abs(self.read(source))), color=BLUE, stroke_width=20)
        self.play(Create(bar), FadeIn(self.number(source, "{:+.4f}").shift(UP)), run_time=0.4)

    @beat("And again.")
    def again(self) -> None:
        self.play(FadeIn(Circle(color=ORANGE)), run_time=0.2)


class Plain(Scene):
    """An ordinary manim scene with sections, see-through shapes, moves above and below a still one."""

    def construct(self) -> None:
        below = VGroup(*[Line(LEFT * 3 + UP * y, RIGHT * 3 + DOWN * y, color=BLUE) for y in (1, 0.5, 0)])
        square = Square(fill_opacity=0.5, color=ORANGE)
        self.add(below)
        self.play(Create(square), run_time=0.5)
        self.next_section("second")
        self.play(Transform(square, Circle(fill_opacity=0.3).shift(RIGHT)), run_time=0.7)
        self.wait(0.5)
        self.play(below.animate.set_opacity(0.4), run_time=0.4)


class Walker(Scene):
    """Goes a step on every frame: skipping frames would lose steps."""

    def construct(self) -> None:
        square = Square().shift(LEFT * 3)
        square.add_updater(lambda mobject, dt: mobject.shift(RIGHT * dt))
        self.add(square)
        self.wait(1)
        self.next_section("later")
        self.wait(1)


class Fails(Scene):
    """Raises."""

    def construct(self) -> None:
        self.wait(0.2)
        raise ValueError("no such thing")


class DiesOnce(Scene):
    """Its process is killed the first time it runs; the file named in the environment remembers."""

    def construct(self) -> None:
        mark = Path(os.environ["NNREEL_TEST_MARK"])
        if not mark.exists() or os.environ.get("NNREEL_TEST_ALWAYS"):
            mark.touch()
            os.kill(os.getpid(), 9)
        self.wait(0.2)
