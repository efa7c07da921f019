"""What is piped in, an open file, bytes → a copy on this machine, which goes with the Table.

A table is read more than once, and a pipe only once.
"""

from __future__ import annotations

import io
import shutil
import sys
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from shoal.engine.cache import KeptStream
from shoal.engine.table import Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError, call
from shoal.text.paths import printable

STDIN = "-"
NAME = "stdin"  # of the copy, and so of the table
BYTES = (bytes, bytearray, memoryview)
BLOCK = 1 << 20  # bytes
ROOM = 0.8  # the part of what is free on the disk that a copy may take
PIPE = "Pipe one in: shoal inspect - < customers.csv"


def read_stdin(read: Callable[[Path], Table]) -> Table:
    """The Table of what standard input holds: CSV, JSON lines, Parquet or another file.

    Raises InputError when nothing is piped in, or more than the disk has room for.
    """
    stream = sys.stdin
    if stream is None or stream.closed:
        raise InputError(f'"-" stands for standard input, which is closed. {PIPE}')
    if stream.isatty():
        raise InputError(f'"-" stands for a table on standard input, and there is none. {PIPE}')
    empty = f'"-" stands for standard input, which was empty. {PIPE}'
    return read_stream(stream.buffer, read, empty, NAME)


def is_stream(source: Any) -> bool:
    """Whether a source is bytes, or what `open` gives."""
    return isinstance(source, BYTES) or callable(getattr(source, "read", None))


def read_open(source: Any, read: Callable[[Path], Table]) -> Table:
    """The Table of bytes, or of what is left to read of an open file.

    Raises InputError when it is closed, gives nothing, or cannot be read.
    """
    stream = io.BytesIO(source) if isinstance(source, BYTES) else _of_bytes(source)
    called = _name_of(source)
    empty = (
        f"There is nothing to read in {called}: it is empty, or has been read to its end. "
        "Open it anew, or give the path."
    )
    try:
        return read_stream(stream, read, empty, called)
    except (ValueError, OSError) as wrong:
        if isinstance(wrong, InputError):
            raise
        raise InputError(
            f"{called} cannot be read: {wrong}. Open it anew, or give the path."
        ) from wrong


def _of_bytes(stream: Any) -> Any:
    """Text that has not been read from yet as its bytes: their encoding is found as of a file."""
    try:
        begun = stream.tell() > 0
    except (OSError, ValueError, AttributeError):
        begun = False
    return stream if begun else getattr(stream, "buffer", stream)


def _name_of(source: Any) -> str:
    """What an open file is called: the last part of its name, where it has one."""
    name = getattr(source, "name", None)
    last = Path(name).name.strip("<>") if isinstance(name, str) else ""
    return printable(last) or type(source).__name__


def read_stream(stream: Any, read: Callable[[Path], Table], empty: str, name: str) -> Table:
    """The Table of what a stream gives, copied into a folder that goes with it.

    It is known by the `name`; `empty` is what is raised where it gives nothing.
    """
    folder = new_folder()
    goal = Path(folder.name) / name
    forget = call(str(goal), name)
    weakref.finalize(folder, forget)
    _copy(stream, goal, int(shutil.disk_usage(folder.name).free * ROOM), empty)
    table = read(goal)
    return replace(table, stream=KeptStream(table.stream, (folder,)))


def _copy(stream: Any, goal: Path, most: int, empty: str) -> None:
    size = 0
    with open(goal, "wb") as copy:
        while block := stream.read(BLOCK):
            block = block.encode() if isinstance(block, str) else block
            size += len(block)
            if size > most:
                raise InputError(
                    f"What is piped in is more than {most / 1e9:,.2f} GB, and the temporary "
                    f"folder {goal.parent} has no room for it. Set TMPDIR to a larger disk, or "
                    "save the table to a file and name that."
                )
            copy.write(block)
    if size == 0:
        raise InputError(empty)
