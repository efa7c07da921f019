"""A large regular CSV in one parse.

Every cell is looked at, plain numbers become numbers, and all is written to a cache of Arrow files.
The first rows promise what a column is; each later cell must keep the promise, or the column stays
text, to be decided on by the rules for text over all its cells. What is not regular is left to the
reader that mends.
"""

from __future__ import annotations

import codecs
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shoal.data.cells.columns import HEAD
from shoal.data.cells.numbers import BLANK
from shoal.engine.cache import ColumnCache, write_arrow
from shoal.engine.progress import pulse
from shoal.engine.resources import threads as asked_threads
from shoal.engine.scan import ARROW, Source

BLOCK = 1 << 21  # bytes parsed at a time by one thread
SLICE = 1 << 18  # letters compared at a time: what stays in the cache
LONGEST = 10_000  # lines of one record
EARLY = 64  # blocks after which a broken promise no longer starts the parse anew at once
QUOTE = ord('"')
NUMBERS = ("BIGINT", "DOUBLE")
NO_KINDS: Mapping[str, str] = MappingProxyType({})

# BIGINT, DOUBLE, VARCHAR or None, and the gap words that words must not be
Promise = tuple[str | None, tuple[str, ...]]
Promises = Mapping[str, Promise]


@dataclass(frozen=True)
class Parsed:
    """A source of columns c0, c1, …, and the types of those that need no second look.

    Such are plain numbers, and words without a gap word. Without a cache all columns are text.
    """

    source: Source
    known: dict[str, str] = field(default_factory=dict)
    cache: ColumnCache | None = None


@dataclass(frozen=True)
class Text:
    """A regular CSV without header words: its columns are called c0, c1, …"""

    path: Path
    width: int
    sep: str
    skip: int  # lines above the first row

    @property
    def names(self) -> list[str]:
        """The columns."""
        return [f"c{j}" for j in range(self.width)]

    def blocks(self) -> Iterator[bytes]:
        """The rows in pieces that end where a record ends: at a line end outside of quotes."""
        with open(self.path, "rb") as file:
            for _ in range(self.skip):
                file.readline()
            if not self.skip and file.read(3) != codecs.BOM_UTF8:
                file.seek(0)
            while block := file.read(BLOCK):
                pieces = [block, file.readline()]
                inside = sum(_quotes(piece) for piece in pieces) % 2
                while inside and (line := file.readline()):
                    pieces.append(line)
                    inside ^= _quotes(line) % 2
                    if len(pieces) > LONGEST:
                        raise pa.ArrowInvalid("a quote never closes")
                yield b"".join(pieces)


def _quotes(piece: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(piece, np.uint8) == QUOTE)) if b'"' in piece else 0


class BrokenPromiseError(Exception):
    """Columns that did not keep their promise."""

    def __init__(self, columns: set[str]) -> None:
        self.columns = columns


def parse(
    text: Text, folder: Path, promise: Callable[[str, list[str | None]], Promise]
) -> Parsed | None:
    """The cache of a CSV; None where it is not regular, or there is no room.

    `promise` judges a column by its name and its first cells.
    """
    size = text.path.stat().st_size
    if len(text.sep.encode()) > 1 or shutil.disk_usage(folder).free < 3 * size:
        return None
    out = folder / "columns.arrow"
    try:
        first = _cells(next(text.blocks()), text)
        promises = {c: promise(c, first.column(c).slice(0, HEAD).to_pylist()) for c in text.names}
        return _parsed(text, promises, out)
    except (pa.ArrowInvalid, OSError, StopIteration):
        out.unlink(missing_ok=True)
        return None


def _parsed(text: Text, promises: dict[str, Promise], out: Path) -> Parsed:
    import pyarrow.dataset as ds  # slow to import, and small tables need it not

    while True:
        try:
            unclean = _lay(text, promises, out)
            break
        except BrokenPromiseError as error:
            promises |= dict.fromkeys(error.columns, (None, ()))
    schema = _schema(promises)
    known = {c: kind for c, (kind, _) in promises.items() if kind and c not in unclean}
    source = Source("cache", {"cache": ds.dataset(out, schema, format="ipc")})
    return Parsed(source, known, ColumnCache(((out, schema),)))


def _schema(promises: Promises) -> pa.Schema:
    return pa.schema([(c, ARROW[kind or "VARCHAR"]) for c, (kind, _) in promises.items()])


def _lay(text: Text, promises: Promises, out: Path) -> set[str]:
    """Write the typed columns; returns the columns of words that need a change.

    Raises BrokenPromiseError with all columns that broke.
    """
    broken: set[str] = set()
    unclean: set[str] = set()

    def batches() -> Iterator[pa.RecordBatch]:
        pieces = _by_threads(lambda block: _typed(block, text, promises), text.blocks())
        for number, piece in enumerate(pieces):
            broken.update(piece.broken)
            unclean.update(piece.unclean)
            if broken and number < EARLY:
                raise BrokenPromiseError(broken)
            if not broken:  # otherwise the rest is only looked at: all will be parsed once more
                yield piece.batch

    write_arrow(out, batches(), _schema(promises))
    if broken:
        raise BrokenPromiseError(broken)
    return unclean


@dataclass
class Piece:
    """What became of one block."""

    batch: pa.RecordBatch | None = None  # None where a column broke its promise
    broken: set[str] = field(default_factory=set)
    unclean: set[str] = field(default_factory=set)  # columns of words that need a change


def _by_threads(work: Callable[[bytes], Piece], blocks: Iterable[bytes]) -> Iterator[Piece]:
    """What becomes of each block, in their order; no thread runs far ahead."""
    threads = asked_threads()
    with ThreadPoolExecutor(threads) as pool:
        pending: deque[Future[Piece]] = deque()
        try:
            for block in blocks:
                pulse()
                pending.append(pool.submit(work, block))
                if len(pending) > 2 * threads:
                    yield pending.popleft().result()
            while pending:
                pulse()
                yield pending.popleft().result()
        finally:
            for each in pending:
                each.cancel()


def _typed(block: bytes, text: Text, promises: Promises) -> Piece:
    """One block with its plain numbers as numbers."""
    kinds = {c: kind for c, (kind, _) in promises.items() if kind in NUMBERS}
    cells = _numbers_at_once(block, text, kinds) or _cells(block, text)
    piece = Piece()
    arrays = []
    for (column, (kind, gaps)), words in zip(promises.items(), cells.columns, strict=True):
        array = _numbers(words, kind) if kind in NUMBERS else words
        if array is None:
            piece.broken.add(column)
        elif kind == "VARCHAR" and not clean(words, gaps):
            piece.unclean.add(column)
        arrays.append(array)
    if not piece.broken:
        piece.batch = pa.RecordBatch.from_arrays(arrays, schema=_schema(promises))
    return piece


def _numbers_at_once(block: bytes, text: Text, kinds: dict[str, str]) -> pa.RecordBatch | None:
    """The block with its numbers parsed as such.

    That is quicker than text first, but 007 would lose its zeros: None where such may be about.
    """
    letters = np.frombuffer(block, np.uint8)
    parts = (letters[i : i + SLICE + 2] for i in range(0, len(letters), SLICE))
    if block[:1] == b"0" or any(_zero_begins(part, text.sep) for part in parts):
        return None
    try:
        return _cells(block, text, kinds)
    except pa.ArrowInvalid:
        return None


def _zero_begins(letters: npt.NDArray[np.uint8], sep: str) -> bool:
    """Whether a cell begins with a zero and goes on with a digit or an x."""
    before, after = letters[:-2], letters[2:]
    begins = before == ord(sep)
    begins |= before == ord("\n")
    begins |= before == QUOTE
    begins &= letters[1:-1] == ord("0")
    if not begins.any():
        return False
    goes_on = (after - ord("0") < 10) | (after | 32 == ord("x"))
    return bool((begins & goes_on).any())


def _cells(block: bytes, text: Text, kinds: Mapping[str, str] = NO_KINDS) -> pa.RecordBatch:
    """The cells of some rows, text unless a kind is named.

    Raises ArrowInvalid where rows differ in width, or quotes are not regular.
    """
    import pyarrow.csv as csv

    quotes = b'"' in block
    if quotes and not _fair(block, text.sep):
        raise pa.ArrowInvalid("a quote stands inside a cell")
    reading = csv.ReadOptions(block_size=len(block) + 1, column_names=text.names, use_threads=False)
    parsing = csv.ParseOptions(
        delimiter=text.sep, quote_char='"' if quotes else False, newlines_in_values=quotes
    )
    converting = csv.ConvertOptions(
        column_types={c: ARROW[kinds.get(c, "VARCHAR")] for c in text.names},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    parsed = csv.read_csv(pa.BufferReader(block), reading, parsing, converting)
    return parsed.combine_chunks().to_batches()[0]


def _fair(block: bytes, sep: str) -> bool:
    """Whether every quote opens or closes a whole cell, or is doubled inside one.

    Then all readers agree on the cells. A block begins and ends with a whole record.
    """
    before, after = np.zeros(256, dtype=bool), np.zeros(256, dtype=bool)
    before[[ord(sep), ord("\n"), QUOTE]] = True
    after[[ord(sep), ord("\n"), ord("\r"), QUOTE]] = True
    letters = np.frombuffer(block, np.uint8)
    at = np.flatnonzero(letters == QUOTE)
    if len(at) % 2:
        return False
    opening = at[0::2] - 1
    closing = np.minimum(at[1::2] + 1, len(letters) - 1)
    return bool(before[letters[opening[opening >= 0]]].all() and after[letters[closing]].all())


def _numbers(cells: pa.Array, kind: str | None) -> pa.Array | None:
    """The cells as numbers if every one is a plain number.

    No 007, no hexadecimal, nothing rounded, nothing infinite.
    """
    try:
        numbers = cells.cast(ARROW[str(kind)])
    except pa.ArrowInvalid:
        return None
    if pa.types.is_string(cells.type) and _padded(cells):
        return None
    if kind == "DOUBLE" and not pc.all(pc.is_finite(numbers)).as_py():
        return None
    return numbers


def _padded(cells: pa.StringArray) -> bool:
    """Whether a cell begins with a zero and goes on with a digit or an x."""
    _, starts, letters = cells.buffers()
    if letters is None or not letters.size:
        return False
    start = np.frombuffer(starts, np.int32)[cells.offset : cells.offset + len(cells) + 1]
    letter = np.frombuffer(letters, np.uint8)
    first = start[:-1][start[1:] > start[:-1] + 1]
    zero = first[letter[first] == ord("0")]
    return bool(np.isin(letter[zero + 1], np.frombuffer(b"0123456789xX", np.uint8)).any())


def clean(cells: pa.StringArray, gaps: tuple[str, ...]) -> bool:
    """Whether no word has blanks around it or stands for a gap."""
    words = cells.dictionary_encode().dictionary
    has_gaps = pc.any(pc.is_in(words, pa.array(gaps, pa.string()))).as_py()
    return pc.utf8_trim(words, BLANK).equals(words) and not has_gaps
