"""What a run may use of this machine: memory, threads, and the threads of libraries.

`limited(resources)` is the one mechanism by which `memory` and `threads` reach everything that acts
on them. It keeps what was asked in a context variable, so that two runs in threads do not see each
other's. Who takes memory or starts threads (`LocalEngine`, `database.connect`, the CSV parser,
orders) asks `asked()` at that moment; what will act after the run (a Source that streams its rows
again) keeps what was asked when it was made. A variable and not a parameter, since readers, engines
and databases lie five calls deep below every door.

The thread pools of the linear algebra and of Arrow belong to the whole process. They are limited
while anybody asks for it, to the least that is asked, and restored by the last one out.
"""

from __future__ import annotations

import functools
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from shoal.options import LEAST_MEMORY, Resources

MOST_THREADS = 8  # more of them wait for each other more than they do
_SHARE_OF_FREE = 4  # the default budget is a quarter of what is free
_FALLBACK = 2 * 1024**3  # where a system does not say what is free

NOTHING_ASKED = Resources()
_asked: ContextVar[Resources] = ContextVar("resources", default=NOTHING_ASKED)


def asked() -> Resources:
    """What the run that calls this was given to use."""
    return _asked.get()


@contextmanager
def limited(resources: Resources) -> Iterator[None]:
    """Everything done in this context keeps to these resources."""
    before = _asked.set(resources)
    try:
        with library_threads(resources.threads):
            yield
    finally:
        _asked.reset(before)


def processors() -> int:
    """How many processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads() -> int:
    """How many threads the run may use: as asked, else one for each processor, up to eight."""
    return asked().threads or min(processors(), MOST_THREADS)


def memory() -> int:
    """Bytes that the run may keep rows in: as asked, else a quarter of what is free."""
    return asked().memory or max(_free() // _SHARE_OF_FREE, LEAST_MEMORY)


def _free() -> int:
    try:
        found = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    except OSError:
        return _FALLBACK
    if found is None:
        return _FALLBACK
    return min(int(found[1]) * 1024, _free_in_container())


def _free_in_container() -> int:
    """A container may hold less than the machine."""
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
    except OSError:
        return 2**62
    return 2**62 if limit == "max" else max(int(limit) - used, 0)


# --- thread pools that belong to the process ------------------------------------------------------


class SharedLimit:
    """A limit on thread pools of the whole process that several threads may ask for at once.

    The least that is asked holds. When the last one has gone, every pool is as it was before the
    first.
    """

    def __init__(self, pools: Callable[[], Iterable[Any]]) -> None:
        """`pools` gives those that are known by now, as threadpoolctl's controllers."""
        self._pools = pools
        self._lock = threading.Lock()
        self._asked: list[int] = []
        self._before: dict[str, tuple[Any, int]] = {}  # name → pool, its threads when nobody asked

    @contextmanager
    def held(self, most: int) -> Iterator[None]:
        """No more than so many threads, whatever others ask for."""
        with self._lock:
            self._asked.append(most)
            self._limit()
        try:
            yield
        finally:
            with self._lock:
                self._asked.remove(most)
                self._limit()

    def _limit(self) -> None:
        if not self._asked:
            for pool, number in self._before.values():
                _set_threads(pool, number)
            self._before.clear()
            return
        for pool in self._pools():
            _, number = self._before.setdefault(pool.filepath, (pool, pool.get_num_threads()))
            _set_threads(pool, min(number, *self._asked))


def _set_threads(pool: Any, number: int) -> None:
    """Set a pool's threads, whichever thread set them before.

    From 3.8 on threadpoolctl lets only one thread at a time set those of OpenBLAS, and ignores the
    others in silence; the lock of SharedLimit does that better.
    """
    if pool.get_num_threads() == number:
        return
    release = getattr(pool, "clear_controlling_thread", lambda force: None)
    release(force=True)
    pool.set_num_threads(number)
    release(force=True)


class _ArrowPool:
    """Arrow's own threads, with the names that threadpoolctl's controllers have."""

    filepath = "arrow"

    def get_num_threads(self) -> int:
        import pyarrow as pa

        return int(pa.cpu_count())

    def set_num_threads(self, number: int) -> None:
        import pyarrow as pa

        pa.set_cpu_count(number)


@functools.cache
def _controller(with_scikit_learn: bool) -> Any:
    """The thread pools of the libraries loaded, kept: looking for them takes 10 ms and more.

    Tiny tables need no scikit-learn, and importing it takes longer than all the rest of their way.
    """
    if with_scikit_learn:
        import sklearn.cluster  # noqa: F401  its pools must be loaded to be found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _blas_pools() -> list[Any]:
    """Those of NumPy, and those that SciPy brought along if it is loaded by now."""
    with_scikit_learn = "sklearn.cluster" in sys.modules
    return list(_controller(with_scikit_learn).select(user_api="blas").lib_controllers)


_blas, _arrow = SharedLimit(_blas_pools), SharedLimit(lambda: [_ArrowPool()])


@contextmanager
def library_threads(most: int | None) -> Iterator[None]:
    """The threads of linear algebra, scikit-learn and Arrow limited, where a number is given."""
    if most is None:
        yield
        return
    with _arrow.held(most), blas_threads(most, openmp=True):
        yield


@contextmanager
def blas_threads(most: int, *, openmp: bool = False) -> Iterator[None]:
    """No more threads of the linear algebra than this; with `openmp` no more of scikit-learn's.

    OpenMP keeps its number for each thread that calls it, so that nobody else's is touched.
    """
    with ExitStack() as stack:
        if openmp:
            pools = _controller(with_scikit_learn=True).select(user_api="openmp")
            stack.enter_context(pools.limit(limits=most))
        stack.enter_context(_blas.held(most))
        yield


def one_blas_thread() -> AbstractContextManager[None]:
    """Threads of ours that each start threads of the linear algebra's stand in each other's way."""
    return blas_threads(1)
