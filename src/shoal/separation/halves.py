"""A table's sample as two halves, and the outcome of its customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import structs

from shoal.analysis.profile import describe
from shoal.engine.table import Table
from shoal.errors import InputError, OptionError, did_you_mean
from shoal.interpret.outcomes import same_word
from shoal.options import Options
from shoal.stats.distribution import numbers
from shoal.text.options import option
from shoal.types import Bools, Floats, Profile

FEWEST = 50  # customers on either side, whose outcome is known


@dataclass(frozen=True)
class Halves:
    """Customers of the sample, by turns in the half to learn on and in that to measure on.

    The order of the sample is that of hashes, so that halves do not depend on that of rows.
    """

    profile: Profile
    rows: pa.Table  # (m, every column, made ones as well)
    own: tuple[str, ...]  # the columns of the table itself
    outcome: str
    event: str  # "" for a number
    y: Floats  # (m,) NaN where it is not known
    learn: Bools  # (m,)

    @property
    def measure(self) -> Bools:
        """(m,) who is measured on: the other half, of whom the outcome is known."""
        return np.asarray(~self.learn & np.isfinite(self.y))

    @property
    def known(self) -> Bools:
        """(m,) the half to learn on, of whom the outcome is known."""
        return np.asarray(self.learn & np.isfinite(self.y))

    def half(self, learn: bool) -> pa.Table:
        """The rows of one half, with the table's own columns."""
        return self.rows.select(self.own).filter(pa.array(self.learn == learn))


def halves(table: Table, options: Options, asked: str | None) -> Halves:
    """The two halves of a table.

    Raises OptionError where no outcome is found or it cannot be counted, InputError where too few
    customers are left.
    """
    name = _column_of(asked, table)
    number = name is not None and _is_number(table, name)
    meanings = structs.replace(options.meanings, outcome=None) if number else options.meanings
    profile, sample = describe(table, options.roles, meanings)
    outcome = name or profile.outcome
    if outcome is None:
        raise OptionError(
            f"{table.name} has no column that is known to be an outcome. Name what became of "
            f"customers, such as {option('outcome', 'Churn=Yes')}, or a number, such as "
            f"{option('outcome', 'later_spending')}."
        )
    column = profile.column(outcome)
    if column.private:
        raise OptionError(f'{option("outcome")} names "{outcome}", whose cells may name persons.')
    event = "" if number else column.event
    y = numbers(sample.rows[outcome]) if number else _happened(sample.rows[outcome], event)
    learn = np.arange(len(y)) % 2 == 0
    own = tuple(n for n in table.schema.names if n in sample.rows.column_names)
    found = Halves(profile, sample.rows, own, outcome, event, y, learn)
    _check(found)
    return found


def _column_of(asked: str | None, table: Table) -> str | None:
    if asked is None or asked in table.schema.names:
        return asked
    name = asked.partition("=")[0]
    if name not in table.schema.names:
        hint = did_you_mean(name, table.schema.names)
        raise OptionError(f'{option("outcome")} names "{name}", which {table.name} lacks. {hint}')
    return name


def _is_number(table: Table, name: str) -> bool:
    """Whether a column holds more than two different numbers."""
    kind = table.schema.field(name).type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return False
    seen: set[float] = set()
    for batch in table.batches([name]):
        seen |= set(pc.unique(batch.column(0).drop_null()).to_pylist()[:3])
        if len(seen) > 2:
            return True
    return False


def _happened(cells: pa.ChunkedArray, event: str) -> Floats:
    """(m,) 1 where it happened, 0 where not, NaN where that is not known."""
    coded = cells.cast(pa.string()).combine_chunks().dictionary_encode()
    words = [float(same_word(str(word), event)) for word in coded.dictionary.to_pylist()]
    place = coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    return np.asarray(np.array([*words, np.nan])[place], dtype=np.float64)


def _check(found: Halves) -> None:
    sizes = int(found.known.sum()), int(found.measure.sum())
    if min(sizes) < FEWEST:
        raise InputError(
            f'"{found.outcome}" is known of {sum(sizes):,} customers of {found.profile.name}: '
            f"half of them are not used, and at least {FEWEST} are needed on either side."
        )
    for half in (found.known, found.measure):
        if len(np.unique(found.y[half])) < 2:
            raise InputError(
                f'"{found.outcome}" is the same for everybody in half of {found.profile.name}: '
                "there is nothing to separate."
            )
