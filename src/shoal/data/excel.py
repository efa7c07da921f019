"""Excel workbooks: the sheet with the largest table, found among all of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from shoal.data.csv.layout import Layout, footer_size, lay_out
from shoal.data.frames import from_source
from shoal.data.names import named_columns
from shoal.engine.scan import Source
from shoal.engine.table import Table
from shoal.errors import InputError, OptionError, did_you_mean
from shoal.findings import finding
from shoal.types import Finding, ReadAs

HEAD = 300  # rows in which the header is looked for
TAIL = 30  # rows in which a footer is looked for
MOST_EXACT = 9e15  # whole numbers up to this are exact in a double


@dataclass(frozen=True)
class Sheet:
    """One sheet as it stands: its name and its extent."""

    name: str
    rows: int
    width: int

    def __str__(self) -> str:
        return f'"{self.name}" ({self.rows:,} × {self.width})'


def read_excel(
    path: Path, sheet: str | None, header: int | None, name: str, said: list[Finding]
) -> Table:
    """The Table of one sheet of a workbook."""
    book, sheets = _opened(path)
    chosen = _chosen(sheets, sheet, path)
    findings = list(said)
    if len(sheets) > 1 and sheet is None:
        shown = [str(each) for each in sheets]
        findings.append(finding("sheet-chosen", sheets=shown, chosen=chosen.name))
    layout = lay_out(_grid(book, chosen, 0, HEAD), ",", chosen.width, header)
    start = max(layout.first, chosen.rows - TAIL)
    footer = footer_size(_grid(book, chosen, start, chosen.rows - start), chosen.width)
    rows = chosen.rows - footer - layout.first
    if rows <= 0:
        raise InputError(
            f'Sheet "{chosen.name}" of "{path}" has a header but no rows below it. '
            f"Sheets: {_list(sheets)}."
        )
    if footer:
        findings.append(finding("footer-dropped", lines=footer))
    body = _body(book, chosen, layout, rows)
    return _table(body, layout, name, chosen, [*findings, *layout.findings])


def _table(
    body: pa.Table, layout: Layout, name: str, sheet: Sheet, findings: list[Finding]
) -> Table:
    source = Source("frame", {"frame": body})
    columns = body.column_names
    names = [*layout.names, *[""] * (len(columns) - len(layout.names))][: len(columns)]
    named = named_columns(source, names, columns)
    row = None if layout.header is None else layout.header + 1
    read_as = ReadAs("excel", header_row=row, sheet=sheet.name)
    return from_source(source, name, read_as, [*findings, *named.findings], named.columns)


def _opened(path: Path) -> tuple[Any, list[Sheet]]:
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
        return book, [Sheet(name, *_extent(book, name)) for name in book.sheet_names]
    except fastexcel.FastExcelError as wrong:
        why = str(wrong).splitlines()[0]
        raise InputError(
            f'"{path}" looks like an Excel workbook but cannot be opened: {why}. '
            "Save it again as .xlsx."
        ) from wrong


def _body(book: Any, sheet: Sheet, layout: Layout, rows: int) -> pa.Table:
    """The rows below the header, as columns c0, c1, … with types."""
    typed = book.load_sheet(
        sheet.name,
        header_row=None,
        skip_rows=layout.first,
        n_rows=rows,
        schema_sample_rows=None,
    ).to_arrow()
    columns = [_column(column) for column in typed.columns]
    return pa.table(columns, names=[f"c{j}" for j in range(len(columns))])


def _column(column: pa.Array) -> pa.Array:
    """A column without any value is text; Excel keeps whole numbers as fractions: mended."""
    if pa.types.is_null(column.type):
        return column.cast(pa.string())
    if not pa.types.is_floating(column.type) or column.null_count == len(column):
        return column
    values = column.drop_null().to_numpy(zero_copy_only=False)
    values = values[~np.isnan(values)]
    whole = (np.abs(values) < MOST_EXACT).all() and (values == np.floor(values)).all()
    return column.cast(pa.int64()) if whole else column


def _extent(book: Any, name: str) -> tuple[int, int]:
    sheet = book.load_sheet(name, header_row=None, n_rows=1)
    return sheet.total_height, sheet.width


def _chosen(sheets: list[Sheet], asked: str | None, path: Path) -> Sheet:
    if asked is not None:
        return _asked_for(sheets, asked, path)
    best = max(sheets, key=lambda s: s.rows * s.width, default=None)
    if best is None or not best.rows or not best.width:
        raise InputError(f'No sheet of "{path}" holds anything. Sheets: {_list(sheets)}.')
    return best


def _asked_for(sheets: list[Sheet], asked: str, path: Path) -> Sheet:
    """The sheet of this name, or of this number from 1."""
    for number, sheet in enumerate(sheets, 1):
        if asked in (sheet.name, str(number)):
            return sheet
    guess = did_you_mean(asked, [s.name for s in sheets])
    raise OptionError(f'"{path}" has no sheet "{asked}". {guess} Sheets: {_list(sheets)}.')


def _list(sheets: list[Sheet]) -> str:
    return ", ".join(map(str, sheets))


def _grid(book: Any, sheet: Sheet, skip: int, rows: int) -> list[list[str]]:
    """Some rows of a sheet, their cells as text."""
    if rows < 1:
        return []
    table = book.load_sheet(
        sheet.name, header_row=None, skip_rows=skip, n_rows=rows, dtypes="string"
    ).to_arrow()
    columns = [table.column(j).to_pylist() for j in range(table.num_columns)]
    return [[cell or "" for cell in row] for row in zip(*columns, strict=True)]
