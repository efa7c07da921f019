"""Names of files as they can be shown."""

from __future__ import annotations

import os
from pathlib import Path


def printable(path: str | Path) -> str:
    r"""A path as text in which bytes that are no UTF-8 are replaced, so that it can be written.

    >>> printable("caf\udce9.csv")
    'caf�.csv'
    """
    return os.fsencode(path).decode("utf-8", "replace")
