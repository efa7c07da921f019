"""The page for people who do not write code: `shoal app`.

Rendered on the server; it works without a script. Tables are read and segments are found in a
process of their own for each table, which can be ended at any moment.
"""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shoal.web.page.settings import Settings


def run(settings: Settings, told: Callable[[str], None], *, browser: bool) -> None:
    """Serve the page until somebody ends it. Raises OSError where it cannot listen.

    `told` is given the address; `browser` opens it.
    """
    import uvicorn

    from shoal.web.page.app import make_app

    config = uvicorn.Config(
        make_app(settings),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        limit_concurrency=2_000,
        timeout_graceful_shutdown=2,
    )
    with listening(settings.host, settings.port) as heard:
        address = f"http://{'localhost' if settings.is_loopback else settings.host}:{settings.port}"
        told(address)
        if browser:
            threading.Timer(0.5, webbrowser.open, (address,)).start()
        uvicorn.Server(config).run(sockets=[heard])


def listening(host: str, port: int) -> socket.socket:
    """A socket at which people can ask. Raises OSError where another program has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host.strip("[]"), port))
    except OSError:
        made.close()
        raise
    made.listen(128)
    return made
