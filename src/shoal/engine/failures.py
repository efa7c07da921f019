"""The one spot where the failure of a reader becomes a message: where, what, and what to do."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from shoal.errors import InputError, ShoalError
from shoal.text.options import option

LIBRARIES = ("duckdb", "_duckdb", "pyarrow", "fastexcel", "_fastexcel", "zipfile", "lzma")
UNPACKERS = ("zipfile", "gzip", "bz2", "lzma", "_compression", "struct")
_ROOM = ("No space left", "disk quota", "max_temp_directory_size")
_MEMORY = ("OutOfMemory", "MemoryError", "ArrowMemoryError")
_MIXED = "column type combination: {D"  # of Duration and DateTime in a workbook
MOST_SAID = 300  # letters of what a library says


@contextmanager
def reading(where: str) -> Iterator[None]:
    """Raise InputError where a reader says no to `where`; other errors are faults of shoal's own.

    A reader is DuckDB, PyArrow, fastexcel, a library that unpacks, or the file system.
    """
    try:
        yield
    except ShoalError:
        raise
    except Exception as wrong:
        if not is_a_readers(wrong):
            raise
        raise InputError(_in_words(where, wrong)) from wrong


def is_a_readers(wrong: Exception) -> bool:
    """Whether a reader raised it, told without loading any."""
    library = type(wrong).__module__.partition(".")[0]
    known = isinstance(wrong, (OSError, UnicodeError, EOFError, zlib.error))
    return known or library in LIBRARIES or _raised_in(wrong) in UNPACKERS


def _raised_in(wrong: Exception) -> str:
    """The module in which an error was raised: unpackers raise those of Python as well."""
    trace = wrong.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else str(trace.tb_frame.f_globals.get("__name__", ""))


def _in_words(where: str, wrong: Exception) -> str:
    if isinstance(wrong, PermissionError):
        return (
            f"{where} may not be read by this user (no permission). Ask for it: chmod u+r {where}"
        )
    if isinstance(wrong, FileNotFoundError):
        return f"{where} is not there any more. Give the path of a table."
    if isinstance(wrong, IsADirectoryError):
        return f"{where} is a directory. Name a file in it."
    lines = str(wrong).strip().splitlines() or [type(wrong).__name__]
    why = lines[0][:MOST_SAID].rstrip(". ")
    if type(wrong).__name__.startswith(_MEMORY):
        return (
            f"{where} takes more memory than the run may use: {why}. "
            f"Allow more, such as {option('memory', '4GB')}."
        )
    if any(sign in str(wrong) for sign in _ROOM):
        return f"{where} cannot be read: {why}. Free some room, or set TMPDIR to a larger disk."
    if _MIXED in str(wrong):
        return (
            f"{where} cannot be read: a column holds dates or times of day beside durations beyond "
            "a day. Give all of its cells one format, such as [h]:mm:ss, and save it again."
        )
    return (
        f"{where} cannot be read: {why}. It may be damaged or cut short: fetch it again, or look "
        "into it with the program that wrote it."
    )
