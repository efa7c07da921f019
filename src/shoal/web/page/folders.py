"""The folder that all files of the page stand in: gone when it ends, however it ends."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "shoal-app-"
LOCK = "in-use"


@contextmanager
def root_folder() -> Iterator[str]:
    """A folder of this process alone; what a killed one has left is removed first."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        _sweep(lock)
    root = tempfile.mkdtemp(prefix=PREFIX)
    held = FileLock(Path(root) / LOCK, timeout=0, thread_local=False)
    held.acquire()
    try:
        yield root
    finally:
        held.release()
        shutil.rmtree(root, ignore_errors=True)


def _sweep(lock: Path) -> None:
    """Remove a folder that no living process holds."""
    with suppress(OSError, Timeout), FileLock(lock, timeout=0, thread_local=False):
        shutil.rmtree(lock.parent, ignore_errors=True)
