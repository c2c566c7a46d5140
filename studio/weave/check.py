"""A draft's arithmetic, held against what can be computed; where it is not sure, it says nothing.

Each check reads one sentence and yields what is wrong in it. A check that could be mistaken about what a
sentence means must not speak.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import pairwise

from studio.weave.activation_ranges import wrong_ranges
from studio.weave.prose import passages, sentences
from studio.weave.written_numbers import NUMBER, ROUGHLY, SCALE, plain, read

Wrong = tuple[int, str, str, str]  # offset in the sentence, what it says, what is true, how that was computed
OPERATOR = r"[×x*·+÷/]"
ROUGH = rf"(?P<rough>{ROUGHLY}\s+)?"
RESULT = rf"{ROUGH}(?P<right>{NUMBER})(?![\w%])"
IS = r"\s*(?:=|≈|is|equals)\s*"
ARITHMETIC = re.compile(
    rf"(?<![\w.,)^])(?P<left>(?:{NUMBER})(?:\s*{OPERATOR}\s*(?:{NUMBER}))+)"
    rf"\s*(?P<relation>=|≈|equals|makes|gives)\s*{ROUGH}(?P<right>(?:{NUMBER}){SCALE})"
    rf"(?!\s*{OPERATOR}\s*\d)(?![\w%])(?!\s*%)"
)
SHAPE = re.compile(r"(?<![\w.,-])(\d{1,6}(?:[-–→]\d{1,6}){2,6})(?![\w-])")
COUNT = re.compile(
    rf"{ROUGH}(?<![\w.,×*+-])(?P<number>(?:{NUMBER}){SCALE})\s+(?:\w+\s+){{0,2}}?"
    r"(?P<noun>parameters|weights|connections|biases)\b",
    re.IGNORECASE,
)
PERCENT_LESS = r"\s*(?:%|percent|per cent)\s*(?:fewer|less|smaller|saved|saving)"
SAVED = re.compile(rf"{ROUGH}(?P<number>{NUMBER}){PERCENT_LESS}")
FROM_TO = re.compile(
    rf"from\s+(?P<from>(?:{NUMBER}){SCALE})\s+(?:parameters\s+|weights\s+)?(?:down\s+)?"
    rf"to\s+(?P<to>(?:{NUMBER}){SCALE})"
)
CHANCE = r"(?:0?\.\d+|0|1|1\.0+)"
LISTED = re.compile(rf"[\[(]\s*({CHANCE}(?:\s*[,;]\s*{CHANCE})+)\s*[\])]")
CHANCES = re.compile(r"softmax|probabilit|chances|distribution", re.IGNORECASE)
LOG = re.compile(rf"[-−]\s*(?P<base>ln|log)\s*\(?\s*(?P<p>{NUMBER})\s*\)?{IS}{RESULT}")
SQUARE = re.compile(rf"\(\s*(?P<a>{NUMBER})\s*[-−]\s*(?P<b>{NUMBER})\s*\)\s*(?:²|\^2|\*\*2){IS}{RESULT}")
SQUARED_ERROR = re.compile(
    rf"squared error\s+(?:of|for)\s+(?P<a>{NUMBER})\s+(?:against|versus|vs\.?|and a target of|with target)"
    rf"\s+(?P<b>{NUMBER}){IS}{RESULT}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CheckFinding:
    """One thing a draft gets wrong."""

    file: str
    line: int
    says: str
    true: str
    how: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: says {self.says}; true is {self.true} ({self.how})"

    def to_json(self) -> dict[str, str | int]:
        """The finding as plain values."""
        return asdict(self)


def check(text: str, name: str = "post") -> list[CheckFinding]:
    """Everything in the post that can be computed and is wrong, in the order of the lines."""
    found = []
    for passage in passages(text):
        for sentence, at in sentences(passage):
            for look in CHECKS:
                for offset, says, true, how in look(sentence):
                    line = passage.line_at(at + offset)
                    found.append(CheckFinding(name, line, _one_line(says), true, how))
    return sorted(set(found), key=lambda finding: (finding.line, finding.says))


def _one_line(text: str) -> str:
    return "'" + " ".join(text.split()) + "'"


def wrong_arithmetic(sentence: str) -> Iterator[Wrong]:
    """`784 × 128 = 100,352`: products, sums and quotients with their result."""
    for m in ARITHMETIC.finditer(sentence):
        parts = re.split(rf"({OPERATOR})", m["left"])
        true = _evaluate([part.strip() for part in parts])
        rough = bool(m["rough"]) or m["relation"] == "≈"
        if true is not None and not read(m["right"], rough).agrees(true):
            yield m.start(), m[0], plain(true), f"{' '.join(m['left'].split())} = {plain(true)}"


def _evaluate(parts: list[str]) -> Decimal | None:
    """Products before sums; None for a division by zero."""
    terms = [Decimal(0), Decimal(parts[0].replace(",", ""))]
    for operator, text in zip(parts[1::2], parts[2::2], strict=True):
        value = Decimal(text.replace(",", ""))
        if operator == "+":
            terms.append(value)
        elif operator in "÷/":
            if value == 0:
                return None
            terms[-1] /= value
        else:
            terms[-1] *= value
    return sum(terms, Decimal(0))


def _shape_counts(shape: str) -> tuple[list[int], dict[str, int]]:
    sizes = [int(size) for size in re.split(r"[-–→]", shape)]
    weights = sum(a * b for a, b in pairwise(sizes))
    biases = sum(sizes[1:])
    return sizes, {
        "weights": weights,
        "connections": weights,
        "biases": biases,
        "parameters": weights + biases,
    }


def wrong_counts(sentence: str) -> Iterator[Wrong]:
    """The parameters, weights, connections or biases of the one network shape a sentence names."""
    shapes = {m[1] for m in SHAPE.finditer(sentence) if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", m[1])}
    if len(shapes) != 1:
        return
    sizes, counts = _shape_counts(shapes.pop())
    layers = {a * b for a, b in pairwise(sizes)} | {a * b + b for a, b in pairwise(sizes)} | set(sizes)
    for m in COUNT.finditer(sentence):
        noun = m["noun"].lower()
        said = read(m["number"], bool(m["rough"]))
        if said.agrees(Decimal(counts[noun])) or any(said.agrees(Decimal(n)) for n in layers):
            continue
        products = " + ".join(f"{a:,} × {b:,}" for a, b in pairwise(sizes))
        how = {"biases": " + ".join(map(str, sizes[1:]))}.get(noun, products)
        if noun == "parameters":
            how += f" weights + {counts['biases']:,} biases"
        yield m.start(), m[0], f"{counts[noun]:,} {noun}", how


def wrong_savings(sentence: str) -> Iterator[Wrong]:
    """How much smaller one network is than another, in percent."""
    said = list(SAVED.finditer(sentence))
    shapes = [m[1] for m in SHAPE.finditer(sentence)]
    if len(said) != 1:
        return
    if len(shapes) == 2:
        before, after = (Decimal(_shape_counts(shape)[1]["parameters"]) for shape in shapes)
    elif not shapes and len(pair := list(FROM_TO.finditer(sentence))) == 1:
        before, after = read(pair[0]["from"]).value, read(pair[0]["to"]).value
    else:
        return
    if before <= after or before == 0:
        return
    true = 100 * (1 - after / before)
    m = said[0]
    number = read(m["number"], bool(m["rough"]))
    if abs(number.value - true) > max(number.half, Decimal("0.5"), true * Decimal("0.05") * number.rough):
        yield m.start(), m[0], f"{plain(true, 1)} %", f"1 − {plain(after)} / {plain(before)}"


def wrong_sums(sentence: str) -> Iterator[Wrong]:
    """Probabilities listed in brackets that do not sum to 1."""
    if not CHANCES.search(sentence) or "…" in sentence or "..." in sentence:
        return
    for m in LISTED.finditer(sentence):
        numbers = [read(part) for part in re.split(r"[,;]", m[1])]
        total = sum((number.value for number in numbers), Decimal(0))
        # Chances with one decimal are meant as they stand; finer ones may have been rounded.
        coarse = all(number.half >= Decimal("0.05") or number.half == 0 for number in numbers)
        slack = Decimal(0) if coarse else sum((number.half for number in numbers), Decimal(0))
        if abs(total - 1) > slack:
            yield m.start(), m[0], f"a sum of {plain(total)}", "probabilities sum to 1"


def wrong_losses(sentence: str) -> Iterator[Wrong]:
    """The loss of a given prediction: −log p, (a − b)², squared errors in words."""
    for m in LOG.finditer(sentence):
        p, said = float(read(m["p"]).value), read(m["right"], bool(m["rough"]))
        if not 0 < p <= 1:
            continue
        natural = Decimal(str(-math.log(p)))
        if m["base"] == "log" and any(
            said.agrees(natural / Decimal(str(math.log(base)))) for base in (2, 10)
        ):
            continue
        if not said.agrees(natural):
            yield m.start(), m[0], plain(natural), "the natural logarithm, as in cross-entropy"
    for pattern in (SQUARE, SQUARED_ERROR):
        for m in pattern.finditer(sentence):
            true = (read(m["a"]).value - read(m["b"]).value) ** 2
            if not read(m["right"], bool(m["rough"])).agrees(true):
                yield m.start(), m[0], plain(true), f"({m['a']} − {m['b']})²"


CHECKS: tuple[Callable[[str], Iterator[Wrong]], ...] = (
    wrong_arithmetic,
    wrong_counts,
    wrong_savings,
    wrong_sums,
    wrong_losses,
    wrong_ranges,
)
