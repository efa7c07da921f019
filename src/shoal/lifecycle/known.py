"""In which segment customers were before: by the ids that old and new table share."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.analysis.assign import place
from shoal.analysis.new_customers import ready_for
from shoal.engine.table import Table
from shoal.errors import InputError
from shoal.text.options import option
from shoal.types import Ints, Sample, Segmentation

LABEL = "segment"  # the column of a labelled file


def segments_before(
    old: Table, model: Segmentation, old_id: str | None, sample: Sample, id: str | None
) -> Ints | None:
    """(m,) the old segment of each customer of a sample, from 0; -1 for who was not there.

    `old` are labelled customers, or a table that `model` can place; `old_id` is its column of ids
    (its first one where it is labelled). None where either table has no ids.

    Raises InputError where the labels are of no segment of the model.
    """
    labelled = LABEL in old.schema.names
    key = old_id if old_id in old.schema.names else None
    if key is None and labelled:
        key = old.schema.names[0]
    if key is None or id is None:
        return None
    wanted = sample.rows[id].combine_chunks().cast(pa.string())
    if not labelled:
        old = ready_for(old, model)
    columns = [key, LABEL] if labelled else list(dict.fromkeys([key, *model.recipe.columns]))
    ids, labels = [], []
    for batch in old.batches(columns):
        written = batch.column(key).cast(pa.string())
        part = batch.filter(pc.is_in(written, wanted))
        ids.append(part.column(key).cast(pa.string()))
        labels.append(_given(part, model, old) if labelled else place(part, model).label)
    found = pc.index_in(wanted, value_set=pa.chunked_array(ids, pa.string()).combine_chunks())
    every = np.append(np.concatenate([*labels, np.empty(0, np.int64)]), -1).astype(np.int64)
    at = np.asarray(found.fill_null(len(every) - 1))
    return np.asarray(every[at])


def _given(batch: pa.RecordBatch, model: Segmentation, old: Table) -> Ints:
    """Labels of a file as places of segments; -1 for who was set aside."""
    known = pa.array(model.ids, pa.int64())
    given = batch.column(LABEL)
    try:
        numbers = given.cast(pa.int64())
    except pa.ArrowInvalid:
        numbers = pa.nulls(len(given), pa.int64())
    places = pc.index_in(numbers, value_set=known)
    strange = pc.and_(given.is_valid(), places.is_null())
    if pc.any(strange).as_py():
        first = given.filter(strange)[0].as_py()
        raise InputError(
            f"{old.name} has a customer in segment {str(first)[:20]}, which the model lacks: "
            f"its segments are {', '.join(map(str, model.ids))}. Give {option('old')} the "
            "customers that this model labelled."
        )
    return np.asarray(places.fill_null(-1)).astype(np.int64)
