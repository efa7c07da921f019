"""Columns that hold numbers and texts side by side, as workbooks and dataframes may.

A number is certain; what a text beside it means is told by all texts together, and by the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.data.cells.numbers import Mark, Number, marks_of, number_in
from shoal.findings import finding
from shoal.types import Bools, Finding, Floats

DAY = r"^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$"
FIRST_SERIAL = "1899-12-30"  # from which spreadsheets count days
SERIALS = (20_000, 80_000)  # of 1954 to 2119
DAY_SECONDS = 86_400
NEAR = 3.0  # times the largest of the numbers, or part of the smallest, that a text may be


@dataclass(frozen=True)
class Mixed:
    """The cells of a column, all as text and written in one way."""

    cells: pa.Array
    findings: tuple[Finding, ...] = ()
    ambiguous: bool = False  # it cannot be told what the texts mean: they are to stay


def in_one_way(name: str, cells: pa.Array, is_number: Bools, asked: Mark | None) -> Mixed:
    """Write numbers and texts of a column in one way; `cells` are both as text.

    Yes and no, which a workbook may hold as 1 and 0, are words here.
    """
    is_number = is_number & ~np.asarray(pc.is_in(cells, pa.array(["true", "false"])))
    texts = cells.filter(pa.array(~is_number)).drop_null().value_counts().to_pylist()
    seen = [(x, each["counts"]) for each in texts if (x := number_in(each["values"].strip()))]
    values = np.asarray(cells.filter(pa.array(is_number)).cast(pa.float64()))
    if not seen or not len(values):
        return Mixed(cells)
    marks = marks_of(seen, asked, None, None)
    if marks.trouble == "ambiguous":
        return _by_size(name, cells, is_number, [x for x, _ in seen], values)
    if marks.decimal != ",":
        return Mixed(cells)
    with_comma = pc.replace_substring(cells, ".", ",")
    return Mixed(pc.if_else(pa.array(is_number), with_comma, cells))


def days_in_one_way(name: str, cells: pa.Array, is_number: Bools) -> Mixed:
    """Days beside numbers of days, as spreadsheets keep them: 45296 is 2024-01-05.

    `cells` are all as text, days as 2024-01-05 00:00:00.
    """
    texts = cells.filter(pa.array(~is_number)).drop_null()
    are_days = pc.match_substring_regex(texts, DAY)
    if not len(texts) or not pc.all(are_days).as_py() or len(texts) < is_number.sum():
        return Mixed(cells)
    serials = cells.filter(pa.array(is_number)).cast(pa.float64()).to_numpy()
    low, high = SERIALS
    if not len(serials) or serials.min() < low or serials.max() > high:
        return Mixed(cells)
    moments = np.datetime64(FIRST_SERIAL, "s") + np.round(serials * DAY_SECONDS).astype("m8[s]")
    words = pc.strftime(pa.array(moments), format="%Y-%m-%d %H:%M:%S")
    about = finding("days-as-numbers", name, cells=len(serials), example=f"{serials[0]:g}")
    return Mixed(pc.replace_with_mask(cells, pa.array(is_number), words), (about,))


def _by_size(
    name: str, cells: pa.Array, is_number: Bools, seen: Sequence[Number], values: Floats
) -> Mixed:
    """Texts such as 1.201: a thousand, or one and a bit, by the numbers beside them."""
    odd = [x.body for x in seen if x.shape in ("dot3", "comma3")]
    mark = "." if "." in odd[0] else ","
    decimals = np.array([float(body.replace(mark, ".")) for body in odd])
    are_decimals, are_thousands = _of_size(decimals, values), _of_size(decimals * 1000, values)
    if are_decimals == are_thousands:
        about = finding("ambiguous-numbers", name, example=f'"{odd[0]}"')
        return Mixed(cells, (about,), ambiguous=True)
    value = decimals[0] if are_decimals else decimals[0] * 1000
    about = finding("mixed-numbers", name, texts=len(odd), example=odd[0], value=float(value))
    plain = _with_point(cells, mark) if are_decimals else pc.replace_substring(cells, mark, "")
    return Mixed(pc.if_else(pa.array(is_number), cells, plain), (about,))


def _of_size(numbers: Floats, others: Floats) -> bool:
    """Whether all numbers are about as large as the others."""
    low, high = np.abs(others).min() / NEAR, np.abs(others).max() * NEAR
    return bool(((low <= numbers) & (numbers <= high)).all())


def _with_point(cells: pa.Array, mark: str) -> pa.Array:
    """Cells such as 1,201 with a decimal point, and with a fourth digit that leaves no doubt."""
    with_point = pc.replace_substring(cells, mark, ".")
    return pc.replace_substring_regex(with_point, r"(\.\d{3})(\D*)$", r"\10\2")
