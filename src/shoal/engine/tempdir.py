"""Temporary folders that vanish with what uses them, at the end of the process, or, when it was killed, with a later run."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

PREFIX = "shoal-"
LOCK = "in-use"


def new_folder() -> tempfile.TemporaryDirectory[str]:
    """A temporary folder that goes when the Table goes."""
    return tempfile.TemporaryDirectory(dir=_own(tempfile.gettempdir(), os.getpid()).name)


@cache
def _own(place: str, process: int) -> tempfile.TemporaryDirectory[str]:
    """The one folder of this process, with a lock that the system lifts when the process ends, however it ends."""
    _sweep(Path(place))
    folder = tempfile.TemporaryDirectory(prefix=PREFIX, dir=place)
    waiting = Path(folder.name) / "locking"
    if _lock(waiting, os.O_CREAT) is not None:  # held until the process ends
        waiting.rename(waiting.with_name(LOCK))  # nobody sees the lock before it holds
    return folder


def _lock(file: Path, create: int = 0) -> int | None:
    """Lock a file for this process; None where another has it, or where the system knows no such locks."""
    try:
        import fcntl

        handle = os.open(file, os.O_RDWR | create, 0o600)
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _sweep(place: Path) -> None:
    """Remove what killed processes left: folders whose lock nobody holds. What has no lock is not ours to judge."""
    for folder in place.glob(PREFIX + "*"):
        handle = _lock(folder / LOCK)
        if handle is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)
