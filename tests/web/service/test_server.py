"""The process: real connections, slow ones, signals, and an end that loses no request."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from shoal import OptionError
from shoal.cli.main import app

pytest.importorskip("fastapi")

import uvicorn

from service_kit import JSON, model_file, plain_study
from shoal.web.service import App, checked
from shoal.web.service.server import Server

BODY = json.dumps({"spent": 10.0, "visits": 10.0}).encode()


def _read(process) -> None:
    for line in process.stderr:
        process.lines.append(json.loads(line) if line.startswith("{") else {"event": line})


@contextmanager
def serving(model: Path, *options: str):
    """A process, and the port that it answers at; its log is in `process.lines`."""
    command = [sys.executable, "-m", "shoal.cli.main", "serve", str(model), "--port", "0", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ.copy())
    process.lines = []  # type: ignore[attr-defined]
    try:
        for line in process.stderr:
            told = json.loads(line)
            process.lines.append(told)
            if told["event"] == "listening":
                break
        reading = threading.Thread(target=_read, args=(process,), daemon=True)
        reading.start()
        yield process, int(told["address"].rpartition(":")[2])
    finally:
        process.kill()
        process.wait(10)
    reading.join(20)  # the last lines may have been on their way


def get(port: int, path: str):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    return connection.getresponse()


def test_a_stop_under_load_loses_no_request(tmp_path):
    counted: Counter[str] = Counter()

    def client(port: int) -> None:
        """One request after the other, as long as somebody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        while True:
            try:
                connection.connect() if connection.sock is None else None
            except ConnectionRefusedError:
                return
            try:
                connection.request("POST", "/v1/assign", BODY, JSON)
                answer = connection.getresponse()
                answer.read()
                counted[str(answer.status)] += 1
            except (OSError, http.client.HTTPException) as error:
                counted[f"lost: {type(error).__name__}"] += 1
                return

    with serving(model_file(tmp_path, plain_study()), "--drain", "1.5") as (process, port):
        clients = [threading.Thread(target=client, args=(port,), daemon=True) for _ in range(6)]
        for each in clients:
            each.start()
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        ready = get(port, "/readyz")
        assert (ready.status, json.loads(ready.read())["status"]) == (503, "stopping")
        assert ready.getheader("connection") == "close"
        for each in clients:
            each.join(20)
        assert process.wait(60) == 0
    assert set(counted) == {"200"}, (counted, process.lines[-30:])
    assert counted["200"] > 20
    assert [line["event"] for line in process.lines][-1] == "stopped"


def test_connections_that_say_nothing_are_closed(tmp_path):
    with serving(model_file(tmp_path, plain_study()), "--seconds", "1") as (process, port):
        silent = socket.create_connection(("127.0.0.1", port), timeout=10)
        slow = socket.create_connection(("127.0.0.1", port), timeout=10)
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
        began = time.monotonic()
        for _ in range(3):
            time.sleep(0.3)
            slow.sendall(b"a")  # every byte is in time, and the head is not
        assert (silent.recv(1), slow.recv(1)) == (b"", b"")
        assert time.monotonic() - began < 5
        broken = socket.create_connection(("127.0.0.1", port), timeout=10)
        broken.sendall(b"\x16\x03\x01\x02\x00 TLS\r\n\r\n")
        assert broken.recv(100).startswith(b"HTTP/1.1 400 ")
        half = socket.create_connection(("127.0.0.1", port), timeout=10)
        half.sendall(
            b"POST /v1/assign HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{"
        )
        assert half.recv(100).startswith(b"HTTP/1.1 408 ")
        assert get(port, "/healthz").read() == b'{"status":"ok"}'
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert {line["level"] for line in process.lines} == {"info"}


def test_a_signal_amid_a_line_of_the_log_writes_none_into_it(tmp_path, caplog):
    """Standard error refuses to be written to by a handler that interrupted its writing."""
    service = App(checked(model_file(tmp_path, plain_study()), environment={}, drain=5))
    server = Server(uvicorn.Config(service), service)
    caplog.clear()
    with caplog.at_level(logging.INFO, "shoal.service"):
        server.handle_exit(signal.SIGTERM, None)
        assert (caplog.messages, service.guard.stopping) == ([], True)
        assert not asyncio.run(server.on_tick(1))
        assert not asyncio.run(server.on_tick(2))
    assert caplog.messages == ["stopping"]


def test_a_taken_port_is_told(tmp_path, monkeypatch):
    for name in ("shoal.service", "uvicorn.error"):  # what the command sets is put back
        logger = logging.getLogger(name)
        for what in ("handlers", "propagate", "level"):
            monkeypatch.setattr(logger, what, getattr(logger, what))
    model = model_file(tmp_path, plain_study())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = CliRunner().invoke(app, ["serve", str(model), "--port", port])
    assert isinstance(done.exception, OptionError)
    assert (done.exception.exit_code, done.stdout) == (2, "")
    assert str(done.exception) == (
        f"Cannot listen at 127.0.0.1, port {port}: it is taken. Choose another with --port; "
        "0 takes one that is free."
    )
