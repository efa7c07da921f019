"""Every file is replaced whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from shoal.errors import OutputError

_STAGING = ".shoal-writing-"


def replace_file(path: Path, content: bytes) -> Path:
    """Write a file beside its place and move it there, so that nobody ever sees half of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_STAGING, dir=path.parent)
    except OSError as error:
        raise OutputError(f"Cannot write {path}: {error.strerror}. Nothing was written.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except OSError as error:
        raise OutputError(f"Cannot write {path}: {error.strerror}. Nothing was written.") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A folder to write into; its files move into `out` together when all are whole, and vanish otherwise.

    A new `out` comes into being in one move, with all its files; in one that is there each file is replaced whole.
    """
    new = not out.exists()
    home, prefix = (out.parent, f"{_STAGING}{out.name}-") if new else (out, _STAGING)
    try:
        home.mkdir(parents=True, exist_ok=True)
        for stale in home.glob(glob.escape(prefix) + "*"):  # left by a run that was killed
            shutil.rmtree(stale, ignore_errors=True) if stale.is_dir() else stale.unlink(
                missing_ok=True
            )
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=home))
    except OSError as error:
        raise OutputError(
            f"Cannot write into {out}: {error.strerror}. Choose another folder with --out."
        ) from None
    try:
        yield folder
        _move(folder, out, new)
    except (OSError, pa.ArrowInvalid) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(
            f"Could not write the results into {out}: {reason}. No file there was changed. Free some room or choose another folder with --out."
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _move(folder: Path, out: Path, new: bool) -> None:
    if new and not out.exists():
        os.chmod(folder, 0o777 & ~_umask())
        os.replace(folder, out)
        return
    for number, each in enumerate(_wholes(folder)):
        goal = out / each.relative_to(folder)
        goal.parent.mkdir(parents=True, exist_ok=True)
        if goal.is_dir() or (
            each.is_dir() and goal.exists()
        ):  # a folder can only take the place of what was moved aside
            os.replace(goal, folder / f".old-{number}")
        os.replace(each, goal)


def _wholes(folder: Path) -> list[Path]:
    """What moves as one: each file, and each folder that is a Parquet table in parts."""
    parts = [p for p in folder.rglob("*.parquet") if p.is_dir()]
    return sorted(
        [*parts, *(p for p in folder.rglob("*") if p.is_file() and p.parent not in parts)]
    )
