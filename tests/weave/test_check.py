"""The draft's arithmetic: what is wrong is found with its line, what is right or unclear is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.weave.activation_ranges import true_range
from studio.weave.check import check

WRONG = {
    "The first layer has 784 × 128 = 100,325 weights.": "100,352",
    "In all 100,352 + 1,280 = 101,630 connections.": "101,632",
    "A 28x28 = 748 pixel image.": "784",
    "So 784 * 128 + 128 * 10 = 101,770 weights.": "101,632",
    "A 784-128-10 network has 101,632 parameters.": "101,770 parameters",
    "The 784-128-10 network has 101,770 connections.": "101,632 connections",
    "Our 784–16–16–10 network has about 14,000 weights and biases.": None,
    "A 784-128-10 network has 2 million parameters.": "101,770",
    "Going from 784-512-10 to 784-256-10 needs 75% fewer parameters.": "50 %",
    "It fell from 407,050 to 203,530 parameters, 40% less.": "50 %",
    "GELU has a range from minus infinity to infinity.": "−0.17 to ∞",
    "The output of the sigmoid lies between -1 and 1.": "0 to 1",
    "Tanh squashes its values to between 0 and 1.": "−1 to 1",
    "Softmax returns probabilities such as [0.1, 0.7, 0.3].": "a sum of 1.1",
    "Softmax returns the probabilities (0.25, 0.25, 0.40).": "a sum of 0.9",
    "The loss is -ln(0.95) = 0.51.": "0.0513",
    "The loss is (0.33 − 1)² = 0.54.": "0.4489",
    "The squared error of 0.95 against 1.0 is 0.05.": "0.0025",
}
RIGHT_OR_UNCLEAR = [
    "784 × 128 = 100,352, and 128 × 10 = 1,280: 101,632 connections in a 784-128-10 network.",
    "A 784-128-10 network has 101,770 parameters, 100,352 of them weights of the first layer.",
    "A 784-128-10 network has about 100,000 parameters.",
    "A 784-128-10 network has 10 outputs and 128 hidden neurons.",
    "On 2024-11-20 we trained 5 models with 3 parameters.",
    "Halving it, from 784-512-10 to 784-256-10, means 50% fewer parameters.",
    "The sigmoid is between 0 and 1, tanh between -1 and 1.",
    "GELU's range is about [-0.17, ∞).",
    "ReLU maps to values from 0 to infinity.",
    "The derivative of the sigmoid is between 0 and 0.25.",
    "If the sigmoid's input is between -4 and 4, it is nearly linear.",
    "Softmax gives probabilities [0.33, 0.33, 0.33].",
    "Softmax gives the probabilities [0.7, 0.2, ...].",
    "The vector [0.1, 0.7, 0.3] holds the scores.",
    "-log(0.95) = 0.05 and -log(0.33) ≈ 1.11.",
    "With base ten, -log(0.01) = 2.",
    "7 / 2 = 3.5 and 1/3 = 0.333 and 2 × 3 × 4 = 24.",
    "x × 3 = 12 for x = 4; a 3 × 3 = b.",
    "Equal areas: 2 × 6 = 3 × 4.",
    "In version 1.2.3 = 4 nothing is computed.",
    "(3 + 4) × 2 = 14 needs brackets we do not read.",
    "Accuracy rises from 10% to 96% = a lot.",
    "It took 2 × 30 = 60% of the time.",
]


@pytest.mark.parametrize(("text", "true"), [(text, true) for text, true in WRONG.items() if true])
def test_what_is_wrong_is_found(text, true):
    findings = check(f"# Title\n\nA line.\n{text}\n")
    assert [finding.true for finding in findings if true in finding.true], findings
    assert {finding.line for finding in findings} == {4}


@pytest.mark.parametrize("text", RIGHT_OR_UNCLEAR)
def test_what_is_right_or_unclear_is_left_alone(text):
    assert check(text) == []


def test_code_and_front_matter_are_not_prose():
    assert check("---\ntitle: 2 × 2 = 5\n---\n\n```\n2 × 2 = 5\n```\n\n    2 × 2 = 5\n") == []


@given(st.integers(1, 9999), st.integers(1, 9999), st.integers(-50, 50))
def test_a_product_is_found_wrong_exactly_when_it_is(a, b, error):
    found = check(f"There are {a:,} × {b} = {a * b + error:,} of them.") if a * b + error > 0 else []
    assert bool(found) == (error != 0 and a * b + error > 0)


def test_ranges_are_those_of_the_functions():
    assert true_range("gelu")[0] == pytest.approx(-0.16997, abs=1e-4)
    assert true_range("relu") == (0.0, float("inf"))
    assert true_range("tanh") == (-1.0, 1.0)
