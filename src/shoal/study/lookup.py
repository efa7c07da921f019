"""One customer of a table, by their id."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.engine.table import Table
from shoal.errors import InputError
from shoal.types import Bools, Facts


def row_of(facts: Facts, table: Table | None, id: str | int) -> pa.RecordBatch:
    """The row of a customer, by their id or, where there are none, its number from 1.

    The sample is asked first, then the table is read until it comes. Raises InputError when there
    is none.
    """
    key = facts.segmentation.id_column
    found = _in_sample(facts, key, str(id))
    if found is None and table is not None:
        found = next(_in_table(facts, table, key, str(id)), None)
    if found is None:
        raise InputError(_no_such(facts, table, key, id))
    return found


def _in_sample(facts: Facts, key: str | None, id: str) -> pa.RecordBatch | None:
    rows = facts.sample.rows
    if key is None:
        at = np.flatnonzero((facts.sample.index + 1).astype(str) == id)
    else:
        at = np.flatnonzero(_is(rows[key], id))
    return rows.take(at[:1]).combine_chunks().to_batches()[0] if len(at) else None


def _in_table(facts: Facts, table: Table, key: str | None, id: str) -> Iterator[pa.RecordBatch]:
    columns = [*facts.segmentation.recipe.columns, *([] if key is None else [key])]
    start = 0
    for batch in table.batches(columns):
        if key is None:
            at = int(id) - 1 - start if id.isdecimal() else -1
            start += batch.num_rows
            if 0 <= at < batch.num_rows:
                yield batch.slice(at, 1)
            continue
        for place in np.flatnonzero(_is(batch.column(key), id))[:1]:
            yield batch.slice(int(place), 1)


def _is(ids: pa.Array | pa.ChunkedArray, id: str) -> Bools:
    return np.asarray(pc.equal(ids.cast(pa.string()), id).fill_null(False))


def _no_such(facts: Facts, table: Table | None, key: str | None, id: str | int) -> str:
    where = f'"{key}"' if key else "row number"
    if table is None and not facts.sample.whole:
        return (
            f"{facts.name} has been closed, and no {facts.noun.one} of its sample has the {where} "
            f'"{id}". Segment it again to ask for others.'
        )
    return (
        f'No {facts.noun.one} of {facts.name} has the {where} "{id}". Give one as the table has it.'
    )
