"""The interactive twin: its numbers are the recording's; it works offline and without a mouse."""

import base64
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from nncore.errors import BadInput
from nncore.recording import Recording
from nncore.runspec import RunSpec
from nncore.training import train
from studio.embed.moving import OverBudget
from studio.embed.takes import Shot
from studio.embed.twin import twin
from studio.request import Request
from studio.runs import recordings_for


@pytest.fixture(scope="module")
def digits() -> Shot:
    return Shot(Request("ForwardPass", recordings=recordings_for(("digits",), ())))


@pytest.fixture(scope="module")
def recording(digits: Shot) -> Recording:
    return Recording.open(Path(digits.request.recordings[0][1]))


@pytest.fixture(scope="module")
def html(digits: Shot) -> str:
    return twin(digits, "Forward <pass>")


@pytest.fixture
def offline(browser: Browser, html: str, tmp_path: Path) -> Iterator[Page]:
    """The page opened from a file, without a network."""
    file = tmp_path / "twin.html"
    file.write_text(html, encoding="utf-8")
    context = browser.new_context(offline=True, viewport={"width": 1000, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready]")
    yield page
    assert [url for url in asked if not url.startswith("file:")] == []
    assert wrong == []
    context.close()


def arrays(html: str) -> tuple[dict, dict[str, np.ndarray]]:
    """What the page's script would unpack."""
    about = json.loads(re.search(r'id="about">(.*?)</script>', html, re.S)[1])  # type: ignore[index]
    packed = re.search(r'id="payload">(.*?)</script>', html, re.S)[1]  # type: ignore[index]
    data = zlib.decompress(base64.b64decode(packed))
    found = {}
    for name, each in about["arrays"].items():
        count = int(np.prod(each["shape"]))
        dtype = {"f4": "<f4", "i1": "i1", "u1": "u1"}[each["kind"]]
        values = np.frombuffer(data, dtype, count, each["at"]).reshape(each["shape"])
        if each["kind"] != "f4":
            values = np.cumsum(values.astype(np.int64), axis=0).astype(dtype)
            values = values * (each["scale"] / {"i1": 127, "u1": 255}[each["kind"]])
        found[name] = values
    return about, found


def test_the_numbers_are_the_recordings(html: str, recording: Recording) -> None:
    about, found = arrays(html)
    assert len(html.encode()) <= 1_000_000
    assert about["steps"] == recording.steps.tolist()
    assert about["digest"] == recording.digest
    for at in (0, 10, len(recording.steps) - 1):
        step = int(recording.steps[at])
        for name, wanted in (("weights", recording.param("1.W", step)), ("hidden", recording.a(1, step))):
            off = np.abs(found[name][at] - wanted[about["neurons"]] if name == "weights"
                         else found[name][at] - wanted[:, about["neurons"]]).max()  # fmt: skip
            levels = {"i1": 127, "u1": 255}[about["arrays"][name]["kind"]]
            assert off <= 0.5001 * about["arrays"][name]["scale"] / levels
        assert np.array_equal(found["outputs"][at], recording.a(2, step).astype(np.float32))
    assert np.array_equal(found["loss_batch"], recording.series("loss_batch").astype(np.float32))
    weight = about["arrays"]["weights"]["scale"] / 127 / 2
    assert f"weights to ±{weight:.2g}" in html


def test_a_reader_scrubs_with_the_keyboard(offline: Page, recording: Recording) -> None:
    def shown() -> str:
        return offline.locator("#step-text").inner_text()

    slider = offline.locator("#step")
    slider.focus()
    assert shown() == f"{recording.n_steps:,} of {recording.n_steps:,}"
    offline.keyboard.press("Home")
    assert shown() == f"0 of {recording.n_steps:,}"
    before = offline.locator("#weights").evaluate("c => c.toDataURL()")
    offline.keyboard.press("ArrowRight")
    assert shown().startswith(f"{recording.steps[1]} of")
    offline.keyboard.press("End")
    assert offline.locator("#weights").evaluate("c => c.toDataURL()") != before
    says = slider.get_attribute("aria-valuetext") or ""
    assert f"test loss {recording.evals('loss_test')[-1]:.3f}" in says


def test_what_it_answers_is_what_was_recorded(offline: Page, recording: Recording) -> None:
    probe = 7
    offline.locator("#probe").select_option(str(probe))
    wanted = recording.a(2, int(recording.steps[-1]))[probe]
    cells = offline.locator("#outputs td:nth-child(2)").all_inner_texts()
    assert cells == [f"{100 * value:.1f} %" for value in wanted]
    answer = offline.locator("#answer").inner_text()
    assert answer.startswith(f"It answers {wanted.argmax()} with")
    offline.locator("#neuron").select_option("5")
    assert "fires" in (offline.locator("#one").get_attribute("aria-label") or "")


def test_it_plays_and_stops(offline: Page) -> None:
    button = offline.locator("#play")
    button.click()
    assert button.inner_text() == "Pause"
    expect(offline.locator("#step-text")).to_have_text(re.compile("^[1-9]"))
    button.click()
    assert button.inner_text() == "Play"


def test_axe_finds_nothing_serious(offline: Page) -> None:
    found = Axe().run(offline).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


def test_it_fits_a_phone(offline: Page) -> None:
    offline.set_viewport_size({"width": 360, "height": 700})
    assert offline.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_fewer_neurons_where_all_are_too_many(digits: Shot) -> None:
    page = twin(digits, "Forward pass", 700_000)
    about, found = arrays(page)
    assert len(page.encode()) <= 700_000
    assert 0 < len(about["neurons"]) < about["allNeurons"] == 128
    assert f"Shown: the {len(about['neurons'])} of 128 neurons that training changed most" in page
    change = np.abs(found["weights"][-1] - found["weights"][0]).sum(axis=1)
    assert change.min() > 0


def test_networks_it_cannot_show(tmp_path: Path) -> None:
    spec = RunSpec(
        name="wave", dataset="wave", epochs=1, batch_size=16, loss="mse",
        layers=({"type": "dense", "units": 1, "activation": "sine"},),
    )  # fmt: skip
    run = train(spec, tmp_path / "wave")
    request = Request("LocalMinima", recordings=(("wave", str(run.path)),))
    with pytest.raises(BadInput, match="does not sort into classes"):
        twin(Shot(request), "x")
    with pytest.raises(BadInput, match="drawn from no recording"):
        twin(Shot(Request("LocalMinima")), "x")


def test_a_limit_that_cannot_be_kept(tmp_path: Path) -> None:
    layers = (
        {"type": "dense", "units": 4, "activation": "tanh"},
        {"type": "dense", "units": 2, "activation": "softmax"},
    )
    spec = RunSpec(name="moons", dataset="moons", epochs=1, batch_size=32, layers=layers)
    run = train(spec, tmp_path / "moons")
    shot = Shot(Request("DecisionBoundary", recordings=(("moons", str(run.path)),)))
    about, found = arrays(twin(shot, "Moons"))
    assert about["tile"] == [1, 2]
    assert found["hidden"].min() < 0  # a tanh's activations have signs
    with pytest.raises(OverBudget, match="no page of 5,000 bytes: with one of its neurons"):
        twin(shot, "Moons", 5_000)
