"""Labelled customers, on their way into a frame, a file or a database.

Here labels, which count segments from 0 inside, become the ids that people see, from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from shoal.analysis.assign import NO_VALUES, NOBODY, Kept, labelled, place
from shoal.analysis.new_customers import place_all, with_key
from shoal.engine.table import Table, elsewhere
from shoal.output.atomic import staged
from shoal.types import Finding, Segmentation

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = r"^([=+\-@\t\r])"  # a cell that starts so is run by spreadsheets
_LABELS = [
    ("segment", pa.int16()),
    ("name", pa.string()),
    ("runner_up", pa.string()),
    ("margin", pa.float64()),
    ("unlike_anyone", pa.bool_()),
]

# --- labels of all rows --------------------------------------------------------------------------


def label_batches(
    table: Table | None, kept: Kept | None, model: Segmentation, *, coded: bool = False
) -> Iterator[pa.RecordBatch]:
    """Every row's id (or its number from 1), segment, name, runner_up, margin, unlike_anyone.

    They come in row order. Labels that were not kept are made by those who hold the rows. `coded`
    gives names as codes of a dictionary, which Parquet writes several times faster.
    """
    if kept is None:
        yield from _labelled_there(_remote(table), model).batches()
        return
    for start, batch in kept.batches():
        yield _for_people(batch, start, model, coded)


def _for_people(
    kept: pa.RecordBatch, start: int, model: Segmentation, coded: bool
) -> pa.RecordBatch:
    """Kept labels as people see them: ids from 1, and the segments' names."""
    words = pa.array(["", *model.names], pa.string())
    named = pa.DictionaryArray.from_arrays if coded else lambda codes, words: words.take(codes)
    segment, runner_up = (_id_of(kept.column(name)) for name in ("label", "runner_up"))
    margin = np.asarray(kept.column("margin")).astype(np.float64)
    columns = {
        key_name(model.id_column): _key(kept, start),
        "segment": pc.if_else(pc.equal(segment, 0), pa.scalar(None, pa.int16()), segment),
        "name": named(segment, words),
        "runner_up": named(runner_up, words),
        "margin": pa.array(np.round(margin, 4)),
        "unlike_anyone": kept.column("unlike_anyone"),
    }
    return pa.RecordBatch.from_pydict(columns)


def _id_of(label: pa.Array) -> pa.Array:
    """The ids of segments, from 1, of labels, from 0; 0 for nobody's."""
    return pc.add(label, pa.scalar(1, pa.int16()))


def key_name(id_column: str | None) -> str:
    """What the column of ids is called in a result, beside the columns of labels."""
    name = id_column or "row"
    return f"{name} (id)" if name in dict(_LABELS) else name


def _key(kept: pa.RecordBatch, start: int) -> pa.Array:
    """What tells the rows of a batch apart: their ids, or their numbers from 1."""
    if "id" in kept.schema.names:
        return kept.column("id")
    return pa.array(np.arange(start + 1, start + 1 + kept.num_rows))


def segment_of_each(
    table: Table | None, kept: Kept | None, model: Segmentation
) -> npt.NDArray[np.int16]:
    """(n,) the id of each row's segment, in row order; 0 for a row that was set aside."""
    if kept is not None:
        parts = [_id_of(batch.column("label")) for _, batch in kept.batches()]
    else:
        batches = label_batches(table, None, model)
        parts = [batch.column("segment").fill_null(0) for batch in batches]
    return np.concatenate(parts)


def customers_frame(table: Table | None, kept: Kept | None, model: Segmentation) -> pd.DataFrame:
    """The labels of all rows as a pandas DataFrame."""
    frame: pd.DataFrame = pa.Table.from_batches(label_batches(table, kept, model)).to_pandas()
    return frame


def placed_frame(
    table: Table, model: Segmentation, id_column: str | None
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Place a table's customers, with findings about what is odd about them."""
    model = with_key(model, table, id_column)
    kept, _, notes = place_all(table, model)
    return customers_frame(table, kept, model), notes


def set_aside(
    table: Table | None, kept: Kept | None, model: Segmentation
) -> Iterator[pa.RecordBatch]:
    """Row number, id and reason of everybody who could not be placed.

    Elsewhere rows have numbers only where they have no id.
    """
    if kept is None:
        reason = [("reason", pa.string())]
        return _made_there(_remote(table), model, _set_aside_there, reason).batches()
    return (_set_aside_here(batch, start, model) for start, batch in kept.batches())


def _set_aside_here(kept: pa.RecordBatch, start: int, model: Segmentation) -> pa.RecordBatch:
    out = pc.equal(kept.column("label"), NOBODY)
    row = pa.array(np.arange(start + 1, start + 1 + kept.num_rows))
    name = "id" if model.id_column is None else key_name(model.id_column)
    return _with_reason({"row": row.filter(out), name: _key(kept, start).filter(out)})


def _with_reason(columns: dict[str, pa.Array]) -> pa.RecordBatch:
    rows = len(next(iter(columns.values())))
    reason = pa.array([NO_VALUES] * rows, pa.string())
    return pa.RecordBatch.from_pydict({**columns, "reason": reason})


# --- rows that are elsewhere ---------------------------------------------------------------------


def _remote(table: Table | None) -> Table:
    assert table is not None, "labels that were not kept need the rows"
    return table


def _labelled_there(table: Table, model: Segmentation) -> Table:
    return _made_there(table, model, _label_there, _LABELS)


def _made_there(
    table: Table,
    model: Segmentation,
    work: Callable[..., pa.RecordBatch],
    more: list[tuple[str, pa.DataType]],
) -> Table:
    """What `work` makes of rows that are elsewhere, where they are: their key and more columns."""
    key = [model.id_column] if model.id_column else []
    kind = table.schema.field(key[0]).type if key else pa.int64()
    schema = pa.schema([(key_name(model.id_column), kind), *more])
    columns = list(dict.fromkeys([*key, *model.recipe.columns]))
    return elsewhere(table).mapped(partial(work, model), columns, schema)


def _label_there(model: Segmentation, batch: pa.RecordBatch, start: int) -> pa.RecordBatch:
    kept = labelled(batch, place(batch, model), model.id_column)
    return _for_people(kept, start, model, coded=False)


def _set_aside_there(model: Segmentation, batch: pa.RecordBatch, start: int) -> pa.RecordBatch:
    kept = labelled(batch, place(batch, model), model.id_column)
    out = pc.equal(kept.column("label"), NOBODY)
    return _with_reason({key_name(model.id_column): _key(kept, start).filter(out)})


# --- files ---------------------------------------------------------------------------------------


def write_labelled(
    table: Table | None, kept: Kept | None, model: Segmentation, path: Path, rows: int
) -> None:
    """Write everybody's labels, so many, as CSV or Parquet by the ending of the path.

    Rows that are elsewhere become a folder of Parquet files, written by those who hold them.
    """
    parquet = path.suffix == ".parquet"
    if kept is None and parquet:
        elsewhere(_labelled_there(_remote(table), model)).write(path, rows)
    else:
        write_batches(label_batches(table, kept, model, coded=parquet), path)


def write_customers(table: Table, path: Path, classes: tuple[str, ...] | None = None) -> None:
    """Write a table as CSV or Parquet, with each customer's RFM class, if any, in a last column."""

    def batches() -> Iterator[pa.RecordBatch]:
        start = 0
        for batch in table.batches():
            if classes is not None:
                of_these = pa.array(classes[start : start + batch.num_rows])
                batch = batch.append_column("rfm_class", of_these)
            start += batch.num_rows
            yield batch

    own = () if classes is None else ("rfm_class",)
    with staged(path.parent, [path.name]) as folder:
        write_batches(batches(), folder / path.name, own=own)


def write_batches(
    batches: Iterator[pa.RecordBatch],
    path: Path,
    sink: Any = None,
    *,
    own: Collection[str] = ("name", "runner_up"),
) -> None:
    """Stream batches into a CSV or Parquet file, by the ending of its name; into `sink` when given.

    `own` are columns of text of shoal's own making. In CSV they get an apostrophe before what a
    spreadsheet would run as a formula (OWASP, CSV injection). Ids and the user's own cells stay as
    they are to the byte: they must join with their source.
    """
    first = next(batches)
    if path.suffix == ".parquet":
        _write_parquet(first, batches, path)
        return
    with pyarrow.csv.CSVWriter(sink or path, first.schema) as writer:
        writer.write_batch(_harmless(first, own))
        for batch in batches:
            writer.write_batch(_harmless(batch, own))


def _write_parquet(first: pa.RecordBatch, batches: Iterator[pa.RecordBatch], path: Path) -> None:
    # Dictionaries are for what repeats, as margins of four decimals do.
    plain = (pa.int64(), pa.float64())
    coded = [f.name for f in first.schema if f.name == "margin" or f.type not in plain]
    # Ranges are for looking rows up; every part of the file holds all labels.
    ranged = [name for name in first.schema.names if name not in dict(_LABELS)]
    # The schema of Arrow would bring codes back as such.
    with pyarrow.parquet.ParquetWriter(
        path, first.schema, use_dictionary=coded, store_schema=False, write_statistics=ranged
    ) as writer:
        writer.write_batch(first)
        for batch in batches:
            writer.write_batch(batch)


def _harmless(batch: pa.RecordBatch, own: Collection[str]) -> pa.RecordBatch:
    columns = [
        pc.replace_substring_regex(column, _FORMULA, r"'\1") if name in own else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)
