"""What a workbook says of its cells beside their values: which are merged, how ids are shown."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MOST_BYTES = 50_000_000  # of a sheet beyond which it is not looked at a second time
MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
SHEET = re.compile(rb"<sheet [^>]*?/>")
RELATION = re.compile(rb"<Relationship [^>]*?/>")
FORMAT = re.compile(rb'<numFmt [^>]*?numFmtId="(\d+)"[^>]*?formatCode="(0{2,18})"')
STYLES = re.compile(rb"<cellXfs.*?</cellXfs>", re.DOTALL)
STYLE = re.compile(rb'<xf [^>]*?numFmtId="(\d+)"')


@dataclass(frozen=True)
class Merged:
    """Cells of one column, merged from one row to another, both counted from 0."""

    column: int
    first: int
    last: int


@dataclass(frozen=True)
class SheetXml:
    """The XML of one sheet of an .xlsx workbook; it says nothing of any other workbook."""

    path: Path
    sheet: str

    @cached_property
    def _text(self) -> bytes:
        with suppress(zipfile.BadZipFile, KeyError, OSError), zipfile.ZipFile(self.path) as book:
            return _sheet_of(book, self.sheet)
        return b""

    def merged(self) -> Iterator[Merged]:
        """The cells of one column that are merged over several rows."""
        for left, first, right, last in MERGED.findall(self._text):
            if left == right and first != last:
                yield Merged(column_number(left), int(first) - 1, int(last) - 1)

    def zeros(self, row: int) -> dict[int, int]:
        """The columns whose cell in a row is shown with leading zeros, and with how many digits."""
        found = re.search(rb'<row [^>]*?\br="%d"[^>]*>.*?</row>' % (row + 1), self._text, re.DOTALL)
        cells = re.findall(rb'<c r="([A-Z]+)\d+" s="(\d+)"', found[0]) if found else []
        digits = self._digits if cells else {}
        return {column_number(c): digits[int(s)] for c, s in cells if int(s) in digits}

    @cached_property
    def _digits(self) -> dict[int, int]:
        """How many digits a style shows, of those that do nothing else: 00000."""
        with suppress(zipfile.BadZipFile, KeyError, OSError), zipfile.ZipFile(self.path) as book:
            text = book.read("xl/styles.xml")
            formats = {number: len(code) for number, code in FORMAT.findall(text)}
            styles = STYLES.search(text)
            numbers = STYLE.findall(styles[0]) if styles else []
            return {j: formats[n] for j, n in enumerate(numbers) if n in formats}
        return {}


def _sheet_of(book: zipfile.ZipFile, name: str) -> bytes:
    """The XML of the sheet of this name; nothing where it is too large."""
    for sheet in SHEET.findall(book.read("xl/workbook.xml")):
        if _attribute(sheet, b"name") == name.encode():
            key = _attribute(sheet, b"r:id")
            relations = RELATION.findall(book.read("xl/_rels/workbook.xml.rels"))
            targets = (_attribute(r, b"Target") for r in relations if _attribute(r, b"Id") == key)
            target = next(targets, b"").decode().removeprefix("/")
            file = target if target.startswith("xl/") else f"xl/{target}"
            return book.read(file) if book.getinfo(file).file_size <= MOST_BYTES else b""
    return b""


def _attribute(tag: bytes, name: bytes) -> bytes:
    found = re.search(rb'\s%s="([^"]*)"' % re.escape(name), tag)
    return found[1] if found else b""


def column_number(letters: bytes) -> int:
    """The number of a column, from 0.

    >>> column_number(b"A"), column_number(b"AA")
    (0, 26)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
