"""Progress: what is told to whoever waits for a run, who may end it by an exception.

What takes long tells again and again what it told last (`pulse`), so that whoever waits can show
that something is going on, or raise `shoal.Stopped`, within a fraction of a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# What is being done, how much of it is done, how much there is (None where that is not known): rows
# or, where customers are searched and examined, rounds of work.
Progress = Callable[[str, int, int | None], None]

PAUSE = 0.1  # seconds between two pulses


class _Listener:
    """Who waits for a run, and what they were told last."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._told: tuple[str, int, int | None] = ("starting", 0, None)
        self._at = 0.0
        self._rounds = (0, 0)  # done, known of

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """Tell something new."""
        if step != self._told[0]:
            self._rounds = (0, 0)
        self._told, self._at = (step, done, total), time.monotonic()
        self._progress(step, done, total)

    def again(self) -> None:
        """Tell it again, unless that was a moment ago."""
        if time.monotonic() - self._at > PAUSE:
            self(*self._told)

    def rounds(self, done: int, more: int) -> None:
        """So many rounds of the step have been done, and so many more are known of."""
        before, known = self._rounds
        self._rounds = before + done, known + more
        self(self._told[0], *self._rounds)


_listener: ContextVar[_Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(progress: Progress | None) -> Iterator[Progress | None]:
    """Whoever waits hears pulses for as long as this lasts, in this thread."""
    if progress is None:
        yield None
        return
    listener = _Listener(progress)
    token = _listener.set(listener)
    try:
        yield listener
    finally:
        _listener.reset(token)


def pulse() -> None:
    """Called in whatever takes long: lets whoever waits show a sign of life, or stop it."""
    listener = _listener.get()
    if listener is not None:
        listener.again()


def rounds(done: int = 0, more: int = 0) -> None:
    """So many rounds of the present step have been done, and so many more are known of."""
    listener = _listener.get()
    if listener is not None:
        listener.rounds(done, more)


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
