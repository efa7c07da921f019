"""How far the sheets of a workbook reach, told before they are unfolded in memory."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from shoal.errors import InputError

FEW_CELLS = 20_000_000  # of the rectangle round everything on a sheet, which is held whole
MOST_COLUMNS = 1 << 14
CHUNK = 1 << 22  # bytes looked at together
OVERLAP = 32  # bytes of the chunk before, in which an address may have begun
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
ROW = re.compile(rb"""\sr=["'](\d+)""")
COLUMN = re.compile(rb"""\sr=["']([A-Z]{2,3})\d""")  # beyond the first 26


def check_extent(path: Path) -> None:
    """Raise InputError where a cell far from the others makes a sheet too large to be held.

    A cell that is filled takes more than one byte of the file: sheets with fewer bytes than cells
    are nearly empty.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        for sheet in archive.infolist():
            if SHEET.fullmatch(sheet.filename):
                rows, columns = _extent(archive, sheet)
                if rows * columns > max(FEW_CELLS, sheet.file_size):
                    raise InputError(_too_large(path, rows, columns))


def _too_large(path: Path, rows: int, columns: int) -> str:
    return (
        f'A sheet of "{path}" reaches to row {rows:,} and column {columns:,}, most of it empty: '
        "something is typed far from the table. In a spreadsheet program Ctrl+End goes there: "
        "delete the rows and columns beyond the table, save, and read it again."
    )


def _extent(archive: zipfile.ZipFile, sheet: zipfile.ZipInfo) -> tuple[int, int]:
    """The last row of a sheet, and at least as many columns as there are."""
    rows = max((int(row) for row in _found(archive, sheet, ROW)), default=0)
    if rows * MOST_COLUMNS <= FEW_CELLS:
        return rows, MOST_COLUMNS
    return rows, max(map(_number, set(_found(archive, sheet, COLUMN))), default=26)


def _number(letters: bytes) -> int:
    """The number of a column, from 1.

    >>> _number(b"A"), _number(b"AA"), _number(b"XFD")
    (1, 27, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _found(
    archive: zipfile.ZipFile, sheet: zipfile.ZipInfo, pattern: re.Pattern[bytes]
) -> Iterator[bytes]:
    """What a pattern finds in a sheet."""
    with archive.open(sheet) as file:
        rest = b""
        while chunk := file.read(CHUNK):
            yield from pattern.findall(rest + chunk)
            rest = chunk[-OVERLAP:]
