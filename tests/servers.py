"""Real database servers for the tests.

Each on its own free port, with its own data folder, stopped at the end.

Needs `initdb` and `postgres` (Debian: postgresql), `mariadbd` and `mariadb-install-db` (Debian:
mariadb-server). A system service is neither used nor needed. Servers refuse to run as root, so root
starts them as their own user.
"""

from __future__ import annotations

import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "s3cr3t: @/?#%&'\"ü"  # every character that a URL or a quoted string could stumble over
QUOTED = "s3cr3t%3A%20%40%2F%3F%23%25%26%27%22%C3%BC"
WAIT_SECONDS = 30.0


@dataclass(frozen=True)
class Server:
    """A server that runs: where it listens, and the process to kill."""

    scheme: str
    port: int
    process: subprocess.Popen[bytes]

    def url(self, rest: str = "", user: str = "shop", password: str = QUOTED) -> str:
        return f"{self.scheme}://{user}:{password}@127.0.0.1:{self.port}/shop{rest}"

    def mysql_connection(self, **more: Any) -> Any:
        """A connection of the user `shop` to MariaDB, by a driver that is not under test."""
        import pymysql

        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="shop",
            password=PASSWORD.encode(),
            database="shop",
            **more,
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str, *patterns: str) -> str:
    """The path of a server program; the test is skipped where there is none."""
    found = next(
        (path for pattern in patterns for path in sorted(glob.glob(pattern), reverse=True)), None
    ) or shutil.which(name)
    if found is None:
        pytest.skip(f"the program {name} is not installed")
    return found


def as_user(user: str) -> dict[str, Any]:
    """Servers refuse to run as root."""
    return {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}


@contextmanager
def folder_of(user: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="shoal-db-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(command: list[str], folder: Path, text: str | None = None, **user: Any) -> str:
    done = subprocess.run(
        command, cwd=folder, input=text, capture_output=True, text=True, timeout=60, **user
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr or done.stdout}")
    return done.stdout


@contextmanager
def started(
    command: list[str], folder: Path, port: int, stop: signal.Signals, **user: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """A server process that answers on its port.

    Stopped at once in the end, since nobody needs its data any more.
    """
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **user)
        try:
            end = time.monotonic() + WAIT_SECONDS
            while not answers(port):
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(
                        f"{command[0]} did not start: "
                        f"{(folder / 'log').read_text(errors='replace')[-2000:]}"
                    )
                time.sleep(0.05)
            yield process
        finally:
            process.send_signal(stop)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def postgres_server() -> Iterator[Server]:
    bins = "/usr/lib/postgresql/*/bin/"
    initdb, server, psql = (program(name, bins + name) for name in ("initdb", "postgres", "psql"))
    with folder_of("postgres") as folder:
        data, port, user = folder / "data", free_port(), as_user("postgres")
        run(
            [
                initdb,
                "-D",
                str(data),
                *["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            ],
            folder,
            **user,
        )
        hosts = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (data / "pg_hba.conf").write_text(hosts)
        settings = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses=127.0.0.1 -c shared_buffers=64MB"
        command = [server, "-D", str(data), "-p", str(port), "-k", str(folder), *settings.split()]
        with started(command, folder, port, signal.SIGQUIT, **user) as process:
            sql = f"CREATE ROLE shop LOGIN PASSWORD {sql_text(PASSWORD)};\nCREATE DATABASE shop OWNER shop;\n"
            client = [psql, *f"-h 127.0.0.1 -p {port} -U postgres -v ON_ERROR_STOP=1 -q".split()]
            retried(lambda: run(client, folder, sql))
            yield Server("postgresql", port, process)


@contextmanager
def mariadb_server() -> Iterator[Server]:
    install, server = program("mariadb-install-db"), program("mariadbd", "/usr/sbin/mariadbd")
    with folder_of("mysql") as folder:
        data, port, user = f"--datadir={folder / 'data'}", free_port(), as_user("mysql")
        setup = "--skip-test-db --auth-root-authentication-method=normal --skip-name-resolve"
        run([install, "--no-defaults", data, *setup.split()], folder, **user)
        places = f"--socket={folder}/socket --port={port} --bind-address=127.0.0.1 --pid-file={folder}/pid"
        fast = "--innodb-flush-log-at-trx-commit=0 --innodb-log-file-size=32M --innodb-flush-method=nosync --skip-name-resolve"
        command = [server, "--no-defaults", data, *places.split(), *fast.split()]
        with started(command, folder, port, signal.SIGKILL, **user) as process:
            sql = (
                f"CREATE USER shop@'127.0.0.1' IDENTIFIED BY {sql_text(PASSWORD)};\n"
                "CREATE DATABASE shop CHARACTER SET utf8mb4;\nGRANT ALL ON shop.* TO "
                "shop@'127.0.0.1';\n"
            )
            client = (
                f"--no-defaults -u root --socket={folder}/socket --default-character-set=utf8mb4"
            )
            retried(lambda: run([program("mariadb"), *client.split()], folder, sql))
            yield Server("mariadb", port, process)


def sql_text(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def retried(act: object, tries: int = 40) -> None:
    """A port may answer a moment before the server takes commands."""
    for left in range(tries, 0, -1):
        try:
            act()  # type: ignore[operator]
            return
        except RuntimeError:
            if left == 1:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    pytest.importorskip(
        "adbc_driver_postgresql", reason="the driver adbc-driver-postgresql is not installed"
    )
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    pytest.importorskip("pymysql", reason="the driver pymysql is not installed")
    with mariadb_server() as server:
        yield server
