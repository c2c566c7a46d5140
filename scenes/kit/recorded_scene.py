"""The scene every scene is: opens with its title, runs its beats as manim sections, keeps the ledger.

Numbers reach the screen only through `number`, `fact` and `says`: each fetches the value by its source from
the recording and enters it in the ledger, which becomes the clip's manifest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any, ClassVar

from manim import FadeOut, Group, ManimColor, Mobject, Scene

from nncore.captions import caption_facts
from nncore.errors import BadInput
from nncore.recording import Recording
from nncore.sources import Source, resolve
from scenes.kit import context as contexts
from scenes.kit.beats import (
    CAPTION_LINE,
    CAPTION_LINES,
    SHORTEST_HOLD,
    WIDE_CAPTION_LINE,
    Beat,
    beats_of,
    reading_time,
)
from scenes.kit.context import RenderContext, checked_params
from scenes.kit.text import LINE_HEIGHT, Label, wrap_characters

#: A hyphen that stands for a minus: before a number, after no letter or digit.
MINUS = re.compile(r"(?<!\w)-(?=\.?\d)")


@dataclass(frozen=True)
class LedgerEntry:
    """One number that was shown: where, as what text, and the source it was read from.

    `template` is the format that turns the value into the text: the same value must give the same text again.
    """

    beat: str
    template: str
    text: str
    value: float
    recording: str
    source: dict[str, Any]


class RecordedScene(Scene):
    """A scene drawn from recordings; subclasses give the class attributes and methods marked with `beat`."""

    recipe: ClassVar[str] = ""
    recipes: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str] = ""
    concept: ClassVar[tuple[str, ...]] = ()
    part: ClassVar[int] = 0
    order: ClassVar[int] = 0
    params: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    beats: ClassVar[tuple[Beat, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.beats = beats_of(cls)
        cls.recipes = cls.recipes or ((cls.recipe,) if cls.recipe else ())
        cls.recipe = cls.recipe or (cls.recipes[0] if cls.recipes else "")

    def __init__(self, context: RenderContext | None = None, **kwargs: Any) -> None:
        if context is None:
            if contexts.default_context is None:
                raise BadInput(f"{type(self).__name__} needs a recording: render it with render.py.")
            context = contexts.default_context(type(self))
        self.context = context
        self.look = context.look
        self.recs = dict(context.recordings)
        missing = [name for name in self.recipes if name not in self.recs]
        if missing:
            raise BadInput(f"{type(self).__name__} needs a recording of '{missing[0]}'.")
        self.settings = checked_params(self.params, context.params)
        self.ledger: list[LedgerEntry] = []
        self.captions: dict[str, str] = {}
        self.played: dict[str, float] = {}  # seconds that each beat moved, its hold left out
        self.beat = Beat("", "")
        self.entering = False
        self.title_label: Label | None = None
        self.status_label: Label | None = None
        self.caption_lines = Group()
        super().__init__(**kwargs)
        self.camera.background_color = ManimColor(self.look.color("background"))  # type: ignore[union-attr]

    @property
    def rec(self) -> Recording:
        """The recording of the scene's first recipe."""
        return self.recs[self.recipe]

    # --- running -----------------------------------------------------------------------------------------

    def construct(self) -> None:
        self.open_stage()
        for step in self.beats:
            self.run_beat(step)

    def open_stage(self) -> None:
        """What is there before the first beat: the title. A scene extends this to build its cast."""
        self.title_label = Label(self.look, self.context.heading or self.title, "title", "ink", "bold")
        region = self.look.title
        self.title_label.shift((region.left - self.title_label.get_left()[0], 0, 0.0))
        self.title_label.on_baseline(region.bottom + 0.12)
        self.add(self.title_label)

    def run_beat(self, step: Beat) -> None:
        """One beat: its caption, its method, then a hold until the caption can have been read twice."""
        self.next_section(step.name)
        self.beat = step
        said = self.says(self.context.lines.get(step.name, step.caption))
        caption = self.captions[step.name] = MINUS.sub("−", said)
        self._show_caption(caption)
        start = self.renderer.time
        self.entering = step.name in self.context.enters
        getattr(self, step.name)()
        self.entering = False
        # Rounded: the hold must not depend on when the beat starts.
        spent = self.played[step.name] = round(self.renderer.time - start, 6)
        wanted = self.context.beat_seconds.get(step.name, reading_time(caption))
        self.wait(max(SHORTEST_HOLD, round((wanted - spent) * 15) / 15))

    def play(self, *args: Any, **kwargs: Any) -> None:
        """As manim's; a beat that is entered starts without what it fades out before anything else moves."""
        if self.entering:
            gone = [each for each in args if isinstance(each, FadeOut)]
            leaving: list[Any] = [each.mobject for each in gone]
            self.add(*leaving).remove(*leaving)  # added first: parts of a group may be on stage without it
            args = tuple(each for each in args if each not in gone)
            if gone and not args:
                return
            self.entering = False
        super().play(*args, **kwargs)

    def _show_caption(self, caption: str) -> None:
        self.remove(self.caption_lines)
        if not self.context.captions:
            return
        most = len(wrap_characters(caption, CAPTION_LINE))
        if most > CAPTION_LINES:
            raise BadInput(f"{type(self).__name__}.{self.beat.name}: caption takes {most} lines: {caption}")
        region = self.look.caption
        # A wide frame has room for a caption on one line; two lines stand as high in the strip as they can.
        fits = int(region.width / (0.5 * self.look.em("label")))
        lines = wrap_characters(caption, max(CAPTION_LINE, min(fits, WIDE_CAPTION_LINE)))
        labels = [Label(self.look, line, "label", "ink") for line in lines]
        step = labels[0].em * LINE_HEIGHT
        middle = region.center[1] - labels[0].em * 0.3
        first = middle if len(lines) == 1 else region.top - 0.06 - 0.75 * labels[0].em
        for i, label in enumerate(labels):
            label.move_to(region.center).on_baseline(first - i * step)
        self.caption_lines = Group(*labels)
        self.add(self.caption_lines)

    # --- numbers -----------------------------------------------------------------------------------------

    def read(self, source: Source, recording: Recording | None = None) -> float:
        """The value at a source of the (first) recording; not entered in the ledger: for shapes, not text."""
        return resolve(recording or self.rec, source)

    def shown(self, source: Source, template: str = "{:.2f}", recording: Recording | None = None) -> str:
        """The text for one recorded number, entered in the ledger."""
        rec = recording or self.rec
        return self._enter(template, resolve(rec, source), rec, source)

    def number(
        self,
        source: Source,
        template: str = "{:.2f}",
        size: str = "body",
        role: str = "ink",
        weight: str = "regular",
        recording: Recording | None = None,
    ) -> Label:
        """A label showing one recorded number."""
        return Label(self.look, self.shown(source, template, recording), size, role, weight)

    def says(self, template: str, recording: Recording | None = None) -> str:
        """The sentence with its recorded facts filled in, each entered in the ledger."""
        rec = recording or (self.rec if self.recs else None)
        parts = []
        for literal, name, form, conversion in Formatter().parse(template):
            parts.append(literal)
            if name is not None and rec is not None:
                facts = caption_facts(rec)
                Formatter().vformat("{" + name + "}", (), facts)
                value, source = facts.used[-1]
                parts.append(
                    self._enter(
                        "{" + (f"!{conversion}" if conversion else "") + f":{form}" + "}", value, rec, source
                    )
                )
        return "".join(parts)

    def _enter(self, template: str, value: float | str, recording: Recording, source: Source) -> str:
        text = template.format(value)
        if not isinstance(value, str):
            entry = LedgerEntry(self.beat.name, template, text, value, recording.name, source.to_json())
            if entry not in self.ledger:
                self.ledger.append(entry)
        return text

    # --- small things every scene needs --------------------------------------------------------------------

    def status(self, text: str) -> Label:
        """The small line at the right end of the title row (the step counter); replaces the one before."""
        if self.status_label is None:
            self.status_label = Label(self.look, text, "label", "muted")
            region = self.look.title
            self.status_label.shift((region.right - self.status_label.get_right()[0], 0, 0.0))
            self.status_label.on_baseline(region.bottom + 0.12)
            self.add(self.status_label)
        return self.status_label.set_text(text, align="right")

    def cleared(self) -> list[Mobject]:
        """Everything on stage but title, status and caption: what a beat that starts afresh fades out."""
        kept = {id(m) for m in (self.title_label, self.status_label, self.caption_lines, *self.caption_lines)}
        return [m for m in self.mobjects if id(m) not in kept]
