"""The preview's web server: the page, the files it shows, its questions, and a stream of what changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from nncore.errors import BadInput, NNReelError
from studio.keys import FONT_PACKAGE
from studio.preview.guard import Guard
from studio.preview.session import Session

PAGE = Path(__file__).parent / "page"
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}
#: The page is set in the clips' own font.
FONTS = {"regular.ttf": "SourceSansPro-Regular.ttf", "bold.ttf": "SourceSansPro-Semibold.ttf"}
#: Pages that may listen at a time; each is an open connection.
LISTENERS = 48
_BODY = 65_536
#: Units: seconds between two messages to a page at least, and at most.
_OFTEN, _SELDOM = 0.06, 15.0


def make_app(session: Session, token: str, port: int, closing: asyncio.Event | None = None) -> Starlette:
    """The application for one session; `closing` ends the streams."""
    closing = closing or asyncio.Event()
    fonts = Path(str(files(FONT_PACKAGE))) / "files"
    pages = {path.name: path for path in PAGE.iterdir() if path.suffix in TYPES}
    pages |= {name: fonts / file for name, file in FONTS.items()}

    async def page(request: Request) -> Response:
        path = pages.get(request.path_params.get("name") or "index.html")
        if path is None:
            return _nothing()
        return FileResponse(path, media_type=TYPES[path.suffix])

    async def file(request: Request) -> Response:
        path = session.shelf.files.get(request.path_params["name"])
        return FileResponse(path) if path is not None and path.is_file() else _nothing()

    async def state(request: Request) -> Response:
        return JSONResponse(session.state())

    async def events(request: Request) -> Response:
        if len(session.listeners) >= LISTENERS:
            return PlainTextResponse("Too many pages are open.\n", 503)
        return _Stream(session, closing)

    routes = [
        Route(f"/{token}/", page),
        Route(f"/{token}/events", events),
        Route(f"/{token}/state", state),
        Route(f"/{token}/files/{{name}}", file),
        *(Route(f"/{token}/{name}", _asked(ask, session), methods=["POST"]) for name, ask in ASKS.items()),
        Route(f"/{token}/{{name}}", page),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, token=token, port=port)])


def _nothing() -> Response:
    return PlainTextResponse("There is nothing here.\n", 404)


class _Stream(StreamingResponse):
    """The state, again whenever it changed, as server-sent events; it is a listener while it is sent."""

    def __init__(self, session: Session, closing: asyncio.Event) -> None:
        self.session, self.changed = session, asyncio.Event()
        super().__init__(_states(session, self.changed, closing), media_type="text/event-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.session.listeners.add(self.changed)
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.session.listeners.discard(self.changed)


async def _states(session: Session, changed: asyncio.Event, closing: asyncio.Event) -> AsyncIterator[str]:
    closed = asyncio.create_task(closing.wait())
    try:
        changed.set()
        while not closing.is_set():
            if changed.is_set():
                changed.clear()
                yield f"data: {json.dumps(session.state(), ensure_ascii=False)}\n\n"
            else:
                yield ": still here\n\n"
            waiting = asyncio.create_task(changed.wait())
            await asyncio.wait((waiting, closed), timeout=_SELDOM, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            await asyncio.sleep(_OFTEN)
    finally:
        closed.cancel()


# -- what the page asks -------------------------------------------------------------------------------------


async def _look(session: Session, asked: dict[str, Any]) -> Any:
    session.look(asked)


async def _at(session: Session, asked: dict[str, Any]) -> Any:
    session.at(*_place(asked))


async def _still(session: Session, asked: dict[str, Any]) -> Any:
    return await session.errands.save_still(*_place(asked))


async def _marker(session: Session, asked: dict[str, Any]) -> Any:
    return {"marker": session.errands.marker(_beat_or_none(asked))}


async def _embed(session: Session, asked: dict[str, Any]) -> Any:
    return await session.errands.embed(_beat_or_none(asked))


Ask = Callable[[Session, dict[str, Any]], Awaitable[Any]]
ASKS: dict[str, Ask] = {"look": _look, "at": _at, "still": _still, "marker": _marker, "embed": _embed}


def _place(asked: dict[str, Any]) -> tuple[str, int]:
    beat, frame = asked.get("beat"), asked.get("frame")
    if not isinstance(beat, str) or not isinstance(frame, int) or not 0 <= frame < 10**6:
        raise BadInput("a place is a beat and a frame in it.")
    return beat, frame


def _beat_or_none(asked: dict[str, Any]) -> str | None:
    beat = asked.get("beat")
    if beat is not None and not isinstance(beat, str):
        raise BadInput("a beat is named by a word.")
    return beat


def _asked(ask: Ask, session: Session) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            asked = json.loads(await _body(request))
            if not isinstance(asked, dict):
                raise BadInput("a question is a JSON object.")
            return JSONResponse(await ask(session, asked) or {})
        except NNReelError as error:
            return JSONResponse({"error": str(error)}, 400)
        except (ValueError, RecursionError):
            return JSONResponse({"error": "the question is not JSON."}, 400)

    return answer


async def _body(request: Request) -> bytes:
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > _BODY:
            raise BadInput("the question is too long.")
    return data
