"""The pictures and the page made by a process of their own, beside the run: they need a second or two, and a second core has it.

The child is a bare interpreter that imports this module and nothing of the user's: his script is never run again. It loads what
it draws with while the run is still at work, is handed the facts as a pickle on stdin, and hands back page and pictures on
stdout. Whatever goes wrong with it, the report is made here instead; when this process ends, its stdin closes and it ends too.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shoal.nouns import Facts
from shoal.report import illustrated, warm_up

PATIENCE = 120.0  # seconds; a report that takes longer is made here
_START = "import sys; sys.path[:] = sys.argv[1:]; from shoal.report.reporter import serve; serve()"
_QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MPLBACKEND": "agg"}

Report = tuple[str, dict[str, bytes]]


class Reporter:
    """Makes one report. `begin` hands the facts over and returns at once; `report` waits for the page.

    Without a child, or when it fails, the report is made in this process, by the same function.
    """

    def __init__(self, child: subprocess.Popen[bytes] | None = None) -> None:
        self._child = child
        self._exchange: threading.Thread | None = None
        self._answer = b""

    def begin(self, facts: Facts) -> None:
        """Start to draw; without a child nothing is done yet."""
        if self._child is None or self._exchange is not None:
            return
        lean = dataclasses.replace(facts, choice=dataclasses.replace(facts.choice, fits={}))
        try:
            question = pickle.dumps(lean, pickle.HIGHEST_PROTOCOL)
        except Exception:  # something in the options that does not pickle: no reason to have no report
            self.close()
            return
        self._exchange = threading.Thread(target=self._ask, args=(self._child, question), daemon=True)
        self._exchange.start()

    def report(self, facts: Facts) -> Report:
        """The report as HTML, and its figures as PNG by name."""
        self.begin(facts)
        if self._exchange is not None:
            self._exchange.join()
        with contextlib.suppress(Exception):  # cut off in the middle, or never begun
            page, images = pickle.loads(self._answer)
            return page, images
        self.close()
        return illustrated(facts)

    def close(self) -> None:
        """End the child, if there is one, and whatever waits for it."""
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(OSError):
            child.kill()
        if self._exchange is not None:
            self._exchange.join()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()
        child.wait()

    def _ask(self, child: subprocess.Popen[bytes], question: bytes) -> None:
        try:
            answer, _ = child.communicate(question, timeout=PATIENCE)
            self._answer = answer if child.returncode == 0 else b""
        except (OSError, ValueError, subprocess.SubprocessError):
            child.kill()


@contextlib.contextmanager
def reporting(wanted: bool = True) -> Iterator[Reporter]:
    """A reporter that has begun to load what it draws with, and is gone afterwards. Enter it as early as a report is certain.

    Args:
        wanted: without a report to come, no child is started.
    """
    reporter = Reporter(_start() if wanted else None)
    try:
        yield reporter
    finally:
        reporter.close()


def _start() -> subprocess.Popen[bytes] | None:
    """A child that loads and waits, or None where there is no second core or no plain interpreter to start."""
    if _cores() < 2 or not _plain_interpreter():
        return None
    paths = [path for path in sys.path if isinstance(path, str)]
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", _START, *paths], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=os.environ | _QUIET, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except (OSError, ValueError):
        return None


def _plain_interpreter() -> bool:
    """Whether `sys.executable` is Python itself: a frozen program, or one that embeds Python, would start itself again."""
    name = Path(sys.executable or "").name.lower()
    return name.startswith(("python", "pypy")) and not getattr(sys, "frozen", False)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def serve() -> None:
    """The child's life: load, read the facts, write the report. The parent's end of the pipe closes when the parent is gone."""
    import gc

    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not get between the bytes of the answer
    gc.disable()  # a short life: what is dropped goes with the process
    warm_up()
    question = sys.stdin.buffer.read()
    if question:
        facts: Any = pickle.loads(question)
        pickle.dump(illustrated(facts), answer, pickle.HIGHEST_PROTOCOL)
        answer.flush()
    os._exit(0)
