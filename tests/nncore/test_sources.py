"""Addresses of numbers: they survive JSON, and lead to the recorded number or say that they do not."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.captions import caption_facts
from nncore.errors import BadInput, RecordingError
from nncore.facts import FACTS, compute_fact
from nncore.recording import Recording
from nncore.sources import KINDS, Source, resolve

sources = st.builds(
    Source,
    kind=st.sampled_from(KINDS),
    key=st.text(max_size=12),
    step=st.none() | st.integers(0, 10**6),
    index=st.lists(st.integers(0, 999), max_size=4).map(tuple),
    args=st.dictionaries(st.sampled_from(["step", "probe", "key"]), st.integers(0, 9) | st.text(max_size=5)),
)


@given(sources)
def test_a_source_survives_json(source: Source) -> None:
    again = Source.from_json(json.loads(json.dumps(source.to_json())))
    assert again == source
    assert hash(again) == hash(source)
    assert str(again) == str(source)


@pytest.mark.parametrize(
    "value",
    [{}, {"kind": "wish"}, {"kind": "param", "index": ["a"]}, {"kind": "param", "extra": 1}, {"kind": 3}],
)
def test_what_is_no_address(value: dict[str, Any]) -> None:
    with pytest.raises(RecordingError, match="not the address"):
        Source.from_json(value)


def test_it_reads_as_a_sentence() -> None:
    assert str(Source("param", "1.W", 12, (3, 400))) == "param 1.W[3,400] at step 12"
    assert str(Source("spec", "learning_rate")) == "spec learning_rate"
    assert str(Source("fact", "connections_layer", args={"layer": 1})) == "fact connections_layer(layer=1)"


def test_every_kind_leads_to_its_number(tiny: Recording) -> None:
    step = int(tiny.steps[4])
    where = int(np.flatnonzero(tiny.eval_steps == 4)[0])
    expected = {
        Source("param", "1.W", step, (2, 1)): tiny.param("1.W", step)[2, 1],
        Source("grad", "1.W", step, (2, 1)): tiny.grad("1.W", step)[2, 1],
        Source("state", "step count", step): step,
        Source("probe_x", index=(1, 0)): tiny.probe_x[1, 0],
        Source("probe_y", index=(4,)): 1,
        Source("z", "1", step, (2, 3)): tiny.z(1, step)[2, 3],
        Source("a", "2", step, (2, 0)): tiny.a(2, step)[2, 0],
        Source("a", "0", step, (2, 0)): tiny.probe_x[2, 0],
        Source("series", "loss_batch", 7): tiny.series("loss_batch")[7],
        Source("eval", "loss_test", 4): tiny.evals("loss_test")[where],
        Source("spec", "learning_rate"): 0.3,
        Source("spec", "layers.0.units"): 6,
        Source("fact", "n_parameters"): 6 * 2 + 6 + 6 + 1,
    }
    assert {source.kind for source in expected} == set(KINDS)
    for source, value in expected.items():
        found = resolve(tiny, source)
        assert found == value
        assert type(found) in (int, float)


@pytest.mark.parametrize(
    "source",
    [
        Source("param", "1.W", 0),
        Source("param", "1.W", 0, (-1, 0)),
        Source("param", "1.W", 0, (6, 0)),
        Source("param", "1.W", None, (0, 0)),
        Source("param", "9.W", 0, (0, 0)),
        Source("param", "1.W", 29, (0, 0)),
        Source("z", "one", 0, (0, 0)),
        Source("series", "loss_batch", 30),
        Source("series", "loss_batch", -1),
        Source("eval", "loss_test", 3),
        Source("spec", "colour"),
        Source("spec", "optimizer"),
        Source("fact", "no_such_fact"),
        Source("fact", "connections_layer"),
        Source("fact", "connections_layer", args={"layer": 1, "wish": 2}),
        Source("hope", "1.W", 0),
    ],
    ids=str,
)
def test_addresses_that_lead_nowhere(tiny: Recording, source: Source) -> None:
    with pytest.raises(RecordingError) as caught:
        resolve(tiny, source)
    assert "\n" not in str(caught.value)


def test_facts_of_the_network(digits: Recording) -> None:
    assert compute_fact(digits, "connections") == 101_632
    assert compute_fact(digits, "connections_layer", layer=1) == 100_352
    assert compute_fact(digits, "connections_layer", layer=2) == 1_280
    assert compute_fact(digits, "n_parameters") == 101_770
    assert compute_fact(digits, "parameters_of", sizes="784-512-10") == 407_050
    assert compute_fact(digits, "parameters_of", sizes="784-256-10") == 203_530
    assert compute_fact(digits, "steps_per_epoch") * 10 == digits.n_steps
    assert digits.layer_sizes == (784, 128, 10)
    assert compute_fact(digits, "probability_sum", probe=3, step=0) == pytest.approx(1, abs=1e-6)


def test_the_label_of_a_probe_is_the_one_with_the_largest_output(digits: Recording) -> None:
    for step in (0, digits.n_steps):
        labels = [compute_fact(digits, "predicted_label", probe=i, step=step) for i in range(10)]
        assert labels == digits.a(2, step)[:10].argmax(axis=1).tolist()


def test_every_fact_says_what_it_is() -> None:
    assert all(function.__doc__ for function in FACTS.values())


def test_a_caption_is_filled_in_and_knows_its_sources(digits: Recording) -> None:
    facts = caption_facts(digits)
    template = (
        "{accuracy_test[first]:.1%} {accuracy_test[last]:.1%} {loss_batch[3]:.3f} {n_parameters:,} "
        "{connections_layer[1]:,} {parameters_of[784-512-10]:,} {probability_sum[3,last]:.3f} "
        "{spec.learning_rate} {spec.layers[0].units} {spec.optimizer}"
    )
    text = template.format_map(facts)
    first, last = digits.evals("accuracy_test")[[0, -1]]
    loss = digits.series("loss_batch")[3]
    assert text == f"{first:.1%} {last:.1%} {loss:.3f} 101,770 100,352 407,050 1.000 0.1 128 sgd"
    assert [str(source) for _, source in facts.used] == [
        "eval accuracy_test at step 0", f"eval accuracy_test at step {digits.n_steps}",
        "series loss_batch at step 3", "fact n_parameters()", "fact connections_layer(layer=1)",
        "fact parameters_of(sizes=784-512-10)",
        f"fact probability_sum(probe=3, step={digits.n_steps})", "spec learning_rate", "spec layers.0.units",
        "spec optimizer",
    ]  # fmt: skip
    for value, source in facts.used[:-1]:
        assert resolve(digits, source) == value


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{accuracy_tset[last]}", "Did you mean 'accuracy_test'?"),
        ("{accuracy_test[middle]}", "first, last, best or a step"),
        ("{spec.colour}", "no such field"),
        ("{n_parametres}", "Did you mean 'n_parameters'?"),
    ],
)
def test_a_caption_that_asks_for_what_is_not_there(digits: Recording, template: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        template.format_map(caption_facts(digits))
    assert reason in str(caught.value)
