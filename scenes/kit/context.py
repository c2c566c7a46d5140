"""What a scene is given to draw from: recordings, a shape, a theme, parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nncore.errors import BadInput, did_you_mean
from scenes.kit.layout import ASPECTS, Look
from scenes.kit.style import THEMES

if TYPE_CHECKING:
    from nncore.recording import Recording


@dataclass(frozen=True)
class RenderContext:
    """Everything that decides what a scene draws.

    `recordings` maps each of the scene's recipes to the recording drawn for it; `captions` draws each beat's
    sentence in the strip; `lines` replaces the sentences of named beats; `beat_seconds` makes named beats
    last at least that long, instead of until their sentence can have been read twice (a film's narration);
    `enters` names beats shown without the one before: what they fade out first is not seen; `heading` stands
    in place of the scene's title.
    """

    recordings: Mapping[str, Recording]
    aspect: str = "16:9"
    theme: str = "dark"
    captions: bool = True
    params: Mapping[str, Any] = field(default_factory=dict)
    beat_seconds: Mapping[str, float] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    enters: tuple[str, ...] = ()
    heading: str = ""

    def __post_init__(self) -> None:
        for name, value, known in (("aspect", self.aspect, ASPECTS), ("theme", self.theme, THEMES)):
            if value not in known:
                raise BadInput(
                    f"{name} '{value}' is not one of {', '.join(known)}.{did_you_mean(value, known)}"
                )

    @property
    def look(self) -> Look:
        """The shape and the theme together."""
        return Look(self.aspect, self.theme)


#: Gives a context to a scene that was built without one (a stock `manim` call); None: there is none to give.
default_context: Callable[[type], RenderContext] | None = None


def checked_params(schema: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """The scene's parameters with defaults filled in, each turned into its type.

    Raises: BadInput for an unknown name, a value of the wrong type or out of range.
    """
    for name in given:
        if name not in schema:
            known = ", ".join(schema) or "none"
            raise BadInput(
                f"parameter '{name}' is unknown (this scene has: {known}).{did_you_mean(name, schema)}"
            )
    return {
        name: _checked(name, entry, given[name]) if name in given else entry["default"]
        for name, entry in schema.items()
    }


def _checked(name: str, entry: Mapping[str, Any], value: Any) -> Any:
    kind = {"int": int, "float": float, "str": str}[entry["type"]]
    try:
        value = kind(value)
    except (TypeError, ValueError):
        raise BadInput(f"parameter '{name}' takes {entry['type']}, not '{value}'.") from None
    if "choices" in entry and value not in entry["choices"]:
        raise BadInput(f"parameter '{name}' is '{value}'; it takes {', '.join(map(str, entry['choices']))}.")
    low, high = entry.get("min"), entry.get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        raise BadInput(f"parameter '{name}' is {value}; it takes {low} to {high}.")
    return value
