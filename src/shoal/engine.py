"""This machine as what shows rows to passes: some threads, a budget of memory, and a shelf that spills to disk."""

from __future__ import annotations

import copy
import functools
import os
import re
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from shoal.beside import processors
from shoal.errors import OptionError, OutputError

if TYPE_CHECKING:
    import pyarrow as pa

    from shoal.passes import Pass, Table

MOST_THREADS = 8  # more of them wait for each other more than they do
_SHARE_OF_FREE = 4  # the default budget is a quarter of what is free
_FALLBACK = 2 * 1024**3  # where a system does not say what is free
_UNITS = {
    "": 1,
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KIB": 2**10,
    "MIB": 2**20,
    "GIB": 2**30,
    "TIB": 2**40,
}
_LEAST = 64 * 10**6


def memory_of(text: str | int | None) -> int:
    """A budget such as "1GB" in bytes; a quarter of the memory that is free when nothing is asked.

    Raises OptionError for what is no amount of memory, or too little to work with.

    >>> memory_of("1.5GB")
    1500000000
    """
    if text is None:
        return max(_free() // _SHARE_OF_FREE, _LEAST)
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*", str(text))
    if not found or found[2].upper() not in _UNITS:
        raise OptionError(f'--memory "{text}" is no amount of memory. Give a number and a unit, such as 800MB or 4GB.')
    amount = int(float(found[1]) * _UNITS[found[2].upper()])
    if amount < _LEAST:
        raise OptionError(f'--memory "{text}" is too little to work with. Give 64MB or more.')
    return amount


def _free() -> int:
    try:
        text = Path("/proc/meminfo").read_text()
        free = int(re.search(r"MemAvailable:\s+(\d+) kB", text)[1]) * 1024  # type: ignore[index]
    except (OSError, TypeError, ValueError):
        return _FALLBACK
    try:  # a container may hold less than the machine
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
        return free if limit == "max" else min(free, max(int(limit) - used, 0))
    except (OSError, ValueError):
        return free


def threads_of(asked: int | None) -> int:
    """How many threads to use: as asked, else one for each processor this process may run on.

    Raises OptionError for less than one.
    """
    if asked is None:
        return min(processors(), MOST_THREADS)
    if asked < 1:
        raise OptionError(f"--threads {asked} must be at least 1.")
    return asked


@contextmanager
def at_most(threads: int | None) -> Iterator[None]:
    """The linear algebra's and scikit-learn's threads limited, where a number was asked for."""
    if threads is None:
        yield
        return
    from threadpoolctl import threadpool_limits

    with threadpool_limits(threads):
        yield


@dataclass(frozen=True)
class Here:
    """Passes run by threads of this process, each over its own share of the batches, merged in a fixed order."""

    threads: int = field(default_factory=lambda: threads_of(None))
    memory: int = field(default_factory=lambda: memory_of(None))  # bytes that rows may take before they go to disk
    folder: Path | None = None  # where they go then; the system's own place for temporary files when None
    here = True

    def run(self, table: Table, passes: Sequence[Pass], columns: Sequence[str] | None, tell: Callable[[int], None] | None) -> int:
        """Show every row to each of the passes, reading once. Returns the number of rows."""
        rows = 0
        crews = [tuple(passes), *(copy.deepcopy(tuple(passes)) for _ in range(self.threads - 1))]
        pending: deque[Future[None]] = deque()
        with ExitStack() as stack:
            hands = [stack.enter_context(ThreadPoolExecutor(1)) for _ in crews]
            for number, batch in enumerate(table.batches(columns)):
                if number == 1:
                    stack.enter_context(one_blas_thread())
                if len(pending) > 2 * len(crews):  # reading must not run ahead of what is absorbed
                    pending.popleft().result()
                at = number % len(crews)
                pending.append(hands[at].submit(_absorb, crews[at], batch, rows))
                rows += batch.num_rows
                if tell is not None:
                    tell(rows)
            for each in pending:
                each.result()
        for crew in crews[1:]:
            for mine, theirs in zip(passes, crew, strict=True):
                mine.merge(theirs)
        return rows

    def each(self, work: Callable[[int], Any], items: Sequence[int]) -> Iterator[Any]:
        """What `work` makes of each item, in their order, by all threads."""
        with one_blas_thread(), ThreadPoolExecutor(self.threads) as hands:
            yield from hands.map(work, items)

    def shelf(self, share: float, size: int | None) -> Shelf:
        """Room for rows in memory, when all of them fit into this share of the budget, else on disk.

        `size` in bytes; where it is not known yet, what goes beyond the share goes to disk.
        """
        budget = int(self.memory * share)
        return Shelf(budget if size is None or size <= budget else 0, self.folder)


def _absorb(passes: Sequence[Pass], batch: pa.RecordBatch, start: int) -> None:
    for each in passes:
        each.absorb(batch, start)


def one_blas_thread() -> Any:
    """Threads of ours that each start threads of the linear algebra's stand in each other's way."""
    return thread_pools().limit(limits=1)


@functools.cache
def thread_pools(with_scikit_learn: bool = False) -> Any:
    """The threads of the libraries loaded, kept: looking for them takes 10 ms and more.

    NumPy's are all that passes use. Tiny tables need no scikit-learn, and importing it takes longer than all the rest of their way.
    """
    if with_scikit_learn:
        import sklearn.cluster  # noqa: F401  its pools must be loaded to be found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


class Shelf:
    """Arrays by the row they start at: in memory up to a budget, beyond it in a file that has no name and so outlives nobody.

    The file is read by plain reads, not by a memory map, so that what was read does not count as memory of the process.
    """

    def __init__(self, budget: int, folder: Path | None = None) -> None:
        self._budget, self._folder = budget, folder
        self._held: dict[int, npt.NDArray[Any]] = {}
        self._filed: dict[int, tuple[int, Any, tuple[int, ...]]] = {}  # start → offset, type, shape
        self._used = 0
        self._file: Any = None
        self._lock = threading.Lock()

    def __deepcopy__(self, memo: Any) -> Shelf:
        """Workers of one process put their arrays on the same shelf."""
        return self

    def put(self, start: int, array: npt.NDArray[Any]) -> None:
        """Keep the array of the rows from `start` on."""
        with self._lock:
            if self._used + array.nbytes <= self._budget:
                self._held[start] = array
                self._used += array.nbytes
                return
            try:
                if self._file is None:
                    self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - lives as long as the shelf
                offset = self._file.seek(0, os.SEEK_END)
                self._file.write(np.ascontiguousarray(array).data)
            except OSError as error:
                where = self._folder or tempfile.gettempdir()
                raise OutputError(
                    f"Rows beyond --memory could not be kept on disk in {where}: {error.strerror}. Give more --memory, or free some room there."
                ) from None
            self._filed[start] = (offset, array.dtype, array.shape)

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
