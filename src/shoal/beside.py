"""A process of our own beside the run: what is many small steps of Python cannot be shared out among threads, and a second core has it.

The child is a bare interpreter that imports this module and nothing of the user's: his script is never run again. Work comes to
it as pickles on stdin, and what it makes of it goes back on stdout. Whatever goes wrong with it, the work is done here instead, by
the same functions and with the same result; when this process ends, its stdin closes and it ends too.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")

PATIENCE = 120.0  # seconds; what takes longer there than here and this on top is made here
# What the child loads is named in its first line alone: nothing here imports the road.
_START = "import sys; sys.path[:] = sys.argv[1:]; from shoal import beside, road; beside.serve(road.warm_up)"
_QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MPLBACKEND": "agg"}
_begun: list[subprocess.Popen[bytes]] = []  # children that nobody has asked for yet
_answers = -1  # where the answers of such a child go; this process is none


class Each(Protocol):
    """Shares work out: what `work` makes of each item, in their order. Both must pickle."""

    def __call__(self, work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
        """In whatever order it is done, the list is in the order of the items."""


def processors() -> int:
    """How many processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_turn(work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
    """What `work` makes of each item, one after the other in this process."""
    return [work(item) for item in items]


class Beside:
    """A child to share work with; without one everything is done here."""

    def __init__(self, child: subprocess.Popen[bytes] | None = None) -> None:
        self._child = child
        self._hand = ThreadPoolExecutor(1)  # waits for the child; one piece of work at a time goes to it

    def each(self, work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
        """What `work` makes of each item, in their order. Both take from the front: give what takes longest first."""
        if self._child is None:
            return in_turn(work, items)
        left, made = deque(enumerate(items)), dict[int, Made]()
        try:
            there = self._hand.submit(self._take, work, left, made)
            for number, item in _taken(left):
                made[number] = work(item)
            self._wait(there)
            for number, item in _taken(left):  # given back
                made[number] = work(item)
        finally:
            left.clear()
        return [made[number] for number in range(len(items))]

    def later(self, work: Callable[[Item], Made], item: Item) -> Callable[[], Made]:
        """Begun by the child at once; what is returned waits for it. Without a child it is done when it is asked for."""
        if self._child is None:
            return lambda: work(item)
        there = self._hand.submit(self._ask, work, item)

        def wait() -> Made:
            self._wait(there)
            if there.done() and not there.cancelled() and there.exception() is None:
                return there.result()  # type: ignore[no-any-return]
            return work(item)

        return wait

    def close(self) -> None:
        """End the child, if there is one, and whatever waits for it."""
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(OSError):
                child.kill()
        self._hand.shutdown(cancel_futures=True)
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()
        child.wait()

    def _wait(self, there: Future[Any]) -> None:
        try:
            there.exception(PATIENCE)
        except TimeoutError:
            self.close()

    def _take(self, work: Callable[[Item], Made], left: deque[tuple[int, Item]], made: dict[int, Made]) -> None:
        """The child's turns; an item that it cannot do is given back."""
        send: Callable[[Item], Made] | None = work
        for number, item in _taken(left):
            try:
                made[number] = self._ask(send, item)
            except Exception:
                left.append((number, item))
                return
            send = None  # the child remembers it

    def _ask(self, work: Callable[..., Any] | None, item: Any) -> Any:
        """What the child makes of it. Raises whatever goes wrong."""
        question = pickle.dumps((work, item), pickle.HIGHEST_PROTOCOL)
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            raise ChildProcessError
        child.stdin.write(question)
        child.stdin.flush()
        done, made = pickle.load(child.stdout)
        if not done:
            raise ChildProcessError(made)
        return made


def _taken(left: deque[Item]) -> Iterator[Item]:
    """What is left, item by item, while others take from it too."""
    with contextlib.suppress(IndexError):
        while True:
            yield left.popleft()


@contextlib.contextmanager
def beside(wanted: bool = True) -> Iterator[Beside]:
    """A child that has begun to load, and is gone afterwards. Enter it as early as it is certain to be of use."""
    helper = Beside(_begun.pop() if _begun else _start() if wanted else None)
    if not wanted:  # after all: it may have begun
        helper.close()
    try:
        yield helper
    finally:
        helper.close()


def begin() -> None:
    """Start the child that the next `beside` will have: a command line can, long before it has loaded what a run needs."""
    child = _start()
    if child is not None:
        _begun.append(child)


def _start() -> subprocess.Popen[bytes] | None:
    """A child that waits for work, or None where there is no second core or no plain interpreter to start."""
    if processors() < 2 or not _plain_interpreter():
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


# --- the child -------------------------------------------------------------------------------------


def serve(warm_up: Callable[[], None]) -> None:
    """The child's life: load, take work, do it, answer. The parent's end of the pipe closes when the parent is gone."""
    import gc

    from shoal.lean import arrow_alone

    global _answers
    _answers = os.dup(1)
    answers = os.fdopen(_answers, "wb")
    os.dup2(2, 1)  # whatever prints must not get between the bytes of the answers
    gc.disable()  # a short life: what is dropped goes with the process
    arrow_alone()
    warm_up()
    work: Callable[[Any], Any] | None = None
    with contextlib.suppress(EOFError, OSError):
        while True:
            again, item = pickle.load(sys.stdin.buffer)
            work = again or work
            answers.write(_answer(work, item))
            answers.flush()
    os._exit(0)


def _answer(work: Callable[[Any], Any] | None, item: Any) -> bytes:
    try:
        assert work is not None
        return pickle.dumps((True, work(item)), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # the parent does it again, and says what is wrong
        return pickle.dumps((False, repr(error)), pickle.HIGHEST_PROTOCOL)


def by_two(work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
    """What `work` makes of each item; in the child a copy of it takes items as well, for the time when the run waits for both.

    Only the child may be copied so: it has no second thread that could hold a lock.
    """
    if _answers < 0 or not hasattr(os, "fork") or not 2 <= len(items) <= 256:
        return in_turn(work, items)
    left, more = os.pipe()
    os.write(more, bytes(range(len(items))))  # whoever is free takes the next number
    os.close(more)
    source, target = os.pipe()
    copied = os.fork()
    if copied == 0:
        for end in (source, _answers):  # else nobody would learn that the child has ended
            os.close(end)
        with contextlib.suppress(BaseException), os.fdopen(target, "wb") as file:
            pickle.dump(_numbered(work, items, left), file, pickle.HIGHEST_PROTOCOL)
        os._exit(0)
    os.close(target)
    made = _numbered(work, items, left)
    os.close(left)
    with os.fdopen(source, "rb") as file, contextlib.suppress(EOFError, pickle.UnpicklingError):
        made |= pickle.load(file)
    os.waitpid(copied, 0)
    return [made[number] if number in made else work(item) for number, item in enumerate(items)]


def _numbered(work: Callable[[Item], Made], items: Sequence[Item], left: int) -> dict[int, Made]:
    """What `work` makes of the items whose numbers come out of a pipe, by number."""
    return {number[0]: work(items[number[0]]) for number in iter(lambda: os.read(left, 1), b"")}
