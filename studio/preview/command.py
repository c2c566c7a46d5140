"""`preview SCENE`: a free port, a token, the server, the watcher, and an orderly end."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from nncore.errors import BadInput
from studio.commands import check_folder, drawn_alone
from studio.files import workspace
from studio.preview.server import make_app
from studio.preview.session import Session
from studio.preview.watch import changes, places_of

HOST = "127.0.0.1"
#: The port that is tried first, so that a page left open finds the next preview's address familiar.
PORT = 8642
_TOKEN_BYTES = 18
_SERVED: dict[str, Any] = {
    "http": "h11",
    "ws": "none",
    "lifespan": "off",
    "access_log": False,
    "log_level": "warning",
    "server_header": False,
    "proxy_headers": False,
    "timeout_keep_alive": 20,
    "timeout_graceful_shutdown": 2,
}


def preview(
    scene: str,
    *,
    port: int | None,
    opens: bool,
    watches: bool,
    output: Path,
    recordings: Sequence[Path] = (),
    say: Callable[[str], Any] = print,
    **look: Any,
) -> None:
    """Shows a scene in the browser until it is interrupted.

    Raises: BadInput if the wanted port is taken; KeyboardInterrupt at Ctrl-C.
    """
    listening = listen(port)
    try:
        request = drawn_alone(scene, recordings, **look)
        with workspace() as folder:
            session = Session(request, folder, check_folder(output), recordings)
            asyncio.run(_serve(session, listening, opens=opens, watches=watches, say=say))
    finally:
        listening.close()


def listen(port: int | None) -> socket.socket:
    """A listening socket on this machine's own address: the wanted port, the usual one or a free one.

    Raises: BadInput if a port was wanted and is taken.
    """
    for each in (port,) if port is not None else (PORT, 0):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if sys.platform != "win32":  # there it would let two programs share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, each))
            listening.listen(256)
        except OSError as error:
            listening.close()
            if each == port or each == 0:
                raise BadInput(
                    f"port {each} cannot be had: {error.strerror}. Leave --port out to get a free one."
                ) from error
            continue
        return listening
    raise AssertionError("unreachable")


class _Server(uvicorn.Server):
    """Ends the event streams as soon as it is asked to end, for it waits for open connections."""

    closing: asyncio.Event

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.closing.set()
        super().handle_exit(sig, frame)


async def _serve(
    session: Session, listening: socket.socket, *, opens: bool, watches: bool, say: Callable[[str], Any]
) -> None:
    token = os.urandom(_TOKEN_BYTES).hex()
    port = listening.getsockname()[1]
    closing = asyncio.Event()
    server = _Server(uvicorn.Config(make_app(session, token, port, closing), **_SERVED))
    server.closing = closing
    session.watching = watches
    background = [asyncio.create_task(session.open())]
    if watches:
        background.append(asyncio.create_task(watch(session, closing)))
    address = f"http://{HOST}:{port}/{token}/"
    say(f"{session.ref.name}: {address}")
    say("Ctrl-C ends the preview.")
    if opens:
        background.append(asyncio.create_task(asyncio.to_thread(_open, address)))
    try:
        await server.serve(sockets=[listening])
    finally:
        closing.set()
        session.moved.set()
        await session.close()
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)


def _open(address: str) -> None:
    webbrowser.open(address)


async def watch(session: Session, stop: asyncio.Event) -> None:
    """Draws anew whenever a file was saved that the picture may be made from."""
    while not stop.is_set():
        session.moved.clear()
        async for _ in changes(places_of(session.ref, session.request.recordings), session.moved):
            session.refresh()
