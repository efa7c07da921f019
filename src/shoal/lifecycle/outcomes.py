"""A table of outcomes: what came of each customer of a plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.analysis.meaning.ids import guess_id
from shoal.data import open_table
from shoal.engine.resources import limited
from shoal.engine.table import Table
from shoal.errors import InputError, no_such_column
from shoal.options import Options
from shoal.output.holdout import key_array
from shoal.stats.distribution import numbers, says_yes
from shoal.stats.hashing import hash_column
from shoal.text.options import option
from shoal.types import Bools, Finding, Floats, Ints
from shoal.types.campaign import OutcomeKind


class Known:
    """The ids of a plan, found again by their hashes."""

    def __init__(self, keys: pa.ChunkedArray) -> None:
        hashes = [hash_column(key_array(chunk)) for chunk in keys.chunks]
        every = np.concatenate([np.zeros(0, np.uint64), *hashes])
        self._ids, self.place = np.unique(every, return_inverse=True)

    @property
    def many(self) -> int:
        """Different ids."""
        return len(self._ids)

    def places(self, keys: pa.Array) -> Ints:
        """(n,) which id of the plan each is, by its number; -1: none."""
        if not self.many:
            return np.full(len(keys), -1)
        hashes = hash_column(keys)
        at = np.minimum(np.searchsorted(self._ids, hashes), self.many - 1)
        return np.where(self._ids[at] == hashes, at, -1)


@dataclass
class Outcomes:
    """What came of the customers of a plan, in the order of their ids."""

    known: Known
    id_column: str
    outcome: str | None  # None: whoever is there had it
    amounts: Floats  # of each id
    seen: Bools
    notes: tuple[Finding, ...] = ()
    read: int = 0
    strangers: int = 0
    without_id: int = 0
    unknown: int = 0
    repeated: int = 0
    only_flags: bool = True  # every value is yes or no, 0 or 1
    only_yes: bool = True  # every value is above 0
    told: int = 0  # rows whose outcome is known, of anybody
    known_rows: int = 0  # rows of somebody in the plan
    wrong: list[str] = field(default_factory=list)

    @property
    def kind(self) -> OutcomeKind:
        """Whether it is yes or no, or money."""
        return "rate" if self.only_flags else "money"

    @property
    def lists_buyers_alone(self) -> bool:
        """Whether nobody is in it who had no outcome."""
        return self.only_yes

    def add(self, batch: pa.RecordBatch) -> None:
        """Look at the next rows."""
        self.read += batch.num_rows
        values = self._values(batch)
        known = values[np.isfinite(values)]
        self.told += len(known)
        self.only_flags &= bool(np.isin(known, (0.0, 1.0)).all())
        self.only_yes &= bool((known > 0).all())
        self._count(key_array(batch.column(self.id_column)), values)

    def _count(self, keys: pa.Array, values: Floats) -> None:
        """Sum up what is of somebody in the plan, in the order of rows."""
        named, places = np.asarray(pc.not_equal(keys, "")), self.known.places(keys)
        own, told = named & (places >= 0), np.isfinite(values)
        self.known_rows += int(own.sum())
        self.without_id += int((~named).sum())
        self.strangers += int((named & (places < 0)).sum())
        self.unknown += int((own & ~told).sum())
        at = places[own & told]
        self.repeated += len(at) - int((~self.seen[np.unique(at)]).sum())
        np.add.at(self.amounts, at, values[own & told])
        self.seen[at] = True

    def _values(self, batch: pa.RecordBatch) -> Floats:
        if self.outcome is None:
            return np.ones(batch.num_rows)
        cells = batch.column(self.outcome)
        if not pa.types.is_string(cells.type):
            return np.array(numbers(cells))
        said = [None if cell is None else says_yes(cell) for cell in cells.to_pylist()]
        pairs = zip(cells.to_pylist(), said, strict=True)
        self.wrong += [cell for cell, yes in pairs if cell is not None and yes is None][:1]
        return np.array([np.nan if yes is None else float(yes) for yes in said])

    def ended(self, name: str) -> Outcomes:
        """All rows are read. Raises InputError where they cannot be understood."""
        if self.wrong:
            raise InputError(
                f'"{self.outcome}" of {name} holds words that are neither yes nor no. Give an '
                f"outcome of yes and no, 0 and 1, or money: {option('outcome', 'COLUMN')}."
            )
        if self.read == 0 and self.outcome is not None:
            raise InputError(f"{name} has no rows: there are no outcomes to read.")
        if self.read and not self.told:
            raise InputError(
                f'"{self.outcome}" of {name} is not known in any of its rows. Name the outcome: '
                f"{option('outcome', 'COLUMN')}."
            )
        if self.strangers and not self.known_rows:
            raise InputError(
                f'No id in "{self.id_column}" of {name} is of anybody in the plan. Ids are '
                "compared to the letter. Give the column of the same ids: "
                f"{option('id', 'COLUMN')}."
            )
        if self.kind == "rate":
            self.amounts = np.minimum(self.amounts, 1.0)
        return self


def outcomes_of(
    source: Any,
    options: Options,
    groups: pa.Table,
    id: str | None,
    plan_id: str,
    outcome: str | None,
) -> Outcomes:
    """The outcomes of the customers of a plan.

    Raises OptionError for a column that is not there, InputError where no column, or more than one,
    may be meant.
    """
    with limited(options.resources):
        table = open_table(source, options.reading)
        key = _key(table, id, plan_id)
        column = _outcome(table, key, outcome)
        known, notes = Known(groups.column(0)), tuple(table.findings)
        rows = known.many
        found = Outcomes(known, key, column, np.zeros(rows), np.zeros(rows, bool), notes)
        columns = [key] if column is None else [key, column]
        for batch in table.batches(columns):
            found.add(batch)
        return found.ended(table.name)


def _key(table: Table, asked: str | None, plan_id: str) -> str:
    have = table.schema.names
    if asked is not None and asked not in have:
        raise no_such_column(option("id"), asked, table.name, have)
    guessed = plan_id if plan_id in have else guess_id(have)
    key = asked or guessed or (have[0] if len(have) == 1 else None)
    if key is None:
        raise InputError(
            f'{table.name} has no column "{plan_id}", by which the plan knows people. Name it: '
            f"{option('id', 'COLUMN')}."
        )
    return key


def _outcome(table: Table, key: str, asked: str | None) -> str | None:
    """The column of the outcome; None where the table has ids alone."""
    others = [name for name in table.schema.names if name != key]
    if asked is not None and asked not in others:
        raise no_such_column(option("outcome"), asked, table.name, others)
    if asked is None and len(others) > 1:
        raise InputError(
            f"{table.name} has {len(others)} columns beside the id. Say which is the outcome: "
            f"{option('outcome', others[-1])}."
        )
    column = asked or next(iter(others), None)
    if column is not None:
        _check_kind(table, column)
    return column


def _check_kind(table: Table, column: str) -> None:
    kind = table.schema.field(column).type
    if str(kind) not in ("int64", "double", "string", "large_string", "bool"):
        raise InputError(
            f'"{column}" of {table.name} is neither yes and no nor money. Name the outcome: '
            f"{option('outcome', 'COLUMN')}."
        )
