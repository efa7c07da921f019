"""Where the table stands on a sheet: among titles, blank rows, notes and other tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.data.cells.infer import NUMBER_GAPS
from shoal.data.cells.numbers import BLANK
from shoal.data.csv.around import footer_size, typed
from shoal.data.csv.layout import Layout, Record, lay_out, padded, typed_columns
from shoal.data.totals import totals
from shoal.errors import InputError, OptionError
from shoal.findings import finding
from shoal.text.options import option
from shoal.types import Bools, Finding, Ints

HEAD = 300  # rows of a table in which its header is looked for
TAIL = 30  # rows in which a footer is looked for
MIDNIGHT = r"^(\d{4}-\d\d-\d\d) 00:00:00$"
FEW_SHAPES = 5  # of the cells of a column up to which another one is odd
MOST_RUNS = 1000  # runs of rows beyond which blank rows are the style of the sheet


class Grid:
    """The cells of a sheet as text."""

    def __init__(self, columns: Sequence[pa.Array]) -> None:
        self.columns = [pc.fill_null(pc.utf8_trim(c, BLANK), "") for c in columns]
        has = [np.asarray(pc.not_equal(c, "").to_numpy(zero_copy_only=False)) for c in self.columns]
        self.filled: Bools = np.array(has, bool).T if has else np.zeros((0, 0), bool)

    def records(self, rows: Ints, left: int, right: int) -> list[Record]:
        """Some rows, from one column to before another."""
        taken = [_shown(c.take(pa.array(rows))) for c in self.columns[left:right]]
        return [list(row) for row in zip(*taken, strict=True)]

    def runs(self, start: int) -> list[Ints]:
        """The rows from `start` on that are not blank, cut where blank ones stand between them."""
        rows = np.flatnonzero(self.filled[start:].any(axis=1)) + start
        cuts = np.flatnonzero(np.diff(rows) > 1) + 1
        return [rows] if len(cuts) >= MOST_RUNS else np.split(rows, cuts)

    def thin(self, rows: Ints) -> Bools:
        """Which rows hold a single cell, on a sheet of several columns."""
        if self.filled.shape[1] == 1:
            return np.zeros(len(rows), bool)
        return np.asarray(self.filled[rows].sum(axis=1) == 1)


def _shown(cells: pa.Array) -> list[str]:
    """Cells as people see them: a day without its midnight."""
    words: list[str] = pc.replace_substring_regex(cells, MIDNIGHT, r"\1").to_pylist()
    return words


@dataclass(frozen=True)
class Block:
    """A table on a sheet: its rows that are not blank, the titles above it among them."""

    grid: Grid
    rows: Ints  # by their place on the sheet, from 0
    left: int  # its first column
    right: int  # the column behind its last one
    asked: int | None = None  # the record that is the header, from 1, where it was asked for

    @property
    def width(self) -> int:
        """The number of columns."""
        return self.right - self.left

    @cached_property
    def head(self) -> list[Record]:
        """The first records."""
        return self.grid.records(self.rows[:HEAD], self.left, self.right)

    @cached_property
    def layout(self) -> Layout:
        """Header and first row of data, counted among the rows."""
        return lay_out(self.head, ",", self.width, self.asked)

    @property
    def body(self) -> Ints:
        """The rows below the header."""
        return self.rows[self.layout.first :]

    @property
    def header(self) -> int | None:
        """The row of the sheet with the names, from 1."""
        row = self.layout.header
        return None if row is None else int(self.rows[row]) + 1

    @cached_property
    def typed(self) -> list[int]:
        """The columns that hold numbers or dates."""
        first = self.layout.first
        body = [padded(record, self.width) for record in self.head[first:]]
        return typed_columns([("",) * self.width, *body])

    def repeats_header(self, record: Sequence[str]) -> bool:
        """Whether a record holds the names once more."""
        names = [name for name in self.layout.names if name]
        return len(names) > 1 and [cell for cell in record if cell] == names


def find_table(grid: Grid, header: int | None) -> tuple[Block, Ints, list[Finding]]:
    """The table of a sheet, its rows of data, and what is to be said of the rest of the sheet.

    `header` is the row of the sheet that was asked for, from 1; 0 for none, None to have it found.
    The largest table is taken, or that below the header that was asked for.
    """
    blocks = [_block(grid, np.concatenate(runs), header) for runs in _tables(grid, header)]
    best = blocks[0] if header else max(blocks, key=lambda block: len(block.body) * block.width)
    above = [block for block in blocks if block is not best]
    best, beside = _without_neighbours(best)
    body, findings = _rows_of_data(best)
    others = [_left_out("table-left-out", block) for block in above if len(block.body)]
    others += [_left_out("table-beside", block) for block in beside] or _notes_beside(best)
    return best, body, [*others, *best.layout.findings, *findings]


def _tables(grid: Grid, header: int | None) -> list[list[Ints]]:
    """The runs of rows of each table of the sheet."""
    runs = grid.runs(header - 1 if header else 0)
    if not header and not len(runs[0]):
        raise InputError("The sheet holds nothing but blanks. Give one with a header and rows.")
    if header and not (len(runs[0]) and runs[0][0] == header - 1):
        raise OptionError(
            f"{option('header', header)}: there is nothing in row {header} of the sheet. "
            "Say the row that holds the names, or leave it out."
        )
    tables: list[list[Ints]] = []
    titles: list[Ints] = []  # of the table below them, or notes
    table: Block | None = None  # the last one, by its first rows
    for run in runs:
        if grid.thin(run).all():
            titles.append(run)
            continue
        if table is None or _begins_another(table, run):
            tables.append([])
            table = None
        tables[-1] += [*titles, run]
        titles = []
        if table is None or len(table.rows) < HEAD:
            table = _block(grid, np.concatenate(tables[-1]), header)
    return [*tables[:-1], [*tables[-1], *titles]] if tables else [titles]


def _block(grid: Grid, rows: Ints, header: int | None) -> Block:
    """The block of these rows, as wide as those that are no titles."""
    full = rows[~grid.thin(rows)]
    counts = grid.filled[full if len(full) else rows].sum(axis=0)
    used = _without_notes(np.flatnonzero(counts), counts)
    return Block(grid, rows, int(used[0]), int(used[-1]) + 1, min(header, 1) if header else header)


def _without_notes(used: Ints, counts: Ints) -> Ints:
    """The columns of a table, without those of a single cell that blank ones part from it."""
    parts = np.split(used, np.flatnonzero(np.diff(used) > 1) + 1)
    several = [part for part in parts if len(part) > 1 or counts[part[0]] > 1]
    return np.concatenate(several or parts)


def _begins_another(table: Block, run: Ints) -> bool:
    """Whether rows below a blank one are another table: they begin with words over numbers."""
    grid = table.grid
    start = int(np.argmin(grid.thin(run)))
    row = grid.records(run[start : start + 1], table.left, table.right)[0]
    if table.repeats_header(row):
        return False
    if table.typed:
        cells = [row[j] for j in table.typed if row[j] and row[j].lower() not in NUMBER_GAPS]
        return bool(cells) and not any(map(typed, cells))
    other = _block(grid, run, None)
    return other.layout.header is not None and bool(other.typed)


def _without_neighbours(block: Block) -> tuple[Block, list[Block]]:
    """The largest of tables that stand side by side, and the others.

    An empty column parts them, and they end in different rows or have the same names: else it is
    one table.
    """
    used = block.grid.filled[block.rows, block.left : block.right].any(axis=0)
    columns = np.flatnonzero(used) + block.left
    parts = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    blocks = [_part(block, part) for part in parts]
    ends = {int(each.rows[-1]) for each in blocks}
    if len(blocks) < 2 or min(each.width for each in blocks) < 2:
        return block, []
    if len(ends) < 2 and len({each.layout.names for each in blocks}) == len(blocks):
        return block, []
    if any(each.layout.header is None for each in blocks):
        return block, []
    best = max(blocks, key=lambda each: len(each.body) * each.width)
    return best, [each for each in blocks if each is not best]


def _notes_beside(block: Block) -> list[Finding]:
    """What is to be said of cells right or left of the table."""
    rows = block.body[~block.grid.thin(block.body)]
    filled = block.grid.filled[np.union1d(rows, block.rows[: block.layout.first])]
    counts = np.delete(filled, np.s_[block.left : block.right], axis=1).sum(axis=0)
    if not counts.any():
        return []
    cells, columns = int(counts.sum()), int((counts > 0).sum())
    return [finding("notes-beside-table", columns=columns, cells=cells, rows=len(rows))]


def _part(block: Block, columns: Ints) -> Block:
    """Some neighbouring columns of a block, down to their last filled row."""
    left, right = int(columns[0]), int(columns[-1]) + 1
    rows = block.rows[block.grid.filled[block.rows, left:right].any(axis=1)]
    return replace(block, rows=rows, left=left, right=right)


def _rows_of_data(block: Block) -> tuple[Ints, list[Finding]]:
    """The rows of data of a table, and what was left out among and below them."""
    headers = _headers(block, block.body)
    rows = np.setdiff1d(block.body, headers, assume_unique=True)
    tail = block.grid.records(rows[-TAIL:], block.left, block.right)
    size = footer_size(tail, block.width, block.typed)
    rows, footer = rows[: len(rows) - size], rows[len(rows) - size :]
    strays = _strays(block, rows, headers)
    rows = np.setdiff1d(rows, strays, assume_unique=True)
    summed = _totals(block, rows)
    left_out = {
        "header-repeated": headers,
        "stray-lines": strays,
        "footer-dropped": footer,
        "totals-left-out": summed,
    }
    findings = [_about_rows(block, code, found) for code, found in left_out.items() if len(found)]
    return np.setdiff1d(rows, summed, assume_unique=True), findings


def _totals(block: Block, rows: Ints) -> Ints:
    """Rows that sum up others."""
    columns = [c.take(pa.array(rows)) for c in block.grid.columns[block.left : block.right]]
    labels = [j for j in range(len(columns)) if j not in block.typed][:2]
    found = totals([columns[j] for j in labels], [columns[j] for j in block.typed])
    return rows[found]


def _headers(block: Block, rows: Ints) -> Ints:
    """Rows that hold the names once more."""
    names = block.layout.names
    named = [j for j, name in enumerate(names) if name]
    if len(named) < 2:
        return rows[:0]
    for j in named:
        column = block.grid.columns[block.left + j].take(pa.array(rows))
        rows = rows[pc.equal(column, names[j]).to_numpy(zero_copy_only=False)]
    return rows


def _strays(block: Block, rows: Ints, headers: Ints) -> Ints:
    """Rows of a single text: titles above a header that comes again, words among numbers."""
    thin = rows[block.grid.thin(rows)]
    records = block.grid.records(thin, block.left, block.right)
    filled = [[(j, cell) for j, cell in enumerate(record) if cell] for record in records]
    misplaced = [bool(c) and c[0][0] in block.typed and not typed(c[0][1]) for c in filled]
    below = np.searchsorted(block.rows, thin, side="right")
    above = thin[np.isin(block.rows[np.minimum(below, len(block.rows) - 1)], headers)]
    titles = _titles(block, rows, thin)
    return thin[np.array(misplaced, bool) | np.isin(thin, above) | titles]


def _titles(block: Block, rows: Ints, thin: Ints) -> Bools:
    """Which rows of a single cell, in the first column, are unlike what it holds in all others."""
    first = block.grid.columns[block.left]
    others = first.take(pa.array(np.setdiff1d(rows, thin, assume_unique=True)))
    shapes = pc.unique(_shape(others))
    words = _shape(first.take(pa.array(thin)))
    known = pc.or_(pc.is_in(words, shapes), pc.equal(words, ""))
    odd: Bools = ~known.to_numpy(zero_copy_only=False)
    return odd if 0 < len(shapes) <= FEW_SHAPES else np.zeros(len(thin), bool)


def _shape(cells: pa.Array) -> pa.Array:
    """What is alike in ids of one kind: K01 and K2345 are letters and digits."""
    letters = pc.replace_substring_regex(cells, r"\pL+", "a")
    return pc.replace_substring_regex(letters, r"\d+", "9")


def _about_rows(block: Block, code: str, rows: Ints) -> Finding:
    """The finding about some rows of a sheet that are no rows of the table."""
    return finding(code, lines=len(rows), line=int(rows[0]) + 1)


def _left_out(code: str, block: Block) -> Finding:
    """The finding about another table on the sheet."""
    row = block.header or int(block.rows[0]) + 1
    return finding(code, rows=len(block.body), row=row)
