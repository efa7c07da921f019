"""What stands before every route: who asks, how much, how long; and what is noted of it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Iterable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shoal.web.service.logs import fault, log
from shoal.web.service.metrics import Metrics
from shoal.web.service.options import Service
from shoal.web.service.problems import ProblemError

OPEN = frozenset({"/healthz", "/readyz"})  # they tell no secret, and probes have no token
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
MOST_AT_ONCE = 512  # requests
BODIES = 4  # bodies of the largest size that may be in memory at once
HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


class Seen:
    """One request on its way: what is read of it, and what was answered."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        self.id = secrets.token_hex(16)
        self.began = time.perf_counter()
        self.bytes, self.whole = 0, False  # of the body, as far as it came
        self.status = 0
        self.noted: dict[str, Any] = {}  # what the log is told beside it
        scope["seen"] = self  # for the routes

    @property
    def path(self) -> str:
        """Where it goes."""
        return str(self.scope["path"])


class Guard:
    """Lets a request through to the service, or answers with a problem."""

    def __init__(self, app: ASGIApp, service: Service, metrics: Metrics, routes: Iterable[str]):
        """`routes` are the paths that there are."""
        self._app, self._service, self._metrics = app, service, metrics
        self._routes = frozenset(routes)
        self._tokens = [_digest(token.encode()) for token in service.tokens]
        self._hosts = service.allow_host | (
            LOOPBACK | {service.host} if service.is_loopback else set()
        )
        self._under_way, self._held = 0, 0
        self.stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Seen(scope)
        self._under_way += 1
        self._metrics.under_way.set(self._under_way)
        try:
            await self._answer(request, receive, self._noting(request, send))
        finally:
            self._under_way -= 1
            self._held -= request.bytes
            self._metrics.under_way.set(self._under_way)
            self._note(request)

    async def _answer(self, request: Seen, receive: Receive, send: Send) -> None:
        try:
            self._check(request)
            async with asyncio.timeout(self._service.seconds):
                await self._app(request.scope, self._bounded(request, receive), send)
            return
        except ProblemError as problem:
            answer = problem
        except TimeoutError:
            answer = self._too_late(request)
        except Exception as error:
            log("fault", logging.ERROR, request=request.id, **fault(error))
            answer = ProblemError("fault", f"The log tells where, under {request.id}.")
        if not request.status:
            await answer.response()(request.scope, receive, send)
        request.noted["problem"] = answer.code

    def _check(self, request: Seen) -> None:
        """Raise ProblemError unless whoever asks may, in this way."""
        if self._under_way > MOST_AT_ONCE:
            raise _busy(f"There are {MOST_AT_ONCE} requests under way.")
        if request.path in OPEN:
            return
        self._check_host(request)
        self._check_token(request)
        if request.scope["query_string"]:
            raise ProblemError("parameters", "No address of this service takes parameters (?…).")
        length = request.headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._service.most_bytes:
            raise self._too_large()

    def _check_host(self, request: Seen) -> None:
        host = request.headers.get(b"host", b"").decode("latin-1").lower()
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if self._hosts and name not in self._hosts:
            raise ProblemError(
                "foreign-host",
                "This service answers under other names. Whoever runs it can allow this one with "
                "--allow-host.",
            )

    def _check_token(self, request: Seen) -> None:
        """Every token is compared, each in constant time."""
        if not self._tokens:
            return
        scheme, _, token = request.headers.get(b"authorization", b"").partition(b" ")
        sent = _digest(token.strip())
        same = [hmac.compare_digest(sent, known) for known in self._tokens]
        if scheme.lower() != b"bearer" or not any(same):
            told = "Send a header: Authorization: Bearer TOKEN. A token in the address is not read."
            raise ProblemError(
                "no-token", told, headers={"WWW-Authenticate": 'Bearer realm="shoal"'}
            )
        request.noted["token"] = sent.hex()[:8]

    def _bounded(self, request: Seen, receive: Receive) -> Receive:
        """What receives the body, as long as it is not too large."""

        async def bounded() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                size = len(message.get("body", b""))
                request.bytes += size
                self._held += size
                request.whole = not message.get("more_body", False)
                if request.bytes > self._service.most_bytes:
                    raise self._too_large()
                if self._held > BODIES * self._service.most_bytes:
                    raise _busy("The bodies of requests take all the memory that they may.")
            return message

        return bounded

    def _noting(self, request: Seen, send: Send) -> Send:
        """What sends the answer, with the headers that all have."""

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
                own = [*HEADERS, (b"x-request-id", request.id.encode())]
                if self.stopping:
                    own.append((b"connection", b"close"))
                message["headers"] = [*message["headers"], *own]
            await send(message)

        return noting

    def _note(self, request: Seen) -> None:
        seconds = time.perf_counter() - request.began
        route = request.path if request.path in self._routes else "other"
        self._metrics.answered(route, request.status, seconds)
        log(
            "request",
            request=request.id,
            method=request.scope["method"] if request.status != 405 else "other",
            route=route,
            status=request.status,
            milliseconds=round(1000 * seconds, 2),
            bytes=request.bytes,
            **request.noted,
        )

    def _too_large(self) -> ProblemError:
        most = self._service.max_megabytes
        return ProblemError("too-large", f"A body may have {most:,} MB. Send customers in several.")

    def _too_late(self, request: Seen) -> ProblemError:
        limit = f"{self._service.seconds:g} seconds"
        if not request.whole:
            return ProblemError("too-slow", f"The body was not here within {limit}.")
        told = f"There was no answer within {limit}. Send fewer customers at once."
        return ProblemError("too-long", told, headers={"Retry-After": "1"})


def _busy(told: str) -> ProblemError:
    return ProblemError("busy", f"{told} Try again in a moment.", headers={"Retry-After": "1"})


def _digest(token: bytes) -> bytes:
    """Of one length whatever was sent, so that comparing tells nothing."""
    return hashlib.sha256(token).digest()
