"""What a library wraps around a frame or cuts it into, told without loading it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

_OF_DASK = ("DataFrame", "Series")  # not a Scalar or an Index


def native_of(given: Any) -> Any:
    """The frame that one of narwhals wraps; anything else as it is."""
    wrapped = type(given).__module__.partition(".")[0] == "narwhals"
    return given.to_native() if wrapped and hasattr(given, "to_native") else given


def is_dask(given: Any) -> bool:
    """Whether it is a DataFrame or Series of dask."""
    kind = type(given)
    return kind.__module__.startswith("dask.dataframe") and kind.__name__ in _OF_DASK


def partitions(frame: Any) -> Iterator[Any]:
    """The frames of pandas that one of dask is cut into, one after the other."""
    whole = frame if frame.ndim == 2 else frame.to_frame()
    for number in range(whole.npartitions):
        yield whole.partitions[number].compute()


def are_paths(given: Sequence[Any]) -> bool:
    """Whether a list names files."""
    return bool(given) and all(isinstance(each, (str, Path)) for each in given)
