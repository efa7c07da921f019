"""The process: sockets, signals, and an end that loses no request."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import math
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import HANDLED_SIGNALS

from shoal import OptionError
from shoal.web.service.app import App
from shoal.web.service.logs import log, to_standard_error
from shoal.web.service.options import Service, checked

KEEP = 75  # seconds that a connection may wait for its next request; proxies wait less
BACKLOG = 2048
GRACE = 1.0  # seconds that a connection may take to send its first request, at the end


class Protocol(H11Protocol):
    """Connections that must say what they want within a time."""

    patience = 30.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._due: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connected: answers are sent at once, not when the last one was acknowledged."""
        known = transport.get_extra_info("socket")
        known.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Some bytes came; the clock goes on until a head is whole."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._wait_for_head()
        else:
            self._due = None

    def _wait_for_head(self) -> None:
        if self._due is None:
            self._due = self.loop.time() + self.patience
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_at(self._due, self.timeout_keep_alive_handler)


class Server(uvicorn.Server):
    """Stops in two steps: first it lets connections go, then it takes no more."""

    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app, self._end = app, math.inf
        self._is_told = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say where."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # what is loaded stays: it need not be looked through again and again
        gc.set_threshold(100_000, 50, 50)  # a batch makes hundreds of thousands, and no circles
        for each in sockets or ():
            host, port = each.getsockname()[:2]
            log("listening", address=f"http://{f'[{host}]' if ':' in host else host}:{port}")

    async def on_tick(self, counter: int) -> bool:
        """Whether it is time to take no more connections."""
        self._tell_of_stopping()
        self.should_exit |= time.monotonic() >= self._end
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and answer whoever has one."""
        for listening, server in zip(sockets or (), self.servers, strict=True):
            waiting = _taken(listening)
            server.close()
            for each in waiting:
                await self._connect(each)
        until = time.monotonic() + GRACE
        while any(each.cycle is None for each in self._connections) and time.monotonic() < until:
            await asyncio.sleep(0.01)  # a request is on its way
        await super().shutdown(sockets)

    @property
    def _connections(self) -> set[Any]:
        return {*self.server_state.connections}

    async def _connect(self, accepted: socket.socket) -> None:
        def protocol() -> asyncio.Protocol:
            make: Any = self.config.http_protocol_class
            state = {"server_state": self.server_state, "app_state": self.lifespan.state}
            return make(config=self.config, **state)  # type: ignore[no-any-return]

        await asyncio.get_running_loop().connect_accepted_socket(protocol, accepted)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear of SIGTERM and Ctrl-C, and leave them to whoever heard of them before."""
        before = {each: signal.signal(each, self.handle_exit) for each in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Begin to stop: at SIGTERM in a while, at Ctrl-C now, at a second one without waiting."""
        if self._app.guard.stopping:
            self.should_exit, self.force_exit = True, sig == signal.SIGINT
            return
        self._app.guard.stopping = True
        self._end = time.monotonic() + (self._app.service.drain if sig == signal.SIGTERM else 0)

    def _tell_of_stopping(self) -> None:
        """Log it once; not while the signal is handled, which may come amid another line."""
        if self._app.guard.stopping and not self._is_told:
            self._is_told = True
            log("stopping")


def _taken(listening: socket.socket) -> list[socket.socket]:
    """Those who connected and whom nobody saw yet; they would be lost with the socket."""
    listening.listen(0)  # who comes from now on is not let in by the system, but tries again
    taken = []
    with contextlib.suppress(BlockingIOError):
        while True:
            taken.append(listening.accept()[0])
    return taken


def run_service(
    model: Path,
    token_file: Path | None = None,
    *,
    quiet: bool = False,
    verbose: bool = False,
    **options: Any,
) -> None:
    """Answer until a signal says to stop; `options` are those of `Service`.

    `quiet` logs errors alone, `verbose` what the server does with connections as well.

    Raises InputError where the file is no model, OptionError where an option is wrong or the
    address is taken.
    """
    service = checked(model, token_file, **options)
    to_standard_error(quiet, verbose)
    app = App(service)
    opened = _listening(service)
    config = uvicorn.Config(
        app,
        http=type("Timed", (Protocol,), {"patience": service.seconds}),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP,
        timeout_graceful_shutdown=math.ceil(service.seconds) + 1,
    )
    Server(config, app).run(sockets=[opened])


def _listening(service: Service) -> socket.socket:
    """A socket that takes connections. Raises OptionError where the address is taken."""
    where = (service.host, service.port)
    family, _, _, _, address = socket.getaddrinfo(*where, type=socket.SOCK_STREAM)[0]
    try:
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        reason = "it is taken" if error.errno == errno.EADDRINUSE else error.strerror
        raise OptionError(
            f"Cannot listen at {service.host}, port {service.port}: {reason}. Choose another with "
            "--port; 0 takes one that is free."
        ) from None
