"""Standard output and error as streams that are UTF-8, and that their readers may leave."""

from __future__ import annotations

import io
import os
from typing import Any, TextIO


class Stream(io.FileIO):
    """A standard stream whose reader may leave early, which is no fault: the rest is dropped."""

    forgiven: tuple[type[OSError], ...] = ()

    def write(self, content: Any) -> int:
        """The number of bytes taken."""
        try:
            return super().write(content)
        except self.forgiven:
            write_into_nothing(self.fileno())
            return len(content)


def standard_stream(number: int, forgiven: tuple[type[OSError], ...]) -> TextIO:
    """Standard output or error; one that was closed before is nothing."""
    try:
        os.fstat(number)
    except OSError:
        write_into_nothing(number)  # else the next file that is opened would stand in its place
    raw = Stream(number, "w", closefd=False)
    raw.forgiven = forgiven
    buffered = io.BufferedWriter(raw)
    by_line = number == 2 or raw.isatty()
    return io.TextIOWrapper(buffered, "utf-8", "backslashreplace", line_buffering=by_line)


def write_into_nothing(number: int) -> None:
    """Let what is written to a stream go nowhere from now on."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    if nothing != number:
        os.dup2(nothing, number)
        os.close(nothing)
