"""A real Chromium for every test that needs one: fixtures `browser` (one for each file) and `page`.

Without Chromium these tests fail: what a reader's browser does cannot be shown by skipping it.
"""

import functools
import http.server
import importlib.util
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

SETUP = Path(__file__).resolve().parents[1] / ".setup" / "machine.py"
#: Chromium runs as root in CI (no sandbox), talks to no one but the page's own server, and turns video into
#: colours as a graphics card does (its short cut for machines without one is off by up to 6 levels).
FLAGS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)


def chromium_path() -> str:
    """Where the browser is."""
    spec = importlib.util.spec_from_file_location("machine", SETUP)
    assert spec is not None
    assert spec.loader is not None
    machine = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(machine)
    found = machine.find_browser()
    if found is None:
        pytest.fail(
            "this test needs Chromium, and there is none: `./run test` installs it "
            "(by hand on Debian: apt-get install chromium).",
            pytrace=False,
        )
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One headless Chromium for a file of tests: while Playwright runs, nothing else may use asyncio."""
    path = chromium_path()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh profile, as wide as a desk's; what it logs as an error fails the test."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert wrong == []


class _Files(http.server.SimpleHTTPRequestHandler):
    """A folder over HTTP, without a log; enough for pages and short clips."""

    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".vtt": "text/vtt"}

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that turns away in the middle of a clip is no error."""


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Serves a folder on the loopback address and gives its address."""
    with ExitStack() as stack:

        def start(folder: Path) -> str:
            handler = functools.partial(_Files, directory=str(folder))
            server = stack.enter_context(_Server(("127.0.0.1", 0), handler))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield start
