"""The preview's server: its own page and files and nothing else, for its own browser and nobody else."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import PORT, TOKEN
from starlette.testclient import TestClient

from nncore.errors import BadInput
from studio.preview.command import listen, preview
from studio.preview.guard import Guard
from studio.preview.server import LISTENERS, PAGE, make_app
from studio.preview.session import Session

HOME = f"/{TOKEN}/"


@pytest.fixture
def clip(session: Session) -> bytes:
    """A file the session knows."""
    data = bytes(range(256)) * 40
    path = session.shelf.next("clip", ".mp4")
    path.write_bytes(data)
    session.shelf.put(path)
    return data


def test_the_page_and_all_it_names_are_served_from_here(client: TestClient) -> None:
    page = client.get(HOME)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    for path in PAGE.iterdir():
        assert client.get(HOME + path.name).status_code == 200
    for name in ("regular.ttf", "bold.ttf"):
        assert client.get(HOME + name).headers["content-type"] == "font/ttf"
    text = "".join(path.read_text(encoding="utf-8") for path in PAGE.iterdir())
    assert "https://" not in text
    assert text.count("http://") == text.count("http://www.w3.org/2000/svg")


def test_a_page_may_load_from_here_alone(client: TestClient) -> None:
    for address in (HOME, HOME + "app.js", "/elsewhere"):
        headers = client.get(address).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", ""])
def test_another_name_for_this_machine_is_refused(client: TestClient, host: str) -> None:
    assert client.get(HOME, headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"https://127.0.0.1:{PORT}"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_page_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get(HOME, headers=headers).status_code == 403
    assert client.post(HOME + "look", json={"theme": "light"}, headers=headers).status_code == 403


def test_its_own_page_is_answered(client: TestClient, session: Session) -> None:
    for host in ("127.0.0.1", "localhost"):
        headers = {
            "host": f"{host}:{PORT}",
            "origin": f"http://{host}:{PORT}",
            "sec-fetch-site": "same-origin",
        }
        assert client.post(HOME + "marker", json={"beat": None}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "token", ["", "x", TOKEN[:-1], TOKEN + "0", TOKEN.upper(), "ü", "%00", "..", "state"]
)
@pytest.mark.parametrize("rest", ["", "/", "/state", "/app.js", "/events"])
def test_without_the_token_there_is_nothing(client: TestClient, token: str, rest: str) -> None:
    answer = client.get(f"/{token}{rest}")
    assert answer.status_code == 404
    assert "Slides" not in answer.text


def test_the_token_is_compared_in_constant_time() -> None:
    assert "compare_digest" in Guard._refusal.__code__.co_names


@pytest.mark.parametrize(
    "name",
    [
        "../server.py", "..%2fserver.py", "..%5cserver.py", "%2e%2e/%2e%2e/session.py", "/etc/passwd",
        "//etc/passwd", "files/../../app.js", "files/..%2f..%2fserver.py", "files/%2fetc%2fpasswd", "files/",
        "files/clip-2.mp4", "nothing.js", "__init__.py", "a" * 5000, "%00", "files/%00", "app.js%00",
    ],
)  # fmt: skip
def test_no_other_file_is_served(client: TestClient, clip: bytes, name: str) -> None:
    answer = client.get(HOME + name)
    assert answer.status_code in (404, 405)
    assert "root:" not in answer.text
    assert "def " not in answer.text


def test_a_part_of_a_clip(client: TestClient, clip: bytes) -> None:
    address = HOME + "files/clip-1.mp4"
    whole = client.get(address)
    assert whole.content == clip
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-type"] == "video/mp4"
    part = client.get(address, headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, clip[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(clip)}"
    assert client.get(address, headers={"range": "bytes=-10"}).content == clip[-10:]
    assert client.get(address, headers={"range": f"bytes=0-{10**30}"}).content == clip


RANGES = st.one_of(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60),
    st.builds("bytes={}-{}".format, st.integers(0, 10**40), st.integers(-(10**40), 10**40)),
    st.lists(st.tuples(st.integers(0, 12000), st.integers(0, 12000)), max_size=300).map(
        lambda pairs: "bytes=" + ",".join(f"{a}-{b}" for a, b in pairs)
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=RANGES)
def test_no_range_breaks_it_or_sends_more_than_there_is(client: TestClient, clip: bytes, value: str) -> None:
    answer = client.get(HOME + "files/clip-1.mp4", headers={"range": value})
    assert answer.status_code in (200, 206, 400, 416)
    assert len(answer.content) < 4 * len(clip)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"1", b"\xff\xfe", b'{"beat": 5}', b'{"beat": "slide", "frame": -1}', b"[" * 60_000,
     b'{"beat": "slide", "frame": 1e999}', b'{"theme": "pink"}', b'{"params": {"size": 9}}',
     b'{"params": []}', b'{"recordings": {"tiny": "/etc"}}', b'{"scene": "Other"}',
     b'"' + b"x" * 100_000 + b'"'],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_answered_so(
    client: TestClient, session: Session, body: bytes
) -> None:
    before = session.request
    for name in ("at", "look"):
        answer = client.post(HOME + name, content=body)
        if not (name == "at" and body in (b'{"beat": "slide", "frame": 0}',)):
            assert answer.status_code == 400
            assert answer.json()["error"]
    assert session.request == before


def test_what_can_be_chosen(client: TestClient) -> None:
    state = client.get(HOME + "state").json()
    choices = state["choices"]
    assert choices["aspects"] == ["16:9", "1:1", "4:5", "9:16"]
    assert choices["params"] == [
        {"name": "size", "type": "int", "default": 2, "min": 1, "max": 3, "value": 2}
    ]
    assert choices["recordings"][0]["recipe"] == "tiny"


def test_the_marker_holds_what_differs_from_the_default(client: TestClient, session: Session) -> None:
    name = session.request.scene
    assert client.post(HOME + "marker", json={"beat": None}).json() == {"marker": f"<!-- nnreel: {name} -->"}
    session.request = session.request.__class__(
        **{**vars(session.request), "aspect": "1:1", "theme": "light", "params": (("size", "3"),)}
    )
    marker = client.post(HOME + "marker", json={"beat": "edge"}).json()["marker"]
    assert marker == f"<!-- nnreel: {name}:edge aspect=1:1 theme=light size=3 -->"


# -- over a real connection ---------------------------------------------------------------------------------


class Quiet(uvicorn.Server):
    """A server on a thread, which gets no signals."""

    def install_signal_handlers(self) -> None:
        """None."""


@pytest.fixture
def served(session: Session) -> Iterator[int]:
    """The session's server on a real port."""
    listening = listen(None)
    port = listening.getsockname()[1]
    closing = asyncio.Event()
    app = make_app(session, TOKEN, port, closing)
    server = Quiet(
        uvicorn.Config(app, lifespan="off", ws="none", log_level="critical", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield port
    server.should_exit = True
    thread.join(20)
    listening.close()
    assert not thread.is_alive()


def get(port: int, path: str, connection: socket.socket) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
    connection.sendall(head.encode())


def test_a_hundred_connections_at_a_time(served: int) -> None:
    with ExitStack() as stack:
        many = [stack.enter_context(socket.create_connection(("127.0.0.1", served), 10)) for _ in range(100)]
        for connection in many:
            get(served, f"{HOME}events", connection)
        answers = [connection.recv(12).decode() for connection in many]
        assert sorted(answers) == ["HTTP/1.1 200"] * LISTENERS + ["HTTP/1.1 503"] * (100 - LISTENERS)
        with socket.create_connection(("127.0.0.1", served), 10) as one:
            get(served, f"{HOME}state", one)
            assert one.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize(
    "sent",
    [b"\0\xff" * 500, b"GET /" + b"a" * 200_000, b"GET / HTTP/9.9\r\n\r\n",
     b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
     b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n"],
)  # fmt: skip
def test_noise_is_refused_and_the_next_is_served(served: int, sent: bytes) -> None:
    answer = b""
    with socket.create_connection(("127.0.0.1", served), 10) as noisy, suppress(OSError):  # it may hang up
        noisy.sendall(sent)
        noisy.shutdown(socket.SHUT_WR)
        answer = noisy.recv(64)
    assert b" 200 " not in answer
    with socket.create_connection(("127.0.0.1", served), 10) as plain:
        get(served, HOME + "state", plain)
        assert plain.recv(12) == b"HTTP/1.1 200"


def test_the_stream_says_what_changed(served: int, session: Session) -> None:
    with socket.create_connection(("127.0.0.1", served), 10) as listening, listening.makefile("rb") as stream:
        get(served, f"{HOME}events", listening)
        assert json.loads(next(line for line in stream if line.startswith(b"data:"))[5:])["failure"] is None
        session._failure = {"title": "no"}
        session.tell()
        assert (
            json.loads(next(line for line in stream if line.startswith(b"data:"))[5:])["failure"]["title"]
            == "no"
        )


def test_it_listens_on_this_machine_alone() -> None:
    with listen(None) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


def test_a_taken_port_is_another_port_unless_it_was_asked_for() -> None:
    with listen(None) as first:
        port = first.getsockname()[1]
        with pytest.raises(BadInput, match=f"port {port} cannot be had") as wrong:
            listen(port)
        assert wrong.value.exit_code == 2
        assert "\n" not in str(wrong.value)
        with listen(None) as second:
            assert second.getsockname()[1] != port


def test_an_unknown_scene_is_said_before_anything_is_opened(tmp_path: Path) -> None:
    said: list[str] = []
    with pytest.raises(BadInput, match="ForwardPass"):
        preview("ForwardPas", port=None, opens=False, watches=False, output=tmp_path, say=said.append)
    assert said == []


def test_every_page_file_is_packed_with_the_project() -> None:
    assert {path.suffix for path in Path(PAGE).iterdir()} == {".html", ".css", ".js", ".svg"}
