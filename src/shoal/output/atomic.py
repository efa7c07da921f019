"""Results come into a folder whole or not at all, and those of one run at a time.

They are written into a staging folder that the run holds by a lock, and moved from there. A new
folder comes into being in one move. One that is there changes places with one that holds the new
files beside those that stay (`exchange.py`). Where that cannot be, the files move one by one while
it is locked; when the run is killed between two moves, the next run into the folder makes the
others.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
from filelock import FileLock, Timeout

from shoal.engine.tempdir import FILES, LockedFolder, sweep
from shoal.errors import OptionError, OutputError
from shoal.output.exchange import STAGING, exchanged, is_folder, may_change_places
from shoal.text.options import option
from shoal.text.paths import printable

LOCK = ".shoal-moving"
PLAN = "whole.json"  # stands in a staging folder that is whole: what goes when its files move
OLD = "old"
EARLIER = ".earlier"  # what an earlier file is called that could not be brought back
PATIENCE = 60.0  # seconds; to move files takes no more than a few
_NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP}

Replaced = Callable[[Path], Iterable[str]]


def replace_file(path: Path, content: bytes) -> Path:
    """Write one file, so that nobody ever sees half of it. Raises OptionError, OutputError."""
    with staged(path.parent, [path.name]) as folder:
        (folder / path.name).write_bytes(content)
    return path


def as_path(out: object) -> Path:
    """A place that results shall go to. Raises OptionError for what is none."""
    if not isinstance(out, str | os.PathLike) or not _is_name(str(out)):
        given = option("out", out) if str(out).strip() else f"{option('out')} is empty, and"
        raise OptionError(
            f"{given} names no place. Give a path, such as {option('out', 'results')}."
        )
    return Path(out)


def _is_name(text: str) -> bool:
    r"""Whether a file system can hold what is called so.

    >>> _is_name("results"), _is_name(" "), _is_name("a\0b")
    (True, False, False)
    """
    try:
        return bool(text.strip()) and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:  # half of a pair that makes one letter
        return False


def spare(sources: Iterable[str | Path], goals: Iterable[object]) -> None:
    """Raise OptionError where results would take the place of a file that they are made from.

    A goal that is None is none.
    """
    files = {Path(source): Path(source).resolve() for source in sources}
    for goal in [as_path(goal) for goal in goals if goal is not None]:
        place = goal.resolve()
        for file, itself in files.items():
            if place.exists() and (place.samefile(itself) or place in itself.parents):
                raise OptionError(
                    f"{option('out')} would replace {printable(file)}, the table itself, by "
                    f"{goal.name} of the results. Choose another folder or another name. "
                    "Nothing was written."
                )


def refuse_folder(goal: Path) -> None:
    """Raise OptionError where a folder of the user's has the name of a file of results."""
    if is_folder(goal) and not _is_table_in_parts(goal):
        raise OptionError(
            f"{printable(goal)} is a folder, and the results have a file of that name. Move it, or "
            f"choose another folder with {option('out')}. Nothing was written."
        )


def _is_table_in_parts(folder: Path) -> bool:
    return folder.suffix == ".parquet" and all(
        each.name.startswith((".", "_")) or each.suffix == ".parquet" for each in folder.iterdir()
    )


def nothing(_: Path) -> Iterable[str]:
    """Results that replace no others than those of the same names."""
    return ()


@contextmanager
def staged(out: Path, promised: Sequence[str] = (), replaced: Replaced = nothing) -> Iterator[Path]:
    """A folder to write into; its files move into `out` together when all are whole.

    `promised` are the names that must be there at the end; `replaced` says which names in `out`
    are of an earlier run, and go if this one did not write them. Raises OptionError for what names
    no place, OutputError when the files cannot be written or do not all arrive; `out` is then as it
    was before.
    """
    for place in [out, *(out / name for name in promised)]:
        as_path(place)
    goal = Path(os.path.realpath(out))  # a link stays a link
    try:
        folder = _begun(goal)
    except OSError as error:
        raise OutputError(
            f"Cannot write into {out}: {error.strerror or error}. "
            f"Choose another folder with {option('out')}."
        ) from None
    try:
        yield folder.files
        _check(folder.files, promised, out)
        _move_in(folder, goal, replaced)
    except (OSError, pa.ArrowInvalid) as error:
        raise OutputError(
            f"Could not write the results into {out}: {_reason(error)}. {_state(error)} "
            f"Free some room or choose another folder with {option('out')}."
        ) from None
    finally:
        folder.close()


def _begun(goal: Path) -> LockedFolder:
    """A staging folder on the file system of `goal`, and nothing left of runs that were killed.

    It lies beside a folder that another run may let change places with a new one meanwhile.
    """
    home = goal if goal.exists() and not may_change_places(goal) else goal.parent
    home.mkdir(parents=True, exist_ok=True)
    for place in {home, goal.parent}:
        with suppress(OSError, OutputError):  # not ours to clean, or busy: the next run will
            _sweep(place)
    return LockedFolder(home, STAGING)


def _sweep(place: Path) -> None:
    if any(place.glob(STAGING + "*")):
        with _alone_in(place):
            _sweep_alone(place)


def _sweep_alone(place: Path) -> None:
    """Remove staging folders of dead runs; what one had begun to move arrives before."""
    sweep(place.glob(STAGING + "*"), rescue=partial(_finish, goal=place))


def _check(files: Path, promised: Sequence[str], out: Path) -> None:
    lacking = [name for name in promised if not (files / name).exists()]
    if lacking or not files.is_dir():
        names = ", ".join(lacking) or "all files"
        raise OutputError(
            f"Could not write the results into {out}: {names} vanished from {files.parent} before "
            "they could be moved. No file there was changed. Run it again."
        )


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _state(error: Exception) -> str:
    """What became of the files that were there."""
    stuck = getattr(error, "stuck", [])
    if not stuck:
        return "No file there was changed."
    names = ", ".join(stuck)
    return f"{names} could not be brought back: what was there is beside it, named {EARLIER}."


# --- moving ---


def _move_in(folder: LockedFolder, goal: Path, replaced: Replaced) -> None:
    """Give the files their place: in one move where `goal` is new, else while it is locked."""
    if not goal.exists() and _moved_at_once(folder.files, goal):
        return
    with _alone_in(goal):
        _sweep_alone(goal)  # what a dead run had begun is older than what comes now
        for plan in goal.glob(f"{STAGING}*/{PLAN}"):
            plan.unlink()  # its end was in vain: it must not come back later
        inside = folder if folder.root.parent == goal else _brought_inside(folder, goal)
        try:
            earlier = set(replaced(goal))
            wholes = _wholes(inside.files)
            for each in wholes:
                refuse_folder(goal / each.relative_to(inside.files))
            if len(wholes) + len(earlier) < 2 or not exchanged(inside.files, goal, earlier):
                _plan(inside, earlier)
                _finish_or_undo(inside.root, goal)
        finally:
            inside.close()


def _moved_at_once(files: Path, goal: Path) -> bool:
    """False where another run has made the folder meanwhile."""
    try:
        os.replace(files, goal)
    except OSError:
        if goal.exists():
            return False
        raise
    return True


def _brought_inside(folder: LockedFolder, goal: Path) -> LockedFolder:
    inside = LockedFolder(goal, STAGING)
    inside.files.rmdir()
    os.replace(folder.files, inside.files)
    return inside


def _plan(folder: LockedFolder, earlier: set[str]) -> None:
    """From here on the files move, by this run or, should it be killed, by the next."""
    written = {each.relative_to(folder.files).as_posix() for each in _wholes(folder.files)}
    draft = folder.root / "draft.json"
    draft.write_text(json.dumps(sorted(earlier - written)), encoding="utf-8")
    os.replace(draft, folder.root / PLAN)


def _finish(root: Path, goal: Path) -> None:
    """Make the moves that a dead run has left, if its files were whole."""
    if (root / PLAN).exists():
        for _ in _moves(root, goal):
            pass


def _finish_or_undo(root: Path, goal: Path) -> None:
    undo: list[Undo] = []
    try:
        for step in _moves(root, goal):
            undo.append(step)
    except BaseException as error:  # an interrupt as well: nothing is left half moved
        (root / PLAN).unlink()
        stuck = [step.goal.name for step in reversed(undo) if not step.done()]
        if stuck:
            error.stuck = stuck  # type: ignore[attr-defined]
        raise


def _moves(root: Path, goal: Path) -> Iterator[Undo]:
    """Move file by file what a whole staging folder holds; gives what would undo each move."""
    for each in _wholes(root / FILES):
        yield _put(each, goal / each.relative_to(root / FILES), _aside(root))
    for name in json.loads((root / PLAN).read_text(encoding="utf-8")):
        yield _take_away(goal / name, _aside(root))


def _wholes(files: Path) -> list[Path]:
    """What moves as one: each file, and each folder that is a Parquet table in parts."""
    parts = [p for p in files.rglob("*.parquet") if p.is_dir()]
    return sorted([*parts, *(p for p in files.rglob("*") if p.is_file() and p.parent not in parts)])


def _aside(root: Path) -> Path:
    """A place for what has to give way."""
    (root / OLD).mkdir(exist_ok=True)
    return root / OLD / str(len(os.listdir(root / OLD)))


def _put(new: Path, goal: Path, aside: Path) -> Undo:
    """Put a file or a folder in its place. Returns what undoes it."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    undo = Undo(goal, aside, was_there=os.path.lexists(goal))
    if undo.was_there and (new.is_dir() or goal.is_dir()):
        os.replace(goal, aside)  # a folder takes no other's place
    elif undo.was_there:
        _keep(goal, aside)
    try:
        os.replace(new, goal)
    except BaseException:
        if undo.was_there:
            undo.done()
        raise
    return undo


def _take_away(goal: Path, aside: Path) -> Undo:
    undo = Undo(goal, aside, was_there=os.path.lexists(goal))
    if undo.was_there:
        os.replace(goal, aside)
    return undo


@dataclass(frozen=True)
class Undo:
    """How a move is undone: what was there comes back, what was not there goes."""

    goal: Path
    aside: Path
    was_there: bool

    def done(self) -> bool:
        """Undo it; False where that cannot be, and what was there then stands beside."""
        try:
            if not self.was_there:
                _remove(self.goal)
            elif os.path.lexists(self.aside):
                _bring_back(self.aside, self.goal)
        except OSError:
            with suppress(OSError):
                os.replace(self.aside, self.goal.with_name(self.goal.name + EARLIER))
            return False
        return True


def _remove(goal: Path) -> None:
    if is_folder(goal):
        shutil.rmtree(goal)
    else:
        goal.unlink(missing_ok=True)


def _keep(file: Path, aside: Path) -> None:
    """The file under a second name, so that its place is empty at no moment if that can be."""
    try:
        os.link(file, aside, follow_symlinks=False)
    except (OSError, NotImplementedError):  # a disk or a system without links
        os.replace(file, aside)


def _bring_back(aside: Path, goal: Path) -> None:
    if is_folder(goal):
        shutil.rmtree(goal)
    elif aside.is_dir():
        goal.unlink(missing_ok=True)
    os.replace(aside, goal)


@contextmanager
def _alone_in(place: Path) -> Iterator[None]:
    """Hold a folder while files move into it; OutputError when another run does not let go."""
    lock = FileLock(place / LOCK, timeout=PATIENCE, thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise OutputError(
            f"Another run has been moving its results into {place} for {PATIENCE:.0f} seconds. "
            "Nothing was written. Wait until it ends, or choose another folder with "
            f"{option('out')}."
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        warnings.warn(
            f"The file system of {place} has no locks: let no two runs write there at a time.",
            stacklevel=2,
        )
    try:
        yield
    finally:
        with suppress(OSError):  # Windows removes no open file, but does so when it is released
            (place / LOCK).unlink()
        lock.release()
