"""A process of our own beside the run: what is many small steps of Python cannot be shared out among threads, and a second core has it.

The child is a bare interpreter that imports this module and nothing of the user's: his script is never run again. The command line,
a process of shoal's own, is copied in place of that, so that what it has loaded need not be loaded again. Work comes to
the child as pickles through a pipe, and what it makes of it goes back through another. Whatever goes wrong with it, the work is done here instead, by
the same functions and with the same result; when this process ends, the pipe closes and the child ends too.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, NoReturn, Protocol, TypeVar

from shoal.engine.resources import processors

Item = TypeVar("Item")
Made = TypeVar("Made")

PATIENCE = 120.0  # seconds; what takes longer there than here and this on top is made here
# What the child loads is named in its first line alone: nothing here imports the road.
_START = "import sys; sys.path[:] = sys.argv[1:]; from shoal import pipeline; from shoal.engine import worker; worker.serve(pipeline.warm_up)"
_QUIET = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
}
_begun: list[Child] = []  # children that nobody has asked for yet
_answers = -1  # where the answers of such a child go; this process is none


class Child(Protocol):
    """A process that takes questions and gives answers, as `subprocess.Popen` has it."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    def kill(self) -> None:
        """End it at once."""

    def wait(self) -> int:
        """Wait for its end."""


class Each(Protocol):
    """Shares work out: what `work` makes of each item, in their order. Both must pickle."""

    def __call__(self, work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
        """In whatever order it is done, the list is in the order of the items."""


def in_turn(work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
    """What `work` makes of each item, one after the other in this process."""
    return [work(item) for item in items]


class Beside:
    """A child to share work with; without one everything is done here."""

    def __init__(self, child: Child | None = None) -> None:
        self._child = child
        self._hand = ThreadPoolExecutor(
            1
        )  # waits for the child; one piece of work at a time goes to it

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

    def _take(
        self, work: Callable[[Item], Made], left: deque[tuple[int, Item]], made: dict[int, Made]
    ) -> None:
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


def begin(warm_up: Callable[[], None]) -> None:
    """Start the child that the next `beside` will have, as soon as this process has loaded what both need. Only for a process of shoal's own."""
    child = _copied(warm_up) if _may_be_copied() else _start()
    if child is not None:
        _begun.append(child)


def _may_be_copied() -> bool:
    """Whether this process has no second thread, which could hold a lock for ever in a copy, and there is a core for the copy."""
    return sys.platform == "linux" and processors() > 1 and len(os.listdir("/proc/self/task")) == 1


class _Copy:
    """A copy of this process, with the pipes that lead to it and back."""

    def __init__(self, pid: int, questions: int, answers: int) -> None:
        self.pid = pid
        self.stdin: IO[bytes] | None = os.fdopen(questions, "wb")
        self.stdout: IO[bytes] | None = os.fdopen(answers, "rb")
        self.returncode: int | None = None

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end, and tell how it ended."""
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode


def _copied(warm_up: Callable[[], None]) -> Child | None:
    ours, theirs = os.pipe(), os.pipe()  # questions and answers: (to read from, to write to)
    try:
        pid = os.fork()
    except OSError:
        for end in (*ours, *theirs):
            os.close(end)
        return None
    if pid == 0:
        _live(ours, theirs, warm_up)
    os.close(ours[0])
    os.close(theirs[1])
    return _Copy(pid, ours[1], theirs[0])


def _live(
    questions: tuple[int, int], answers: tuple[int, int], warm_up: Callable[[], None]
) -> NoReturn:
    """The life of a copy: it says nothing to people, and never comes back into the code it was copied from."""
    with contextlib.suppress(BaseException):
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it, without a word
        nowhere = os.open(os.devnull, os.O_RDWR)
        for end, place in ((questions[0], 0), (answers[1], 1), (nowhere, 2)):
            os.dup2(end, place)
        for end in {*questions, *answers, nowhere} - {0, 1, 2}:
            os.close(end)
        os.environ.update(_QUIET)
        serve(warm_up)
    os._exit(0)


def _start() -> Child | None:
    """A child that waits for work, or None where there is no second core or no plain interpreter to start."""
    if processors() < 2 or not _plain_interpreter():
        return None
    paths = [path for path in sys.path if isinstance(path, str)]
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", _START, *paths],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _QUIET,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
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
    import warnings

    from shoal.cli.lean import arrow_alone, without

    global _answers
    _answers = os.dup(1)
    questions, answers = os.fdopen(0, "rb"), os.fdopen(_answers, "wb")
    os.dup2(2, 1)  # whatever prints must not get between the bytes of the answers
    gc.disable()  # a short life: what is dropped goes with the process
    arrow_alone()
    # Matplotlib loads axes in three dimensions where they are, and warns where not.
    with without("mpl_toolkits"), warnings.catch_warnings(action="ignore"):
        warm_up()
    work: Callable[[Any], Any] | None = None
    with contextlib.suppress(EOFError, OSError):
        while True:
            again, item = pickle.load(questions)
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
