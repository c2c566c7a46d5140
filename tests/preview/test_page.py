"""The preview as its user has it: a started command, a real browser, files saved beside it."""

import io
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect
from running import SCENES, Preview, train_tiny

SLOW = 30_000
#: The picture that the shown video holds, as grey values.
PICTURE = """() => {
  const video = document.querySelector('#stage video.shown');
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  return [canvas.width, canvas.height, [...context.getImageData(0, 0, canvas.width, canvas.height).data]
    .filter((_, index) => index % 4 === 1)];
}"""


@pytest.fixture(scope="module")
def preview(start: Callable[..., Preview]) -> Preview:
    """One preview for all tests; each leaves the scene as it was."""
    return start()


@pytest.fixture
def shown(preview: Preview, page: Page) -> Iterator[Page]:
    """The page, when everything is drawn."""
    page.goto(preview.address)
    up_to_date(page)
    yield page
    if preview.scene.read_bytes() != SCENES.read_bytes():
        serial = state_of(page)["clip"]["serial"]
        preview.scene.write_bytes(SCENES.read_bytes())
        up_to_date(page, after=serial)


def state_of(page: Page) -> dict[str, Any]:
    return page.request.get(f"{page.url}state").json()


def up_to_date(page: Page, *, after: int = 0, aspect: str = "16:9") -> dict[str, Any]:
    """Waits until the page shows a clip with every beat new; returns the state."""
    for _ in range(SLOW // 100):
        state = state_of(page)
        clip = state["clip"]
        new = clip and clip["serial"] > after and clip["look"] == state["look"]
        right = state["choices"]["aspect"] == aspect and all(beat["known"] for beat in state["beats"])
        if new and right and not state["busy"] and all(beat["fresh"] for beat in clip["beats"]):
            break
        page.wait_for_timeout(100)
    else:
        pytest.fail(f"not up to date: {state}")
    expect(page.locator("body")).to_have_attribute("data-clip", str(clip["serial"]), timeout=SLOW)
    return state


def frames_of(page: Page) -> np.ndarray:
    """The green of every frame of the present clip."""
    url = state_of(page)["clip"]["url"]
    with av.open(io.BytesIO(page.request.get(page.url + url).body())) as container:
        return np.stack([each.to_ndarray(format="rgb24")[..., 1] for each in container.decode(video=0)])


def nearest(page: Page, frames: np.ndarray) -> int:
    """The number of the frame that the browser shows."""
    width, height, values = page.evaluate(PICTURE)
    picture = np.array(values, dtype=float).reshape(height, width)
    return int(np.abs(frames - picture).mean(axis=(1, 2)).argmin())


def clock(page: Page, frame: int) -> None:
    expect(page.locator("#clock small")).to_have_text(re.compile(rf"^frame {frame}/"))


def current(page: Page) -> Locator:
    return page.locator("#beats [aria-current]")


def save(preview: Preview, old: str, new: str) -> None:
    text = preview.scene.read_text(encoding="utf-8")
    assert old in text
    preview.scene.write_text(text.replace(old, new), encoding="utf-8")


def test_every_frame_is_shown_as_it_was_drawn(shown: Page) -> None:
    frames = frames_of(shown)
    scrubber = shown.locator("#scrubber")
    assert int(scrubber.get_attribute("max") or 0) == len(frames) - 1
    for frame in (5, 6, 2, 9):
        scrubber.fill(str(frame))
        clock(shown, frame + 1)
        shown.wait_for_timeout(150)
        assert nearest(shown, frames) == frame
    shown.locator("body").press("ArrowLeft")
    shown.wait_for_timeout(150)
    assert nearest(shown, frames) == 8


def test_the_keyboard_moves_by_frame_second_and_beat(shown: Page) -> None:
    body = shown.locator("body")
    beats = state_of(shown)["clip"]["beats"]
    for key, frame in (
        ("ArrowRight", 2),
        (".", 3),
        (",", 2),
        ("l", 12),
        ("j", 2),
        ("Home", 1),
        ("ArrowLeft", 1),
    ):
        body.press(key)
        clock(shown, frame)
    body.press("ArrowDown")
    expect(current(shown)).to_contain_text("weight")
    clock(shown, beats[1]["at"] + 1)
    body.press("b")
    clock(shown, beats[2]["at"])
    body.press("End")
    expect(current(shown)).to_contain_text("edge")
    expect(shown.locator("#scrubber")).to_have_attribute("aria-valuetext", re.compile(r"^edge, 0:\d"))
    body.press("ArrowUp")
    clock(shown, beats[2]["at"] + 1)


def test_it_plays_and_loops_a_beat(shown: Page) -> None:
    beats = state_of(shown)["clip"]["beats"]
    shown.locator("#speed").select_option("4")
    shown.locator("body").press("r")
    expect(shown.locator("#loop")).to_have_attribute("aria-pressed", "true")
    shown.locator("body").press(" ")
    expect(shown.locator("#play-pause")).to_have_attribute("aria-label", "Pause")
    shown.wait_for_timeout(round(1000 * beats[0]["frames"] / 10 / 4 * 3))  # long enough for all of the scene
    expect(current(shown)).to_contain_text("slide")
    shown.locator("body").press("r")
    expect(current(shown)).to_contain_text("edge")
    expect(shown.locator("#play-pause")).to_have_attribute("aria-label", "Play")


def test_numbers_have_their_sources_and_findings_their_place(shown: Page) -> None:
    shown.locator("#beats button", has_text="edge").click()
    expect(shown.locator("#boxes i")).to_have_count(0)
    shown.locator("body").press("b")
    expect(shown.locator("#boxes i")).to_have_count(1)
    expect(shown.locator("#findings")).to_contain_text("'beyond' reaches")
    stage, box = (shown.locator(name).bounding_box() for name in ("#stage", "#boxes i"))
    assert stage is not None
    assert box is not None
    assert box["x"] + box["width"] > stage["x"] + stage["width"]
    assert abs(box["y"] + box["height"] / 2 - stage["y"] - stage["height"] / 2) < 0.05 * stage["height"]
    rows = shown.locator("#numbers tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text(re.compile(r"param 1\.W\[0,0\] at step \d+ · tiny · since weight"))


def test_a_saved_change_is_swapped_in_and_the_place_kept(preview: Preview, shown: Page) -> None:
    shown.locator("#beats button", has_text="edge").click()
    shown.locator("body").press("ArrowRight")
    clip = state_of(shown)["clip"]
    beats = clip["beats"]
    save(preview, "run_time=0.3", "run_time=2.0")
    after = up_to_date(shown, after=clip["serial"])["clip"]["beats"]
    assert after[0] == beats[0]
    assert after[2]["at"] > beats[2]["at"]
    expect(current(shown)).to_contain_text("edge")
    clock(shown, after[2]["at"] + 2)
    shown.wait_for_timeout(150)
    assert nearest(shown, frames_of(shown)) in (after[2]["at"], after[2]["at"] + 1)


@pytest.mark.parametrize(
    ("old", "new", "says", "place"),
    [
        ("shift(UP)", "shift(UPP)", "NameError: name 'UPP' is not defined", "slides.py:29 in weight"),
        ("def edge(", "def edge(:", "SyntaxError: ", "slides.py:32"),
        ('"1.W"', '"9.W"', "9.W", "slides.py:29 in weight"),
    ],
)
def test_an_error_stands_over_the_last_good_clip(
    preview: Preview, shown: Page, old: str, new: str, says: str, place: str
) -> None:
    save(preview, old, new)
    failure = shown.locator("#failure")
    expect(failure).to_be_visible(timeout=SLOW)
    expect(failure).to_have_attribute("role", "alert")
    expect(failure.locator("h2")).to_contain_text(says)
    if "9.W" not in new:
        expect(failure.locator("#failure-place")).to_have_text(place)
        expect(failure.locator("mark")).to_contain_text(new)
    expect(shown.locator("#stage video.shown")).to_be_visible()
    save(preview, new, old)
    expect(failure).to_be_hidden(timeout=SLOW)
    up_to_date(shown)


def test_another_look(shown: Page) -> None:
    shown.locator("[value='1:1']").check()
    state = up_to_date(shown, aspect="1:1")
    assert (state["clip"]["width"], state["clip"]["height"]) == (180, 180)
    shown.locator("#param-size").fill("7")
    shown.locator("#param-size").press("Enter")
    expect(shown.locator("#toast")).to_contain_text("parameter 'size' is 7; it takes 1 to 3.")
    shown.locator("[value='16:9']").check()
    up_to_date(shown)


def test_another_recording_in_the_same_place(preview: Preview, shown: Page) -> None:
    shown.locator("#beats button", has_text="weight").click()
    number = shown.locator("#numbers tbody td").first
    before = number.inner_text()
    train_tiny(preview.recording, seed=5)
    expect(number).not_to_have_text(before, timeout=SLOW)
    up_to_date(shown)


def test_a_still_and_an_embed(preview: Preview, shown: Page) -> None:
    shown.locator("body").press("e")
    expect(shown.locator("#embed")).to_be_visible()
    expect(shown.locator("#marker")).to_have_value(f"<!-- nnreel: {preview.scene}:Slides:slide -->")
    shown.get_by_label("The whole scene").check()
    expect(shown.locator("#marker")).to_have_value(f"<!-- nnreel: {preview.scene}:Slides -->")
    shown.keyboard.press("Escape")
    shown.locator("#scrubber").fill("4")
    shown.locator("#still-save").click()
    expect(shown.locator("#toast")).to_contain_text("Saved", timeout=SLOW)
    (saved,) = preview.output.glob("*.png")
    assert saved.name == "Slides-slide-0.40s.png"


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_serious(preview: Preview, browser: Browser, scheme, width: int) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(preview.address)
    up_to_date(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    serious(page)
    for name in ("help", "embed"):
        page.locator(f"#{name}-open").click()
        serious(page)
        page.keyboard.press("Escape")
    context.close()


def serious(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["help"]) for each in found if each["impact"] in ("serious", "critical")] == []


def test_ctrl_c_ends_it_and_its_workers(start: Callable[..., Preview]) -> None:
    preview = start("--no-watch")
    workers: list[int] = []
    while (
        len(workers) < 3 and preview.process.poll() is None
    ):  # the server they are forked from, its helper, one
        workers = children(preview.process.pid)
        time.sleep(0.05)
    assert preview.end() in (0, 130)
    for _ in range(100):
        left = [pid for pid in workers if Path(f"/proc/{pid}").exists()]
        if not left:
            break
        time.sleep(0.1)
    assert left == []


def children(pid: int) -> list[int]:
    """All processes that this one started, and theirs."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                parent = int(Path(entry.path, "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if parent == pid:
                found += [int(entry.name), *children(int(entry.name))]
    return found
