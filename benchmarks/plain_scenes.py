"""Scenes no one tuned, in ordinary manim: what stock manim and ours are given to draw."""

from itertools import pairwise

import numpy as np
from manim import (
    BLUE,
    DOWN,
    LEFT,
    ORANGE,
    RIGHT,
    UP,
    YELLOW,
    Circle,
    Line,
    Mobject,
    Scene,
    Text,
    UpdateFromAlphaFunc,
    VGroup,
    interpolate_color,
)


class Network(Scene):
    """42 neurons and 416 edges; every one of the 458 mobjects changes in every frame, for 4 s."""

    def construct(self) -> None:
        sizes = (16, 16, 10)
        places = [
            [LEFT * 5 + RIGHT * 5 * layer + UP * 7 * (i / (size - 1) - 0.5) for i in range(size)]
            for layer, size in enumerate(sizes)
        ]
        neurons = [
            [Circle(radius=0.16, color=BLUE, fill_opacity=0.8, stroke_width=2).move_to(p) for p in layer]
            for layer in places
        ]
        edges = VGroup(
            *[
                Line(a, b, stroke_width=1.5, color=ORANGE)
                for left, right in pairwise(places)
                for a in left
                for b in right
            ]
        )
        dots = VGroup(*[VGroup(*layer) for layer in neurons])
        self.add(edges, dots)
        shades = np.linspace(0, 1, len(edges))
        for shift in (UP, DOWN):
            self.play(
                *[
                    edge.animate.shift(shift * 0.2).set_color(interpolate_color(BLUE, YELLOW, shade))
                    for edge, shade in zip(edges, shades, strict=True)
                ],
                dots.animate.shift(shift * 0.2).set_fill(ORANGE, 0.5),
                run_time=2,
            )


class Words(Scene):
    """Text and a hold: what most of an explainer is."""

    def construct(self) -> None:
        words = VGroup(*[Text(f"The loss falls from {i} to {i / 7:.3f}") for i in range(8)])
        words.arrange(DOWN, buff=0.3).set(height=6)
        self.add(words)
        self.play(words.animate.shift(RIGHT * 0.5), run_time=2)
        self.wait(2)


class Lines(Scene):
    """2,048 edges as Lines, every colour and opacity changing in every frame, for one second."""

    inputs = 16

    def construct(self) -> None:
        left = [LEFT * 6 + UP * (3.6 - 7.2 * i / 783) for i in range(0, 784, 49)][: self.inputs]
        right = [UP * (3.6 - 7.2 * i / 127) for i in range(128)]
        edges = VGroup(*[Line(a, b, stroke_width=1) for a in left for b in right])
        phase = np.arange(len(edges)) * 12.9898
        self.add(edges)

        def turn(_: Mobject, alpha: float) -> None:
            for line, value in zip(edges, np.sin(phase + 6 * alpha), strict=True):
                line.set_stroke(BLUE if value > 0 else ORANGE, opacity=abs(value))

        self.play(UpdateFromAlphaFunc(edges, turn), run_time=1)


class NoLines(Lines):
    """The same second without an edge: what stock manim takes before it draws one."""

    inputs = 0
