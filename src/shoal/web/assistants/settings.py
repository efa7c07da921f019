"""What `shoal mcp` was told, and its bounds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MOST_LETTERS = 24_000  # of one answer, as JSON
MOST_STUDIES = 8  # that are kept; the oldest goes first
MOST_LISTED = 300  # tables
MOST_RECORDS = 1_000  # customers that may be sent with a question
MOST_REPORT = 14_000  # letters of one text, such as a report
SEGMENTS = 30  # most that may be asked for


@dataclass(frozen=True)
class Settings:
    """Where tables may be read, and where files may be written, if anywhere."""

    roots: tuple[Path, ...]  # resolved
    out: Path | None = None
    memory: str | None = None
    threads: int | None = None
