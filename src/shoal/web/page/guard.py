"""Who may ask at all: checked before anything of a request is read."""

from __future__ import annotations

import asyncio
import socket
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shoal.web.page import screens, words
from shoal.web.page.settings import Settings, address

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
ALWAYS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # without any, browsers send no Origin with a form
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
SMALL = 4 * 10**6  # bytes of a body that brings no table
METHODS = ("GET", "HEAD", "POST")
LONGEST_ADDRESS = 4_000


class Guard:
    """Host and Origin, methods, sizes and times; the same headers on every answer."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings
        self.names = {"localhost", settings.host.lower()}
        if not settings.is_loopback:
            self.names |= {socket.gethostname().lower(), socket.getfqdn().lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answered = _with_headers(send)
        refused = self._refused(scope, headers)
        if refused is not None:
            await self._answer(*refused, headers)(scope, receive, answered)
            return
        await self.app(scope, _bounded(receive, self._most(scope), self.settings), answered)

    def _answer(self, status: int, why: str, headers: Headers) -> Response:
        """In the look of the page for browsers; its style is not given to strange names."""
        if status == 421 or "text/html" not in headers.get("accept", ""):
            return PlainTextResponse(f"{why}\n", status)
        return screens.refusal(status, why, words.SMALLER if status == 413 else "")

    def _refused(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """The status of what is not heard, and why."""
        host, method = headers.get("host", ""), scope["method"]
        if method not in METHODS:
            return 405, "This page knows GET and POST."
        if not self._is_own(host):
            return (
                421,
                "This is not an address of the page. Use the one that shoal app has printed.",
            )
        if len(scope["path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            return 414, "This address is too long."
        if _is_foreign(headers, host, post=method == "POST"):
            return 403, "Another site asked for this. Open the page itself."
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdecimal():
            return 400, "The length of what was sent is no number."
        if int(length) > self._most(scope):
            return 413, words.too_large(self._most(scope) - SMALL)
        return None

    def _most(self, scope: Scope) -> int:
        """The bytes that a body may have at this address."""
        takes_files = scope["path"] == "/start" or scope["path"].endswith("/earlier")
        return self.settings.max_upload + SMALL if takes_files else SMALL

    def _is_own(self, host: str) -> bool:
        """Whether the page goes by this name.

        A name of somebody else's that leads to this machine (DNS rebinding) is refused; an
        address in numbers cannot be made to.
        """
        name = _name_of(host)
        if name in self.names:
            return True
        number = address(name)
        return number is not None and (number.is_loopback or not self.settings.is_loopback)


def _name_of(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_foreign(headers: Headers, host: str, *, post: bool) -> bool:
    """Whether another site has made the browser ask.

    A proxy in front tells the name that people use; a page of another site cannot set it.
    """
    site = headers.get("sec-fetch-site", "none")
    if not post:
        return site == "cross-site" and headers.get("sec-fetch-mode") != "navigate"
    origin = headers.get("origin")
    if origin is None:
        return site not in ("none", "same-origin")
    return urlsplit(origin).netloc not in {host, headers.get("x-forwarded-host", host)} - {""}


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in ALWAYS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return sent


def _bounded(receive: Receive, most: int, settings: Settings) -> Receive:
    """A body that ends with 413 beyond so many bytes, with 408 when it comes too slowly."""
    begun, met, over = time.monotonic(), 0, False

    async def heard() -> Message:
        nonlocal met, over
        if over:  # the body is read: what still comes is the end of the connection
            return await receive()
        left = min(settings.silence, begun + settings.body_time - time.monotonic())
        try:
            message = await asyncio.wait_for(receive(), max(left, 0.0))
        except TimeoutError:
            raise HTTPException(408, "What was sent came too slowly.") from None
        met += len(message.get("body", b""))
        over = not message.get("more_body", False)
        if met > most:
            raise HTTPException(413, "This is larger than the page takes.")
        return message

    return heard
