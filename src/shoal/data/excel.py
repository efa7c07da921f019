"""Excel workbooks: the sheet with the largest table, found among those that people see."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import structs

from shoal.data.cells.ids import is_id
from shoal.data.cells.infer import Clues
from shoal.data.csv.layout import cells_of, find_sep, is_fixed
from shoal.data.csv.reader import read_text
from shoal.data.extent import check_extent
from shoal.data.frames import from_source
from shoal.data.grid import Block, Grid, find_table
from shoal.data.mixed import days_in_one_way, in_one_way
from shoal.data.names import named_columns
from shoal.data.sheet_xml import Merged, SheetXml
from shoal.engine.scan import Source
from shoal.engine.table import Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError, OptionError, did_you_mean
from shoal.findings import finding
from shoal.options import ReadingOptions as Asked
from shoal.types import Bools, Finding, Ints, ReadAs

MOST_EXACT = 9e15  # whole numbers up to this are exact in a double
LONGEST = dt.datetime(1900, 3, 1)  # a cell before it may be how long something took
FIRST_DAY = dt.datetime(1900, 1, 1)  # a cell before it is a time of day, or how long something took
LINES = 3000  # of a sheet of one column in which a separator is looked for
MOST_LINES = 0.9  # … and the share of them that it must cut alike
TOP = 12  # first rows of a sheet in which the header of another one is looked for


@dataclass(frozen=True)
class Sheet:
    """One sheet as it stands: its name and its extent."""

    name: str
    rows: int
    width: int
    visible: bool
    top: tuple[tuple[str, ...], ...] = ()  # the filled cells of its first rows

    def __str__(self) -> str:
        hidden = "" if self.visible else ", hidden"
        return f'"{self.name}" ({self.rows:,} × {self.width}{hidden})'


def read_excel(path: Path, asked: Asked, name: str, said: list[Finding]) -> Table:
    """The Table of one sheet of a workbook."""
    check_extent(path)
    book, sheets = _opened(path)
    chosen = _chosen(sheets, asked.sheet, path)
    findings = list(said)
    if len(sheets) > 1 and asked.sheet is None:
        shown = [str(each) for each in sheets]
        hidden = chosen.visible and not all(each.visible for each in sheets)
        about = finding("sheet-chosen", sheets=shown, chosen=chosen.name, hidden=hidden)
        findings.append(about)
    if not chosen.visible:
        findings.append(finding("sheet-hidden", sheet=chosen.name))
    block, rows, found = find_table(Grid(_loaded(book, chosen, "string").columns), asked.header)
    if not len(rows):
        raise InputError(
            f'Sheet "{chosen.name}" of "{path}" has a header but no rows below it. '
            f"Sheets: {_list(sheets)}."
        )
    if asked.sheet is None:
        findings += _alike(sheets, chosen, block)
    if block.width == 1 and (lines := _lines(book, chosen)):
        findings.append(finding("lines-in-cells"))
        return _of_lines(lines, asked, name, findings)
    read = _SheetRows(book, chosen, block, rows, SheetXml(path, chosen.name))
    return _table(read, asked, name, [*findings, *found])


def _lines(book: Any, sheet: Sheet) -> list[str]:
    """The lines of a sheet whose one column holds whole rows: K001,20.5,3."""
    columns = _loaded(book, sheet, "string").columns
    cells = [cell for cell in columns[0].to_pylist() if cell] if len(columns) == 1 else []
    sep, width = find_sep(cells[:LINES]) if cells else ("", 1)
    fit = sum(len(cells_of(cell, sep)) == width for cell in cells)
    return cells if width > 1 and not is_fixed(sep) and fit >= MOST_LINES * len(cells) else []


def _of_lines(lines: list[str], asked: Asked, name: str, said: list[Finding]) -> Table:
    folder = new_folder()
    path = Path(folder.name) / "lines.csv"
    path.write_text("\n".join(line.replace("\n", " ") for line in lines) + "\n", "utf-8")
    return read_text(path, structs.replace(asked, sheet=None), name, (folder,), said)


def _alike(sheets: list[Sheet], chosen: Sheet, block: Block) -> list[Finding]:
    """What is to be said of other sheets with the same columns: where each is a month, say."""
    names = tuple(name for name in block.layout.names if name)
    others = [each for each in sheets if each is not chosen and each.visible]
    alike = [each.name for each in others if names in each.top]
    if len(names) < 2 or not alike:
        return []
    return [finding("sheets-alike", sheets=alike, chosen=chosen.name)]


@dataclass(frozen=True)
class _SheetRows:
    """The rows of data of a sheet."""

    book: Any
    sheet: Sheet
    block: Block
    rows: Ints
    xml: SheetXml

    def as_type(self, kind: str | None) -> pa.Table:
        """Their cells as one type, where they can be had so; each column in its own for None."""
        first, behind = int(self.rows[0]), int(self.rows[-1]) + 1
        loaded = _loaded(self.book, self.sheet, kind, first, behind - first)
        columns = loaded.columns[self.block.left : self.block.right]
        table = pa.table(columns, names=[f"c{j}" for j in range(len(columns))])
        return table if len(self.rows) == len(table) else table.take(pa.array(self.rows - first))


def _table(read: _SheetRows, asked: Asked, name: str, findings: list[Finding]) -> Table:
    layout = read.block.layout
    typed = read.as_type(None)
    body = pa.table([_one_type(column) for column in typed.columns], names=typed.column_names)
    source = Source("frame", {"frame": body})
    named = named_columns(source, layout.names, body.column_names)
    columns, stay, more = _columns(read, body, dict(named.columns), asked)
    columns, about = _as_shown(read, columns, layout.names, asked)
    more += about
    source = Source("frame", {"frame": pa.table(columns, names=body.column_names)})
    header = read.block.header
    read_as = ReadAs("excel", header_row=header, sheet=read.sheet.name)
    said = [*findings, *named.findings, *more]
    clues = Clues(asked=asked.decimal, ids=asked.ids)
    return from_source(source, name, read_as, said, named.columns, clues=clues, stay=stay)


def _columns(
    read: _SheetRows, body: pa.Table, names: dict[str, str], asked: Asked
) -> tuple[list[pa.Array], set[str], list[Finding]]:
    """The columns, each in one type; which are to stay as text; what is to be said of them."""
    columns: list[pa.Array] = []
    stay: set[str] = set()
    findings: list[Finding] = []
    numeric: pa.Table | None = None
    for name, made in zip(body.column_names, body.columns, strict=True):
        label = names.get(name, name)
        an_id = is_id(label, asked.ids)  # of which no letter may change
        if pa.types.is_string(made.type) and not an_id and _may_be_mixed(made):
            numeric = read.as_type("boolean") if numeric is None else numeric
            is_number: Bools = numeric[name].is_valid().to_numpy()
            cells = made.combine_chunks()
            mixed = days_in_one_way(label, cells, is_number)
            mixed = mixed if mixed.findings else in_one_way(label, made, is_number, asked.decimal)
            made = mixed.cells
            findings += mixed.findings
            stay |= {name} if mixed.ambiguous else set()
        columns.append(made)
    return columns, stay, findings


def _as_shown(
    read: _SheetRows, columns: list[pa.Array], names: Sequence[str], asked: Asked
) -> tuple[list[pa.Array], list[Finding]]:
    """The columns as people see them: merged cells in every row, ids with their leading zeros."""
    columns, findings = list(columns), []
    zeros, every = read.xml.zeros(int(read.rows[0])), list(read.xml.merged())
    for j, name in enumerate(names):
        place = read.block.left + j
        an_id = is_id(name, asked.ids)
        merged = [each for each in every if each.column == place]
        filled = _filled_down(read.rows, columns[j], merged) if merged else columns[j]
        gone = columns[j].null_count - filled.null_count
        if gone and (an_id or not _is_number(filled.type)):
            columns[j] = filled
            findings.append(finding("merged-cells", name, rows=gone))
        elif gone:
            findings.append(finding("merged-numbers", name, rows=gone))
        if an_id and place in zeros and pa.types.is_integer(columns[j].type):
            columns[j] = pc.utf8_lpad(columns[j].cast(pa.string()), zeros[place], "0")
    return columns, findings


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _filled_down(rows: Ints, column: pa.Array, merged: Sequence[Merged]) -> pa.Array:
    """A column in which all rows of merged cells hold what the first of them does."""
    taken = np.arange(len(rows))
    for each in merged:
        inside = np.flatnonzero((rows >= each.first) & (rows <= each.last))
        if len(inside) and rows[inside[0]] == each.first:
            taken[inside] = inside[0]
    return column.take(pa.array(taken))


def _may_be_mixed(column: pa.ChunkedArray) -> bool:
    """Whether a column has texts such as 1.201 or 12 %, whose meaning other cells may tell."""
    marked = pc.match_substring_regex(column, r"\d[., '’%\x{a0}]")
    return bool(pc.any(marked).as_py())


def _opened(path: Path) -> tuple[Any, list[Sheet]]:
    import fastexcel

    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it tells of every empty column
    try:
        book = fastexcel.read_excel(path)
        return book, [_sheet(book, name) for name in book.sheet_names]
    except fastexcel.FastExcelError as wrong:
        why = str(wrong).splitlines()[0]
        raise InputError(
            f'"{path}" looks like an Excel workbook but cannot be opened: {why}. '
            "Save it again as .xlsx."
        ) from wrong


def _sheet(book: Any, name: str) -> Sheet:
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, n_rows=TOP, dtypes="string")
    rows = zip(*[column.to_pylist() for column in sheet.to_arrow().columns], strict=True)
    top = tuple(tuple(cell.strip() for cell in row if cell) for row in rows)
    return Sheet(name, sheet.total_height, sheet.width, sheet.visible == "visible", top)


def _loaded(
    book: Any, sheet: Sheet, kind: str | None, first: int = 0, rows: int | None = None
) -> pa.RecordBatch:
    """Rows of a sheet, counted from its first one, whether or not anything stands there.

    (`skip_rows` says so: without it, blank rows above would not be counted.)
    """
    return book.load_sheet(
        sheet.name,
        header_row=None,
        skip_rows=first,
        n_rows=rows,
        schema_sample_rows=None,
        dtypes=kind,
    ).to_arrow()


def _one_type(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column without any value is text, one of times a number of days.

    Excel keeps whole numbers as fractions: mended.
    """
    if pa.types.is_null(column.type):
        return column.cast(pa.string())
    if pa.types.is_timestamp(column.type):
        return _duration(column)
    if not pa.types.is_floating(column.type) or column.null_count == len(column):
        return column
    values = column.drop_null().to_numpy()
    values = values[~np.isnan(values)]
    whole = (np.abs(values) < MOST_EXACT).all() and (values == np.floor(values)).all()
    return column.cast(pa.int64()) if whole else column


def _duration(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of times of day is one of durations: what a spreadsheet shows as 0:15:00.

    Those of a day and more are moments of the first weeks of 1900.
    """
    latest = pc.max(column).as_py()
    if latest is None or latest >= LONGEST or (latest >= FIRST_DAY and not _has_times(column)):
        return column
    zero = pa.scalar(FIRST_DAY - dt.timedelta(days=1), column.type)
    return pc.subtract(column, zero)


def _has_times(column: pa.ChunkedArray) -> bool:
    """Whether some moments are none of midnight."""
    days = pc.floor_temporal(column, unit="day")
    return bool(pc.any(pc.not_equal(days, column)).as_py())


def _chosen(sheets: list[Sheet], asked: str | None, path: Path) -> Sheet:
    """The sheet that was asked for, or the largest: of hidden ones where no other holds a table."""
    if asked is not None:
        return _asked_for(sheets, asked, path)
    best = max(sheets, key=_worth, default=None)
    if best is None or not best.rows or not best.width:
        raise InputError(f'No sheet of "{path}" holds anything. Sheets: {_list(sheets)}.')
    return best


def _worth(sheet: Sheet) -> tuple[bool, int]:
    holds_rows = sheet.rows > 1 and sheet.width > 0
    return holds_rows and sheet.visible, sheet.rows * sheet.width


def _asked_for(sheets: list[Sheet], asked: str, path: Path) -> Sheet:
    """The sheet of this name, or of this number from 1."""
    for number, sheet in enumerate(sheets, 1):
        if asked in (sheet.name, str(number)):
            return sheet
    guess = did_you_mean(asked, [s.name for s in sheets])
    raise OptionError(f'"{path}" has no sheet "{asked}". {guess} Sheets: {_list(sheets)}.')


def _list(sheets: list[Sheet]) -> str:
    return ", ".join(map(str, sheets))
