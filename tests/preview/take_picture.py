"""Makes the README's picture of the preview: `.venv/bin/python tests/preview/take_picture.py`."""

import io
import re
import signal
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "assets" / "pictures" / "preview.png"
sys.path.insert(0, str(ROOT / "tests"))


def picture(page: Page, address: str) -> bytes:
    """The page when all is drawn, at the end of GradientDescent's third beat."""
    page.goto(address)
    expect(page.locator("#state")).to_have_attribute("data-state", "still", timeout=120_000)
    expect(page.locator(".mark-old")).to_have_count(0, timeout=120_000)
    page.locator("#beats li:nth-child(3) button").click()
    page.locator("body").press("b")
    page.locator("#play-pause").focus()
    page.wait_for_timeout(1000)
    page.evaluate("document.activeElement.blur()")
    return page.screenshot()


def main() -> None:
    from in_browser import FLAGS, chromium_path

    command = [sys.executable, "render.py", "preview", "GradientDescent", "--no-open"]
    preview = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert preview.stdout is not None
    try:
        address = re.search(r"http://\S+", preview.stdout.readline())
        assert address is not None
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
            page = browser.new_page(viewport={"width": 1280, "height": 820}, color_scheme="dark")
            data = picture(page, address[0])
            browser.close()
    finally:
        preview.send_signal(signal.SIGINT)
        preview.wait(20)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(data)).convert("RGB").quantize(256, kmeans=6).save(TARGET, optimize=True)
    print(f"{TARGET}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
