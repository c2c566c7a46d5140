"""Scenes the embed tests make packs of: quick to draw, with known colours and awkward words."""

from manim import RIGHT, FadeIn, Rectangle

from scenes.kit.beats import beat
from scenes.kit.recorded_scene import RecordedScene


class Signs(RecordedScene):
    """Two fields: "positive" & <negative> in {{ braces }}, `ticks` and 100 % more."""

    title = "Blue & orange"
    part = 0
    order = 0

    @beat("Blue adds.")
    def blue(self) -> None:
        self.play(FadeIn(self._field("positive", -3)), run_time=0.3)

    @beat('"Orange" takes <away> & {{{{ more }}}}.')
    def orange(self) -> None:
        self.play(FadeIn(self._field("negative", 3)), run_time=0.3)

    @beat("Then nothing.")
    def emptied(self) -> None:
        self.remove(*self.cleared())

    def _field(self, role: str, x: float) -> Rectangle:
        color = self.look.color(role)
        field = Rectangle(color=color, fill_color=color, fill_opacity=1, width=3, height=3, stroke_width=0)
        return field.shift(RIGHT * x)


class Full(RecordedScene):
    """Paints its whole picture."""

    title = "Full"
    part = 0
    order = 1

    @beat("All of it.")
    def painted(self) -> None:
        self.add(Rectangle(width=40, height=40, fill_color=self.look.color("surface"), fill_opacity=1))
