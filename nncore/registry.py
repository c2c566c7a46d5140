"""How a name in a spec becomes an object: one lookup, one way of refusing an unknown name or option."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from nncore.errors import BadInput, did_you_mean

Entry = TypeVar("Entry")


def look_up(kind: str, name: Any, registry: Mapping[str, Entry]) -> Entry:
    """The entry called `name`.

    Raises: BadInput naming the closest entry and all the known ones.
    """
    if isinstance(name, str) and name in registry:
        return registry[name]
    raise BadInput(f"Unknown {kind} {name!r}.{did_you_mean(str(name), registry)} Known: {listed(registry)}.")


def build(
    kind: str, name: Any, registry: Mapping[str, Callable[..., Entry]], options: Mapping[str, Any]
) -> Entry:
    """The entry called `name`, made with `options`, which must be among its keyword arguments.

    Raises: BadInput for an unknown name, an unknown option or a missing one.
    """
    maker = look_up(kind, name, registry)
    known = inspect.signature(maker).parameters
    for option in options:
        if option not in known:
            hint = did_you_mean(str(option), known)
            raise BadInput(f"{kind} '{name}' has no option {option!r}.{hint} It has: {listed(known)}.")
        text = isinstance(known[option].default, str)
        require(
            f"{kind} '{name}': {option}",
            options[option],
            isinstance(options[option], str) or not text,
            "text",
        )
    for option, parameter in known.items():
        if parameter.default is parameter.empty and option not in options:
            raise BadInput(f"{kind} '{name}' needs the option '{option}'.")
    return maker(**options)


def require(field: str, value: Any, fits: bool, allowed: str) -> None:
    """Refuse a value that does not fit.

    Raises: BadInput with the field, the value and what is allowed.
    """
    if not fits:
        raise BadInput(f"{field} is {value!r}; it must be {allowed}.")


def is_number(value: Any) -> bool:
    """True for an int or a finite float, but not for a bool."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def require_count(field: str, value: Any, least: int = 1) -> None:
    """Refuse anything but a whole number of at least `least`."""
    fits = isinstance(value, int) and not isinstance(value, bool) and value >= least
    require(field, value, fits, f"a whole number of at least {least}")


def require_fraction(field: str, value: Any) -> None:
    """Refuse anything but a number in [0, 1)."""
    require(field, value, is_number(value) and 0 <= value < 1, "a number from 0 up to, but not including, 1")


def require_not_negative(field: str, value: Any) -> None:
    """Refuse anything but a finite number of at least 0."""
    require(field, value, is_number(value) and value >= 0, "a finite number of at least 0")


def listed(names: Iterable[str]) -> str:
    """The names in one line, as an error shows them."""
    return ", ".join(names) or "none"
