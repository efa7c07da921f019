"""The model that answers now: another one takes its place when its file is replaced."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Hashable
from pathlib import Path

from shoal import InputError
from shoal.web.service.options import Service
from shoal.web.service.served import Served, served

LOOK_AGAIN = 0.5  # seconds between two looks at the file

Heard = Callable[[bool, str, str], None]  # whether it was taken, its id, what is wrong with it


class Current:
    """Holds what answers; a request asks once, so that no answer mixes two models."""

    def __init__(self, service: Service, heard: Heard) -> None:
        """Raises InputError where the file is no model."""
        self._service, self._heard = service, heard
        self._seen = _state(service.model)
        self.now = self._loaded()
        self.wrong: str | None = None  # with what the file holds by now
        heard(True, self.now.id, "")

    def _loaded(self) -> Served:
        try:
            content = self._service.model.read_bytes()
        except OSError as error:
            raise InputError(
                f"Cannot read the model {self._service.model}: {error.strerror}. "
                "`shoal segment FILE --out DIR` writes DIR/model.json."
            ) from None
        return served(content, self._service)

    def look(self) -> None:
        """Take the model that the file holds, where it changed; an invalid one is not taken."""
        state = _state(self._service.model)
        if state == self._seen:
            return
        self._seen = state  # before reading: what is written meanwhile is seen at the next look
        try:
            new = self._loaded()
        except Exception as error:  # whatever the file holds, what answers now goes on
            known = isinstance(error, InputError)
            self._keep(str(error) if known else f"a fault of shoal's own: {type(error).__name__}")
            return
        self.wrong = None
        if new.file != self.now.file:
            self.now = new
            self._heard(True, new.id, "")

    def _keep(self, wrong: str) -> None:
        """Go on with the model of before, and say why."""
        if wrong != self.wrong:
            self._heard(False, self.now.id, wrong)
        self.wrong = wrong

    async def watch(self) -> None:
        """Look at the file again and again."""
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            await asyncio.to_thread(self.look)


def _state(path: Path) -> Hashable:
    """What tells that a file was replaced or written into.

    Clocks of file systems tick slowly: what is younger than a second is looked at once more later.
    """
    try:
        found = os.stat(path)
    except OSError:
        return None
    settled = time.time_ns() - found.st_mtime_ns > 1_000_000_000
    return found.st_size, found.st_mtime_ns, found.st_ino, settled
