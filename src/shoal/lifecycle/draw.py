"""Who is the target of a campaign and who is held out: drawn once, by a hash of the id."""

from __future__ import annotations

import hashlib
import io
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from shoal.engine.spill import SpillStore
from shoal.output.holdout import hash_of, key_array
from shoal.stats.distribution import numbers
from shoal.stats.hashing import Hashes
from shoal.stats.intervals import beyond_chance
from shoal.types import Bools, Floats
from shoal.types.campaign import BalancedColumn

TARGET, HOLD_OUT = "target", "hold_out"
BEFORE = "before"  # the column of money before the campaign


@dataclass
class Draw:
    """Customers of the segments that are asked for, row after row, and who is held out of them.

    Of each are kept the id, its hash, the segment and money; values whose balance is checked go to
    a store that writes to disk what is too much.
    """

    segments: tuple[int, ...]
    seed: int
    columns: tuple[str, ...]  # of numbers whose balance is checked; money comes first
    store: SpillStore
    money: bool = False
    keys: list[pa.Array] = field(default_factory=list)
    hashes: list[Hashes] = field(default_factory=list)
    labels: list[npt.NDArray[np.int16]] = field(default_factory=list)
    amounts: list[Floats] = field(default_factory=list)
    read: int = 0
    kept: int = 0
    unplaced: int = 0
    without_id: int = 0
    elsewhere: int = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Look at labelled rows, their ids in the first column."""
        label = np.asarray(batch.column("segment").fill_null(0), dtype=np.int64)
        keys = key_array(batch.column(0))
        placed, own = label != 0, np.isin(label, self.segments)
        named = np.asarray(pc.not_equal(keys, ""))
        self.read += batch.num_rows
        self.unplaced += int((~placed).sum())
        self.elsewhere += int((placed & ~own).sum())
        self.without_id += int((own & placed & ~named).sum())
        (rows,) = np.nonzero(own & placed & named)
        keys = keys.take(pa.array(rows))
        self.keys.append(keys)
        self.hashes.append(np.array([hash_of(key, self.seed) for key in keys.to_pylist()], "u8"))
        self.labels.append(label[rows].astype(np.int16))
        values = np.array([numbers(batch.column(name))[rows] for name in self.columns])
        values = values.reshape(len(self.columns), len(rows))
        self.amounts += [values[0]] if self.money else []
        self.store.put(self.kept, values)
        self.kept += len(rows)

    def drawn(self, share: float) -> Drawn:
        """In each segment those with the smallest hashes are held out: exactly their share.

        A group has at least one customer where the segment has two. Of an id on several rows the
        first one counts.
        """
        hashes = np.concatenate([np.zeros(0, np.uint64), *self.hashes])
        label = np.concatenate([np.zeros(0, np.int16), *self.labels])
        first = np.zeros(len(hashes), bool)
        first[np.unique(hashes, return_index=True)[1]] = True
        held = np.zeros(len(label), bool)
        for number in self.segments:
            (rows,) = np.nonzero((label == number) & first)
            least = min(1, len(rows) - 1)
            many = min(max(math.floor(share * len(rows) + 0.5), least), max(len(rows) - 1, 0))
            held[rows[np.argsort(hashes[rows], kind="stable")[:many]]] = True
        keys = pa.chunked_array(self.keys, pa.string())
        before = np.concatenate(self.amounts) if self.money else None
        return Drawn(keys, label, held, first, before, self.columns, self.store)


@dataclass(frozen=True)
class Drawn:
    """The groups: row after row, those of further rows of an id among them."""

    keys: pa.ChunkedArray
    label: npt.NDArray[np.int16]
    held: Bools
    first: Bools  # whether it is the first row of its id: the others are in no group
    before: Floats | None
    columns: tuple[str, ...]
    store: SpillStore  # (columns, rows) of each batch

    @property
    def repeated(self) -> int:
        """Rows that repeat an id."""
        return int((~self.first).sum())

    def table(self, id_column: str) -> pa.Table:
        """What stands in the file of the plan: id, segment, group, and money before."""
        columns = {
            id_column: self.keys,
            "segment": pa.array(self.label, pa.int16()),
            "group": pc.if_else(pa.array(self.held), HOLD_OUT, TARGET),
        }
        if self.before is not None:
            columns[BEFORE] = pa.array(self.before, from_pandas=True)
        table = pa.table(columns)
        return table.filter(pa.array(self.first)) if self.repeated else table

    def balance(self) -> tuple[tuple[BalancedColumn, ...], list[str]]:
        """Means of both groups, and which differ by more than chance (Holm's adjustment)."""
        found = [each for each in map(_compared, self.columns, self._summed()) if each is not None]
        stands = beyond_chance([chance for _, chance in found])
        far = [each.name for (each, _), is_far in zip(found, stands, strict=True) if is_far]
        return tuple(each for each, _ in found), far

    def _summed(self) -> list[list[Sums]]:
        """Of each column the target's and the hold-out's."""
        sums = [[Sums(), Sums()] for _ in self.columns]
        for start in self.store.starts():
            values = self.store.get(start)
            rows = slice(start, start + values.shape[1])
            sides = self.first[rows] & ~self.held[rows], self.first[rows] & self.held[rows]
            for column, both in zip(values, sums, strict=True):
                for side, own in zip(both, sides, strict=True):
                    side.add(column[own & np.isfinite(column)])
        return sums


@dataclass
class Sums:
    """Number, mean and sum of squares around it, block after block (Chan, Golub & LeVeque 1979)."""

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, x: Floats) -> None:
        """Look at more values (n,)."""
        if not len(x):
            return
        n, mean = self.n + len(x), float(x.mean())
        off = mean - self.mean
        self.squares += float(((x - mean) ** 2).sum()) + off**2 * self.n * len(x) / n
        self.mean += off * len(x) / n
        self.n = n


def _compared(name: str, sides: list[Sums]) -> tuple[BalancedColumn, float] | None:
    """A column with its means, and how probable a difference as large is by chance."""
    if min(side.n for side in sides) < 2:
        return None
    spread = math.sqrt(np.mean([side.squares / (side.n - 1) for side in sides]))
    one, two = (side.mean for side in sides)
    difference = (one - two) / spread if spread > 0 else 0.0
    z = abs(difference) / math.sqrt(sum(1 / side.n for side in sides))
    return BalancedColumn(name, one, two, difference), math.erfc(z / math.sqrt(2))


def write_groups(groups: pa.Table, file: Path) -> None:
    """Write the file of who is in which group."""
    pyarrow.csv.write_csv(groups, file)


class _Digest(io.RawIOBase):
    """What is written here is not kept, but summed up."""

    def __init__(self) -> None:
        self.sha = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.sha.update(data)
        return len(data)


def digest(groups: pa.Table) -> str:
    """What tells the file of these groups from another one."""
    sink = _Digest()
    pyarrow.csv.write_csv(groups, pa.PythonFile(sink, mode="w"))
    return sink.sha.hexdigest()


def read_back(file: Path, id_column: str) -> tuple[pa.Table, str]:
    """The groups of a file, ids to the letter, and its digest."""
    with file.open("rb") as content:
        told = hashlib.file_digest(content, "sha256").hexdigest()
    kinds = {id_column: pa.string(), "segment": pa.int16(), "group": pa.string()}
    options = pyarrow.csv.ConvertOptions(
        column_types=kinds | {BEFORE: pa.float64()}, strings_can_be_null=False
    )
    return pyarrow.csv.read_csv(file, convert_options=options), told
