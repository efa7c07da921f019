"""Arrays of rows that are kept in memory up to a budget, and on disk beyond it."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.errors import OutputError
from shoal.text.options import option


class SpillStore:
    """Arrays by the row they start at: in memory up to a budget, beyond it in a file.

    The file has no name and so outlives nobody. It is read by plain reads, not by a memory map, so
    that what was read does not count as memory of the process.
    """

    def __init__(self, budget: int, folder: Path | None = None) -> None:
        self._budget = budget
        self._folder = _nearest(folder)
        self._held: dict[int, npt.NDArray[Any]] = {}
        self._filed: dict[int, tuple[int, Any, tuple[int, ...]]] = {}  # start → offset, type, shape
        self._used = 0
        self._file: Any = None
        self._lock = threading.Lock()

    def __deepcopy__(self, memo: Any) -> SpillStore:
        """Workers of one process put their arrays into the same store."""
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Pickled, all that is on disk is read in."""
        return {"held": {start: self.get(start) for start in self.starts()}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._held, self._filed = state["held"], {}

    def put(self, start: int, array: npt.NDArray[Any]) -> None:
        """Keep the array of the rows from `start` on. Raises OutputError when the disk is full."""
        with self._lock:
            if self._used + array.nbytes <= self._budget:
                self._held[start] = array
                self._used += array.nbytes
            else:
                self._filed[start] = (self._write(array), array.dtype, array.shape)

    def _write(self, array: npt.NDArray[Any]) -> int:
        """Where in the file the array was written."""
        try:
            if self._file is None:
                # It lives as long as the store.
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
            offset = int(self._file.seek(0, os.SEEK_END))
            self._file.write(np.ascontiguousarray(array).data)
        except OSError as error:
            where = self._folder or tempfile.gettempdir()
            raise OutputError(
                f"Rows could not be kept on disk in {where}: {error.strerror}. "
                f"Give more {option('memory')}, or free some room there."
            ) from None
        return offset

    def starts(self) -> list[int]:
        """The first rows of all arrays, in order."""
        return sorted({*self._held, *self._filed})

    def get(self, start: int) -> npt.NDArray[Any]:
        """The array of the rows from `start` on."""
        if start in self._held:
            return self._held[start]
        offset, kind, shape = self._filed[start]
        array = np.empty(shape, dtype=kind)
        with self._lock:
            self._file.seek(offset)
            self._file.readinto(array.data.cast("B"))
        return array


def _nearest(folder: Path | None) -> Path | None:
    """The folder, or the nearest above it that is there: that of new results is made at the end."""
    while folder is not None and not folder.exists():
        folder = folder.parent
    return folder
