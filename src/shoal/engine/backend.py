"""The library whose frame a table was: what comes back about its rows is of the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Library = Literal["pandas", "polars", "arrow", "duckdb", "spark"]


@dataclass(frozen=True)
class Backend:
    """A library, and what of the given frame is needed to make another that fits it."""

    library: Library = "pandas"
    index: Any = field(default=None, repr=False)  # of a frame of pandas
    relation: Any = field(default=None, repr=False)  # of DuckDB, for its connection
    session: Any = field(default=None, repr=False)  # of Spark

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: a connection and a session are of one process."""
        return {**self.__dict__, "relation": None, "session": None}


PANDAS = Backend()  # of files, databases and plain Python as well
