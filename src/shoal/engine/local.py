"""This machine as what shows rows to accumulators: some threads, and a budget of memory."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from shoal.engine.accumulator import Accumulator
from shoal.engine.progress import pulse
from shoal.engine.resources import asked, memory, one_blas_thread, threads
from shoal.engine.spill import SpillStore

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True)
class LocalEngine:
    """Accumulators run by threads of this process, each over its own share of the batches."""

    threads: int = field(default_factory=threads)
    memory: int = field(default_factory=memory)  # bytes of rows before they go to disk
    folder: Path | None = field(default_factory=lambda: asked().folder)  # where they go then
    here = True

    def run(
        self,
        batches: Callable[[Sequence[str] | None], Iterator[pa.RecordBatch]],
        accumulators: Sequence[Accumulator],
        columns: Sequence[str] | None,
        progress: Callable[[int], None] | None,
    ) -> int:
        """Show every row to each accumulator, reading once. Returns the number of rows."""
        copies = [copy.deepcopy(tuple(accumulators)) for _ in range(self.threads - 1)]
        rows = self._shared_out(batches(columns), [tuple(accumulators), *copies], progress)
        for each in copies:  # in a fixed order, so that sums are the same to the digit
            for mine, theirs in zip(accumulators, each, strict=True):
                mine.merge(theirs)
        return rows

    def _shared_out(
        self,
        batches: Iterator[pa.RecordBatch],
        workers: Sequence[Sequence[Accumulator]],
        progress: Callable[[int], None] | None,
    ) -> int:
        """Each worker in turn takes the next batch, in a thread of its own."""
        rows = 0
        pending: deque[Future[None]] = deque()
        with ExitStack() as stack:
            pools = [stack.enter_context(ThreadPoolExecutor(1)) for _ in workers]
            for number, batch in enumerate(batches):
                if number == 1:
                    stack.enter_context(one_blas_thread())
                if len(pending) > 2 * len(workers):  # reading must not run ahead of updating
                    pending.popleft().result()
                at = number % len(workers)
                pending.append(pools[at].submit(_update, workers[at], batch, rows))
                rows += batch.num_rows
                if progress is not None:
                    progress(rows)
                pulse()
            for each in pending:
                each.result()
        return rows

    def each(self, work: Callable[[int], Any], items: Sequence[int]) -> Iterator[Any]:
        """What `work` makes of each item, in their order, by all threads."""
        with one_blas_thread(), ThreadPoolExecutor(self.threads) as pool:
            for made in pool.map(work, items):
                pulse()
                yield made

    def spill_store(self, share: float, size: int | None = None) -> SpillStore:
        """Room for rows: in memory when all fit into this share of the budget, else on disk.

        `size` in bytes; where it is not known yet, what goes beyond the share goes to disk.
        """
        budget = int(self.memory * share)
        return SpillStore(budget if size is None or size <= budget else 0, self.folder)


def in_threads(
    items: Iterable[Given], work: Callable[[Given], Made], most: int = 2
) -> Iterator[Made]:
    """What `work` makes of each item, in their order, a few at a time beside whoever takes it."""
    with ThreadPoolExecutor(min(most, threads())) as pool:
        waiting: deque[Future[Made]] = deque()
        for item in items:
            pulse()
            waiting.append(pool.submit(work, item))
            if len(waiting) > 4:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _update(accumulators: Sequence[Accumulator], batch: pa.RecordBatch, start: int) -> None:
    for each in accumulators:
        each.update(batch, start)
