"""Findings about what cells mean."""

from __future__ import annotations

from collections.abc import Sequence

from shoal.findings.code import Code
from shoal.text.options import option

_ORDERS = {
    "dmy": "day, month, year",
    "mdy": "month, day, year",
    "ymd": "year, month, day",
}


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
        seen = f', for example "{short(example)}" in row {row:,}'
    gaps = "a gap" if bad == 1 else "gaps"
    return f"{bad:,} of {filled:,} cells of {column} {are} no {what}{seen}; read as {gaps}."


def short(cell: str) -> str:
    """A cell as a message quotes it."""
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
    "date-order": Code(
        "info", "Dates were read with the day, the month or the year first", _date_order
    ),
    "days-as-numbers": Code(
        "info",
        "Some cells among dates are numbers of days, as spreadsheets keep them; read as dates",
        "{cells:,} cells of {column} such as {example} are numbers of days, as spreadsheets keep "
        "dates; they were read as dates.",
    ),
    "debit-or-credit": Code(
        "warning",
        "Amounts marked CR or DR do not tell which are below zero; kept as text",
        "Amounts of {column} are marked CR or DR, such as “{example}”, and nothing tells which "
        "are below zero. {column} was kept as text; give those a minus sign to have it read.",
    ),
    "gap-words": Code("info", "Words such as NA, ? or - were read as gaps", _gap_words),
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
    "percent-and-shares": Code(
        "warning",
        "Some cells carry a percent sign and others are shares; 12 % was read as 0.12",
        "Some cells of {column} carry a percent sign and others are shares of one; "
        "12 % was read as 0.12, so that all are shares.",
    ),
    "percent-beside-numbers": Code(
        "warning",
        "Some cells carry a percent sign and others do not; 45 % was read as 45",
        "Some cells of {column} carry a percent sign and others do not; 45 % was read as 45 beside "
        "them. If the others are shares, write all of them one way.",
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
    "short-years": Code(
        "warning",
        "Years have two digits",
        "Years of {column} have two digits; 00 to 68 were read as 2000 to 2068.",
    ),
    "thousands-marks": Code(
        "info",
        "Numbers are written with thousands marks; they were taken off",
        _thousands_marks,
    ),
    "type-changed": Code(
        "info", "A type that is no number, text or date was read as text", _type_changed
    ),
    "zones-mixed": Code(
        "warning",
        "Some moments of the column say their time zone, others do not",
        "{zones:,} cells of {column} say their time zone and {no_zones:,} do not; "
        "all are given in UTC, and those without a zone were taken to be in UTC.",
    ),
}
