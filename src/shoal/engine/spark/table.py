"""A Spark DataFrame as a Table: every column cast to one of six types, a gap null, never NaN."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from shoal.engine.spark.engine import ARROW, SparkEngine
from shoal.engine.spark.session import plain_words, session_of
from shoal.engine.table import Table
from shoal.errors import InputError, OptionError
from shoal.types import Finding, ReadAs

_WHOLE = {"tinyint", "smallint", "int", "bigint"}
_SAME = {"boolean", "date", "timestamp_ntz", "string"}


def spark_table(
    frame: Any, name: str = "table", read_as: ReadAs | None = None, *, keep: bool = True
) -> Table:
    """The Table of a Spark DataFrame; its rows stay where they are.

    `keep` caches the rows, in memory and then on disk, since they are read more than once; it does nothing where the
    frame is cached already. Raises InputError when it has no columns.
    """
    if not frame.columns:
        raise InputError(
            "The table has no columns. Give one with a column for each thing known of a customer."
        )
    with plain_words(name):
        names = _names(frame.columns)
        kinds = [field.dataType.simpleString() for field in frame.schema.fields]
        bare = frame.toDF(*(f"c{j}" for j in range(len(names))))
        casts = [
            _cast(bare, f"c{j}", kind, called)
            for j, (kind, called) in enumerate(zip(kinds, names, strict=True))
        ]
        cast = bare.select(*(column for column, _, _ in casts))
        schema = pa.schema(
            [(called, ARROW[kind]) for called, (_, kind, _) in zip(names, casts, strict=True)]
        )
        engine = SparkEngine(cast, name, schema, keep and not _cached(frame))
    return engine.table(read_as or ReadAs("frame"), tuple(said for _, _, said in casts if said))


def read_files(path: str, engine: str) -> Table:
    """The Table of Parquet files that Spark reads: a file, a folder, a glob, or an address such as s3a://….

    Raises InputError when there is none or Spark does not start, OptionError for what is not Parquet.
    """
    here = "://" not in path
    if Path(path).suffix.lower() not in ("", ".parquet", ".pq") and not path.endswith("*"):
        raise OptionError(
            f'Spark reads Parquet files for shoal, and "{path}" is none. Leave --engine out, or give shoal.segment() a Spark DataFrame.'
        )
    if here and not (Path(path).exists() or glob.glob(path)):
        raise InputError(f'There is no file or folder "{path}".')
    session = session_of(engine)
    with plain_words(path):
        frame = session.read.parquet(f"file://{Path(path).absolute()}" if here else path)
    return spark_table(frame, _called(path), ReadAs("parquet"), keep=False)


def _called(path: str) -> str:
    """A file or folder by its name, a glob by its folder's."""
    last = Path(path)
    return (
        (last.parent.name or "tables")
        if "*" in last.name
        else last.name.split(".")[0]
        if last.suffix
        else last.name
    )


def _cached(frame: Any) -> bool:
    level = frame.storageLevel
    return bool(level.useMemory or level.useDisk)


def _names(raw: Sequence[str]) -> list[str]:
    """Every name once: repeats get " (2)", " (3)"…, empty ones their position."""
    used: list[str] = []
    for position, name in enumerate((" ".join(r.split()) for r in raw), 1):
        base = fresh = name or f"column_{position}"
        number = 2
        while fresh in used:
            fresh, number = f"{base} ({number})", number + 1
        used.append(fresh)
    return used


def _cast(frame: Any, column: str, kind: str, name: str) -> tuple[Any, str, Finding | None]:
    """A column of Spark in a type that a Table knows, that type in Spark's word, and a finding when it had to give way."""
    from pyspark.sql import functions as sql

    col = sql.col(column)
    if kind in _WHOLE:
        return col.cast("bigint").alias(column), "bigint", None
    if kind in ("double", "float"):
        return sql.when(~sql.isnan(col), col.cast("double")).alias(column), "double", None
    if kind.startswith("decimal("):
        precision, scale = map(int, kind[8:-1].split(","))
        if scale == 0 and precision == 20:  # Parquet's unsigned 64 bits
            return _wide(frame, column, name)
        whole = "bigint" if scale == 0 and precision <= 18 else "double"
        return col.cast(whole).alias(column), whole, None
    if kind in _SAME:
        return col, kind, None
    if kind == "timestamp":
        return (
            col,
            "timestamp_ntz",
            None,
        )  # workers take the zone off: by Arrow no hour of summer time is told twice
    if kind.startswith(("varchar", "char", "void")):
        return col.cast("string").alias(column), "string", None
    said = Finding(
        "type-changed",
        "info",
        f"{name} holds {kind}, which is no number, text or date; it was read as text.",
        name,
    )
    text = sql.to_json(col) if kind.startswith(("array", "map", "struct")) else col.cast("string")
    return text.alias(column), "string", said


def _wide(frame: Any, column: str, name: str) -> tuple[Any, str, Finding | None]:
    """Integers wider than 64 bits: whole numbers where all fit, else text, so that no digit is lost."""
    from pyspark.sql import functions as sql

    col = sql.col(column)
    if not frame.where(col.isNotNull() & col.try_cast("bigint").isNull()).take(1):
        return col.cast("bigint").alias(column), "bigint", None
    said = Finding(
        "long-numbers",
        "info",
        f"{name} holds whole numbers beyond 64 bits; it was kept as text, digit by digit.",
        name,
    )
    return col.cast("string").alias(column), "string", said
