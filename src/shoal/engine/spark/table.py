"""A Spark DataFrame as a Table: each column of one of six types, a missing value null."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from shoal.engine.spark.engine import ARROW, SparkEngine
from shoal.engine.spark.session import plain_words, session_of
from shoal.engine.table import Table
from shoal.errors import InputError, OptionError
from shoal.findings import finding
from shoal.text.options import option
from shoal.types import Finding, ReadAs

_WHOLE = {"tinyint", "smallint", "int", "bigint"}
_SAME = {"boolean", "date", "timestamp_ntz", "string"}


def spark_table(
    frame: Any, name: str = "table", read_as: ReadAs | None = None, *, keep: bool = True
) -> Table:
    """The Table of a Spark DataFrame; its rows stay where they are.

    `keep` caches the rows, in memory and then on disk, since they are read more than once; it does
    nothing where the frame is cached already. Raises InputError when it has no columns.
    """
    if not frame.columns:
        raise InputError(
            "The table has no columns. Give one with a column for each thing known of a customer."
        )
    with plain_words(name):
        names = _names(frame.columns)
        bare = frame.toDF(*(f"c{j}" for j in range(len(names))))
        columns = [
            _column(bare, f"c{j}", field.dataType.simpleString(), names[j])
            for j, field in enumerate(frame.schema.fields)
        ]
        schema = pa.schema([(n, ARROW[c.kind]) for n, c in zip(names, columns, strict=True)])
        typed = bare.select(*(column.cells for column in columns))
        engine = SparkEngine(typed, name, schema, keep and not _cached(frame))
    findings = tuple(column.finding for column in columns if column.finding is not None)
    return engine.table(read_as or ReadAs("frame"), findings)


def read_files(path: str, engine: str) -> Table:
    """The Table of Parquet files that Spark reads.

    `path` is a file, a folder, a glob, or an address such as s3a://…. Raises InputError when there
    is none or Spark does not start, OptionError for what is not Parquet.
    """
    here = "://" not in path
    if Path(path).suffix.lower() not in ("", ".parquet", ".pq") and not path.endswith("*"):
        raise OptionError(
            f'Spark reads Parquet files for shoal, and "{path}" is none. '
            f"Leave {option('engine')} out, or give shoal.segment() a Spark DataFrame."
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
    if "*" in last.name:
        return last.parent.name or "tables"
    return last.name.split(".")[0] if last.suffix else last.name


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


@dataclass(frozen=True)
class _Column:
    """A column of Spark in a type that a Table knows."""

    cells: Any
    kind: str  # the type, in Spark's word
    finding: Finding | None = None  # when its own type had to give way


def _column(frame: Any, column: str, kind: str, name: str) -> _Column:
    """The column of a frame, which is of this kind in Spark's word."""
    from pyspark.sql import functions as sql

    cells = sql.col(column)
    if kind in ("double", "float"):
        numbers = sql.when(~sql.isnan(cells), cells.cast("double"))
        return _Column(numbers.alias(column), "double")
    if kind in _SAME:
        return _Column(cells, kind)
    if kind == "timestamp":  # workers take the zone off: by Arrow no hour of summer is told twice
        return _Column(cells, "timestamp_ntz")
    if kind == "decimal(20,0)":  # Parquet's unsigned 64 bits
        return _wide(frame, column, name)
    plain = _plain(kind)
    if plain is not None:
        return _Column(cells.cast(plain).alias(column), plain)
    nested = kind.startswith(("array", "map", "struct"))
    text = sql.to_json(cells) if nested else cells.cast("string")
    return _Column(text.alias(column), "string", finding("type-changed", name, type=kind))


def _plain(kind: str) -> str | None:
    """The type of a Table to which all values of a kind can be cast, if there is one."""
    if kind in _WHOLE:
        return "bigint"
    if kind.startswith("decimal("):
        precision, scale = map(int, kind[8:-1].split(","))
        return "bigint" if scale == 0 and precision <= 18 else "double"
    return "string" if kind.startswith(("varchar", "char", "void")) else None


def _wide(frame: Any, column: str, name: str) -> _Column:
    """Integers wider than 64 bits: whole numbers where all fit, else text: no digit is lost."""
    from pyspark.sql import functions as sql

    cells = sql.col(column)
    if frame.where(cells.isNotNull() & cells.try_cast("bigint").isNull()).take(1):
        text = cells.cast("string").alias(column)
        return _Column(text, "string", finding("long-numbers", name))
    return _Column(cells.cast("bigint").alias(column), "bigint")
