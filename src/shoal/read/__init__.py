"""From a path, a glob, a folder or a dataframe to a Table that streams Arrow record batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from shoal.errors import InputError
from shoal.nouns import ReadAs
from shoal.passes import Table
from shoal.read.frames import frame_source
from shoal.read.plan import Source, literal, table
from shoal.read.typed import columns_of, typed_field

__all__ = ["read"]


def read(
    source: Any,
    *,
    sep: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    header: int | None = None,
    sheet: str | None = None,
) -> Table:
    """Read a table of customers or orders."""
    if not isinstance(source, (str, Path)):
        return _typed(frame_source(source), "table", ReadAs("frame"))
    path = Path(source)
    if not path.exists():
        raise InputError(f'There is no file "{source}".')
    if path.suffix == ".parquet" or path.is_dir():
        where = str(path / "**/*.parquet") if path.is_dir() else str(path)
        return _typed(Source(f"read_parquet({literal(where)})"), path.stem, ReadAs("parquet"))
    try:
        return _typed(Source(f"read_csv({literal(str(path))}, sample_size=-1)"), path.stem, ReadAs("csv", header_row=1))
    except duckdb.Error as wrong:
        raise InputError(f'"{path}" could not be read: {wrong}') from wrong


def _typed(source: Source, name: str, read_as: ReadAs) -> Table:
    fields, findings = [], []
    for column, kind in columns_of(source):
        field, said = typed_field(source, column, kind, column.strip())
        fields.append(field)
        findings += [said] if said else []
    return table(name, source, fields, read_as, findings)
