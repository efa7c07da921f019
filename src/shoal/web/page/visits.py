"""Whose request it is, and what of it may be believed."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shoal.web.page.settings import Settings
from shoal.web.page.works import Session, Sessions, Work

ID = re.compile(r"[A-Za-z0-9_-]{43}")
MOST_FIELDS = 1_000


def work_of(request: Request) -> Work:
    """The table that an address names. Raises HTTPException where it is not this session's."""
    visits: Visits = request.app.state.visits
    return visits.work(request)[1]


@dataclass(frozen=True)
class Visits:
    """Cookies and tokens of one run of the server."""

    settings: Settings
    sessions: Sessions
    key: bytes

    def id_of(self, request: Request) -> str | None:
        """The session that a browser says it is; None where it says nothing that could be one."""
        said = request.cookies.get(self.settings.cookie, "")
        return said if ID.fullmatch(said) else None

    def token(self, id: str) -> str:
        """What a form of this session must bring; nobody else can make it."""
        return hmac.new(self.key, id.encode(), hashlib.sha256).hexdigest()

    def greet(self, request: Request) -> str:
        """The session of a visitor; a new one, with nothing in it, where there is none."""
        return self.id_of(request) or secrets.token_urlsafe(32)

    def give(self, request: Request, response: Response, id: str) -> None:
        """Let the browser keep its session; no script and no other site can read it."""
        response.set_cookie(
            self.settings.cookie,
            id,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )

    async def form(self, request: Request) -> tuple[str, FormData]:
        """The session, and what it sends. Raises HTTPException where the token is not its own."""
        id = self.id_of(request)
        if id is None:
            raise HTTPException(404)
        form = await request.form(max_files=1, max_fields=MOST_FIELDS)
        given = form.get("token")
        right = isinstance(given, str) and hmac.compare_digest(
            given.encode(), self.token(id).encode()
        )
        if not right:
            raise HTTPException(403, "This form is not of your session. Load the page again.")
        return id, form

    def work(self, request: Request) -> tuple[Session, Work]:
        """A session and its table that an address names. Raises HTTPException for another's."""
        session = self.sessions.get(self.id_of(request))
        work = session.works.get(request.path_params["work"]) if session else None
        if session is None or work is None:
            raise HTTPException(404)
        return session, work
