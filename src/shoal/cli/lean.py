"""What a process of shoal's own, the command line or its helper, need not load."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _None:
    """Finds some packages to be none, and leaves the others to the finders behind."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Nothing, or an error."""
        if name in self.names:
            raise ModuleNotFoundError(name)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Whoever looks for these packages meanwhile finds none, unless they are loaded."""
    finder: Any = _None(*names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def arrow_alone() -> None:
    """Let PyArrow look for pandas, once, and find none.

    It loads it at the first conversion, for a third of a second.

    Only in a process that has no use for data frames: `to_pandas` fails there from now on. Where
    pandas is loaded nothing is done.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    with without("pandas"):
        pa.array([0])
