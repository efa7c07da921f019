"""Labelled customers, on their way into a frame, a file or a database.

Here labels, which count segments from 0 inside, become the ids that people see, from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from shoal.analysis.assign import NO_VALUES, NOBODY, Kept, labelled, place
from shoal.analysis.new_customers import place_all, place_rows, with_key, with_made_columns
from shoal.data.native import native
from shoal.engine.backend import Backend
from shoal.engine.local import in_threads
from shoal.engine.progress import pulse
from shoal.engine.table import Table, elsewhere
from shoal.errors import InputError
from shoal.options import Keep
from shoal.output.atomic import staged
from shoal.output.identity import KEY, model_id
from shoal.text.options import option
from shoal.types import Finding, Floats, Segmentation

_FORMULA = r"^([=+\-@＝＋－＠\t\r\n])"  # a cell that starts so is run by spreadsheets
LABELS = [
    ("segment", pa.int16()),
    ("name", pa.string()),
    ("runner_up", pa.string()),
    ("margin", pa.float64()),
    ("unlike_anyone", pa.bool_()),
]

ONE = pa.scalar(1, pa.int16())  # labels count from 0, nobody's is -1

# --- labels of all rows --------------------------------------------------------------------------


def label_batches(
    table: Table | None, kept: Kept | None, model: Segmentation, *, coded: bool = False
) -> Iterator[pa.RecordBatch]:
    """Every row's id (or its number from 1), segment, name, runner_up, margin, unlike_anyone.

    They come in row order. Labels that were not kept are made by those who hold the rows. `coded`
    gives names as codes of a dictionary, which Parquet writes several times faster.
    """
    if kept is None:
        yield from _labelled_there(_remote(table), model, "id").batches()
        return
    for start, batch in kept.batches():
        yield _for_people(batch, start, model, coded)


def with_model_id(
    batches: Iterator[pa.RecordBatch], model: Segmentation
) -> Iterator[pa.RecordBatch]:
    """Labels with a column of the model's id behind: a table of a database may hold several's."""
    told = model_id(model)
    for batch in batches:
        yield batch.append_column("model_id", pa.repeat(told, batch.num_rows))


def _for_people(
    kept: pa.RecordBatch, start: int, model: Segmentation, coded: bool
) -> pa.RecordBatch:
    """Kept labels as people see them: ids from 1, and the segments' names."""
    words = pa.array(["", *model.names], pa.string())
    named = pa.DictionaryArray.from_arrays if coded else lambda codes, words: words.take(codes)
    own, other = (pc.add(kept.column(name), ONE) for name in ("label", "runner_up"))
    columns = {
        key_name(model.id_column): _key(kept, start),
        "segment": pa.array([None, *model.ids], pa.int16()).take(own),
        "name": named(own, words),
        "runner_up": named(other, words),
        "margin": pa.array(told_margins(np.asarray(kept.column("margin")))),
        "unlike_anyone": kept.column("unlike_anyone"),
    }
    return pa.RecordBatch.from_pydict(columns)


def told_margins(margin: npt.NDArray[np.float32]) -> Floats:
    """Margins as people see them."""
    return np.asarray(margin.astype(np.float64).round(4))


def key_name(id_column: str | None) -> str:
    """What the column of ids is called in a result, beside the columns of labels."""
    name = id_column or "row"
    return f"{name} (id)" if name in dict(LABELS) else name


def _key(kept: pa.RecordBatch, start: int) -> pa.Array:
    """What tells the rows of a batch apart: their ids, or their numbers from 1."""
    if "id" in kept.schema.names:
        return kept.column("id")
    return pa.array(np.arange(start + 1, start + 1 + kept.num_rows))


# --- beside the columns of the table --------------------------------------------------------------


def customer_batches(
    table: Table | None,
    places: Callable[[], Kept | None],
    model: Segmentation,
    keep: Keep = "all",
    *,
    coded: bool = False,
) -> Iterator[pa.RecordBatch]:
    """What stands in customers.csv: the labels of all rows, in row order, and the table's columns.

    With the table's columns, every row is placed in the reading in which they come. `keep="id"`
    leaves them away, as does a table that is no more: then these are `label_batches`. Raises
    InputError when the source is not what it was.
    """
    if keep == "id" or table is None:
        return label_batches(table, places(), model, coded=coded)
    if not table.engine.here:
        return _labelled_there(table, model, keep).batches()
    _check_unchanged(table)
    work = partial(_beside, model, names_beside(table.schema, model.id_column), coded)
    return in_threads(_numbered(table.batches()), work)


def _check_unchanged(table: Table) -> None:
    try:
        table.fingerprint.check()
    except InputError:
        raise InputError(
            f"{table.name} has changed since it was segmented: its columns cannot stand beside the "
            "labels any more. Segment it again, or write the labels beside the ids alone: "
            f"{option('keep', 'id')}."
        ) from None


def _numbered(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Batches, each with the number of its first row, from 0."""
    start = 0
    for batch in batches:
        yield batch, start
        start += batch.num_rows


def _beside(
    model: Segmentation,
    names: Mapping[str, str],
    coded: bool,
    numbered: tuple[pa.RecordBatch, int],
) -> pa.RecordBatch:
    """The labels of a batch, then its own columns under these names."""
    batch, start = numbered
    labels = _for_people(labelled(batch, place(batch, model), model.id_column), start, model, coded)
    columns = [*labels.columns, *(batch.column(name) for name in names)]
    return pa.RecordBatch.from_arrays(columns, names=[*labels.schema.names, *names.values()])


def names_beside(schema: pa.Schema, id_column: str | None) -> dict[str, str]:
    """What each column of a table but the id is called beside the labels.

    One that has the name of a label, in whatever case, is called "name (input)".
    """
    own = {name.lower() for name in (key_name(id_column), *dict(LABELS))}
    taken = own | {name.lower() for name in schema.names}
    named = {}
    for name in schema.names:
        called = name
        while called.lower() in (own if called == name else taken):
            called += " (input)"
        taken.add(called.lower())
        named[name] = called
    return {name: called for name, called in named.items() if name != id_column}


def segment_of_each(
    table: Table | None, kept: Kept | None, model: Segmentation
) -> npt.NDArray[np.int16]:
    """(n,) the id of each row's segment, in row order; 0 for a row that was set aside."""
    if kept is not None:
        ids = np.array([*model.ids, 0], np.int16)  # nobody's label is the last of all
        parts = [ids[np.asarray(batch.column("label"))] for _, batch in kept.batches()]
    else:
        batches = label_batches(table, None, model)
        parts = [batch.column("segment").fill_null(0) for batch in batches]
    return np.concatenate(parts)


def customers_frame(
    table: Table | None, kept: Kept | None, model: Segmentation, backend: Backend
) -> Any:
    """The labels of all rows, as a frame of the library whose frame they are of.

    Of a DataFrame of Spark nothing is collected: rows are labelled where they are, when asked for.
    """
    if backend.library == "spark" and kept is None:
        return elsewhere(_labelled_there(_remote(table), model, "id")).as_frame()
    return native(pa.Table.from_batches(label_batches(table, kept, model)), backend)


def placed_frame(
    table: Table, model: Segmentation, id_column: str | None
) -> tuple[Any, tuple[Finding, ...]]:
    """Place a table's customers, with findings about what is odd about them."""
    backend = table.backend
    model, table = with_key(model, table, id_column), with_made_columns(table, model)
    kept, _, notes = place_all(table, model)
    return customers_frame(table, kept, model, backend), notes


def placed_records(
    table: Table, model: Segmentation
) -> tuple[list[dict[str, Any]], tuple[Finding, ...]]:
    """The same of a small table in memory, as one mapping a row."""
    model = with_key(model, table, None)
    batch, places, notes = place_rows(table, model)
    key, called, numbers = model.id_column, ("", *model.names), (None, *model.ids)
    ids = range(1, batch.num_rows + 1) if key is None else batch.column(key).to_pylist()
    known = key_name(key)
    columns = zip(
        ids,
        (places.label + 1).tolist(),
        (places.runner_up + 1).tolist(),
        told_margins(places.margin).tolist(),
        places.unlike_anyone.tolist(),
        strict=True,
    )
    rows = [
        {
            known: customer,
            "segment": numbers[segment],
            "name": called[segment],
            "runner_up": called[runner_up],
            "margin": margin,
            "unlike_anyone": unlike,
        }
        for customer, segment, runner_up, margin, unlike in columns
    ]
    return rows, notes


class SetAside:
    """Row number, id and reason of everybody who could not be placed, gathered from the labels."""

    def __init__(self, model: Segmentation) -> None:
        self._name = "id" if model.id_column is None else key_name(model.id_column)
        self._key = key_name(model.id_column)
        self._start = 0
        self.batches: list[pa.RecordBatch] = []

    def add(self, batch: pa.RecordBatch) -> None:
        """Take the next rows."""
        out = pc.is_null(batch.column("segment"))
        row = pa.array(np.arange(self._start + 1, self._start + 1 + batch.num_rows))
        key = batch.column(self._key)
        self.batches.append(_with_reason({"row": row.filter(out), self._name: key.filter(out)}))
        self._start += batch.num_rows


def set_aside_there(table: Table, model: Segmentation) -> Iterator[pa.RecordBatch]:
    """The same of rows that are elsewhere: they have numbers only where they have no id."""
    reason = [("reason", pa.string())]
    return _made_there(table, model, _set_aside_there, reason).batches()


def _with_reason(columns: dict[str, pa.Array]) -> pa.RecordBatch:
    rows = len(next(iter(columns.values())))
    reason = pa.array([NO_VALUES] * rows, pa.string())
    return pa.RecordBatch.from_pydict({**columns, "reason": reason})


# --- rows that are elsewhere ---------------------------------------------------------------------


def _remote(table: Table | None) -> Table:
    assert table is not None, "labels that were not kept need the rows"
    return table


def _labelled_there(table: Table, model: Segmentation, keep: Keep) -> Table:
    if keep == "id":
        return _made_there(table, model, _label_there, LABELS)
    names = names_beside(table.schema, model.id_column)
    own = [(called, table.schema.field(name).type) for name, called in names.items()]
    work = partial(_beside_there, names)
    return _made_there(table, model, work, [*LABELS, *own], names)


def _beside_there(
    names: Mapping[str, str], model: Segmentation, batch: pa.RecordBatch, start: int
) -> pa.RecordBatch:
    return _beside(model, names, False, (batch, start))


def _made_there(
    table: Table,
    model: Segmentation,
    work: Callable[..., pa.RecordBatch],
    more: list[tuple[str, pa.DataType]],
    beside: Iterable[str] = (),
) -> Table:
    """What `work` makes of rows that are elsewhere, where they are: their key and more columns."""
    key = [model.id_column] if model.id_column else []
    kind = table.schema.field(key[0]).type if key else pa.int64()
    schema = pa.schema([(key_name(model.id_column), kind), *more])
    columns = list(dict.fromkeys([*key, *model.recipe.columns, *beside]))
    return elsewhere(table).mapped(partial(work, model), columns, schema)


def _label_there(model: Segmentation, batch: pa.RecordBatch, start: int) -> pa.RecordBatch:
    kept = labelled(batch, place(batch, model), model.id_column)
    return _for_people(kept, start, model, coded=False)


def _set_aside_there(model: Segmentation, batch: pa.RecordBatch, start: int) -> pa.RecordBatch:
    kept = labelled(batch, place(batch, model), model.id_column)
    out = pc.equal(kept.column("label"), NOBODY)
    return _with_reason({key_name(model.id_column): _key(kept, start).filter(out)})


# --- files ---------------------------------------------------------------------------------------


Seen = Callable[[pa.RecordBatch], None]


def write_labelled(
    table: Table | None,
    places: Callable[[], Kept | None],
    model: Segmentation,
    path: Path,
    rows: int,
    keep: Keep = "all",
    seen: Sequence[Seen] = (),
) -> None:
    """Write everybody's labels, so many, as CSV or Parquet by the ending of the path.

    Rows that are elsewhere become a folder of Parquet files, written by those who hold them; all
    others are shown to each of `seen` on their way.
    """
    parquet = path.suffix == ".parquet"
    if parquet and not (table is None or table.engine.here):
        told = {"segment": {KEY: model_id(model)}}
        elsewhere(_labelled_there(table, model, keep)).write(path, rows, told)
        return
    batches = customer_batches(table, places, model, keep, coded=parquet)
    write_batches(_shown(batches, seen), path, told={KEY: model_id(model)})


def _shown(batches: Iterator[pa.RecordBatch], seen: Sequence[Seen]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for see in seen:
            see(batch)
        yield batch


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
    told: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Stream batches into a CSV or Parquet file, by the ending of its name; into `sink` when given.

    `own` are columns of text of shoal's own making. In CSV they get an apostrophe before what a
    spreadsheet would run as a formula (OWASP, CSV injection). Ids and the user's own cells stay as
    they are to the byte: they must join with their source. Parquet tells `told` as metadata.
    """
    first = next(batches)
    if path.suffix == ".parquet":
        _write_parquet(first, batches, path, told)
        return
    with pyarrow.csv.CSVWriter(sink or path, first.schema) as writer:
        writer.write_batch(harmless(first, own))
        for batch in batches:
            pulse()
            writer.write_batch(harmless(batch, own))


def _write_parquet(
    first: pa.RecordBatch, batches: Iterator[pa.RecordBatch], path: Path, told: Mapping[str, str]
) -> None:
    # Dictionaries are for what repeats, as margins of four decimals do.
    plain = (pa.int64(), pa.float64())
    coded = [f.name for f in first.schema if f.name == "margin" or f.type not in plain]
    # Ranges are for looking rows up; every part of the file holds all labels.
    ranged = [name for name in first.schema.names if name not in dict(LABELS)]
    # The schema of Arrow would bring codes back as such.
    with pyarrow.parquet.ParquetWriter(
        path, first.schema, use_dictionary=coded, store_schema=False, write_statistics=ranged
    ) as writer:
        if told:
            writer.add_key_value_metadata(dict(told))
        writer.write_batch(first)
        for batch in batches:
            pulse()
            writer.write_batch(batch)


def harmless(batch: pa.RecordBatch, own: Collection[str]) -> pa.RecordBatch:
    """A batch whose texts of shoal's own making are run by no spreadsheet."""
    columns = [
        pc.replace_substring_regex(column, _FORMULA, r"'\1") if name in own else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)
