"""Columns that come with a type: what each DuckDB type becomes in a Table."""

from __future__ import annotations

from shoal.engine.scan import Field, Source
from shoal.text.sql import quoted
from shoal.types import Finding

WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
WIDE = {"UBIGINT", "HUGEINT", "UHUGEINT"}
PLAIN_TIMES = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATETIME"}


def columns_of(source: Source) -> list[tuple[str, str]]:
    """Name and DuckDB type of each column of the source."""
    return [(row[0], row[1]) for row in source.rows("DESCRIBE SELECT * FROM {src}")]


def typed_field(source: Source, column: str, kind: str, name: str) -> tuple[Field, Finding | None]:
    """The field of one typed column, and a finding when its type had to give way."""
    col = quoted(column)
    if kind in WHOLE:
        return Field(name, f"CAST({col} AS BIGINT)", "BIGINT"), None
    if kind in WIDE:
        return wide_field(source, col, name)
    if kind in ("DOUBLE", "FLOAT"):
        return Field(
            name, f"CASE WHEN isnan({col}) THEN NULL ELSE CAST({col} AS DOUBLE) END", "DOUBLE"
        ), None
    if kind.startswith("DECIMAL"):
        whole = kind.endswith(",0)") and int(kind[8:-3]) <= 18
        return (
            Field(name, f"CAST({col} AS BIGINT)", "BIGINT")
            if whole
            else Field(name, f"CAST({col} AS DOUBLE)", "DOUBLE")
        ), None
    if kind in ("BOOLEAN", "DATE"):
        return Field(name, col, kind), None
    if kind in PLAIN_TIMES:
        return Field(name, f"CAST({col} AS TIMESTAMP)", "TIMESTAMP"), None
    if kind == "TIMESTAMP WITH TIME ZONE":
        return Field(name, f"({col} AT TIME ZONE 'UTC')", "TIMESTAMP"), None
    if kind in ("VARCHAR", "UUID", '"NULL"', "NULL") or kind.startswith("ENUM"):
        return Field(name, f"CAST({col} AS VARCHAR)", "VARCHAR"), None
    if kind == "INTERVAL":
        said = Finding(
            "type-changed", "info", f"Durations in {name} were read as a number of days.", name
        )
        return Field(name, f"epoch({col}) / 86400.0", "DOUBLE"), said
    said = Finding(
        "type-changed",
        "info",
        f"{name} holds {kind}, which is no number, text or date; it was read as text.",
        name,
    )
    return Field(name, f"CAST({col} AS VARCHAR)", "VARCHAR"), said


def as_it_stands(field: Field, col: str) -> bool:
    """Whether the field is the quoted column with nothing changed but the width of its numbers."""
    double = f"CASE WHEN isnan({col}) THEN NULL ELSE CAST({col} AS DOUBLE) END"
    return field.sql in (col, double, f"CAST({col} AS {field.type})")


def wide_field(source: Source, col: str, name: str) -> tuple[Field, Finding | None]:
    """Integers wider than 64 bits: int64 where all fit, else text, so that no digit is lost."""
    lost = source.rows(f"SELECT count({col}) - count(TRY_CAST({col} AS BIGINT)) FROM {{src}}")[0][0]
    if not lost:
        return Field(name, f"CAST({col} AS BIGINT)", "BIGINT"), None
    said = Finding(
        "long-numbers",
        "info",
        f"{name} holds whole numbers beyond 64 bits; it was kept as text, digit by digit.",
        name,
    )
    return Field(name, f"CAST({col} AS VARCHAR)", "VARCHAR"), said
