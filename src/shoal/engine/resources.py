"""What a run may use of this machine: memory, threads, and the threads of the linear algebra."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shoal.errors import OptionError

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


def processors() -> int:
    """How many processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
        raise OptionError(
            f'--memory "{text}" is no amount of memory. Give a number and a unit, such as 800MB or 4GB.'
        )
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
