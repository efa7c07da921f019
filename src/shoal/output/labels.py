"""Writing results: every file is replaced whole or not at all, and is safe to open."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shoal.analysis.assign import (
    Kept,
    packed,
    place,
)
from shoal.analysis.new_customers import place_all
from shoal.engine.table import Table, elsewhere
from shoal.output.atomic import staged
from shoal.types import Finding, Segmentation

if TYPE_CHECKING:
    import pandas as pd


_FORMULA = r"^([=+\-@\t\r])"  # a cell that starts so is run by spreadsheets

# --- labelled customers ----------------------------------------------------------------------------


def _labels(
    key: pa.Array, key_name: str, places: Any, names: tuple[str, ...], coded: bool
) -> pa.RecordBatch:
    """`places` has the fields segment, runner_up, margin and unlike_anyone; `coded` gives names as codes of a dictionary."""
    words = pa.array(["", *names], pa.string())
    segment, runner_up = (
        pa.array(np.ascontiguousarray(places[field])) for field in ("segment", "runner_up")
    )
    named = pa.DictionaryArray.from_arrays if coded else lambda codes, words: words.take(codes)
    columns = {
        key_name: key,
        "segment": pc.if_else(pc.equal(segment, 0), pa.scalar(None, pa.int16()), segment),
        "name": named(segment, words),
        "runner_up": named(runner_up, words),
        "margin": pa.array(np.round(places["margin"].astype(np.float64), 4)),
        "unlike_anyone": pa.array(np.ascontiguousarray(places["unlike_anyone"])),
    }
    return pa.RecordBatch.from_pydict(columns)


def _keys(table: Table, id_column: str | None) -> tuple[str, Iterator[tuple[pa.Array, int]]]:
    """The name of the key column, and its values batch by batch with the row each starts at."""

    def stream() -> Iterator[tuple[pa.Array, int]]:
        start = 0
        for batch in table.batches([id_column] if id_column else table.schema.names[:1]):
            yield _key(batch, id_column, start), start
            start += batch.num_rows

    return _key_name(id_column), stream()


def _key_name(id_column: str | None) -> str:
    name = id_column or "row"
    return f"{name} (id)" if name in dict(_LABELS) else name


def _key(batch: pa.RecordBatch, id_column: str | None, start: int) -> pa.Array:
    """What tells the rows of a batch apart: their ids, or their numbers from 1."""
    return (
        batch.column(id_column)
        if id_column
        else pa.array(np.arange(start + 1, start + 1 + batch.num_rows))
    )


def label_batches(
    table: Table, places: Kept | None, model: Segmentation, *, coded: bool = False
) -> Iterator[pa.RecordBatch]:
    """Every row's labels, in row order: id (or row number from 1), segment, name, runner_up, margin, unlike_anyone.

    `coded` gives names as codes of a dictionary, which Parquet writes several times faster.
    """
    if places is None:
        yield from _labelled(table, model).batches()
        return
    name, keys = _keys(table, model.id_column)
    cut = places.cutter()
    for key, _ in keys:
        yield _labels(key, name, cut(len(key)), model.names, coded)


_LABELS = [
    ("segment", pa.int16()),
    ("name", pa.string()),
    ("runner_up", pa.string()),
    ("margin", pa.float64()),
    ("unlike_anyone", pa.bool_()),
]


def _labelled(table: Table, model: Segmentation) -> Table:
    """The labels of rows that are elsewhere."""
    return _made_there(table, model, _label, _LABELS)


def _made_there(
    table: Table,
    model: Segmentation,
    work: Callable[..., pa.RecordBatch],
    more: list[tuple[str, pa.DataType]],
) -> Table:
    """What `work` makes of rows that are elsewhere, where they are: their key and more columns."""
    key = [model.id_column] if model.id_column else []
    name, kind = _key_name(model.id_column), table.schema.field(key[0]).type if key else pa.int64()
    columns = list(dict.fromkeys([*key, *model.recipe.columns]))
    return elsewhere(table).mapped(
        partial(work, model, name), columns, pa.schema([(name, kind), *more])
    )


def _label(model: Segmentation, name: str, batch: pa.RecordBatch, start: int) -> pa.RecordBatch:
    return _labels(
        _key(batch, model.id_column, start),
        name,
        packed(place(batch, model)),
        model.names,
        coded=False,
    )


def segment_of_each(
    table: Table, places: Kept | None, model: Segmentation
) -> npt.NDArray[np.int16]:
    """(n,) the id of each row's segment, in row order; 0 for a row that was set aside."""
    if places is not None:
        return places.segment()
    parts = [
        np.asarray(batch.column("segment").fill_null(0))
        for batch in label_batches(table, None, model)
    ]
    return np.concatenate(parts)


def customers_frame(table: Table, places: Kept | None, model: Segmentation) -> pd.DataFrame:
    """The labels of all rows as a pandas DataFrame."""
    frame: pd.DataFrame = pa.Table.from_batches(label_batches(table, places, model)).to_pandas()
    return frame


def _harmless(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Text cells that a spreadsheet would run as a formula get an apostrophe in front (OWASP, CSV injection)."""
    columns = [
        pc.replace_substring_regex(c, _FORMULA, r"'\1") if pa.types.is_string(c.type) else c
        for c in batch.columns
    ]
    return pa.RecordBatch.from_arrays(
        columns, names=[_harmless_word(n) for n in batch.schema.names]
    )


def _harmless_word(word: str) -> str:
    return "'" + word if word[:1] in ("=", "+", "-", "@", "\t", "\r") else word


def write_labels(batches: Iterator[pa.RecordBatch], path: Path, sink: Any = None) -> None:
    """Stream labels into a CSV or Parquet file, by the ending of its name; into `sink` when one is given."""
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    first = next(batches)
    if path.suffix == ".parquet":
        # Dictionaries are for what repeats, as margins of four decimals do; the schema of Arrow would bring codes back as such.
        coded = [
            f.name
            for f in first.schema
            if f.name == "margin" or not (pa.types.is_int64(f.type) or pa.types.is_float64(f.type))
        ]
        # Ranges are for looking rows up; of labels every part of the file holds all, so theirs would skip nothing.
        ranged = [name for name in first.schema.names if name not in dict(_LABELS)]
        with pq.ParquetWriter(
            path, first.schema, use_dictionary=coded, store_schema=False, write_statistics=ranged
        ) as writer:
            writer.write_batch(first)
            for batch in batches:
                writer.write_batch(batch)
        return
    with csv.CSVWriter(sink or path, _harmless(first).schema) as writer:
        writer.write_batch(_harmless(first))
        for batch in batches:
            writer.write_batch(_harmless(batch))


def write_customers(table: Table, path: Path, classes: tuple[str, ...] | None = None) -> None:
    """Write a table as CSV or Parquet, with the RFM class of each customer in a last column where there are classes."""

    def batches() -> Iterator[pa.RecordBatch]:
        start = 0
        for batch in table.batches():
            if classes is not None:
                batch = batch.append_column(
                    "rfm_class", pa.array(classes[start : start + batch.num_rows])
                )
            start += batch.num_rows
            yield batch

    with staged(path.parent, [path.name]) as folder:
        write_labels(batches(), folder / path.name)


def placed_frame(
    table: Table, model: Segmentation, id_column: str | None
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Place a table's customers, with findings about words the model has never seen and rows it cannot place."""
    places, _, notes = place_all(table, model)
    key = id_column or (model.id_column if model.id_column in table.schema.names else None)
    return customers_frame(table, places, dataclasses.replace(model, id_column=key)), notes


# --- the folder ------------------------------------------------------------------------------------


def _write_labelled(
    table: Table, places: Kept | None, model: Segmentation, path: Path, rows: int
) -> None:
    """Write everybody's labels: into a file, or where rows are elsewhere into a folder of Parquet files, by those who hold them."""
    if places is None and path.suffix == ".parquet":
        elsewhere(_labelled(table, model)).write(path, rows)
    else:
        write_labels(label_batches(table, places, model, coded=path.suffix == ".parquet"), path)
