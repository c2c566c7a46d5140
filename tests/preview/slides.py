"""A scene for the preview's tests: every frame of its first beat differs, one text lies over the edge."""

from manim import RIGHT, UP, FadeIn, Square, linear

from nncore.sources import Source
from scenes.kit.beats import beat
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.text import Label


class Slides(RecordedScene):
    """A square slides, a weight is shown, a word stands too far right."""

    title = "Slides"
    part = 0
    order = 0
    recipe = "tiny"
    params = {"size": {"type": "int", "default": 2, "min": 1, "max": 3}}

    @beat("It slides.")
    def slide(self) -> None:
        self.square = Square(side_length=self.settings["size"], color="#56b4e9", fill_opacity=1)
        self.add(self.square.shift(RIGHT * -5))
        self.play(self.square.animate.shift(RIGHT * 10), run_time=1.0, rate_func=linear)

    @beat("A weight.")
    def weight(self) -> None:
        source = Source("param", "1.W", self.rec.n_steps, (0, 0))
        self.play(FadeIn(self.number(source, "{:+.4f}").shift(UP)), run_time=0.3)

    @beat("Too far.")
    def edge(self) -> None:
        self.play(FadeIn(Label(self.look, "beyond").shift(RIGHT * 7)), run_time=0.2)
