"""Temporary folders that go with whoever uses them, or, after a kill, with the next process.

Each folder has a lock that the system lifts when its process ends, however it ends. A folder whose
lock is free belongs to nobody, so whoever comes next may remove it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from shoal.errors import OutputError

PREFIX = "shoal-"
LOCK = "in-use"
FILES = "files"  # what is kept stands one folder below the lock, and is removed before it


class LockedFolder:
    """A new folder that this process holds until nobody refers to it any more.

    `root` is the folder and `files` the place to write into. Raises OSError when it cannot be made.
    """

    def __init__(self, place: Path, prefix: str) -> None:
        self.root, lock = _made(place, prefix)
        self.files = self.root / FILES
        self.files.mkdir()
        self.close = weakref.finalize(self, _remove, self.root, lock)


class TemporaryFolder(tempfile.TemporaryDirectory[str]):
    """A folder inside the one of this process."""

    def __init__(self, home: LockedFolder) -> None:
        super().__init__(dir=home.files)
        self._home = home


def new_folder() -> TemporaryFolder:
    """A temporary folder for as long as somebody refers to it.

    Raises OutputError where no temporary folder can be made.
    """
    try:
        return TemporaryFolder(_of_this_process(tempfile.gettempdir()))
    except OSError as error:
        where = error.filename or tempfile.tempdir or "the temporary folder"
        raise OutputError(
            f"No temporary folder can be made in {where}: {error.strerror or error}. "
            "Set TMPDIR to a folder with room that you may write into."
        ) from None


_held: weakref.WeakValueDictionary[tuple[str, int], LockedFolder] = weakref.WeakValueDictionary()
_one_at_a_time = threading.Lock()


def _of_this_process(place: str) -> LockedFolder:
    """The one folder of this process in a place: many folders inside need only one lock."""
    key = (place, os.getpid())
    with _one_at_a_time:
        folder = _held.get(key)
        if folder is None:
            # A folder without a lock file may be anybody's: it is not touched.
            sweep(lock.parent for lock in Path(place).glob(f"{PREFIX}*/{LOCK}"))
            folder = _held[key] = LockedFolder(Path(place), PREFIX)
        return folder


def sweep(folders: Iterable[Path], rescue: Callable[[Path], None] | None = None) -> None:
    """Remove those of these folders that no living process holds; `rescue` sees each before."""
    for folder in folders:
        with suppress(OSError):  # another user's, or there are no locks here
            lock = _lock(folder)
            if lock is None:
                continue
            try:
                if rescue is not None:
                    rescue(folder)
                _remove(folder, lock)
            finally:
                lock.release()


def _made(place: Path, prefix: str) -> tuple[Path, FileLock | None]:
    """A new folder and its lock; no lock where the file system knows none."""
    while True:
        root = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
        try:
            lock = _lock(root)
        except OSError:  # the file system knows no locks
            if not root.exists():
                continue
            (root / LOCK).unlink(missing_ok=True)  # nobody may take its lock for a free one
            return root, None
        if lock is not None and (root / LOCK).exists():
            return root, lock
        # else somebody took it for a dead one's in the moment before it was locked


def _lock(folder: Path) -> FileLock | None:
    """The lock of a folder, held by this process now; None where another process holds it."""
    lock = FileLock(folder / LOCK, timeout=0, thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        return None
    return lock


def _remove(root: Path, lock: FileLock | None) -> None:
    """The lock goes last: what is left when this process is killed here can still be swept.

    It goes under another name: between its lock and its end, whoever made it in this moment could
    take it for a living one.
    """
    shutil.rmtree(root / FILES, ignore_errors=True)
    with suppress(OSError):  # Windows moves no folder in which a file is open
        root = root.rename(root.with_name(f"{root.name}-gone"))
    if lock is not None:
        lock.release()  # Windows removes no file that is open
    shutil.rmtree(root, ignore_errors=True)
