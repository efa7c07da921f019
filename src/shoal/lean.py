"""What a process of shoal's own, the command line or its helper, need not load."""

from __future__ import annotations

import sys
from typing import Any


class _NoPandas:
    """Finds everything but pandas."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        """Leave other modules to the finders behind."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


def arrow_alone() -> None:
    """Let PyArrow look for pandas, once, and find none: it loads it at the first conversion, for a third of a second.

    Only in a process that has no use for data frames: `to_pandas` fails there from now on. Where pandas is loaded nothing is done.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(_NoPandas)
