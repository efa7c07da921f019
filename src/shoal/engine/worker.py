"""A pool of processes for what is many small steps of Python, which threads cannot share.

The command line asks for it (`processes=`); in Python it is asked for like `n_jobs` of
scikit-learn, and needs a script whose main part is guarded. What comes out is the same to the bit
whoever makes it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol, TypeVar

from threadpoolctl import threadpool_limits

from shoal.engine.progress import PAUSE, pulse, rounds
from shoal.text.nouns import spoken_alike

Item = TypeVar("Item")
Made = TypeVar("Made")


class Each(Protocol):
    """Shares work out: what `work` makes of each item, in their order. Both must pickle."""

    def __call__(self, work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
        """In whatever order it is done, the list is in the order of the items."""


def in_turn(work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
    """What `work` makes of each item, one after the other in this process."""
    return [work(item) for item in items]


def _nothing() -> None:
    """A first piece of work: done as soon as a process is there."""


class Workers:
    """Processes beside this one; without a pool everything is done here."""

    def __init__(self, pool: ProcessPoolExecutor | None = None) -> None:
        self._pool = pool
        self._ready = pool.submit(_nothing) if pool is not None else None

    def each(self, work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
        """What `work` makes of each item, in their order, by this process and the pool.

        All items are handed to the pool; this process takes back those that nobody has begun yet.
        """
        rounds(more=len(items))
        if not self._is_ready():
            return [self._here(work, item) for item in items]
        work = spoken_alike(work)
        futures = [self._submit(work, item) for item in items]
        here = {
            number: self._here(work, items[number])
            for number, future in enumerate(futures)
            if future is None or future.cancel()
        }
        return [
            here[number] if number in here else self._there(future, work, items[number])
            for number, future in enumerate(futures)
        ]

    def _here(self, work: Callable[[Item], Made], item: Item) -> Made:
        made = work(item)
        rounds(done=1)
        return made

    def _there(self, future: Future[Made] | None, work: Callable[[Item], Made], item: Item) -> Made:
        while future is not None and not wait([future], timeout=PAUSE).done:
            pulse()
        made = self._result(future, work, item)
        rounds(done=1)
        return made

    def later(self, work: Callable[[Item], Made], item: Item) -> Callable[[], Made]:
        """Begun by the pool at once; what is returned waits for it.

        Without a pool it is done when it is asked for.
        """
        work = spoken_alike(work)
        future = None if self._pool is None else self._submit(work, item)
        return lambda: self._result(future, work, item)

    def _is_ready(self) -> bool:
        """Whether the processes have started.

        Until then, waiting for them would be dearer than the work.
        """
        return self._ready is not None and self._ready.done()

    def _submit(self, work: Callable[[Item], Made], item: Item) -> Future[Made] | None:
        assert self._pool is not None
        try:
            return self._pool.submit(work, item)
        except BrokenProcessPool:
            return None

    def _result(
        self, future: Future[Made] | None, work: Callable[[Item], Made], item: Item
    ) -> Made:
        """What the pool made of the item; made here where the pool has died."""
        if future is not None:
            with contextlib.suppress(BrokenProcessPool):
                return future.result()
        return work(item)


@contextlib.contextmanager
def workers(processes: int, warm_up: Callable[[], None] = _nothing) -> Iterator[Workers]:
    """This process and so many beside it, less one; they end with this block, whatever ends it.

    Args:
        processes: 1 does everything here.
        warm_up: what each of the others loads at its start; it must pickle.
    """
    if processes <= 1:
        yield Workers()
        return
    context = multiprocessing.get_context("spawn")  # a copy of a process with threads may hang
    pool = ProcessPoolExecutor(processes - 1, context, _begin, (warm_up,))
    try:
        yield Workers(pool)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _begin(warm_up: Callable[[], None]) -> None:
    """The start of a process of the pool.

    Quiet at Ctrl-C, with one thread, and never longer than its parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    warm_up()
    threadpool_limits(1)  # the linear algebra's own: each process of the pool is one thread


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)  # the parent was killed: nobody waits for what is being made
