"""The application: every address with what answers it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shoal.web.page import actions, explore, screens, words
from shoal.web.page.child import WorkError
from shoal.web.page.folders import root_folder
from shoal.web.page.guard import Guard
from shoal.web.page.settings import Settings
from shoal.web.page.visits import Visits
from shoal.web.page.works import Sessions

TIDY = 20.0  # seconds

SAID = {
    400: "This was not understood.",
    403: "This was not asked by the page itself.",
    404: "There is nothing here.",
    405: "This cannot be done here.",
    408: "What was sent came too slowly.",
    413: "This is larger than the page takes.",
}


def make_app(settings: Settings) -> Starlette:
    """The page as an ASGI application; its sessions live as long as it does."""
    w = "/w/{work}"
    return Starlette(
        routes=[
            Route("/", screens.start),
            Route("/start", actions.start, methods=["POST"]),
            Route("/static/{name}", screens.static),
            Route(f"{w}/progress", screens.progress),
            Route(f"{w}/events", screens.events),
            Route(f"{w}/trouble", screens.trouble),
            Route(f"{w}/columns", screens.columns),
            Route(f"{w}/columns", actions.columns, methods=["POST"]),
            Route(f"{w}/columns.toml", screens.columns_file),
            Route(f"{w}/segments", explore.segments),
            Route(f"{w}/segments/{{number:int}}", explore.segment),
            Route(f"{w}/segments/{{number:int}}", actions.change, methods=["POST"]),
            Route(f"{w}/compare", explore.compare),
            Route(f"{w}/customer", explore.customer),
            Route(f"{w}/k", explore.numbers),
            Route(f"{w}/k", actions.number, methods=["POST"]),
            Route(f"{w}/k/keep", actions.keep, methods=["POST"]),
            Route(f"{w}/earlier", explore.earlier),
            Route(f"{w}/earlier", actions.earlier, methods=["POST"]),
            Route(f"{w}/picture/{{name}}.png", explore.picture),
            Route(f"{w}/take", explore.take),
            Route(f"{w}/take/{{name}}", explore.download),
            Route(f"{w}/stop", actions.stop, methods=["POST"]),
            Route(f"{w}/again", actions.again, methods=["POST"]),
            Route(f"{w}/forget", actions.forget, methods=["POST"]),
        ],
        middleware=[Middleware(Guard, settings=settings)],
        exception_handlers={HTTPException: _refused, WorkError: _wrong, OSError: _no_room},
        lifespan=lambda app: _living(app, settings),
    )


@asynccontextmanager
async def _living(app: Starlette, settings: Settings) -> AsyncIterator[None]:
    with root_folder() as root:
        sessions = Sessions(settings, Path(root))
        app.state.visits = Visits(settings, sessions, secrets.token_bytes(32))
        tidying = asyncio.create_task(_tidy(sessions))
        try:
            yield
        finally:
            tidying.cancel()
            await sessions.close()


async def _tidy(sessions: Sessions) -> None:
    while True:
        await asyncio.sleep(TIDY)
        with suppress(OSError):
            await sessions.tidy()


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    said = SAID.get(error.status_code, "This cannot be done.")
    message = said if error.detail == phrase else error.detail
    lost = error.status_code == 404 and "work" in request.path_params
    hint = words.LOST if lost else ""
    return screens.message(request, error.status_code, message, error.headers, hint=hint)


async def _wrong(request: Request, error: Exception) -> Response:
    assert isinstance(error, WorkError)
    return screens.message(request, 500 if error.fault else 422, error.message, hint=error.hint)


async def _no_room(request: Request, error: Exception) -> Response:
    assert isinstance(error, OSError)
    said, hint = words.no_room(error)
    return screens.message(request, 507, said, hint=hint)
