"""A served page and a browser for tests of it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from shoal.cli import demo_data
from shoal.web.page.app import make_app
from shoal.web.page.settings import Settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def settings(port: int = 8765, **more: Any) -> Settings:
    given = {"host": "127.0.0.1", "max_upload": 60 * 10**6, "sample": demo_data.write}
    return Settings(port=port, **(given | more))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def served(**more: Any) -> Iterator[str]:
    """The address of a page that is served by a thread of this process."""
    port = free_port()
    app = make_app(settings(port, **more))
    config = uvicorn.Config(app, port=port, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://localhost:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's own browser, driven by Playwright."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@contextmanager
def held() -> Iterator[None]:
    """Whatever is done for a table stands still meanwhile, by processes that are there by now."""
    pids = list(workers())
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in set(pids) & set(workers()):  # some may have been ended
            os.kill(pid, signal.SIGCONT)


def workers() -> Iterator[int]:
    """The processes of tables that a page of this process has started."""
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            if b"shoal.web.page.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                yield int(pid)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
