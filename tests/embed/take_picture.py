"""Makes the README's picture of embeds: `.venv/bin/python tests/embed/take_picture.py`.

On the left a post with the LossLandscape pack's snippet in it, on the right the interactive twin.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "assets" / "pictures" / "embed.png"
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

POST = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A post</title>
<style>body { max-width: 36rem; margin: 2rem auto; padding: 0 1.5rem; font: 1.05rem/1.6 Georgia, serif;
color: #222; background: #fffdf6 } figcaption { font-size: 0.85em; color: #444 }</style>
<h1>How a network learns</h1>
<p>Training walks downhill. This is no sketch of that: it is the loss of a network
that reads handwritten digits, measured around the path it really took.</p>
%s
<p>Where the path leaves the plane, the ball leaves the surface, and the picture says so.</p></html>"""


def shot(browser: Browser, file: Path, ready: str) -> Image.Image:
    page = browser.new_page(viewport={"width": 680, "height": 820})
    page.goto(file.as_uri())
    page.wait_for_selector(ready)
    page.wait_for_timeout(1000)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def main() -> None:
    from in_browser import FLAGS, chromium_path

    from studio.embed.command import embed, interactive

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        snippet = embed("LossLandscape", folder, formats=("av1",), snippet="html")
        (folder / "post.html").write_text(POST % snippet, encoding="utf-8")
        twin = Path(interactive("ForwardPass", folder).split("  ")[0])
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
            pages = [shot(browser, folder / "post.html", "video"), shot(browser, twin, "body[data-ready]")]
            browser.close()
    picture = Image.new("RGB", (sum(each.width for each in pages) + 16, pages[0].height), "white")
    picture.paste(pages[0], (0, 0))
    picture.paste(pages[1], (pages[0].width + 16, 0))
    picture.quantize(256, kmeans=6).save(TARGET, optimize=True)
    print(f"{TARGET}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
