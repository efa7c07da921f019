"""A folder of results that is there changes at one stroke: it changes places with a new one.

Linux and macOS can exchange two folders so that there is no moment between. The new one holds the
new files, and a second name of every other file of the old one. Where something else is in the
folder (other folders, a run that is at work), or somebody stands in it, it is left as it is.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from shoal.engine.tempdir import LockedFolder

STAGING = ".shoal-writing-"
MOST = 1_000  # other files that get a second name


def exchanged(files: Path, goal: Path, earlier: Collection[str]) -> bool:
    """Whether the goal now holds these files, and no more what is `earlier` but all else.

    `files` lie in a staging folder inside the goal. False where that cannot be done at one stroke:
    then nothing has changed.
    """
    own = files.parent.name
    others = _others(files, goal, earlier, own)
    if others is None or not may_change_places(goal):
        return False
    try:
        twin = LockedFolder(goal.parent, STAGING)
    except OSError:
        return False
    try:
        if not _exchange_works(twin.root) or not _linked(others, goal, twin.files):
            return False
        _moved(files, twin.files)
        shutil.copystat(goal, twin.files)
        try:
            _exchange(twin.files, goal)
        except OSError:
            _moved(twin.files, files, leave=set(others))
            return False
        _bring_over(twin.files, goal, {*others, *earlier, own})
    finally:
        twin.close()
    return True


def _others(files: Path, goal: Path, earlier: Collection[str], own: str) -> list[str] | None:
    """The files of the goal that stay, and of folders in it; None where there is more than that."""
    found: list[str] = []
    for each in goal.iterdir():
        new = files / each.name
        if each.name in (own, *earlier) or (new.exists() and _takes_its_place(new, each)):
            continue
        if not is_folder(each):
            if new.exists():
                return None  # a file where a folder shall be
            found.append(each.name)
        elif any(is_folder(inside) for inside in each.iterdir()):
            return None
        else:
            found.append(each.name)
            names = {f"{each.name}/{p.name}" for p in each.iterdir() if not (new / p.name).exists()}
            found += names - set(earlier)
    return found if len(found) <= MOST else None


def _takes_its_place(new: Path, old: Path) -> bool:
    """Whether a whole file, or a table in parts, comes where another such one was."""
    return old.suffix == ".parquet" or not (new.is_dir() or is_folder(old))


def is_folder(path: Path) -> bool:
    """Whether it is a folder itself, and no link to one."""
    return path.is_dir() and not path.is_symlink()


def may_change_places(goal: Path) -> bool:
    """Whether nobody would notice that the folder is another one."""
    here, above = goal.stat(), goal.parent.stat()
    mine = getattr(os, "geteuid", lambda: here.st_uid)()
    with suppress(OSError):
        if Path.cwd() == goal or goal in Path.cwd().parents:
            return False  # who stands in a folder would stand in the old one
    return here.st_dev == above.st_dev and here.st_uid == mine and os.access(goal.parent, os.W_OK)


def _linked(names: Collection[str], goal: Path, new: Path) -> bool:
    """Whether all that stays could be made in the new folder: folders, second names of files."""
    try:
        for name in names:
            if is_folder(goal / name):
                (new / name).mkdir()
                shutil.copystat(goal / name, new / name)
            else:
                os.link(goal / name, new / name, follow_symlinks=False)
    except (OSError, NotImplementedError):  # a disk or a system without links
        return False
    return True


def _moved(files: Path, goal: Path, leave: Collection[str] = ()) -> None:
    """Move all files from one folder to another, those of folders inside as well."""
    for each in sorted(files.iterdir()):
        place = goal / each.name
        if each.is_dir() and place.is_dir():
            for inside in each.iterdir():
                if f"{each.name}/{inside.name}" not in leave:
                    os.replace(inside, place / inside.name)
        elif each.name not in leave:
            os.replace(each, place)


def _bring_over(old: Path, goal: Path, known: Collection[str]) -> None:
    """What somebody has put into the old folder while it changed places."""
    for each in old.iterdir():
        if each.name not in known and not os.path.lexists(goal / each.name):
            with suppress(OSError):
                os.replace(each, goal / each.name)


def _exchange_works(place: Path) -> bool:
    one, two = place / "one", place / "two"
    try:
        one.mkdir()
        two.mkdir()
        _exchange(one, two)
    except OSError:
        return False
    return True


def _exchange(one: Path, two: Path) -> None:
    """Let two paths change places at one stroke. Raises OSError where the system cannot."""
    import ctypes

    swap = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
    names = os.fsencode(one), os.fsencode(two)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            failed = library.renamex_np(*names, swap)
        else:
            here = -100  # AT_FDCWD
            failed = library.renameat2(here, names[0], here, names[1], swap)
    except (AttributeError, TypeError):
        raise OSError("this system exchanges no folders") from None
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
