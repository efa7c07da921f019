"""Logs: one JSON object a line on standard error; never a customer's data.

What is logged of a request is its route, not its address, which may hold anything; of a fault its
kind and place, not its text, which may quote what was sent.
"""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from typing import Any

import msgspec

NAME = "shoal.service"
_LOGGER = logging.getLogger(NAME)


class Lines(logging.Formatter):
    """Writes records as lines of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record: what was passed as `extra={"told": …}`, or its message."""
        told = getattr(record, "told", None)
        when = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line = {"time": when, "level": record.levelname.lower()}
        line |= {"event": record.getMessage()} | (told or {})
        if record.exc_info and record.exc_info[1] is not None:
            line |= fault(record.exc_info[1])
        return msgspec.json.encode(line).decode()


def fault(error: BaseException) -> dict[str, Any]:
    """The kind of an error, and the lines of code that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    }


def log(event: str, level: int = logging.INFO, /, **told: Any) -> None:
    """Write a line. Who called is not looked up: it would take as long as the rest."""
    if _LOGGER.isEnabledFor(level):
        record = logging.LogRecord(NAME, level, "", 0, event, None, None)
        record.told = told
        _LOGGER.handle(record)


def to_standard_error(quiet: bool, verbose: bool) -> None:
    """Let the service and its server write lines of JSON to standard error, and nothing else."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    usual = logging.ERROR if quiet else logging.INFO
    server = logging.INFO if verbose else logging.ERROR
    for name, level in ((NAME, usual), ("uvicorn.error", server)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)
