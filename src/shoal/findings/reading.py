"""Findings of reading a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shoal.findings import cells
from shoal.findings.cells import short
from shoal.findings.code import Code
from shoal.text.options import option
from shoal.text.persons import tells_where


def _s(number: int) -> str:
    """The ending of a plural."""
    return "" if number == 1 else "s"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5])


def _mended(what: str, done: str) -> str:
    """The sentence about lines that were mended, counted, and where the first of them stands.

    What stands in it may name a person: it is not said.
    """
    return f"{what}: {{lines:,}}, the first in line {{line:,}}; {done}."


_RAGGED = {
    "short": _mended("Rows with too few cells", "the missing ones at the end were read as gaps"),
    "long": _mended(
        "Rows with too many cells", "those beyond the last column were cut off, so look at them"
    ),
    "joined": _mended(
        "Rows with a separator inside a cell", "the halves of the cell were put together"
    ),
}


def _ragged_rows(column: None, kind: str, **values: Any) -> str:
    return _RAGGED[kind].format(**values)


_FOOTER = _mended("Lines below the table (notes or totals)", "left out")


def _footer_dropped(column: None, lines: int, **first: Any) -> str:
    if not first:
        return f"{lines} lines below the table (notes or totals) were left out."
    return _FOOTER.format(lines=lines, **first)


def _text_in_database(column: str, dates: bool) -> str:
    what = "dates" if dates else "numbers"
    return (
        f"{column} is text in the database and was read as {what}. "
        "SQL made of the model needs it as such: cast it in a view first."
    )


def _encoding(
    column: None, encoding: str, utf8_lines: int = 0, other_lines: int = 0, example: str = ""
) -> str:
    if not other_lines:
        return f"The file is in {encoding}; it was read so."
    if utf8_lines:
        return (
            f"The file mixes encodings: {utf8_lines:,} lines are UTF-8, "
            f"{other_lines:,} were read as {encoding} (“{example}”)."
        )
    return (
        f"The file is not UTF-8; it was read as {encoding} (“{example}”). "
        f"If letters look wrong, say {option('encoding')}."
    )


def _no_header(column: None) -> str:
    return (
        "The first row is data, so there is no header; "
        "the columns were named column_1, column_2… "
        f"Say {option('header', 1)} if it is one."
    )


def _several_rows(
    column: None, rows: int, row: int, cells: Sequence[str], joined: bool = False
) -> str:
    if joined:
        return (
            f"There are {rows} rows above the data; names were put together from them "
            f"({', '.join(cells)}…). Say {option('header', _Row())} for one of them alone."
        )
    return (
        f"There are {rows} rows above the data; row {row} ({', '.join(map(short, cells))}…) "
        f"was taken for the header. Say {option('header', _Row())} for another."
    )


class _Row(int):
    """A row number that is yet to be chosen."""

    def __str__(self) -> str:
        return "N"


def _title_lines(column: None, lines: int, words: str) -> str:
    shown = "" if tells_where(words) else f" ({words}…)"
    return f"{lines} line{_s(lines)} above the header{shown} {_was(lines)} left out."


def _sheet_chosen(column: None, sheets: Sequence[str], chosen: str, hidden: bool = False) -> str:
    largest = "largest that is not hidden" if hidden else "largest"
    return (
        f"The workbook has {len(sheets)} sheets: {', '.join(sheets)}. "
        f'The {largest}, "{chosen}", was read; say {option("sheet", "NAME")} for another.'
    )


def _table_left_out(column: None, rows: int, row: int) -> str:
    return (
        f"Another table stands below or above, from row {row:,} ({rows:,} row{_s(rows)}); it was "
        f"left out. Say {option('header', row)} to read it instead."
    )


def _table_beside(column: None, rows: int, row: int) -> str:
    return (
        f"Another table stands beside it on the sheet, from row {row:,} ({rows:,} row{_s(rows)}); "
        "it was left out. Move it to a sheet of its own to have it read."
    )


def _sheets_alike(column: None, sheets: Sequence[str], chosen: str) -> str:
    shown = ", ".join(f'"{name}"' for name in sheets[:5])
    have = "sheet has" if len(sheets) == 1 else "sheets have"
    return (
        f'{len(sheets)} other {have} the same columns ({shown}) and took no part: only "{chosen}" '
        "was read. To have them all, put them below each other on one sheet, or save each as CSV "
        "and give a glob."
    )


def _empty_columns(column: None, columns: int) -> str:
    return f"{columns} column{_s(columns)} without name and content {_was(columns)} left out."


def _notes_beside(column: None, columns: int, cells: int, rows: int) -> str:
    hold = "holds" if columns == 1 else "hold"
    return (
        f"{columns} column{_s(columns)} without a name {hold} {cells:,} cells in {rows:,} rows, "
        "notes beside the table; left out."
    )


def _unnamed(column: None, names: Sequence[str]) -> str:
    have = "column has" if len(names) == 1 else "columns have"
    return f"{len(names)} {have} no name in the header; called {_listed(names)}."


def _duplicate_names(column: None, names: Sequence[str]) -> str:
    return f"Column names come more than once; called {_listed(names)}."


def _records_inside(column: None, where: str, rows: int, beside: int = 0) -> str:
    read = f'The {rows:,} records under "{where}" of the JSON file were read'
    if beside:
        return (
            f"{read}; {beside:,} others with the same names stand in lists beside them and were "
            "left out. Put them into one array to have them all."
        )
    return f"{read}; what stands beside them was left out."


CODES = {
    **cells.CODES,
    "backslash-quotes": Code(
        "info",
        "Quotes inside cells are escaped with a backslash",
        "Quotes and separators inside cells are written behind a backslash; they were read so.",
    ),
    "comment-lines": Code(
        "info", "Lines that begin with # were left out", _mended("Comment lines", "left out")
    ),
    "database-print": Code(
        "info",
        "The file is what a database prints; its rulers were left out",
        "The file is a print with bars between columns and rulers; the rulers were left out.",
    ),
    "duplicate-names": Code(
        "warning", "Column names come more than once; repeats were numbered", _duplicate_names
    ),
    "empty-columns-dropped": Code(
        "info", "Columns without name and content were left out", _empty_columns
    ),
    "lines-in-cells": Code(
        "info",
        "Each cell of a sheet of one column holds a whole row; they were cut at their separators",
        "Each cell of the sheet holds a whole row of the table; they were cut at their separators.",
    ),
    "merged-cells": Code(
        "info",
        "Cells are merged over several rows; each of these was given what they hold",
        "Cells of {column} are merged over several rows: {rows:,} rows were given what they hold.",
    ),
    "merged-numbers": Code(
        "warning",
        "Numbers are merged over several rows; only the first of these has them",
        "Numbers of {column} are merged over several rows, so it is not told what of them belongs "
        "to each; {rows:,} rows have none.",
    ),
    "text-in-database": Code(
        "warning",
        "A column that is text in the database was read as numbers or dates",
        _text_in_database,
    ),
    "other-quotes": Code(
        "info",
        "Quotes around cells stand between blanks, are doubled, or are such as “ ”; taken off",
        "Cells stand in quotes with blanks around them, in two pairs of quotes, or in quotes "
        "such as “ ”; they were taken off.",
    ),
    "empty-rows": Code(
        "info",
        "Rows of separators alone were left out",
        "Rows without any value: {lines:,}, the first in line {line:,}; left out.",
    ),
    "encoding": Code("info", "The file is not UTF-8, or mixes encodings", _encoding),
    "footer-dropped": Code(
        "warning", "Notes or totals below the table were left out", _footer_dropped
    ),
    "header-repeated": Code(
        "warning",
        "The header comes again further down; those lines were left out",
        _mended("Lines that repeat the header further down", "left out"),
    ),
    "header-several-rows": Code(
        "warning", "Several rows stand above the data; one was taken for the header", _several_rows
    ),
    "index-column-dropped": Code(
        "info",
        "A nameless first column numbers the rows; left out",
        "Column {position} has no name and numbers the rows ({low} to {high}), "
        "as dataframes write it; it was left out.",
    ),
    "no-header": Code(
        "warning", "The first row is data; columns were named column_1, column_2…", _no_header
    ),
    "notes-beside-table": Code(
        "warning", "Notes typed beside the table were left out", _notes_beside
    ),
    "nul-bytes": Code(
        "warning",
        "NUL bytes were left out",
        "The file holds {nuls:,} NUL bytes; they were left out.",
    ),
    "other-format": Code(
        "warning",
        "The file is something else than its name says; read as what it is",
        '"{file}" is {format} in spite of its name; it was read as such.',
    ),
    "quotes-unbalanced": Code(
        "warning",
        "A quote never closes; it was taken off",
        _mended("Lines with a quote that never closes", "it was taken off"),
    ),
    "ragged-rows": Code("warning", "Rows have more or fewer cells than the header", _ragged_rows),
    "records-inside": Code(
        "info",
        "The records stand inside of something else in a JSON file",
        _records_inside,
    ),
    "rows-in-quotes": Code(
        "info",
        "Every row stands in quotes as a whole; they were taken off",
        "Every row stands in quotes as a whole; the quotes were taken off.",
    ),
    "separator-mixed": Code(
        "warning",
        "Rows use another separator than the rest; read with it",
        _mended("Rows with another separator than the rest", "read with theirs"),
    ),
    "several-files": Code(
        "info",
        "Several files were read as one table",
        "{files} files were read one after the other, in the order of their names.",
    ),
    "sheet-chosen": Code(
        "info", "The workbook has several sheets; the largest was read", _sheet_chosen
    ),
    "sheet-hidden": Code(
        "warning",
        "The sheet that was read is hidden in the workbook",
        'Sheet "{sheet}", which was read, is hidden in the workbook.',
    ),
    "sheets-alike": Code(
        "warning",
        "Other sheets of the workbook have the same columns; one was read",
        _sheets_alike,
    ),
    "single-quotes": Code(
        "info",
        "Cells stand in single quotes; they were taken off",
        "Cells stand in single quotes; they were taken off.",
    ),
    "stray-lines": Code(
        "warning",
        "Lines inside the table hold a single text; left out",
        _mended("Lines with a single text inside the table", "left out"),
    ),
    "table-beside": Code(
        "warning",
        "Another table beside the one that was read, on the same sheet, was left out",
        _table_beside,
    ),
    "table-left-out": Code(
        "warning",
        "Another table above or below was left out",
        _table_left_out,
    ),
    "title-lines": Code("info", "Lines above the header were left out", _title_lines),
    "totals-left-out": Code(
        "warning",
        "Rows inside the table that sum up others were left out",
        _mended("Rows that sum up the rows above them", "left out"),
    ),
    "unnamed-columns": Code(
        "info", "Columns have no name in the header; they were given one", _unnamed
    ),
    "unpacked": Code(
        "info",
        "The table was unpacked from an archive",
        'The table was unpacked from "{file}".',
    ),
}
