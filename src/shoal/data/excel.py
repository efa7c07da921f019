"""Excel workbooks: the sheet with the largest table, found among all of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from shoal.data.csv.layout import footer_size, lay_out
from shoal.data.frames import from_source
from shoal.data.names import named_columns
from shoal.engine.scan import Source
from shoal.engine.table import Table
from shoal.errors import InputError, OptionError, did_you_mean
from shoal.types import Finding, ReadAs

HEAD = 300


@dataclass(frozen=True)
class Sheet:
    """One sheet as it stands: its name and its extent."""

    name: str
    rows: int
    width: int


def read_excel(
    path: Path, sheet: str | None, header: int | None, name: str, said: list[Finding]
) -> Table:
    """The Table of one sheet of a workbook."""
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
        sheets = [Sheet(n, *_extent(book, n)) for n in book.sheet_names]
    except fastexcel.FastExcelError as wrong:
        raise InputError(
            f'"{path}" looks like an Excel workbook but cannot be opened: {str(wrong).splitlines()[0]}. Save it again as .xlsx.'
        ) from wrong
    chosen = _chosen(sheets, sheet, path)
    said += _which(sheets, chosen, sheet)
    layout = lay_out(_grid(book, chosen, 0, HEAD), ",", chosen.width, header)
    start = max(layout.first, chosen.rows - 30)
    last = chosen.rows - footer_size(_grid(book, chosen, start, chosen.rows - start), chosen.width)
    if last <= layout.first:
        raise InputError(
            f'Sheet "{chosen.name}" of "{path}" has a header but no rows below it. Sheets: {_list(sheets)}.'
        )
    if last < chosen.rows:
        said.append(
            Finding(
                "footer-dropped",
                "warning",
                f"{chosen.rows - last} lines below the table (notes or totals) were left out.",
            )
        )
    typed = book.load_sheet(
        chosen.name,
        header_row=None,
        skip_rows=layout.first,
        n_rows=last - layout.first,
        schema_sample_rows=None,
    )
    frame = typed.to_arrow()
    frame = pa.Table.from_batches([frame]) if isinstance(frame, pa.RecordBatch) else frame
    columns = [f"c{j}" for j in range(frame.num_columns)]
    source = Source("frame", {"frame": _whole(_filled(frame.rename_columns(columns)))})
    names = [*layout.names, *[""] * (len(columns) - len(layout.names))][: len(columns)]
    named = named_columns(source, names, columns)
    row = layout.header + 1 if layout.header is not None else None
    findings = [*said, *layout.findings, *named.findings]
    return from_source(
        source, name, ReadAs("excel", header_row=row, sheet=chosen.name), findings, named.columns
    )


def _extent(book: Any, name: str) -> tuple[int, int]:
    sheet = book.load_sheet(name, header_row=None, n_rows=1)
    return sheet.total_height, sheet.width


def _chosen(sheets: list[Sheet], asked: str | None, path: Path) -> Sheet:
    if asked is not None:
        for sheet in sheets:
            if sheet.name == asked or (
                asked.isdigit() and sheets[int(asked) - 1 : int(asked)] == [sheet]
            ):
                return sheet
        raise OptionError(
            f'"{path}" has no sheet "{asked}". {did_you_mean(asked, [s.name for s in sheets])} Sheets: {_list(sheets)}.'
        )
    best = max(sheets, key=lambda s: s.rows * s.width, default=None)
    if best is None or not best.rows or not best.width:
        raise InputError(f'No sheet of "{path}" holds anything. Sheets: {_list(sheets)}.')
    return best


def _list(sheets: list[Sheet]) -> str:
    return ", ".join(f'"{s.name}" ({s.rows:,} × {s.width})' for s in sheets)


def _which(sheets: list[Sheet], chosen: Sheet, asked: str | None) -> list[Finding]:
    if len(sheets) == 1 or asked is not None:
        return []
    text = f'The workbook has {len(sheets)} sheets: {_list(sheets)}. The largest, "{chosen.name}", was read; say --sheet NAME for another.'
    return [Finding("sheet-chosen", "info", text)]


def _grid(book: Any, sheet: Sheet, skip: int, rows: int) -> list[list[str]]:
    """Some rows of a sheet, their cells as text."""
    if rows < 1:
        return []
    table = book.load_sheet(
        sheet.name, header_row=None, skip_rows=skip, n_rows=rows, dtypes="string"
    ).to_arrow()
    columns = [table.column(j).to_pylist() for j in range(table.num_columns)]
    return [[cell or "" for cell in row] for row in zip(*columns, strict=True)]


def _filled(frame: pa.Table) -> pa.Table:
    """Columns without a single value come as null type; they are text that says nothing."""
    for j, column in enumerate(frame.columns):
        if pa.types.is_null(column.type):
            frame = frame.set_column(j, frame.column_names[j], column.cast(pa.string()))
    return frame


def _whole(frame: pa.Table) -> pa.Table:
    """Excel keeps every number as a fraction: a column of whole ones becomes whole."""
    for j, column in enumerate(frame.columns):
        if pa.types.is_floating(column.type) and column.null_count < len(column):
            values = column.combine_chunks().to_numpy(zero_copy_only=False)
            values = values[~np.isnan(values)]
            if (np.abs(values) < 9e15).all() and (values == np.floor(values)).all():
                frame = frame.set_column(j, frame.column_names[j], column.cast(pa.int64()))
    return frame
