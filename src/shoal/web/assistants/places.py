"""Which files may be read and written: those under the folders that were given, and no others."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from shoal import InputError, OptionError
from shoal.web.assistants.settings import MOST_LISTED, Settings

TABLES = frozenset(
    [
        ".csv",
        ".tsv",
        ".txt",
        ".parquet",
        ".xlsx",
        ".xls",
        ".xlsm",
        ".ods",
        ".json",
        ".jsonl",
        ".ndjson",
        ".gz",
        ".zip",
    ]
)
DATABASES = {
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".duckdb": "duckdb",
}
PLAIN = re.compile(r"[\w][\w .()-]{0,100}")


def found(path: str, settings: Settings) -> Path:
    """A file under one of the folders.

    Raises InputError for whatever else it is: an address, a folder, a file elsewhere, a link or
    dots that lead there, a hidden file. All are refused alike, so that nothing is learned of them.
    """
    for root in settings.roots:
        real = _real(root, path)
        if real is not None and any(_holds(each, real) for each in settings.roots):
            return real
    raise InputError(
        f'There is no file "{path}" under the folders that this server may read. '
        "Addresses, other folders and links that lead out of them are not read; the tool `tables` "
        "lists what is there."
    )


def _real(root: Path, path: str) -> Path | None:
    """Where a path leads, links followed; None where that is no file."""
    if not path.strip() or "://" in path:
        return None
    try:
        real = (root / path.strip()).resolve(strict=True)
        return real if real.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


def _holds(root: Path, real: Path) -> bool:
    """Whether a file lies under a folder, in no hidden one."""
    if not real.is_relative_to(root):
        return False
    return not any(part.startswith(".") for part in real.relative_to(root).parts)


def called(real: Path, settings: Settings) -> str:
    """What a file is called by those who know the folders: the path under its folder."""
    root = next(root for root in settings.roots if _holds(root, real))
    told = real.relative_to(root).as_posix()
    first = next((each for each in settings.roots if _real(each, told) is not None), root)
    return told if first == root else str(real)


def source(path: str, table: str | None, settings: Settings) -> tuple[str, str]:
    """What is to be read, and what it is called; `table` is one of a database in a file."""
    real = found(path, settings)
    scheme = DATABASES.get(real.suffix.lower())
    if scheme is None and table is not None:
        raise OptionError(
            f'database_table="{table}" names a table of a database, and {real.name} is none.'
        )
    if scheme is None:
        return str(real), real.name
    if any(letter in str(real) for letter in "?#%$"):
        raise OptionError(f'The path of "{real.name}" holds one of ? # % $: rename it.')
    url = f"{scheme}:///{real}"
    if table is None:
        return url, real.name
    return f"{url}?table={quote(table, safe='')}", f"{table} of {real.name}"


@contextmanager
def told_apart(name: str) -> Iterator[None]:
    """Ask which table of a database is meant, in an assistant's words. Raises OptionError."""
    try:
        yield
    except InputError as error:
        if error.tables is None:
            raise
        there = ", ".join(f'"{each}"' for each in error.tables[:MOST_LISTED])
        raise OptionError(
            f"{name} is a database: say which of its tables is meant, by database_table. "
            f"Tables there: {there or 'none'}."
        ) from None


def tables(settings: Settings) -> tuple[list[str], int]:
    """The tables under the folders, the first of them, and how many there are."""
    every = sorted({called(real, settings) for root in settings.roots for real in _files(root)})
    return every[:MOST_LISTED], len(every)


def _files(root: Path) -> Iterator[Path]:
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in names:
            path = Path(folder) / name
            if path.suffix.lower() not in TABLES | DATABASES.keys() or path.is_symlink():
                continue
            if _holds(root, path) and path.is_file():
                yield path


def goal(file: str, endings: tuple[str, ...], settings: Settings) -> Path:
    """A file to write in the folder for results. Raises OptionError where there is none, or for a
    name that is no plain one.
    """
    if settings.out is None:
        raise OptionError("This server writes no files: it was started without --out.")
    path = settings.out / file
    if not PLAIN.fullmatch(file) or path.suffix not in endings or path.is_symlink():
        raise OptionError(
            f'file="{file}" must be a plain name that ends in {" or ".join(endings)}, '
            "without folders."
        )
    return path
