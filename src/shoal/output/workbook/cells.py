"""Cells of a workbook: formats by name, values in the kind they have, names of sheets."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pyarrow as pa

LONGEST_TEXT = 32_767  # UTF-16 units in a cell of Excel
LONGEST_NAME = 31  # of a sheet
MOST_DIGITS = 10**15  # Excel keeps fifteen digits of a number
FIRST_YEAR = 1900  # Excel knows no earlier day
DATE, MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"

LOOKS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 18},
    "answer": {"bold": True, "font_size": 12},
    "note": {"font_color": "#5b6770"},
    "head": {
        "bold": True,
        "bg_color": "#1f2933",
        "font_color": "#ffffff",
        "text_wrap": True,
        "valign": "vcenter",
    },
    "text": {"valign": "top"},
    "wrapped": {"valign": "top", "text_wrap": True, "indent": 1},
    "strong": {"valign": "top", "bold": True, "text_wrap": True, "indent": 1},
    "count": {"valign": "top", "num_format": "#,##0"},
    "share": {"valign": "top", "num_format": "[=0]0 %;[<0.01]0.0 %;0 %"},
    "figure": {"valign": "top", "num_format": "#,##0.00"},
    "index": {"valign": "top", "num_format": "0"},
    "date": {"valign": "top", "num_format": DATE},
}
TOTAL = {"bold": True, "top": 1, "bg_color": "#eef1f4"}
ABOVE, WELL_ABOVE, BELOW, WELL_BELOW = "#d1e5f0", "#67a9cf", "#fee0b6", "#f1a340"

_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f]")


def formats(book: Any) -> Callable[..., Any]:
    """What gives the format of a look, made once for each and for each change to it."""

    @cache
    def made(look: str, **more: Any) -> Any:
        return book.add_format({**LOOKS[look], **more})

    return made


def units(text: str) -> int:
    """How long Excel takes a text to be.

    >>> units("ab"), units("😀")
    (2, 2)
    """
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, most: int) -> str:
    """The text, shortened to so many UTF-16 units where it is longer.

    >>> cut("abcdef", 4), cut("ab", 4)
    ('abc…', 'ab')
    """
    if units(text) <= most:
        return text
    kept = text.encode("utf-16-le")[: 2 * (most - 1)].decode("utf-16-le", errors="ignore")
    return kept + "…"


def sheet_name(number: int, name: str) -> str:
    """A name that Excel takes: at most 31 letters, none of []:*?/\\, told apart by its number.

    >>> sheet_name(2, "New / lapsed: what now?"), len(sheet_name(3, "x" * 50))
    ('2 New lapsed what now', 31)
    """
    plain = " ".join(_FORBIDDEN.sub(" ", name).split())
    return cut(f"{number} {plain}", LONGEST_NAME).rstrip(" '")


def write_text(sheet: Any, row: int, column: int, text: str, look: Any = None) -> None:
    """A text as a text: never a formula, a link, a number or markup, whatever stands in it."""
    if len(text) > LONGEST_TEXT // 2:
        text = cut(text, LONGEST_TEXT)
    if text.startswith("<r>"):  # XlsxWriter takes it for its own markup
        plain = look or sheet.default_look
        sheet.write_rich_string(row, column, text[:1], plain, text[1:], plain)
        return
    sheet.write_string(row, column, text, look)


def write_value(sheet: Any, row: int, column: int, value: Any, look: Any = None) -> None:
    """A value in its own kind; nothing where there is none."""
    if value is None:
        return
    if isinstance(value, str):
        write_text(sheet, row, column, value, look)
    elif math.isfinite(value):
        sheet.write_number(row, column, value, look)


Write = Callable[[Any, int, int, Any], None]


def writer_of(kind: pa.DataType, wide: bool, look: Callable[..., Any]) -> Write:
    """What writes the values of a column of this kind; `wide` numbers have too many digits."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_boolean(kind):
        return lambda sheet, row, column, value: sheet.write_boolean(row, column, value)
    if pa.types.is_temporal(kind):
        form = look("text", num_format=DATE if pa.types.is_date(kind) else MOMENT)
        return lambda sheet, row, column, value: _write_moment(sheet, row, column, value, form)
    if pa.types.is_integer(kind) and wide:
        return lambda sheet, row, column, value: sheet.write_string(row, column, str(value))
    if pa.types.is_integer(kind):
        return lambda sheet, row, column, value: sheet.write_number(row, column, value)
    if pa.types.is_floating(kind):
        return _write_fraction
    return lambda sheet, row, column, value: write_text(sheet, row, column, str(value))


def _write_fraction(sheet: Any, row: int, column: int, value: float) -> None:
    if math.isfinite(value):
        sheet.write_number(row, column, value)
    elif math.isinf(value):
        sheet.write_string(row, column, "infinite" if value > 0 else "-infinite")


def _write_moment(sheet: Any, row: int, column: int, value: dt.date, form: Any) -> None:
    if value.year >= FIRST_YEAR:
        sheet.write_datetime(row, column, value, form)
    else:
        sheet.write_string(row, column, value.isoformat())
