"""Findings of reading a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shoal.findings.code import Code
from shoal.text.options import option
from shoal.text.persons import tells_where

_ORDERS = {
    "dmy": "day, month, year",
    "mdy": "month, day, year",
    "ymd": "year, month, day",
}


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
        f"There are {rows} rows above the data; row {row} ({', '.join(map(_short, cells))}…) "
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


def _type_changed(column: str, type: str) -> str:
    if type == "INTERVAL":
        return f"Durations in {column} were read as a number of days."
    if type == "TIME":
        return f"Times in {column} were read as a part of the day: 0.25 for 06:00."
    return f"{column} holds {type}, which is no number, text or date; it was read as text."


def _gap_words(column: str, gaps: int, filled: int, words: Sequence[str]) -> str:
    shown = ", ".join(f'"{word}"' for word in words[:5])
    return f"{gaps:,} of {filled:,} cells of {column} say {shown}; they were read as gaps."


def _bad_cells(
    column: str, bad: int, filled: int, what: str, example: str | None, row: int | None
) -> str:
    are = "is" if bad == 1 else "are"
    seen = "" if row is None else f", the first in row {row:,}"
    if example is not None:
        seen = f', for example "{_short(example)}" in row {row:,}'
    gaps = "a gap" if bad == 1 else "gaps"
    return f"{bad:,} of {filled:,} cells of {column} {are} no {what}{seen}; read as {gaps}."


def _short(cell: str) -> str:
    return cell if len(cell) <= 40 else cell[:39] + "…"


def _damaged(column: str, why: str) -> str:
    return (
        f"The numbers of {column} are damaged: {why}. "
        "This happens when a spreadsheet reads them with another decimal mark. "
        f"{column} was kept as text and takes no part; export the table again, "
        f"or say {option('decimal')} if you are sure of the mark."
    )


def _ambiguous_numbers(column: str, example: str) -> str:
    return (
        f"It cannot be told whether {example} in {column} is a whole number with a thousands mark "
        f"or one with decimals. {column} was kept as text; "
        f"say {option('decimal', '.')} or {option('decimal', ',')} to have it read."
    )


def _mixed_currencies(column: str, currencies: Sequence[str]) -> str:
    return (
        f"{column} holds amounts in several currencies ({', '.join(currencies)}); "
        "it was kept as text. Bring them to one currency first."
    )


def _thousands_marks(column: str, decimal: str | None) -> str:
    mark = "dot" if decimal == "," else "comma"
    return f"{column} is written with thousands marks ({mark}, blank or '); they were taken off."


def _ambiguous_dates(column: str, order: str, doubt: str) -> str:
    which = "year or the day" if doubt == "year" else "day or the month"
    return f"No date of {column} tells whether the {which} comes first; read as {_ORDERS[order]}."


def _date_order(column: str, order: str) -> str:
    return f"Dates of {column} were read as {_ORDERS[order]}."


CODES = {
    "ambiguous-dates": Code(
        "warning",
        "No date of the column tells which of day, month and year comes first",
        _ambiguous_dates,
    ),
    "ambiguous-numbers": Code(
        "error",
        "It cannot be told whether 1.234 is a whole number or a fraction; say --decimal",
        _ambiguous_numbers,
    ),
    "amount-or-code": Code(
        "warning",
        "Numbers with a letter behind them may be amounts or codes; kept as text",
        "It cannot be told whether “{example}” in {column} is an amount (M for million) or a code. "
        "{column} was kept as text; write the amounts out to have them read.",
    ),
    "amount-words": Code(
        "info",
        "Amounts carry a word that multiplies them",
        "{column} has amounts such as 1.5{word}; {word} was read as times {times:,.0f}.",
    ),
    "backslash-quotes": Code(
        "info",
        "Quotes inside cells are escaped with a backslash",
        "Quotes and separators inside cells are written behind a backslash; they were read so.",
    ),
    "bad-cells": Code(
        "warning",
        "Some cells of a column of numbers or dates are neither; read as gaps",
        _bad_cells,
    ),
    "codes": Code(
        "info",
        "A column of digits was kept as text because its cells are codes",
        "{column} was kept as text, to the letter: {why}.",
    ),
    "comment-lines": Code(
        "info", "Lines that begin with # were left out", _mended("Comment lines", "left out")
    ),
    "credits": Code(
        "warning",
        "Some amounts are marked CR; read as below zero",
        "Some amounts of {column} are marked {word}, and the others are not; "
        "credits were read as below zero.",
    ),
    "currency": Code(
        "info",
        "Amounts carry a currency sign; it was taken off",
        "{column} is money in {currency}; the sign was taken off.",
    ),
    "damaged-numbers": Code(
        "warning",
        "A spreadsheet has damaged the numbers of the column; kept as text",
        _damaged,
    ),
    "database-print": Code(
        "info",
        "The file is what a database prints; its rulers were left out",
        "The file is a print with bars between columns and rulers; the rulers were left out.",
    ),
    "date-order": Code(
        "info", "Dates were read with the day, the month or the year first", _date_order
    ),
    "debit-or-credit": Code(
        "warning",
        "Amounts marked CR or DR do not tell which are below zero; kept as text",
        "Amounts of {column} are marked CR or DR, such as “{example}”, and nothing tells which "
        "are below zero. {column} was kept as text; give those a minus sign to have it read.",
    ),
    "duplicate-names": Code(
        "warning", "Column names come more than once; repeats were numbered", _duplicate_names
    ),
    "empty-columns-dropped": Code(
        "info", "Columns without name and content were left out", _empty_columns
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
    "gap-words": Code("info", "Words such as NA, ? or - were read as gaps", _gap_words),
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
    "long-numbers": Code(
        "info",
        "Whole numbers beyond 64 bits were kept as text",
        "{column} holds whole numbers beyond 64 bits; it was kept as text, digit by digit.",
    ),
    "measures": Code(
        "warning",
        "Numbers with a unit or another word, and times such as 0:15, are kept as text",
        "Cells of {column} such as “{example}” are numbers with a word, or times of a clock; they "
        "were kept as text. Write them as numbers alone to have them measured.",
    ),
    "mixed-currencies": Code(
        "error",
        "Amounts in several currencies stand in one column; kept as text",
        _mixed_currencies,
    ),
    "mixed-numbers": Code(
        "warning",
        "Numbers stand beside texts such as 1.201, which were read by what the numbers are",
        "{column} holds numbers beside texts such as “{example}” ({texts:,} different ones); as "
        "the numbers are of that size, it was read as {value:g}.",
    ),
    "mixed-dates": Code(
        "warning",
        "No order of day and month fits all dates of the column; kept as text",
        "{column} holds dates with the day first and dates with the month first; "
        "no order fits them all, so it was kept as text.",
    ),
    "months": Code(
        "info",
        "Months were read as their first day",
        "{column} holds months; each was read as the first day of its month.",
    ),
    "mostly-numbers": Code(
        "warning",
        "Most cells are numbers but too many are not; kept as text",
        "Most cells of {column} are numbers, but too many are not; it was kept as text.",
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
    "percent-and-shares": Code(
        "warning",
        "Some cells carry a percent sign and others are shares; 12 % was read as 0.12",
        "Some cells of {column} carry a percent sign and others are shares of one; "
        "12 % was read as 0.12, so that all are shares.",
    ),
    "percent": Code(
        "info",
        "Cells carry a percent sign; 45 % was read as 45",
        "{column} has percent signs; 45 % was read as 45.",
    ),
    "periods": Code(
        "info",
        "Months, quarters or other periods were read as their first day",
        "{column} holds periods ({length}); each was read as its first day.",
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
        'The {rows:,} records under "{where}" of the JSON file were read; '
        "what stands beside them was left out.",
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
    "short-years": Code(
        "warning",
        "Years have two digits",
        "Years of {column} have two digits; 00 to 68 were read as 2000 to 2068.",
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
    "thousands-marks": Code(
        "info",
        "Numbers are written with thousands marks; they were taken off",
        _thousands_marks,
    ),
    "title-lines": Code("info", "Lines above the header were left out", _title_lines),
    "totals-left-out": Code(
        "warning",
        "Rows inside the table that sum up others were left out",
        _mended("Rows that sum up the rows above them", "left out"),
    ),
    "type-changed": Code(
        "info", "A type that is no number, text or date was read as text", _type_changed
    ),
    "unnamed-columns": Code(
        "info", "Columns have no name in the header; they were given one", _unnamed
    ),
    "unpacked": Code(
        "info",
        "The table was unpacked from an archive",
        'The table was unpacked from "{file}".',
    ),
    "zones-mixed": Code(
        "warning",
        "Some moments of the column say their time zone, others do not",
        "{zones:,} cells of {column} say their time zone and {no_zones:,} do not; "
        "all are given in UTC, and those without a zone were taken to be in UTC.",
    ),
}
