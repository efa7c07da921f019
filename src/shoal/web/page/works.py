"""Tables that people work on: each with its folder, its process, and what is known of it."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shoal.web.page import words
from shoal.web.page.child import Child, EndedError, StoppedError, WorkError
from shoal.web.page.settings import (
    MOST_CHILDREN,
    MOST_SESSIONS,
    MOST_WORKS,
    UNPACKED,
    Settings,
)

Told = dict[str, Any]


@dataclass(eq=False)
class Job:
    """Something that takes time: where it stands, and who waits for it."""

    title: str
    then: str  # the screen that shows what came of it
    task: asyncio.Task[None] | None = None
    ahead: int = 0  # jobs that are done before this one
    step: str = ""
    rows: int = 0
    total: int | None = None
    begun: float = field(default_factory=time.monotonic)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self, told: Told) -> None:
        """How far it is."""
        self.step, self.rows, self.total = told["step"], told["rows"], told["total"]
        self.stir()

    def stir(self) -> None:
        """Wake those who wait for news."""
        self.changed.set()
        self.changed = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.task is not None and self.task.done()


class Turns:
    """One long job at a time on this machine, in the order in which they came."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._jobs: list[Job] = []

    @asynccontextmanager
    async def of(self, job: Job) -> AsyncIterator[None]:
        """The time in which a job may work."""
        self._jobs.append(job)
        try:
            self._count()
            async with self._lock:
                yield
        finally:
            self._jobs.remove(job)
            self._count()

    def _count(self) -> None:
        for place, job in enumerate(self._jobs):
            job.ahead = place
            job.stir()


def nothing_said() -> Told:
    """What is said of a table that nobody has looked at: of its columns, and of its rows."""
    return {"columns": {}, "rows": "", "orders": dict.fromkeys(words.OF_ORDERS, "")}


@dataclass(eq=False)
class Work:
    """One table of one session."""

    id: str
    folder: Path
    source: str = ""  # a path or a database address, which may hold a password: never shown
    name: str = ""
    settings: Told = field(default_factory=nothing_said)  # what the person said of it
    understood: Told | None = None
    shown: Told | None = None  # the segments, as the screens need them
    beside: Told | None = None  # another number of segments, to compare
    earlier: Told | None = None  # what became of an earlier run
    version: int = 0  # of the segments: names, colours and k change it
    trouble: WorkError | None = None
    stopped: bool = False
    job: Job | None = None
    child: Child | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is being done."""
        return self.job is not None and not self.job.is_over

    def found(self, told: Told) -> None:
        """Show these segments from now on; what another number would change is not known."""
        self.shown, self.beside, self.earlier = told, None, None
        self.version += 1

    def segment(self, number: int) -> Told | None:
        """What is shown of one segment; None where there is no such one."""
        known = self.shown["segments"] if self.shown else ()
        return next((each for each in known if each["no"] == number), None)

    @property
    def here(self) -> str:
        """The address that all its screens begin with."""
        return f"/w/{self.id}"

    @property
    def screen(self) -> str:
        """The address of what is to be seen next."""
        if self.is_busy:
            return f"{self.here}/progress"
        if self.understood is None:
            return f"{self.here}/trouble"
        if self.shown is None or self.trouble is not None or self.stopped:
            return f"{self.here}/columns"
        return f"{self.here}/segments"

    @property
    def facts(self) -> Told:
        """What its process must know to begin."""
        return {
            "folder": str(self.folder),
            "source": self.source,
            "name": self.name,
        }


@dataclass(eq=False)
class Session:
    """One browser."""

    works: dict[str, Work] = field(default_factory=dict)
    seen: float = field(default_factory=time.monotonic)


class Sessions:
    """All of them, their turns and their processes."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self.settings, self.root = settings, root
        self.turns = Turns()
        self._by_id: dict[str, Session] = {}
        self._spare: Child | None = None

    def get(self, id: str | None) -> Session | None:
        """The session of a cookie; None for one that is not, or not any more."""
        session = self._by_id.get(id or "")
        if session is not None:
            session.seen = time.monotonic()
        return session

    async def add(self, id: str) -> Work:
        """A new table of a session, with a folder and no source yet."""
        if id not in self._by_id and len(self._by_id) >= MOST_SESSIONS:
            raise WorkError("Too many people use this page right now.", "Try again in a while.")
        session = self._by_id.setdefault(id, Session())
        while len(session.works) >= MOST_WORKS:
            idle = next((w for w in session.works.values() if not w.is_busy), None)
            if idle is None:
                raise WorkError("All your tables are being worked on.", "Stop one of them first.")
            await self.forget(session, idle)
        work = Work(secrets.token_urlsafe(9), self.root / secrets.token_hex(16))
        work.folder.mkdir(mode=0o700)
        session.works[work.id] = work
        return work

    async def forget(self, session: Session, work: Work) -> None:
        """End what is done for a table of a session, and delete all of it."""
        session.works.pop(work.id, None)
        await self._delete(work)

    async def _delete(self, work: Work) -> None:
        await self.stop(work)
        if work.child is not None:
            work.child.kill()
            await work.child.process.wait()
        await asyncio.to_thread(shutil.rmtree, work.folder, ignore_errors=True)

    async def child(self, work: Work) -> Child:
        """The process of a table; a new one where it was ended."""
        if work.child is None or not work.child.lives:
            self._rest()
            work.child, self._spare = self._spare, None
            if work.child is None or not work.child.lives:
                work.child = await Child.start()
            begin = {"do": "begin", "max_unpacked": UNPACKED * self.settings.max_upload}
            await work.child.ask(begin | work.facts, _not_told, 60)
        return work.child

    async def warm_up(self) -> None:
        """Have a process ready for the next table: it takes a while to load what it needs."""
        if self._spare is None or not self._spare.lives:
            self._spare = await Child.start()

    async def ask(self, work: Work, asked: Told, seconds: float = 60) -> Any:
        """The answer to a short question, of a new process where the old one is no more.

        Raises WorkError.
        """
        child = await self.child(work)
        try:
            return await child.ask(asked, _not_told, seconds)
        except EndedError:
            child.kill()
            return await (await self.child(work)).ask(asked, _not_told, seconds)

    def start(
        self,
        work: Work,
        job: Job,
        asked: Told,
        seconds: float,
        then: Callable[[Any], None],
    ) -> None:
        """Have a long job done in its turn; `then` takes its answer."""
        work.trouble, work.stopped, work.job = None, False, job

        async def done() -> None:
            with _kept(work, job):
                async with self.turns.of(job):
                    child = await self.child(work)
                    then(await child.ask(asked, job.heard, seconds))

        job.task = asyncio.create_task(done())
        job.task.add_done_callback(lambda _: job.stir())

    async def stop(self, work: Work) -> None:
        """End the job of a table, wherever it is, within a second."""
        job = work.job
        if job is None or job.task is None or job.is_over:
            return
        if job.ahead:
            job.task.cancel()
        elif work.child is not None and work.child.busy:
            await work.child.stop()
        else:
            job.task.cancel()
        await asyncio.wait({job.task}, timeout=1)

    def _rest(self) -> None:
        """End processes that wait longest for a question, where there are many."""
        waiting = [w for w in self._works() if w.child and w.child.lives and not w.is_busy]
        waiting.sort(key=lambda w: w.child.asked_at if w.child else 0.0)
        for work in waiting[: max(0, len(waiting) - MOST_CHILDREN + 1)]:
            assert work.child is not None
            work.child.kill()

    def _works(self) -> list[Work]:
        return [work for session in self._by_id.values() for work in session.works.values()]

    async def tidy(self) -> None:
        """Forget sessions that nobody has looked at for long, and end idle processes."""
        now = time.monotonic()
        for work in self._works():
            child = None if work.is_busy else work.child
            if child is not None and now - child.asked_at > self.settings.resting:
                child.kill()
        for id, session in list(self._by_id.items()):
            busy = any(work.is_busy for work in session.works.values())
            if not busy and now - session.seen > self.settings.idle:
                await self.end(id)

    async def end(self, id: str) -> None:
        """Forget a session and all its tables."""
        session = self._by_id.pop(id, None)
        for work in list(session.works.values()) if session else ():
            await self._delete(work)

    async def close(self) -> None:
        """Forget all of them."""
        for id in list(self._by_id):
            await self.end(id)
        if self._spare is not None:
            self._spare.kill()
            await self._spare.process.wait()


@contextmanager
def _kept(work: Work, job: Job) -> Iterator[None]:
    """What becomes of a job that did not end well stands with its table."""
    try:
        yield
    except WorkError as wrong:
        work.trouble = wrong
    except (StoppedError, asyncio.CancelledError):
        work.stopped = True
    except Exception as fault:
        logging.getLogger(__name__).exception("a fault of shoal's own")
        work.trouble = WorkError(*words.fault(fault), fault=True)


def _not_told(_: Told) -> None:
    """Nobody watches a short question."""
