"""What the page was started with, and its bounds."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MOST_COLUMNS = 2_000
MOST_CELLS = 400_000_000
UNPACKED = 8  # times the largest file that may be sent: what an archive may become
MOST_K = 30  # segments that may be asked for
MOST_SESSIONS = 500  # that have a table
MOST_WORKS = 10  # tables of one session
MOST_CHILDREN = 6  # processes that wait for a question


@dataclass(frozen=True)
class Settings:
    """What `shoal app` was told, and what it allows itself."""

    port: int
    host: str
    max_upload: int  # bytes
    sample: Callable[[Path], Path]  # writes the sample that ships with shoal
    folder: Path | None = None  # whose files may be picked
    idle: float = 7200.0  # seconds after which a session's files are deleted
    resting: float = 600.0  # seconds after which a process that nobody asks is ended
    body_time: float = 600.0  # seconds that a body may take, and …
    silence: float = 30.0  # … that may pass between two parts of it
    look_time: float = 600.0  # seconds that reading a table may take
    run_time: float = 7200.0

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the page."""
        return self.host == "localhost" or bool((ip := address(self.host)) and ip.is_loopback)

    @property
    def cookie(self) -> str:
        """The cookie's name: browsers share cookies among the ports of a host."""
        return f"shoal-{self.port}"


def address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address in numbers; None for a name.

    >>> address("[::1]"), address("localhost")
    (IPv6Address('::1'), None)
    """
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


# What can be taken away, in the order in which it is offered.
FILES = {
    "report.html": "The report",
    "summary.html": "The same on one page, to print",
    "segments.xlsx": "The workbook",
    "customers.csv": "The labelled customers",
    "segments.zip": "One file for each segment",
    "model.json": "The model, to place new customers",
    "segments-postgres.sql": "The segments as SQL for PostgreSQL",
    "segments-mysql.sql": "The segments as SQL for MySQL and MariaDB",
    "segments-bigquery.sql": "The segments as SQL for BigQuery",
    "segments-snowflake.sql": "The segments as SQL for Snowflake",
}
