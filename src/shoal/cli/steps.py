"""How far a run is, on stderr: a line that changes where somebody watches, or a log of steps."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shoal.cli.command import OF_ROWS, QUIET, VERBOSE, asked_for

LOG = logging.getLogger("shoal")


class StepLog:
    """One line a step, when it is over: what was done, of how many rows, in which time."""

    def __init__(self) -> None:
        self.step, self.rows = "", 0
        self.began = time.monotonic()

    def show(self, step: str, rows: int, total: int | None) -> None:
        """Take note of how far the run is."""
        if step != self.step:
            self.stop()
            self.step, self.rows, self.began = step, 0, time.monotonic()
        self.rows = max(self.rows, rows)

    def stop(self) -> None:
        """The last step is over."""
        if self.step:
            of_what = "rows" if self.step in OF_ROWS else "rounds"
            rows = f"{self.rows:,} {of_what} in " if self.rows else ""
            LOG.info("%s: %s%.2f s", self.step, rows, time.monotonic() - self.began)
        self.step = ""


@contextmanager
def logged() -> Iterator[StepLog]:
    """Lines of the log on stderr meanwhile, plain whoever reads them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    before = LOG.level
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    steps = StepLog()
    try:
        yield steps
        steps.stop()
    finally:
        LOG.setLevel(before)
        LOG.removeHandler(handler)


@contextmanager
def progress_line() -> Iterator[Callable[[str, int, int | None], None]]:
    """Progress on stderr, where somebody watches, after a second; or one line a step."""
    from shoal.cli.lean import arrow_alone

    arrow_alone()
    if asked_for(VERBOSE):
        with logged() as steps:
            yield steps.show
        return
    line = None
    if not asked_for(QUIET) and sys.stderr is not None and sys.stderr.isatty():
        from shoal.cli.terminal import ProgressLine

        line = ProgressLine()
    try:
        yield line.show if line else _silent
    finally:
        if line:
            line.stop()


def _silent(step: str, rows: int, total: int | None) -> None:
    """Nobody watches."""
