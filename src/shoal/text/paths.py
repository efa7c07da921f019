"""Names of files as they can be shown."""

from __future__ import annotations

import os
import re
from pathlib import Path

NO_LETTERS = re.compile(r"[\ud800-\udfff]")  # bytes that are no UTF-8, and halves of a pair


def printable(path: str | Path) -> str:
    r"""A path as text in which bytes that are no UTF-8 are replaced, so that it can be written.

    >>> printable("caf\udce9.csv")
    'caf�.csv'
    """
    return NO_LETTERS.sub("\ufffd", os.fspath(path))
