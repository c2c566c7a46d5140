"""Snippets in a real browser: they play, carry captions, keep still where asked, and show true colours."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Page

from studio.embed.pack import Pack

BLUE, ORANGE = (0x56, 0xB4, 0xE9), (0xF5, 0x94, 0x3B)
FIGURES = ("html", "jekyll", "wordpress", "ghost")
HEAD = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A post</title>{head}</head>'
BODY = "<body><main><h1>A post</h1><p>Before.</p>\n{snippet}\n<p id=after>After.</p></main></body></html>"
#: Shows a clip from memory: the tests' server answers no range requests, so it could not be sought otherwise.
LOAD = """async (address) => {
  const blob = await (await fetch(address)).blob();
  document.body.innerHTML = '<video preload=auto muted></video>';
  const video = document.querySelector('video');
  video.src = URL.createObjectURL(blob);
  await new Promise(done => video.addEventListener('loadeddata', done));
}"""
#: Paints the video's frame at a place of the picture onto a canvas and reads that pixel.
PIXEL = """async (video, [time, x, y]) => {
  video.pause(); video.currentTime = time;
  await new Promise(done => video.addEventListener('seeked', done, {once: true}));
  await new Promise(done => video.requestVideoFrameCallback ? requestAnimationFrame(done) : done());
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  return [...context.getImageData(x * canvas.width, y * canvas.height, 1, 1).data];
}"""


@pytest.fixture(scope="module")
def site(pack: Pack, serve: Callable[..., str]) -> str:
    """The pack's folder with one page for each kind of snippet beside it."""
    for kind in (*FIGURES, "markdown"):
        snippet = pack.snippet(kind)
        if kind == "jekyll":
            assert "{{" not in snippet
        if kind == "markdown":
            snippet = MarkdownIt("commonmark").render(snippet)
        page = HEAD.format(head=pack.snippet("head")) + BODY.format(snippet=snippet)
        (pack.folder.parent / f"{kind}.html").write_text(page, encoding="utf-8")
    return serve(pack.folder.parent)


def top_of_the_rest(page: Page) -> float:
    return page.evaluate("document.getElementById('after').getBoundingClientRect().top")


def shifts(page: Page) -> float:
    """The sum of all layout shifts so far, as browsers count them; the player's own controls have no node."""
    return page.evaluate(
        """() => new Promise(done => {
             const sum = list => list.filter(each => each.sources.some(source => source.node))
               .reduce((total, each) => total + each.value, 0);
             new PerformanceObserver(list => done(sum(list.getEntries())))
               .observe({type: 'layout-shift', buffered: true});
             setTimeout(() => done(0), 150);
           })"""
    )


@pytest.mark.parametrize("kind", FIGURES)
def test_it_plays_with_captions_and_nothing_moves(kind: str, site: str, page: Page) -> None:
    page.route("**/*.{mp4,webm,webp}", lambda route: route.abort())  # before anything is loaded
    page.goto(f"{site}/{kind}.html")
    before = top_of_the_rest(page)
    page.unroute("**/*.{mp4,webm,webp}")
    page.reload()
    video = page.locator("video")
    video.evaluate("v => v.readyState >= 1 || new Promise(d => v.addEventListener('loadedmetadata', d))")
    assert top_of_the_rest(page) == before
    assert shifts(page) == 0
    assert video.evaluate("v => [v.videoWidth, v.videoHeight, v.muted, v.controls]") == [320, 180, True, True]
    page.wait_for_function("document.querySelector('video').currentTime > 0.2")  # it is in view: it plays
    cues = video.evaluate("v => v.textTracks[0].cues.length && [...v.textTracks[0].cues].map(c => c.text)")
    assert cues[1] == '"Orange" takes &lt;away&gt; &amp; {{ more }}.'
    assert video.evaluate("v => [v.textTracks[0].mode, v.textTracks[0].kind]") == ["showing", "captions"]
    assert page.locator("figcaption").inner_text().startswith('Two fields: "positive" & <negative>')
    page.locator("summary").click()
    assert '"Orange" takes <away> & {{ more }}.' in page.locator("details").inner_text()


def test_the_first_source_it_can_play_is_av1(site: str, page: Page) -> None:
    page.goto(f"{site}/html.html")
    chosen = page.locator("video").evaluate("v => v.currentSrc")
    assert chosen.endswith(".alpha.webm")
    page.evaluate("document.querySelector('source').remove(); document.querySelector('video').load()")
    page.wait_for_function("document.querySelector('video').currentSrc.endsWith('.av1.mp4')")


@pytest.mark.parametrize("kind", ["html", "markdown"])
def test_less_motion_is_respected(kind: str, site: str, browser: Browser) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{site}/{kind}.html", wait_until="load")
    if kind == "markdown":
        assert page.locator("img").evaluate("i => i.currentSrc").endswith(".poster.png")
    else:
        page.wait_for_timeout(400)
        assert page.locator("video").evaluate("v => [v.paused, v.currentTime, v.autoplay]") == [
            True,
            0,
            False,
        ]
        page.locator("video").evaluate("v => v.play()")  # the reader may still play it
        assert page.locator("video").evaluate("v => v.paused") is False
    context.close()


def test_what_the_reader_stops_stays_stopped(site: str, page: Page) -> None:
    page.goto(f"{site}/html.html")
    page.wait_for_function("document.querySelector('video').currentTime > 0.1")
    page.evaluate("document.querySelector('video').pause()")
    page.set_viewport_size({"width": 1100, "height": 100})
    page.evaluate("document.body.style.paddingTop = '2000px'")
    page.wait_for_timeout(200)
    page.evaluate("document.body.style.paddingTop = '0'")
    page.set_viewport_size({"width": 1100, "height": 900})
    page.wait_for_timeout(300)
    assert page.locator("video").evaluate("v => v.paused") is True


def test_markdown_keeps_its_place_and_links_to_the_clip(site: str, page: Page, pack: Pack) -> None:
    page.route("**/*.{webp,png}", lambda route: route.abort())
    page.goto(f"{site}/markdown.html")
    page.unroute("**/*.{webp,png}")
    page.reload()
    image = page.locator("img")
    assert image.evaluate("i => i.complete || new Promise(d => i.addEventListener('load', d))") is not None
    assert shifts(page) == 0
    assert image.get_attribute("alt") == pack.about["alt"]
    assert image.evaluate("i => i.naturalWidth") == int(image.get_attribute("width") or 0)
    assert page.locator("main a").get_attribute("href") == "Signs-180p10/Signs-180p10.mp4"


@pytest.mark.parametrize("kind", ["html", "markdown"])
def test_axe_finds_nothing_serious(kind: str, site: str, page: Page) -> None:
    page.goto(f"{site}/{kind}.html")
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("suffix", [".mp4", ".av1.mp4", ".webm", ".alpha.webm"])
def test_colours_come_out_as_the_scene_asked(suffix: str, site: str, page: Page, pack: Pack) -> None:
    page.goto(f"{site}/html.html")
    stem = pack.about["stem"]
    page.evaluate(LOAD, f"{stem}/{stem}{suffix}")
    video = page.locator("video")
    time = pack.about["cues"][1]["end"] - 0.15
    for color, x in ((BLUE, 92 / 320), (ORANGE, 228 / 320)):
        found = video.evaluate(PIXEL, [time, x, 0.5])
        # Chromium converts clips with transparency on the processor, where blue's factor is cut to 8 bits.
        limit = 6 if suffix == ".alpha.webm" else 3
        assert max(abs(a - b) for a, b in zip(found, color, strict=False)) <= limit, (found, color)
        assert found[3] == 255
    if suffix == ".alpha.webm":
        assert video.evaluate(PIXEL, [time, 0.98, 0.05])[3] == 0


def test_head_tags_are_read_back(site: str, page: Page, pack: Pack) -> None:
    page.goto(f"{site}/html.html")
    assert page.locator('meta[property="og:title"]').get_attribute("content") == "Blue & orange"
    data = page.evaluate("JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').text)")
    assert data["@type"] == "VideoObject"
    assert data["transcript"].endswith('"Orange" takes <away> & {{ more }}. Then nothing.')
    assert data["duration"] == f"PT{pack.about['seconds']:.1f}S"
