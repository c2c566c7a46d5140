"""How a film is wanted: where to, in which look, with whose voice, how loud."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nncore.errors import BadInput, did_you_mean
from studio.film import LOUDNESS
from studio.film.shots import Film
from studio.presets import DEFAULT_PRESET, check_aspect, check_theme, preset
from studio.request import Request

SOUNDS = ("off", "data", "full")


@dataclass(frozen=True)
class Options:
    """What the command line decides.

    `aspect` and `theme` None: as the film says; `burn` None: captions are drawn in where nobody speaks, and
    in 9:16, which is mostly watched muted.
    Units: `loudness` in LUFS.
    """

    folder: Path = Path("build")
    preset: str = DEFAULT_PRESET
    aspect: str | None = None
    theme: str | None = None
    voice: str = "none"
    sound: str = "full"
    loudness: float = LOUDNESS
    burn: bool | None = None
    translation: Path | None = None
    recordings: tuple[Path, ...] = ()
    workers: int | None = None

    def checked(self) -> Options:
        """The options themselves.

        Raises: BadInput for a value that does not exist.
        """
        preset(self.preset)
        if self.sound not in SOUNDS:
            hint = did_you_mean(self.sound, SOUNDS)
            raise BadInput(f"no sound '{self.sound}'.{hint} Sounds: {', '.join(SOUNDS)}.")
        if not -40 <= self.loudness <= -8:
            raise BadInput(f"--loudness takes -40 to -8 LUFS, not {self.loudness:g}.")
        if self.aspect is not None:
            check_aspect(self.aspect)
        if self.theme is not None:
            check_theme(self.theme)
        return self

    def look(self, film: Film, *, speaks: bool) -> Request:
        """The look of every scene of the film, as a request without one."""
        aspect = self.aspect or film.aspect
        burned = not speaks or aspect == "9:16" if self.burn is None else self.burn
        return Request("", self.preset, aspect, self.theme or film.theme, burned)

    def stem(self, film: Film) -> str:
        """What the names of the film's files start with: what differs from the default look is in it."""
        parts = [film.name]
        if self.aspect not in (None, film.aspect):
            parts.append(str(self.aspect).replace(":", "x"))
        if self.theme not in (None, film.theme):
            parts.append(str(self.theme))
        if self.preset != DEFAULT_PRESET:
            parts.append(self.preset)
        return "-".join(parts)
