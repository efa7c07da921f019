"""Requests that come at the same time are placed at once: placing costs nearly the same for many.

No answer depends on who else asked. A customer's place depends on this customer alone; what is
told of gaps is of a request as a whole, so that requests with any are placed by themselves.
"""

from __future__ import annotations

import asyncio
from itertools import chain

from shoal.web.service.problems import ProblemError
from shoal.web.service.served import Placement, Read, Served

GATHER = 0.002  # seconds to wait for others, where there were others just before

_Waiting = list[tuple[Read, asyncio.Future[Placement]]]


class Together:
    """Gathers requests by the model that they are for; who comes alone does not wait."""

    def __init__(self) -> None:
        self._waiting: dict[Served, _Waiting] = {}
        self._were_several = False

    async def place(self, model: Served, body: bytes) -> Placement:
        """Place the customers of a body. Raises ProblemError where they cannot be placed."""
        read = model.read(body)
        if not _is_plain(read):
            return model.placed(read)
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Placement] = loop.create_future()
        if not self._waiting:
            loop.call_later(GATHER if self._were_several else 0, self._place_all)
        self._waiting.setdefault(model, []).append((read, found))
        return await found

    def _place_all(self) -> None:
        waiting, self._waiting = self._waiting, {}
        self._were_several = sum(map(len, waiting.values())) > 1
        for model, all_of_them in waiting.items():
            requests = [(read, found) for read, found in all_of_them if not found.done()]
            if not _at_once(model, requests):
                for read, found in requests:
                    _alone(model, read, found)


def _is_plain(read: Read) -> bool:
    """Whether every value is there."""
    return all(None not in values for values in read.columns.values())


def _at_once(model: Served, requests: _Waiting) -> bool:
    """Answer several requests; False where something is to be told of some customers."""
    if len(requests) == 1:
        return False
    reads = [read for read, _ in requests]
    columns = {
        name: list(chain.from_iterable(read.columns[name] for read in reads))
        for name in reads[0].columns
    }
    try:
        rows = model.rows(columns)
    except ProblemError:
        return False
    if rows.findings:
        return False
    at = 0
    for read, found in requests:
        end = at + len(read.ids)
        found.set_result(model.answer(read, rows[at:end], []))
        at = end
    return True


def _alone(model: Served, read: Read, found: asyncio.Future[Placement]) -> None:
    """Answer one request."""
    try:
        found.set_result(model.placed(read))
    except Exception as error:
        found.set_exception(error)
