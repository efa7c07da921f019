"""Who is in a segment: customers of the sample, the typical ones or those near a border first."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from shoal.analysis.assign import place
from shoal.errors import OptionError, did_you_mean
from shoal.output.labels import key_name, names_beside, told_margins
from shoal.types import Facts, Floats, Ints

ORDERS = ("typical", "border")


def members(facts: Facts, segment: int, order: str, most: int) -> pa.Table:
    """At most so many customers of a segment (its id), with their places and columns.

    Raises OptionError for an order that is none.
    """
    if order not in ORDERS:
        raise OptionError(f'order="{order}" is unknown. {did_you_mean(order, ORDERS)}')
    own = np.flatnonzero(facts.labels == facts.segmentation.ids.index(segment))
    rank = facts.distances[own] if order == "typical" else _margins(facts, own)
    kept = own[np.argsort(rank, kind="stable")[: max(most, 0)]]
    return _beside(facts, facts.sample.rows.take(kept), facts.sample.index[kept])


def _margins(facts: Facts, rows: Ints) -> Floats:
    return place(facts.sample.rows.take(rows), facts.segmentation).margin.astype(np.float64)


def _beside(facts: Facts, rows: pa.Table, index: Ints) -> pa.Table:
    """Their ids (numbers of their rows from 1), places, and the table's own columns."""
    model = facts.segmentation
    key, places, called = model.id_column, place(rows, model), ("", *model.names)
    own = names_beside(rows.schema, key)
    return pa.table(
        {
            key_name(key): pa.array(index + 1) if key is None else rows[key],
            "runner_up": pa.array([called[i + 1] for i in places.runner_up]),
            "margin": pa.array(told_margins(places.margin)),
            "unlike_anyone": pa.array(places.unlike_anyone),
            **{name: rows[column] for column, name in own.items()},
        }
    )
