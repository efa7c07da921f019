"""Columns that come with a type: what each DuckDB type becomes in a Table."""

from __future__ import annotations

from shoal.engine.scan import Field, Source
from shoal.findings import finding
from shoal.text.sql import quoted
from shoal.types import Finding

WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
WIDE = {"UBIGINT", "HUGEINT", "UHUGEINT"}
TIMES = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATETIME"}
ZONED = {"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS", "TIMESTAMP_NS WITH TIME ZONE"}
WORDS = {"VARCHAR", "UUID", "NULL", '"NULL"'}


def columns_of(source: Source) -> list[tuple[str, str]]:
    """Name and DuckDB type of each column of the source."""
    return [(row[0], row[1]) for row in source.rows(f"DESCRIBE SELECT * FROM {source.sql}")]


def is_words(kind: str) -> bool:
    """Whether the DuckDB type is text or a category."""
    return kind == "VARCHAR" or kind.startswith("ENUM")


def typed_field(source: Source, column: str, kind: str, name: str) -> tuple[Field, Finding | None]:
    """The field of one typed column, and a finding when its type had to give way."""
    if kind in WHOLE or _whole_decimal(kind):
        return Field(name, column, "BIGINT", as_whole), None
    if kind in WIDE or (kind.startswith("DECIMAL") and kind.endswith(",0)")):
        return _wide(source, column, name)
    if kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
        return Field(name, column, "DOUBLE", as_number), None
    if kind in ("BOOLEAN", "DATE"):
        return Field(name, column, kind), None
    if kind in TIMES:
        return Field(name, column, "TIMESTAMP", _as_moment), None
    if kind in ZONED:
        return Field(name, column, "TIMESTAMP", _as_utc, plain=False), None
    if kind in WORDS:
        return Field(name, column, "VARCHAR", as_text), None
    changed = finding("type-changed", name, type=kind)
    if kind in ("INTERVAL", "TIME"):  # of a clock: a part of the day, as a workbook has it
        return Field(name, column, "DOUBLE", _as_days, plain=False), changed
    return Field(name, column, "VARCHAR", as_text), changed


def _whole_decimal(kind: str) -> bool:
    """Whether a type such as DECIMAL(18,0) holds whole numbers that fit 64 bits."""
    return kind.startswith("DECIMAL") and kind.endswith(",0)") and int(kind[8:-3]) <= 18


def _wide(source: Source, column: str, name: str) -> tuple[Field, Finding | None]:
    """Integers wider than 64 bits: int64 where all fit, else text, so that no digit is lost."""
    col = quoted(column)
    fit = f"count({col}) = count(TRY_CAST({col} AS BIGINT))"
    if source.rows(f"SELECT {fit} FROM {source.sql}")[0][0]:
        return Field(name, column, "BIGINT", as_whole), None
    return Field(name, column, "VARCHAR", as_text), finding("long-numbers", name)


def as_whole(col: str) -> str:
    """SQL of a column as whole numbers."""
    return f"CAST({col} AS BIGINT)"


def as_number(col: str) -> str:
    """SQL of a column as numbers; one that is none is a missing value."""
    value = f"CAST({col} AS DOUBLE)"
    return f"CASE WHEN isnan({value}) THEN NULL ELSE {value} END"


def as_text(col: str) -> str:
    """SQL of a column as text."""
    return f"CAST({col} AS VARCHAR)"


def _as_moment(col: str) -> str:
    return f"CAST({col} AS TIMESTAMP)"


def _as_utc(col: str) -> str:
    return f"(CAST({col} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')"


def _as_days(col: str) -> str:
    return f"epoch({col}) / 86400.0"
