"""Columns that name persons or say how to reach them, and what of them is kept to oneself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from shoal.analysis.meaning.header import Header, read_header
from shoal.analysis.meaning.values import long_digits
from shoal.sentences import say
from shoal.text.persons import names_someone, tell_persons
from shoal.types import Column, Sample

_OF_THINGS = (
    "product",
    "code",
    "place_code",
    "seller",
    "cluster",
    "opinion",
    "counting",
    "company",
)
LOOKED_AT = 500  # rows of the sample
MOSTLY = 0.5  # share of cells that are names of persons, where a column is one of names
NEARLY_ALL = 0.9  # share of a category's words that stand in the name beside them
_TELLING = ("contact", "text")  # meanings whose cells are never shown
_KEYS = ("id", "order_id")  # … and those that are shown only where they are plain numbers
_ASKED = ("basis", "value", "describe")  # roles that such a column has only where somebody says so


def names_persons(column: Column, header: Header) -> bool:
    """Whether words name persons or tell where they are; of numbers the header has to say so."""
    if column.kind == "number":
        return header.says("telephone") and long_digits(column)
    if column.kind not in ("category", "flag"):
        return False
    named = header.says("person_name") or _is_bare(header)
    named = named and not header.says(*_OF_THINGS)
    return (column.kind == "category" and named) or tell_persons(word for word, _ in column.top)


def _is_bare(header: Header) -> bool:
    """Whether a header says nothing but that it is a name, or a customer's."""
    return header.says("bare_name") and header.only("bare_name", "person")


def beside_names(columns: Sequence[Column], sample: Sample) -> tuple[Column, ...]:
    """The columns; of contacts those as well whose words are parts of the names beside them.

    Surnames are told so where no header says what they are.
    """
    rows = sample.rows.slice(0, LOOKED_AT)
    full = [names for c in columns if c.kind == "text" and (names := _words_of_names(rows, c.name))]
    if not full:
        return tuple(columns)
    return tuple(_with_contact(c) if _is_part(c, rows, full) else c for c in columns)


def _words_of_names(rows: pa.Table, name: str) -> list[list[str]]:
    """The words of each cell of a column of text, where most of them are names of persons."""
    cells = ["" if cell is None else str(cell) for cell in rows[name].to_pylist()]
    filled = [cell for cell in cells if cell]
    if sum(map(names_someone, filled)) <= MOSTLY * len(filled):
        return []
    return [re.split(r"[\s,]+", cell) for cell in cells]


def _is_part(column: Column, rows: pa.Table, full: Sequence[list[list[str]]]) -> bool:
    """Whether nearly all words of a category are words of the name on the same row."""
    if column.kind != "category" or column.meaning == "contact" or column.made is not None:
        return False
    cells = rows[column.name].to_pylist()
    filled = sum(cell is not None for cell in cells)
    for names in full:
        pairs = zip(cells, names, strict=True)
        met = sum(cell is not None and str(cell) in words for cell, words in pairs)
        if filled and met >= NEARLY_ALL * filled:
            return True
    return False


def _with_contact(column: Column) -> Column:
    return replace(
        column,
        meaning="contact",
        aspect="",
        direction="none",
        confidence="sure",
        meaning_reason=say("meaning-persons"),
    )


def is_private(column: Column) -> bool:
    """Whether its cells may tell who somebody is, or how to reach them; a person's word decides."""
    if column.kind == "text" or column.meaning in _TELLING:
        return True
    if column.meaning in _KEYS or column.role == "id":
        return column.kind != "number" or long_digits(column)
    if column.distinct <= 1 and read_header(column.name).says("contact"):
        return column.confidence != "stated"
    if column.kind not in ("category", "flag") or column.confidence == "stated":
        return False
    words = [word for word, _ in column.top]
    return tell_persons(words * 2 if column.distinct <= 1 else words)


def withheld(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns; those that are private without what their cells hold."""
    return tuple(map(_without_cells, columns))


def _without_cells(column: Column) -> Column:
    asked = column.role in _ASKED and column.kind != "text"
    if asked or not is_private(column):
        return column
    return replace(
        column,
        private=True,
        digits=_digits(column),
        min=None,
        max=None,
        mean=None,
        std=None,
        sum=None,
        skew=None,
        quantiles=None,
        histogram=None,
        top=(),
    )


def _digits(column: Column) -> int:
    ends = (end for end in (column.min, column.max) if isinstance(end, float))
    return max((len(str(int(abs(end)))) for end in ends), default=0)
