"""Stands where manim expects its file writer: passes section names on and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class SectionWriter:
    """What `Manager` and `Scene` call on a file writer, without files."""

    def __init__(self, settings: Any, next_beat: Callable[[str], None]) -> None:
        self.settings = settings
        self.output_spec = settings.plan.output
        self.subcaptions: list[Any] = []
        self.sections: list[Any] = []
        self.final_file_path = None
        self._next_beat = next_beat

    def next_section(self, name: str, type_: str, skip_animations: bool) -> None:
        """A section is a beat; asking to skip one is manim's business while drafting and not ours."""
        self._next_beat(name)

    def add_sound(self, *args: Any, **kwargs: Any) -> None:
        """Sound is mixed once at the end, never in a scene."""

    def abort_encode_jobs(self, **kwargs: Any) -> None:
        """Nothing is being encoded here."""
