"""Who is the target of a campaign and who is held out: drawn once, by a hash of the id."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.csv

from shoal.output.holdout import hash_of, keys_of
from shoal.stats.distribution import numbers
from shoal.stats.intervals import beyond_chance
from shoal.types import Bools, Floats, Ints
from shoal.types.campaign import BalancedColumn

TARGET, HOLD_OUT = "target", "hold_out"
BEFORE = "before"  # the column of money before the campaign


@dataclass
class Draw:
    """Customers of the segments that are asked for, row after row, and who is held out of them."""

    segments: tuple[int, ...]
    seed: int
    columns: tuple[str, ...]  # of numbers whose balance is checked
    keys: list[str] = field(default_factory=list)
    labels: list[Ints] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)  # (rows, columns)
    met: set[str] = field(default_factory=set)
    read: int = 0
    unplaced: int = 0
    without_id: int = 0
    repeated: int = 0
    elsewhere: int = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Look at labelled rows, their ids in the first column."""
        self.read += batch.num_rows
        label = np.asarray(batch.column("segment").fill_null(0), dtype=np.int64)
        texts = keys_of(batch.column(0))
        rows = [i for i in range(batch.num_rows) if self._takes(int(label[i]), texts[i])]
        self.keys += [texts[i] for i in rows]
        self.labels.append(label[rows])
        found = [numbers(batch.column(name))[rows] for name in self.columns]
        self.values.append(np.array(found).reshape(len(self.columns), len(rows)).T)

    def _takes(self, label: int, key: str) -> bool:
        """Whether a row is drawn from; counted by the reason where it is not."""
        if label == 0:
            self.unplaced += 1
        elif label not in self.segments:
            self.elsewhere += 1
        elif not key:
            self.without_id += 1
        elif key in self.met:
            self.repeated += 1
        else:
            self.met.add(key)
            return True
        return False

    @property
    def aside(self) -> int:
        """Rows that can be in no group."""
        return self.unplaced + self.without_id + self.repeated

    def drawn(self, share: float) -> Drawn:
        """In each segment those with the smallest hashes are held out: exactly their share.

        A group has at least one customer where the segment has two.
        """
        label = np.concatenate([np.zeros(0, np.int64), *self.labels])
        hashes = np.array([hash_of(key, self.seed) for key in self.keys], dtype=np.uint64)
        held = np.zeros(len(label), bool)
        for number in self.segments:
            (rows,) = np.nonzero(label == number)
            least = min(1, len(rows) - 1)
            many = min(max(math.floor(share * len(rows) + 0.5), least), max(len(rows) - 1, 0))
            held[rows[np.argsort(hashes[rows], kind="stable")[:many]]] = True
        empty = np.zeros((0, len(self.columns)))
        return Drawn(self.keys, label, held, self.columns, np.concatenate([empty, *self.values]))


@dataclass(frozen=True)
class Drawn:
    """The groups."""

    keys: list[str]
    label: Ints
    held: Bools
    columns: tuple[str, ...]
    values: Floats  # (rows, columns)

    def table(self, id_column: str, before: Floats | None) -> pa.Table:
        """What stands in the file of the plan: id, segment, group, and money before."""
        columns = {
            id_column: pa.array(self.keys, pa.string()),
            "segment": pa.array(self.label, pa.int16()),
            "group": pa.array(np.where(self.held, HOLD_OUT, TARGET)),
        }
        if before is not None:
            columns[BEFORE] = pa.array(before, from_pandas=True)
        return pa.table(columns)

    def balance(self) -> tuple[tuple[BalancedColumn, ...], list[str]]:
        """Means of both groups, and which differ by more than chance (Holm's adjustment)."""
        found = list(self._compared())
        stands = beyond_chance([chance for _, chance in found])
        far = [each.name for (each, _), is_far in zip(found, stands, strict=True) if is_far]
        return tuple(each for each, _ in found), far

    def _compared(self) -> Iterator[tuple[BalancedColumn, float]]:
        """Each column with its means, and how probable a difference as large is by chance."""
        for j, name in enumerate(self.columns):
            x = self.values[:, j]
            known = np.isfinite(x)
            groups = [x[known & ~self.held], x[known & self.held]]
            if min(map(len, groups)) < 2:
                continue
            spread = math.sqrt(np.mean([np.var(group, ddof=1) for group in groups]))
            one, two = (float(group.mean()) for group in groups)
            difference = (one - two) / spread if spread > 0 else 0.0
            z = abs(difference) / math.sqrt(sum(1 / len(group) for group in groups))
            yield BalancedColumn(name, one, two, difference), math.erfc(z / math.sqrt(2))


def as_csv(assignments: pa.Table) -> bytes:
    """The file of who is in which group."""
    sink = io.BytesIO()
    pyarrow.csv.write_csv(assignments, sink)
    return sink.getvalue()


def digest(content: bytes) -> str:
    """What tells it from another one."""
    return hashlib.sha256(content).hexdigest()


def read_back(content: bytes, id_column: str) -> pa.Table:
    """The groups of a file, ids to the letter."""
    kinds = {id_column: pa.string(), "segment": pa.int16(), "group": pa.string()}
    options = pyarrow.csv.ConvertOptions(
        column_types=kinds | {BEFORE: pa.float64()}, strings_can_be_null=False
    )
    return pyarrow.csv.read_csv(io.BytesIO(content), convert_options=options)
