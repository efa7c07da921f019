"""Tables that are in memory or in another engine: anything that speaks Arrow."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa

from shoal.errors import InputError
from shoal.read.plan import Source, literal


def frame_source(frame: Any) -> Source:
    """The source of a dataframe; what can be read only once is laid down in a temporary Parquet file."""
    kind = type(frame).__module__.split(".")[0]
    if kind == "pandas":
        return Source("frame", {"frame": _pandas(frame)})
    if isinstance(frame, pa.Table):
        return Source("frame", {"frame": _unique(frame)})
    if isinstance(frame, pa.RecordBatch):
        return Source("frame", {"frame": _unique(pa.Table.from_batches([frame]))})
    if kind == "polars":
        collected = frame.collect() if hasattr(frame, "collect") else frame
        return Source("frame", {"frame": collected.to_arrow()})
    if hasattr(frame, "to_arrow_reader"):  # a DuckDB relation, which would run again at every pass
        return spooled(frame.to_arrow_reader(131_072))
    if hasattr(frame, "__arrow_c_stream__"):
        return spooled(pa.RecordBatchReader.from_stream(frame))
    raise InputError(
        f"A {type(frame).__name__} is no table. Give a path, a glob, or a dataframe (pandas, Polars, PyArrow, DuckDB, "
        "anything with __arrow_c_stream__)."
    )


def spooled(reader: pa.RecordBatchReader) -> Source:
    """A stream that can be had once, written to a temporary Parquet file that can be had again and again."""
    folder = tempfile.TemporaryDirectory(prefix="shoal-")
    path = Path(folder.name) / "stream.parquet"
    names = unique_names(reader.schema.names)
    schema = pa.schema([f.with_name(n) for f, n in zip(reader.schema, names, strict=True)])
    batches = (batch.rename_columns(names) for batch in reader)
    once = Source("stream", {"stream": pa.RecordBatchReader.from_batches(schema, batches)})
    con = once.connect()
    try:
        con.execute(f"COPY (SELECT * FROM stream) TO {literal(str(path))} (FORMAT parquet)")
    finally:
        con.close()
    return Source(f"read_parquet({literal(str(path))})", keep=(folder,))


def unique_names(names: list[str]) -> list[str]:
    """Every name once: repeats get " (2)", " (3)"…, empty ones their position.

    >>> unique_names(["a", "a", " ", "a"])
    ['a', 'a (2)', 'column_3', 'a (3)']
    """
    seen: dict[str, int] = {}
    taken = {n.strip() for n in names}
    out = []
    for position, raw in enumerate(names, 1):
        name = raw.strip() or f"column_{position}"
        seen[name] = seen.get(name, 0) + 1
        while seen[name] > 1 and f"{name} ({seen[name]})" in taken:
            seen[name] += 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out


def _pandas(frame: Any) -> pa.Table:
    """A pandas frame as Arrow; columns of mixed objects become text."""
    columns = unique_names([str(c) for c in frame.columns])
    arrays = []
    for position in range(frame.shape[1]):
        series = frame.iloc[:, position]
        try:
            arrays.append(pa.Array.from_pandas(series))
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            arrays.append(pa.Array.from_pandas(series.map(str, na_action="ignore"), type=pa.string()))
    return pa.table(arrays, names=columns) if arrays else pa.table({})


def _unique(frame: pa.Table) -> pa.Table:
    return frame.rename_columns(unique_names(frame.column_names))
