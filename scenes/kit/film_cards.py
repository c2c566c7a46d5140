"""The cards of a film: its title, a chapter's name, the credits. Words alone, so they show no numbers.

They are scenes like any other, so the film's pictures all come the same way, but they are not in the list.
"""

from __future__ import annotations

import numpy as np
from manim import FadeIn, FadeOut, Group, Mobject, VMobject

from scenes.kit.beats import beat
from scenes.kit.recorded_scene import RecordedScene
from scenes.kit.text import LINE_HEIGHT, Label, wrap

_DRAW_SECONDS = 0.8


class Card(RecordedScene):
    """Words in the middle of an empty frame, with a line that is drawn under the heading."""

    def open_stage(self) -> None:
        """Nothing: a card has no title row."""

    def words(
        self, text: str, size: str, role: str, weight: str = "regular", grow: float = 1.0
    ) -> list[Label]:
        """The text's lines, wrapped to the frame, not yet placed."""
        room = self.look.wide.width * (0.92 if self.look.upright else 0.8)
        rows = wrap(text, room, self.look.em(size) * grow, weight)
        return [Label(self.look, row, size, role, weight).scale(grow) for row in rows]

    def stacked(self, *groups: list[Label], gap: float = 0.5) -> list[list[Label]]:
        """The groups' lines one under another on even baselines, all centred, `gap` ems apart."""
        y = 0.0
        for group in groups:
            for label in group:
                y -= label.em * LINE_HEIGHT
                label.shift((-label.get_center()[0], 0, 0.0)).on_baseline(y)
            y -= gap * (group[0].em if group else 0.0)
        everything = Group(*(label for group in groups for label in group))
        everything.shift((0, self.look.frame.center[1] - everything.get_center()[1], 0.0))
        return list(groups)

    def rule(self, under: list[Label]) -> VMobject:
        """An accent line as wide as half the widest line above it."""
        width = 0.5 * max(label.width for label in under)
        y = under[-1].baseline - 0.55 * under[-1].em
        line = VMobject(stroke_width=self.look.stroke("bold"), color=self.look.color("accent"))
        return line.set_points_as_corners(np.array([[-width / 2, y, 0.0], [width / 2, y, 0.0]]))

    def draw_rule(self, line: VMobject, *beside: Mobject) -> None:
        """The line grows from its middle while the words beside it appear."""
        seed = line.copy().stretch(0.01, 0)
        self.add(seed)
        self.play(seed.animate.become(line), *(FadeIn(each) for each in beside), run_time=_DRAW_SECONDS)


class TitleCard(Card):
    """The film's title and what it is about."""

    title = "Title card"
    part = 0
    order = 0
    params = {"heading": {"type": "str", "default": ""}, "subtitle": {"type": "str", "default": ""}}

    @beat("")
    def title_card(self) -> None:
        heading = self.words(self.settings["heading"], "title", "ink", "bold", 1.5)
        subtitle = self.words(self.settings["subtitle"], "body", "muted")
        self.stacked(heading, subtitle, gap=0.9)
        self.play(*(FadeIn(label, shift=0.2 * np.array([0, 1.0, 0])) for label in heading), run_time=0.6)
        self.draw_rule(self.rule(heading), *subtitle)


class ChapterCard(Card):
    """A chapter's name."""

    title = "Chapter card"
    part = 0
    order = 0
    params = {"heading": {"type": "str", "default": ""}, "above": {"type": "str", "default": ""}}

    @beat("")
    def chapter_card(self) -> None:
        above = self.words(self.settings["above"], "label", "muted")
        heading = self.words(self.settings["heading"], "title", "ink", "bold", 1.2)
        self.stacked(above, heading)
        self.draw_rule(self.rule(heading), *above, *heading)


class CreditsCard(Card):
    """What the film was made from."""

    title = "Credits"
    part = 0
    order = 0
    params = {"lines": {"type": "str", "default": ""}}

    @beat("")
    def credits_card(self) -> None:
        groups = [self.words(line, "label", "ink") for line in self.settings["lines"].splitlines()]
        self.stacked(*groups, gap=0.8)
        labels = [label for group in groups for label in group]
        self.play(*(FadeIn(label) for label in labels), run_time=_DRAW_SECONDS)

    @beat("")
    def fade_out(self) -> None:
        self.play(*(FadeOut(mobject) for mobject in self.mobjects), run_time=_DRAW_SECONDS)
