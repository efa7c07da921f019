"""This machine as what shows rows to accumulators: some threads, and a budget of memory."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from shoal.engine.accumulator import Accumulator
from shoal.engine.resources import asked, memory, one_blas_thread, threads
from shoal.engine.spill import SpillStore


@dataclass(frozen=True)
class LocalEngine:
    """Passes run by threads of this process, each over its own share of the batches, merged in a fixed order."""

    threads: int = field(default_factory=threads)
    memory: int = field(default_factory=memory)  # bytes of rows before they go to disk
    folder: Path | None = field(default_factory=lambda: asked().folder)  # where they go then
    here = True

    def run(
        self,
        batches: Callable[[Sequence[str] | None], Iterator[pa.RecordBatch]],
        passes: Sequence[Accumulator],
        columns: Sequence[str] | None,
        progress: Callable[[int], None] | None,
    ) -> int:
        """Show every row to each of the passes, reading once. Returns the number of rows."""
        rows = 0
        crews = [tuple(passes), *(copy.deepcopy(tuple(passes)) for _ in range(self.threads - 1))]
        pending: deque[Future[None]] = deque()
        with ExitStack() as stack:
            hands = [stack.enter_context(ThreadPoolExecutor(1)) for _ in crews]
            for number, batch in enumerate(batches(columns)):
                if number == 1:
                    stack.enter_context(one_blas_thread())
                if len(pending) > 2 * len(crews):  # reading must not run ahead of what is absorbed
                    pending.popleft().result()
                at = number % len(crews)
                pending.append(hands[at].submit(_update, crews[at], batch, rows))
                rows += batch.num_rows
                if progress is not None:
                    progress(rows)
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

    def shelf(self, share: float, size: int | None) -> SpillStore:
        """Room for rows in memory, when all of them fit into this share of the budget, else on disk.

        `size` in bytes; where it is not known yet, what goes beyond the share goes to disk.
        """
        budget = int(self.memory * share)
        return SpillStore(budget if size is None or size <= budget else 0, self.folder)


def _update(passes: Sequence[Accumulator], batch: pa.RecordBatch, start: int) -> None:
    for each in passes:
        each.update(batch, start)
