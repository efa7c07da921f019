"""A large regular CSV in one parse: every cell is looked at, plain numbers become numbers, and all is laid down in a spool.

The first rows promise what a column is; each later cell must keep the promise, or the column stays text, to be decided on
by the rules for text over all its cells. What is not regular is left to the reader that mends.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.dataset as ds

from shoal.read.numbers import BLANK
from shoal.read.plan import ARROW, Source
from shoal.read.raw import CHUNK
from shoal.read.spool import Spool, lay_down

BLOCK = 1 << 20  # bytes parsed at a time
EARLY = 64  # blocks after which a broken promise no longer starts the parse anew at once
QUOTE = ord('"')


@dataclass(frozen=True)
class Parsed:
    """A source of text columns, and the types of those that need no second look: plain numbers, and words without a gap word."""

    source: Source
    known: dict[str, str] = field(default_factory=dict)
    spool: Spool | None = None


Promise = tuple[str | None, tuple[str, ...]]  # BIGINT, DOUBLE, VARCHAR or None, and the gap words that words must not be
Guess = Callable[[list[str]], Promise]


class BrokenPromiseError(Exception):
    """Columns that did not keep their promise."""

    def __init__(self, columns: set[str]) -> None:
        self.columns = columns


def parse(path: Path, width: int, sep: str, skip: int, folder: Path, guess: Guess) -> Parsed | None:
    """The spool of a CSV without header words, columns c0, c1, …; None where it is not regular, or there is no room."""
    if len(sep.encode()) > 1 or shutil.disk_usage(folder).free < 3 * path.stat().st_size:
        return None
    if (quotes := fair_quotes(path, sep)) is None:
        return None
    names = [f"c{j}" for j in range(width)]
    out, text = folder / "spool.arrow", set[str]()
    try:
        head = next(_blocks(path, names, sep, skip, quotes > 0))
        promises = {c: guess(_cells(head.column(c))) for c in names}
        while True:
            kept = {c: (None, ()) if c in text else p for c, p in promises.items()}
            try:
                clean = _lay(_blocks(path, names, sep, skip, quotes > 0), kept, out)
                break
            except BrokenPromiseError as broken:
                text |= broken.columns
    except (pa.ArrowInvalid, OSError, StopIteration):
        out.unlink(missing_ok=True)
        return None
    schema = _schema(kept)
    source = Source("spool", {"spool": ds.dataset(out, schema, format="ipc")})
    known = {c: kind for c, (kind, _) in kept.items() if kind and (kind != "VARCHAR" or c in clean)}
    return Parsed(source, known, Spool(((out, schema),)))


def _cells(column: pa.Array, rows: int = 1000) -> list[str]:
    return [bare for cell in column.slice(0, rows).to_pylist() if cell and (bare := cell.strip(BLANK))]


def _blocks(path: Path, names: Sequence[str], sep: str, skip: int, quotes: bool) -> Iterator[pa.RecordBatch]:
    """The cells as text, block by block; parsing runs ahead in a thread of its own. Raises ArrowInvalid where rows differ in width."""
    reading = csv.ReadOptions(block_size=BLOCK, column_names=list(names), skip_rows=skip)
    parsing = csv.ParseOptions(delimiter=sep, quote_char='"' if quotes else False, newlines_in_values=quotes)
    text = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    with csv.open_csv(path, reading, parsing, text) as reader:
        yield from reader


def _schema(promises: dict[str, Promise]) -> pa.Schema:
    return pa.schema([(c, ARROW[kind or "VARCHAR"]) for c, (kind, _) in promises.items()])


def _lay(blocks: Iterator[pa.RecordBatch], promises: dict[str, Promise], out: Path) -> frozenset[str]:
    """Write the typed columns; returns the columns of words that need no change. Raises BrokenPromiseError, with all columns that broke."""
    schema = _schema(promises)
    broken: set[str] = set()
    dirty: set[str] = set()

    def typed() -> Iterator[pa.RecordBatch]:
        for number, block in enumerate(blocks):
            arrays = []
            for (column, (kind, gaps)), cells in zip(promises.items(), block.columns, strict=True):
                if kind == "VARCHAR" and column not in dirty and not _clean(cells, gaps):
                    dirty.add(column)
                numbers = _numbers(cells, kind) if kind in ("BIGINT", "DOUBLE") and column not in broken else cells
                if numbers is None:
                    broken.add(column)
                arrays.append(numbers)
            if broken and number < EARLY:
                raise BrokenPromiseError(broken)
            if not broken:  # otherwise the rest is only looked at: all will be parsed once more
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    lay_down(out, typed(), schema)
    if broken:
        raise BrokenPromiseError(broken)
    return frozenset(c for c, (kind, _) in promises.items() if kind == "VARCHAR" and c not in dirty)


def _numbers(cells: pa.StringArray, kind: str) -> pa.Array | None:
    """The cells as numbers if every one is a plain number: no 007, no hexadecimal, nothing rounded, nothing infinite."""
    try:
        numbers = cells.cast(ARROW[kind])
    except pa.ArrowInvalid:
        return None
    if _padded(cells) or (kind == "DOUBLE" and not pc.all(pc.is_finite(numbers)).as_py()):
        return None
    return numbers


def _padded(cells: pa.StringArray) -> bool:
    """Whether a cell begins with a zero and goes on with a digit or an x."""
    _, starts, letters = cells.buffers()
    if letters is None or not letters.size:
        return False
    start = np.frombuffer(starts, np.int32)[cells.offset : cells.offset + len(cells) + 1]
    letter = np.frombuffer(letters, np.uint8)
    first = start[:-1][np.diff(start) > 1]
    zero = first[letter[first] == ord("0")]
    return bool(np.isin(letter[zero + 1], np.frombuffer(b"0123456789xX", np.uint8)).any())


def _clean(cells: pa.StringArray, gaps: tuple[str, ...]) -> bool:
    """Whether no word has blanks around it or stands for a gap."""
    words = cells.dictionary_encode().dictionary
    bare = pc.utf8_trim(words, BLANK)
    return bool(bare.equals(words)) and not pc.any(pc.is_in(words, pa.array(gaps, pa.string()))).as_py()


def fair_quotes(path: Path, sep: str) -> int | None:
    """The number of quotes in a text in which every one opens or closes a whole cell, or is doubled inside one; else None."""
    before, after = np.zeros(256, dtype=bool), np.zeros(256, dtype=bool)
    before[[ord(sep), ord("\n"), QUOTE]] = True
    after[[ord(sep), ord("\n"), ord("\r"), QUOTE]] = True
    count, last = 0, b"\n"
    with open(path, "rb") as file:
        chunk = file.read(CHUNK)
        while chunk:
            following = file.read(CHUNK)
            if b'"' in chunk:
                letters = np.frombuffer(last + chunk + (following[:1] or b"\n"), np.uint8)
                at = np.flatnonzero(letters[1:-1] == QUOTE) + 1
                opening, closing = at[count % 2 :: 2], at[1 - count % 2 :: 2]
                if not (before[letters[opening - 1]].all() and after[letters[closing + 1]].all()):
                    return None
                count += len(at)
            last, chunk = chunk[-1:], following
    return None if count % 2 else count
