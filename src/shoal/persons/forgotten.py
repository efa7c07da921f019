"""Files of results without the rows of one customer: CSV, Parquet and the workbook's sheets."""

from __future__ import annotations

import csv
import html
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Literal, TextIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from shoal.output.labels import write_batches

LONGEST_CELL = 2**31 - 1  # letters; the csv module's own bound is far lower
SHARED = "xl/sharedStrings.xml"  # where other programs than shoal put texts
_ROW = re.compile(r'<row r="(\d+)"(.*?)</row>', re.DOTALL)
_KEY = re.compile(r'<c r="A\d+"[^>]*>(?:<is><t[^>]*>(.*?)</t></is>|<v>(.*?)</v>)</c>', re.DOTALL)
_OWN_SHEETS = re.compile(r'<sheets><sheet name="Summary" [^>]*/><sheet name="Profile" ')
_LABELLED = re.compile(r'<c r="B1"[^>]*><is><t>segment</t></is></c>')

Belongs = Callable[[Sequence[str]], bool]  # whether a row, as texts, is the person's


@contextmanager
def _of_any_length() -> Iterator[None]:
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _records(file: TextIO) -> Iterator[tuple[list[str], str]]:
    """The records of a CSV file: their cells, and how they are written."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in file:
            taken.append(line)
            yield line

    for cells in csv.reader(lines()):
        yield cells, "".join(taken)
        taken.clear()


def csv_rows(path: Path) -> Iterator[list[str]]:
    """The rows of a CSV file as texts, the header first."""
    with _of_any_length(), _text(path) as file:
        yield from (cells for cells, _ in _records(file))


def _text(path: Path, mode: Literal["r", "w"] = "r") -> TextIO:
    return path.open(mode, encoding="utf-8", errors="surrogateescape", newline="")


def without_csv(path: Path, goal: Path, belongs: Belongs) -> int:
    """Write a CSV file without the person's rows, all others to the byte; returns how many went."""
    gone = 0
    with _of_any_length(), _text(path) as file, _text(goal, "w") as made:
        for at, (cells, written) in enumerate(_records(file)):
            if at and belongs(cells):
                gone += 1
            else:
                made.write(written)
    return gone


def parquet_names(path: Path) -> list[str]:
    """The columns of a Parquet file, or of a folder of such."""
    first = min(_parts(path), default=None)
    return [] if first is None else list(pyarrow.parquet.read_schema(first).names)


def _parts(path: Path) -> list[Path]:
    return sorted(path.glob("*.parquet")) if path.is_dir() else [path]


def without_parquet(path: Path, goal: Path, key: str) -> int:
    """The same of a Parquet file, or of a folder of parts, whose first column holds ids."""
    if not path.is_dir():
        return _without_part(path, goal, key)
    shutil.copytree(path, goal, ignore=shutil.ignore_patterns(".*"))  # sums of the bytes before
    return sum(_without_part(part, goal / part.name, key) for part in _parts(path))


def _without_part(path: Path, goal: Path, key: str) -> int:
    gone = 0

    def kept() -> Iterator[pa.RecordBatch]:
        nonlocal gone
        for batch in file.iter_batches():
            same = pc.equal(pc.cast(batch.column(0), pa.string()), key)
            gone += pc.sum(same).as_py() or 0
            yield batch.filter(pc.fill_null(pc.invert(same), True))

    with pyarrow.parquet.ParquetFile(path) as file:
        nothing = pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
        write_batches(chain([nothing], kept()), goal)
    return gone


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook of shoal's, as far as its sheets tell."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as book:
        if "xl/workbook.xml" not in book.namelist():
            return False
        return _OWN_SHEETS.search(book.read("xl/workbook.xml").decode()) is not None


def has_customers(path: Path) -> bool:
    """Whether a workbook of shoal's has sheets of customers."""
    with zipfile.ZipFile(path) as book:
        return any(_LABELLED.search(book.read(name).decode()) for name in _sheets(book))


def _sheets(book: zipfile.ZipFile) -> list[str]:
    return [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]


def without_sheets(path: Path, goal: Path, key: str) -> int | None:
    """The same of a workbook's sheets of customers; None where another program has written it."""
    gone = 0
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(goal, "w", zipfile.ZIP_DEFLATED) as made:
        if SHARED in book.namelist():
            return None
        for part in book.infolist():
            body = book.read(part)
            text = body.decode() if part.filename in _sheets(book) else ""
            if _LABELLED.search(text):
                text, less = _without_rows(text, key)
                gone += less
                body = text.encode()
            made.writestr(part, body)
    return gone


def _without_rows(sheet: str, key: str) -> tuple[str, int]:
    """A sheet without the rows of a key; those below move up."""
    gone = 0

    def moved(row: re.Match[str]) -> str:
        nonlocal gone
        number = int(row[1])
        found = _KEY.search(row[2])
        if number > 1 and found and html.unescape(found[1] or found[2] or "") == key:
            gone += 1
            return ""
        if not gone:
            return row[0]
        cells = re.sub(rf'(<c r="[A-Z]+){number}"', rf'\g<1>{number - gone}"', row[2])
        return f'<row r="{number - gone}"{cells}</row>'

    return _ROW.sub(moved, sheet), gone


def lines_of(members: Path, key: str) -> Mapping[str, set[int]]:
    """Which lines of each segment's file for a platform are a member's, by the segment, from 1.

    Those who are held out have no line.
    """
    line: dict[str, int] = {}
    found: dict[str, set[int]] = {}
    rows = csv_rows(members)
    next(rows, None)
    for who, segment, held_out, *_ in rows:
        if held_out == "true":
            continue
        line[segment] = line.get(segment, 0) + 1
        if who == key:
            found.setdefault(segment, set()).add(line[segment])
    return found
