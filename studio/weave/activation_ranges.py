"""Ranges of activation functions as a post states them, held against the functions themselves."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from nncore.activations import ACTIVATIONS

INFINITE = r"(?:\+|-|−|minus |negative |plus |positive )?(?:∞|infinity|inf)"
END = rf"(?:{INFINITE}|[-−]?\s?\d+(?:\.\d+)?)"
NAMED = re.compile(r"\b(sigmoid|logistic|tanh|relu|gelu|softmax)\b", re.IGNORECASE)
RANGE = re.compile(
    rf"(?:between|from|range(?: of| is|:)?|\bin)\s*[\[(]?\s*(?P<low>{END})\s*"
    rf"(?:,|and|to|through|\.\.)\s*(?P<high>{END})(?![\w%])",
    re.IGNORECASE,
)
SPEAKS_OF_OUTPUT = re.compile(
    r"range|output|squash|squeez|map|values?|between|always|never|bounded", re.IGNORECASE
)
SPEAKS_OF_SOMETHING_ELSE = re.compile(
    r"input|derivative|slope|gradient|initiali|plot|axis|saturat|epoch|accurac|loss", re.IGNORECASE
)
SAMPLES_TO = 60.0


def true_range(name: str) -> tuple[float, float]:
    """(infimum, supremum) of an activation, found on a fine grid; infinite where it keeps growing."""
    import numpy as np

    if name == "softmax":
        return 0.0, 1.0
    z = np.linspace(-SAMPLES_TO, SAMPLES_TO, 240_001)
    a = ACTIVATIONS[name].value(z)
    low, high = float(a.min()), float(a.max())
    return (-math.inf if low <= -SAMPLES_TO / 2 else low), (math.inf if high >= SAMPLES_TO / 2 else high)


def wrong_ranges(sentence: str) -> Iterator[tuple[int, str, str, str]]:
    """The one activation a sentence names with the one range it gives for its output."""
    names = {name.lower().replace("logistic", "sigmoid") for name in NAMED.findall(sentence)}
    ranges = list(RANGE.finditer(sentence))
    if len(names) != 1 or len(ranges) != 1:
        return
    if not SPEAKS_OF_OUTPUT.search(sentence) or SPEAKS_OF_SOMETHING_ELSE.search(sentence):
        return
    name, m = names.pop(), ranges[0]
    low, high = true_range(name)
    if not (_same(m["low"], low) and _same(m["high"], high)):
        says = m[0].strip()
        yield m.start(), f"{name} {says}", f"{_written(low)} to {_written(high)}", f"the range of {name}"


def _same(text: str, true: float) -> bool:
    said = text.lower().replace("−", "-").replace(" ", "")
    if re.search(r"∞|inf", said):
        negative = said.startswith(("-", "minus", "negative"))
        return math.isinf(true) and (true < 0) == negative
    places = len(said.partition(".")[2])
    return not math.isinf(true) and abs(float(said) - true) <= 0.5 * 10**-places * (places > 0) + 1e-9


def _written(value: float) -> str:
    if math.isinf(value):
        return "−∞" if value < 0 else "∞"
    return f"{round(value, 3):g}".replace("-", "−")
