"""What was seen in cells, remembered for as long as one reading and no longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import _lru_cache_wrapper, lru_cache
from typing import TypeVar

T = TypeVar("T")
MOST_CELLS = 1 << 15

_memories: list[_lru_cache_wrapper[object]] = []


def remembered(of_cell: Callable[[str], T]) -> Callable[[str], T]:
    """The function, which looks at the same cell once in a reading: most cells come again."""
    cached = lru_cache(MOST_CELLS)(of_cell)
    _memories.append(cached)
    return cached


@contextmanager
def one_reading() -> Iterator[None]:
    """Forget all cells at the end: they are customers' data."""
    try:
        yield
    finally:
        for memory in _memories:
            memory.cache_clear()
