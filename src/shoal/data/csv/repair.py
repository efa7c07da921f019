"""A text that DuckDB cannot read as it stands, written out as plain CSV.

It goes line by line, and everything that was mended is counted.
"""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

from shoal.data.csv.around import footer_size, is_bare_sum, typed
from shoal.data.csv.layout import (
    SEPS,
    Layout,
    Record,
    begins_another,
    blank_cells,
    cells_of,
    is_fixed,
)
from shoal.errors import InputError
from shoal.findings import finding
from shoal.text.options import option
from shoal.types import Finding

JOIN_LINES = 25  # a quoted cell longer than this is a quote that never closes
TAIL = 30  # records held back, since the last ones may be a footer
CENT = 0.011  # by which a sum may differ, as its parts are rounded
MOST_JOINED = 3  # separators inside cells up to which a row is put together
CODE_OF = {  # the finding of each kind of repair, in the order in which they are told
    "mixed": "separator-mixed",
    "short": "ragged-rows",
    "long": "ragged-rows",
    "joined": "ragged-rows",
    "quotes": "quotes-unbalanced",
    "stray": "stray-lines",
    "empty": "empty-rows",
    "comments": "comment-lines",
    "footer": "footer-dropped",
    "headers": "header-repeated",
}

Numbered = tuple[int, Record]  # the line a record begins on, from 1


@dataclass
class Repairs:
    """What was mended: the number of lines of each kind, and the number of the first."""

    rows: int = 0  # written
    lines: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)
    other: int | None = None  # the line of the header of another table below this one
    rows_of_other: int = 0

    def note(self, kind: str, line: int) -> None:
        """Count a line of a kind."""
        self.lines[kind] += 1
        self.first.setdefault(kind, line)


def repair(path: Path, layout: Layout, out: Path, columns: list[int]) -> Repairs:
    """Write the rows of the table as plain comma separated UTF-8 without a header.

    `columns` are the positions of those that hold numbers or dates.
    """
    mender = _Mender(layout, columns)
    with (
        open(path, encoding="utf-8-sig", newline="") as source,
        open(out, "w", encoding="utf-8", newline="") as target,
    ):
        writer = csv.writer(target, lineterminator="\n")
        for row in mender.rows(source):
            writer.writerow(row)
            mender.done.rows += 1
    return mender.done


class _Mender:
    """Goes through the lines of one text."""

    def __init__(self, layout: Layout, columns: list[int]) -> None:
        self.layout = layout
        self.columns = columns
        self.done = Repairs()
        self.header = [name for name in layout.names if name]
        self.blank = False  # the last line was
        self.sums = dict.fromkeys(columns, 0.0)  # of the plain numbers of each column of them

    def rows(self, source: Iterable[str]) -> Iterator[Record]:
        """The rows of the table, as wide as it."""
        held: deque[Numbered] = deque()
        pairs = pairwise(chain(self.records(source), [(0, [])]))
        for position, ((line, record), (_, below)) in enumerate(pairs):
            if position < self.layout.first or self.in_another(line, record, below):
                continue
            if self.belongs(line, record):
                held.append((line, record))
            if len(held) > TAIL:
                yield from self.fitted(*held.popleft())
        size = footer_size([self.as_row(r) for _, r in held], self.layout.width, self.columns)
        rest = list(held)
        size = size or int(self.sums_up(rest))
        for line, _ in rest[len(rest) - size :]:
            self.done.note("footer", line)
        for line, record in rest[: len(rest) - size]:
            yield from self.fitted(line, record)

    def sums_up(self, rest: Sequence[Numbered]) -> bool:
        """Whether the last record, without any word, holds the sums of all rows above it."""
        rows = [self.as_row(record) for _, record in rest]
        if not rows or len(rows[-1]) != self.layout.width:
            return False
        if not is_bare_sum(rows[-1], self.columns):
            return False
        sums = self.sums.copy()
        for row in rows[:-1]:
            self.add_up(row, sums)
        filled = [j for j in self.columns if rows[-1][j].strip()]
        return len(rows) > 2 and all(abs(sums[j] - _plain(rows[-1][j])) <= CENT for j in filled)

    def add_up(self, row: Record, sums: dict[int, float]) -> None:
        """Add the plain numbers of a row to the sums of its columns."""
        for j in self.columns:
            sums[j] += _plain(row[j]) if j < len(row) else 0.0

    def as_row(self, record: Record) -> Record:
        """A record cut by the separator that makes it a row, where another one does."""
        width = self.layout.width
        other = None if len(record) == width else other_sep(record, self.layout.sep, width)
        return other or record

    def records(self, source: Iterable[str]) -> Iterator[Numbered]:
        """The records; cells with line breaks are put together."""
        waiting: list[str] = []  # lines of a record in which a quote is open
        quotes = 0
        start = 1
        for number, line in enumerate(source, 1):
            if not waiting and not self.opens(line):
                yield number, self.cut(line)
                continue
            if not waiting:
                start, quotes = number, 0
            waiting.append(line)
            quotes += line.count('"')
            closed = quotes % 2 == 0
            whole = self.cut("".join(waiting)) if closed else []
            if closed and (len(whole) == self.layout.width or len(waiting) == 1):
                yield start, whole
                waiting = []
            elif closed or len(waiting) > JOIN_LINES:
                yield from self.unquoted(waiting, start)
                waiting = []
        yield from self.unquoted(waiting, start)

    def opens(self, line: str) -> bool:
        """Whether a quoted cell of the line goes on in the next.

        Inches and other quotes inside a word do not count.
        """
        if is_fixed(self.layout.sep) or line.count('"') % 2 == 0:
            return False
        return line.lstrip().startswith('"') or f'{self.layout.sep}"' in line

    def unquoted(self, lines: list[str], start: int) -> Iterator[Numbered]:
        """Lines with a quote that never closes, taken one by one."""
        for number, line in enumerate(lines, start):
            if line.count('"') % 2 == 0:
                yield number, self.cut(line)
                continue
            self.done.note("quotes", number)
            cells = line.rstrip("\r\n").split(self.layout.sep)
            yield number, [cell.strip().strip('"') for cell in cells]

    def cut(self, line: str) -> Record:
        """The cells of a line, or of several in which a quote opens and closes."""
        sep = self.layout.sep
        if is_fixed(sep):
            return blank_cells(line, sep)
        bare = line.rstrip("\r\n")
        if '"' in bare and bare.count('"') % 2 == 0:
            return cells_of(bare, sep)
        return bare.split(sep) if bare else []

    def in_another(self, line: int, record: Record, below: Record) -> bool:
        """Whether a record is part of another table, which begins below a blank line."""
        if self.done.other:
            self.done.rows_of_other += any(cell.strip() for cell in record)
            return True
        begins = self.blank and begins_another(record, below, self.columns)
        self.blank = not any(cell.strip() for cell in record)
        if begins and [cell.strip() for cell in record if cell.strip()] != self.header:
            self.done.other = line
        return self.done.other is not None

    def belongs(self, line: int, record: Record) -> bool:
        """Whether a record is no blank line, comment, or header repeated further down."""
        filled = [cell.strip() for cell in record if cell.strip()]
        if not filled and (self.layout.width > 1 or not record):
            if len(record) > 1:  # separators alone; a blank line is nothing to speak of
                self.done.note("empty", line)
            return False
        if record[0].lstrip().startswith("#") and len(record) != self.layout.width:
            self.done.note("comments", line)
            return False
        if len(filled) > 1 and filled == self.header:
            self.done.note("headers", line)
            return False
        return True

    def fitted(self, line: int, record: Record) -> list[Record]:
        """A record brought to the width of the table; none when it is no row."""
        kind, row = self.mended(record)
        if kind:
            self.done.note(kind, line)
        if row is None:
            return []
        self.add_up(row, self.sums)
        return [row]

    def mended(self, record: Record) -> tuple[str, Record | None]:
        """What was done to a record, nothing in most cases, and the row it became."""
        width, sep = self.layout.width, self.layout.sep
        if len(record) == width:
            return "", record
        if len(record) == 1 and width >= 4 and not any(s in record[0] for s in SEPS):
            return "stray", None
        if other := other_sep(record, sep, width):
            return "mixed", other
        if len(record) < width:
            return "short", record + [""] * (width - len(record))
        if not any(cell.strip() for cell in record[width:]):
            return "", record[:width]
        if joined := _joined(record, width, self.columns, sep):
            return "joined", joined
        return "long", record[:width]


def other_sep(record: Record, sep: str, width: int) -> Record | None:
    """The same line cut by another separator, if that gives the width of the table."""
    if width < 2 or is_fixed(sep):
        return None
    line = sep.join(record)
    others = [other for other in SEPS if other != sep and other in line]
    ways = [(line, other) for other in others]
    if len(record) < width:  # the separator may change in the middle of the line
        ways += [(line.replace(other, sep), sep) for other in others]
    cut = (cells_of(text, by) for text, by in ways)
    return next((cells for cells in cut if len(cells) == width), None)


def _plain(cell: str) -> float:
    """The value of a plain number; nothing of other cells."""
    with suppress(ValueError):
        return float(cell)
    return 0.0


def _joined(record: Record, width: int, columns: list[int], sep: str) -> Record | None:
    """A separator that stood inside a cell.

    The two halves are put together where only one place makes the numbers fit.
    """
    extra = len(record) - width
    if extra > MOST_JOINED or not columns or is_fixed(sep):
        return None
    # left of the cell the columns must fit as they stand, right of it moved
    last = min((j for j in columns if not _fits(record[j])), default=width - 1)
    first = max((j for j in columns if not _fits(record[j + extra])), default=0)
    typed_places = set(columns)
    places = []
    for at in range(first, last + 1):
        pieces = record[at : at + extra + 1]
        words = not any(map(typed, pieces))
        if words and (at not in typed_places or _fits(sep.join(pieces))):
            places.append(at)
    if len(places) != 1:
        return None
    (at,) = places
    return [*record[:at], sep.join(record[at : at + extra + 1]), *record[at + extra + 1 :]]


def _fits(cell: str) -> bool:
    """Whether a cell may stand in a column of numbers or dates."""
    return not cell.strip() or typed(cell)


def repair_findings(done: Repairs, path: Path) -> list[Finding]:
    """What was mended; refuses a text in which too much did not fit."""
    long = done.lines["long"]
    if long > max(5, 0.02 * done.rows):
        line = done.first["long"]
        raise InputError(
            f'"{path}" is no regular table: {long:,} of {done.rows:,} rows have more cells than '
            f"the header, first in line {line:,}. A separator inside a cell needs "
            f"quotes round it; export the table again, or name {option('sep')}."
        )
    findings = [] if done.other is None else [_left_out(done, done.other, path)]
    for kind, code in CODE_OF.items():
        if done.lines[kind]:
            about: dict[str, Any] = {
                "kind": kind,
                "lines": done.lines[kind],
                "line": done.first[kind],
            }
            findings.append(finding(code, **about))
    return findings


def _left_out(done: Repairs, line: int, path: Path) -> Finding:
    """The finding about another table below; refuses a text in which that one is larger."""
    if done.rows_of_other > done.rows:
        raise InputError(
            f'"{path}" holds two tables: the one that begins in line {line:,} '
            f"has more rows than the first. Say which one to read: "
            f"{option('header', line)}, or keep each in a file of its own."
        )
    return finding("table-left-out", rows=done.rows_of_other, row=line)
