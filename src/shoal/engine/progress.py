"""Progress: what is told to whoever waits for a run."""

from __future__ import annotations

from collections.abc import Callable

# What is being done, rows done so far, rows in all (None where that is not known).
Progress = Callable[[str, int, int | None], None]


def begin(progress: Progress | None, step: str) -> None:
    """Say that a step has begun."""
    if progress is not None:
        progress(step, 0, None)


def counting(
    progress: Progress | None, step: str, total: int | None
) -> Callable[[int], None] | None:
    """A function that says how many of a step's rows are done; None where nobody listens."""
    if progress is None:
        return None
    return lambda rows: progress(step, rows, total)
