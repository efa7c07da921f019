"""What is piped in → a copy on this machine, which goes with the Table.

A table is read more than once, and a pipe only once.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from shoal.engine.cache import KeptStream
from shoal.engine.table import Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError

STDIN = "-"
NAME = "stdin"  # of the copy, and so of the table
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
    return read_stream(stream.buffer, read)


def read_stream(stream: BinaryIO, read: Callable[[Path], Table], name: str = NAME) -> Table:
    """The Table of the bytes that a stream gives, copied into a folder that goes with it."""
    folder = new_folder()
    goal = Path(folder.name) / name
    _copy(stream, goal, int(shutil.disk_usage(folder.name).free * ROOM))
    table = read(goal)
    return replace(table, stream=KeptStream(table.stream, (folder,)))


def _copy(stream: BinaryIO, goal: Path, most: int) -> None:
    size = 0
    with open(goal, "wb") as copy:
        while block := stream.read(BLOCK):
            size += len(block)
            if size > most:
                raise InputError(
                    f"What is piped in is more than {most / 1e9:,.2f} GB, and the temporary "
                    f"folder {goal.parent} has no room for it. Set TMPDIR to a larger disk, or "
                    "save the table to a file and name that."
                )
            copy.write(block)
    if size == 0:
        raise InputError(f'"-" stands for standard input, which was empty. {PIPE}')
