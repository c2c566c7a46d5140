"""Numbers as a post writes them: "100,352", "60 million", "about 1.7 trillion", "33 %"."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

#: A number with or without thousands separators; it is not the tail of a longer number, word or formula.
NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
SCALE = r"(?:\s+(?:thousand|million|billion|trillion))?"
ROUGHLY = r"(?:about|roughly|around|approximately|nearly|almost|some|over|more than|≈|~)"
ROUGH_SHARE = Decimal("0.05")


@dataclass(frozen=True)
class Written:
    """A number as written: its value and how exactly it was meant.

    `half` is half a unit of its last written digit: what rounding may hide.
    """

    value: Decimal
    half: Decimal
    rough: bool = False

    def agrees(self, true: Decimal) -> bool:
        """Whether the written number is the true one, rounded as it is written."""
        slack = abs(true) * (ROUGH_SHARE if self.rough else Decimal("1e-12"))
        return abs(self.value - true) <= max(self.half, slack)


def read(text: str, rough: bool = False) -> Written:
    """The number in `text`, such as "1.7 trillion"; whole numbers without a scale are meant exactly."""
    digits, _, scale = text.strip().partition(" ")
    power = SCALES.get(scale.strip().lower(), 0)
    value = Decimal(digits.replace(",", ""))
    places = -int(value.as_tuple().exponent)
    half = Decimal(0) if places <= 0 and not power else Decimal(5).scaleb(power - max(places, 0) - 1)
    return Written(value.scaleb(power), half, rough)


def plain(value: Decimal, places: int = 4) -> str:
    """The number for a reader: thousands separated, at most `places` decimals."""
    if value == value.to_integral_value():
        return f"{int(value):,}"
    return f"{value:,.{places}f}".rstrip("0").rstrip(".")
