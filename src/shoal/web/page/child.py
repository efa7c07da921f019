"""A process that reads and reckons for one table, and can be ended at any moment."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

LONGEST = 2**27  # bytes of an answer
LOOKS = 0.5  # seconds between two looks at its memory and time
PART = 0.7  # of this machine's memory that it may take
GRACE = 0.5  # seconds that it has to stop by itself

Heard = Callable[[dict[str, Any]], None]


class WorkError(Exception):
    """What went wrong, for people: a message, and what to do about it."""

    def __init__(self, message: str, hint: str = "", *, fault: bool = False) -> None:
        super().__init__(message)
        self.message, self.hint, self.fault = message, hint, fault


class EndedError(WorkError):
    """The process is no more, and nobody has ended it."""


class StoppedError(Exception):
    """Somebody pressed stop."""


class Child:
    """The process, and one question to it at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.asked_at = time.monotonic()
        self._one = asyncio.Lock()
        self._stopping = self._killed = False

    @classmethod
    async def start(cls) -> Child:
        """A process that gets ready; it is told later what it works on."""
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        command = (sys.executable, "-P", "-m", "shoal.web.page.worker")
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            env=environment,
            limit=LONGEST,
            start_new_session=True,  # Ctrl-C is for the server, which ends its children
        )
        return cls(process)

    @property
    def lives(self) -> bool:
        """Whether it can still be asked."""
        return self.process.returncode is None and not self._killed

    @property
    def busy(self) -> bool:
        """Whether it is at work."""
        return self._one.locked()

    async def ask(self, asked: dict[str, Any], heard: Heard, seconds: float) -> Any:
        """Its answer; `heard` is told how far it is. Raises WorkError or StoppedError."""
        async with self._one:
            self.asked_at, self._stopping = time.monotonic(), False
            self._say(asked)
            ends = self.asked_at + seconds
            while "answer" not in (told := await self._line(ends)):
                if "step" in told:
                    heard(told)
                elif "stopped" in told:
                    raise StoppedError
                else:
                    raise WorkError(**told)
            self.asked_at = time.monotonic()
            return told["answer"]

    async def stop(self) -> None:
        """End what it does: it stops by itself in half a second, or is killed."""
        if not self.busy or not self.lives:
            return
        self._stopping = True
        with suppress(OSError):
            self._say({"do": "stop"})
        ends = time.monotonic() + GRACE
        while self.busy and time.monotonic() < ends:
            await asyncio.sleep(0.02)
        if self.busy:
            self.kill()

    def kill(self) -> None:
        """End it now, with what it has started."""
        if not self.lives:
            return
        self._killed = True
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, 9)
            else:
                self.process.kill()

    def _say(self, asked: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(asked).encode() + b"\n")

    async def _line(self, ends: float) -> dict[str, Any]:
        assert self.process.stdout is not None
        coming = asyncio.ensure_future(self.process.stdout.readline())
        try:
            while not (await asyncio.wait({coming}, timeout=LOOKS))[0]:
                self._check(ends)
        finally:
            coming.cancel()
        line = coming.result()
        if line:
            told: dict[str, Any] = json.loads(line)
            return told
        await self.process.wait()
        if self._stopping:
            raise StoppedError
        raise EndedError(
            "The process that worked on this table has ended unexpectedly.",
            "Try again; a smaller table or fewer columns take less memory.",
            fault=True,
        )

    def _check(self, ends: float) -> None:
        """Raise WorkError where it takes too long or too much."""
        if time.monotonic() > ends:
            self.kill()
            raise WorkError(
                "This took longer than the page allows, and was ended.", "Try fewer rows."
            )
        if _memory_of(self.process.pid) > PART * _memory_here():
            self.kill()
            raise WorkError(
                "This took more memory than this machine can spare, and was ended.",
                "Leave out columns, or use the command line on a larger machine.",
            )


def _memory_of(process: int) -> int:
    """The bytes that a process holds in memory, where the system tells."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text("ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError, AttributeError):
        return 0


def _memory_here() -> float:
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, AttributeError):
        return float("inf")
