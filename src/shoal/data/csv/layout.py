"""How a delimited text is laid out.

Its separator and width, where the header is, where the data begin, what stands around them.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from shoal.data.cells.dates import day_in
from shoal.data.cells.ids import names_an_id
from shoal.data.cells.numbers import number_in
from shoal.data.csv.around import is_filled, is_sentence, typed
from shoal.errors import OptionError
from shoal.findings import finding
from shoal.text.options import option
from shoal.types import Finding

SEPS = (",", ";", "\t", "|")
RARE = (":", "^", "~", "\x01", "\x1f", "§", "¦")
BLANKS = "blanks"  # columns set apart by runs of blanks: a fixed-width file
FIXED = "fixed:"  # followed by where each column begins
YEAR = re.compile(r"(19|20)\d\d")
MONTH = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])")  # 202401
FEW_IDS = 5  # rows up to which ids do not tell what is none
MONTHS = 6  # columns from which 1, 2, 3 … over numbers are names
MIN_NUMBERED = 3  # columns of which 1, 2, 3 below the names are their numbers
CELLS = 10_000  # that are looked at to tell how well a separator cuts
Record = list[str]
Body = Sequence[tuple[str, ...]]  # records without blanks around their cells, as wide as the table


@dataclass(frozen=True)
class Layout:
    """How a text is laid out; record numbers count from 0 among the records of the file."""

    sep: str
    width: int
    names: tuple[str, ...]  # as they stand; empty where there is none
    header: int | None  # the record with the names
    first: int  # the first record of data
    findings: tuple[Finding, ...] = ()


def records_of(lines: Sequence[str], sep: str) -> list[Record]:
    """The records of some lines; quotes that never close are taken as letters."""
    if is_fixed(sep):
        return [blank_cells(line, sep) for line in lines]
    try:
        out = list(csv.reader(lines, delimiter=sep, strict=False))
    except csv.Error:
        out = []
    if not out or any(cell.count("\n") > 20 for record in out for cell in record):
        out = [line.rstrip("\n").split(sep) for line in lines]
    return out


def find_sep(lines: Sequence[str]) -> tuple[str, int]:
    """The separator and the number of columns that fit most of the lines."""
    full = [line for line in lines if line.strip()]
    best: tuple[float, str, int] = (0.0, ",", 1)
    for sep in (*SEPS, *RARE):
        if not any(sep in line for line in full):
            continue
        score, width = _score(records_of(full, sep), sep)
        if sep in RARE:
            score -= 0.2
        if width > 1 and score > best[0] + 1e-9:
            best = (score, sep, width)
    score, sep, width = best
    if score < 0.5:
        blanks = _blank_width(full)
        if blanks > 1:
            return BLANKS, blanks
        if starts := _starts(full):
            return f"{FIXED}{','.join(map(str, starts))}", len(starts)
    return (sep, width) if score > 0.3 else (",", 1)


def _score(records: list[Record], sep: str) -> tuple[float, int]:
    """How well a separator cuts the records, and the usual width.

    The share of records that have it, less what other separators are left inside cells.
    """
    widths = Counter(len(r) for r in records if any(c.strip() for c in r))
    if not widths:
        return 0.0, 1
    width = _usual(widths)
    if width == 1 and len(widths) > 1:  # title lines before a small table
        width = _usual(Counter({w: n for w, n in widths.items() if w > 1}))
    looked_at = records[: min(300, max(30, CELLS // width))]
    cells = [c for r in looked_at if len(r) == width for c in r if c]
    others = [other for other in SEPS if other != sep]
    uncut = sum(1 for c in cells if any(o in c for o in others) and not number_in(c))
    plain = sum(1 for c in cells if number_in(c) or day_in(c))
    fit = widths[width] / sum(widths.values())
    per_cell = 1 / max(1, len(cells))
    return fit - 0.5 * uncut * per_cell + 0.05 * plain * per_cell + 0.01 * min(width, 10), width


def _usual(widths: Counter[int]) -> int:
    """The most frequent width, the largest of several."""
    return max(widths, key=lambda width: (widths[width], width))


def _blank_width(lines: list[str]) -> int:
    widths = Counter(len(line.split()) for line in lines)
    if not widths or '"' in "".join(lines[:50]):
        return 1
    width, often = widths.most_common(1)[0]
    return width if often >= 0.98 * len(lines) and len(lines) >= 2 else 1


def _starts(lines: list[str]) -> list[int]:
    """Where the columns of a fixed-width text begin: after places that are blank in every line."""
    if len(lines) < 3 or any("\t" in line for line in lines[:50]):
        return []
    wide = max(map(len, lines))
    filled: set[int] = set()
    for line in lines:
        filled.update(i for i, letter in enumerate(line) if not letter.isspace())
    starts = [i for i in sorted(filled) if i - 1 not in filled]
    kept = [
        start
        for start, end in pairwise([*starts, wide])
        if start == starts[0]  # elsewhere a word in few lines is no column
        or sum(1 for line in lines if line[start:end].strip()) >= 0.5 * len(lines)
    ]
    dense = sum(map(len, lines)) > 0.5 * wide * len(lines)
    return kept if len(kept) > 1 and dense else []


def blank_cells(line: str, sep: str) -> Record:
    """The cells of a line of fixed-width text."""
    if sep == BLANKS:
        return line.split()
    bare = line.rstrip("\r\n")
    if not bare.strip():
        return []
    starts = [int(n) for n in sep.removeprefix(FIXED).split(",")]
    return [bare[start:end].strip() for start, end in pairwise([*starts, len(bare) + 1])]


def is_fixed(sep: str) -> bool:
    """Whether columns are set apart by blanks rather than by a separator."""
    return sep == BLANKS or sep.startswith(FIXED)


def lay_out(records: list[Record], sep: str, width: int, header: int | None) -> Layout:
    """Find the header among the first records of a table of this width.

    `header` is the row that was asked for, from 1; 0 for none, None to have it found.
    """
    start = _with_group_rows(records, _skip_titles(records, _used(records, width)))
    if header == 0:
        return _without_header(sep, width, start)
    if header is not None:
        return _asked_header(records, sep, width, header)
    body = [padded(r, width) for r in records[start : start + 300]]
    block = _header_block(body, typed_columns(body))
    if not block:
        return _without_header(sep, width, start, finding("no-header"))
    best = max(range(block), key=lambda i: _name_score(body[i]))
    names = _joined(body, best, block)
    if len(records[start + best]) == width - 1 and any(r[-1] for r in body[block:]):
        names = ("", *names[:-1])  # row names stand first and have no name, as R writes them
    findings = _about_header(records[:start], body, best, block, names)
    return Layout(sep, width, names, start + best, start + block, findings)


def _used(records: list[Record], width: int) -> int:
    """The number of columns up to the last one that holds anything."""
    filled = (j for record in records for j, cell in enumerate(record[:width], 1) if cell.strip())
    return max(filled, default=width)


def _about_header(
    above: Sequence[Record], body: Body, best: int, block: int, names: Sequence[str]
) -> tuple[Finding, ...]:
    """What is to be said of the rows above the data, of which row `best` is the header."""
    if block > 1:
        row, cells = len(above) + best + 1, names[:4]
        joined = tuple(names) != body[best]
        return (finding("header-several-rows", rows=block, row=row, cells=cells, joined=joined),)
    titles = [c.strip() for r in above for c in r if c.strip()]
    if not titles:
        return ()
    return (finding("title-lines", lines=len(above), words=titles[0][:60]),)


def _without_header(sep: str, width: int, first: int, *findings: Finding) -> Layout:
    return Layout(sep, width, ("",) * width, None, first, findings)


def _asked_header(records: list[Record], sep: str, width: int, header: int) -> Layout:
    if header > len(records):
        raise OptionError(
            f"{option('header', header)} lies beyond the first {len(records):,} rows. "
            "Say the row that holds the names, or leave it out."
        )
    return Layout(sep, width, padded(records[header - 1], width), header - 1, header)


def padded(record: Sequence[str], width: int) -> tuple[str, ...]:
    """A record without blanks round its cells, as wide as the table."""
    return tuple([c.strip() for c in record[:width]] + [""] * (width - len(record)))


def _skip_titles(records: list[Record], width: int) -> int:
    """How many records stand above the table: blank ones, titles, comments."""
    for i, record in enumerate(records):
        filled = sum(1 for c in record if c.strip())
        if len(record) != width and is_sentence(record):
            continue
        comment = record and record[0].lstrip().startswith("#") and filled < width
        if width == 2 and filled == 1 and _is_title(record, records[i + 1 : i + 6]):
            continue
        if len(record) >= max(1, width - 1) and filled >= max(1, (width + 1) // 2) and not comment:
            return i
        if len(record) == width and filled and i + 1 < len(records) and _has_typed(record):
            return i
    return 0


def _is_title(record: Record, below: list[Record]) -> bool:
    """Whether the one filled cell of a record stands above the names of two columns.

    Below a name of R's, whose first column has none, a row of data follows.
    """
    rows = [row for row in below if any(cell.strip() for cell in row)]
    if not record[0].strip() or len(rows) < 2 or not all(len(row) == 2 for row in rows[:2]):
        return False
    names, first = rows[:2]
    named = all(cell.strip() and not typed(cell) for cell in names)
    return named and any(map(typed, first))


def _with_group_rows(records: list[Record], start: int) -> int:
    """Where the table begins with the rows of groups that stand above its names.

    They have at least two groups, and nothing in the first column, unlike titles; but for a name
    that the row below lacks, as a cell merged over both has it.
    """
    while start > 0:
        cells = [cell.strip() for cell in records[start - 1]]
        below = records[start][0].strip() if start < len(records) and records[start] else ""
        if not cells or (cells[0] and below) or sum(map(bool, cells[1:])) < 2:
            break
        start -= 1
    return start


def _has_typed(record: Sequence[str]) -> bool:
    return sum(1 for c in record if typed(c)) >= 2


def typed_columns(body: Body) -> list[int]:
    """Columns that hold numbers or dates below the header."""
    rest = body[3:] if len(body) > 8 else body[1:]
    out = []
    for j in range(len(body[0]) if body else 0):
        cells = [r[j] for r in rest if is_filled(r[j])]
        if cells and sum(map(typed, cells)) >= 0.8 * len(cells):
            out.append(j)
    return out


def _header_block(body: Body, columns: list[int]) -> int:
    """How many records from the first are header rather than data."""
    if not body:
        return 0
    if not columns:
        return 1 if _looks_like_names(body) else 0
    near = range(1, min(len(body) - 1, 5))
    words = [i for i in near if _more_header(body, i, columns) or _below_title(body, i, columns)]
    names = words or _in_a_row(body, columns) or _unlike_all(body, columns)
    if any(typed(body[0][j]) for j in columns) and not names:
        return 0
    size = max(words, default=0) + 1  # rows of words over columns of numbers, and all above them
    while size < min(len(body) - 1, 8) and _more_header(body, size, columns):
        size += 1
    size += _names_of_index(body, size)
    return size + int(size < len(body) - 1 and _is_numbering(body[size], columns))


def _below_title(body: Body, i: int, columns: list[int]) -> bool:
    """Whether years or days in a row are names below a row of a few words, as pivots have them."""
    fuller = sum(map(bool, body[i])) > sum(map(bool, body[0]))
    above = any(typed(body[0][j]) for j in columns)
    return fuller and not above and bool(body[i][0]) and _in_a_row(body[i:], columns)


def _is_numbering(row: Sequence[str], columns: Sequence[int]) -> bool:
    """Whether a row below the names numbers the columns, one of which holds words: 1, 2, 3.

    >>> _is_numbering(("(1)", "(2)", "(3)"), [1, 2]), _is_numbering(("1", "2", "3"), [0, 1, 2])
    (True, False)
    """
    numbers = [cell.strip("()[]") for cell in row]
    in_order = numbers == [str(n) for n in range(1, len(row) + 1)]
    return in_order and len(row) >= MIN_NUMBERED and len(columns) < len(row)


def _names_of_index(body: Body, size: int) -> int:
    """1 where the row below the header names nameless columns alone, as pandas writes it."""
    if size >= len(body) - 1:
        return 0
    filled = [j for j, cell in enumerate(body[size]) if cell]
    nameless = all(not row[j] for row in body[:size] for j in filled)
    return int(bool(filled) and nameless and not any(typed(body[size][j]) for j in filled))


def _more_header(body: Body, i: int, columns: list[int]) -> bool:
    row = body[i]
    if any(typed(row[j]) for j in columns):
        return False
    words = [j for j in columns if is_filled(row[j])]
    return len(words) >= min(2, len(columns)) and len(columns) >= 2


def _unlike_all(body: Body, columns: list[int]) -> bool:
    """Whether the first cell of a column of ids, such as K001, is a name of them: customer_id.

    Or a number, where the row holds 0, 1, 2 … as pandas names columns.
    """
    first = body[0]
    numbered = first == tuple(str(n) for n in range(len(first)))
    for j in set(range(len(first))) - set(columns):
        shapes = {_shape(row[j]) for row in body[1:] if row[j]}
        are_ids = len(body) > FEW_IDS and len(shapes) <= 2 and all("9" in x for x in shapes)
        named = numbered or names_an_id(first[j])
        if are_ids and named and _shape(first[j]) not in shapes:
            return True
    return False


def _shape(cell: str) -> str:
    """What is alike in ids of one kind: K01 and K2345 are letters and digits."""
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", cell))


def _in_a_row(body: Body, columns: list[int]) -> bool:
    """Column names that are years, days or the numbers of months, one after the other.

    2019, 2020, 2021 over numbers that are none; 2024-01, 2024-02; 1 to 12.
    """
    first = [(j, body[0][j]) for j in columns if typed(body[0][j])]
    cells = [cell for _, cell in first]
    below = [r[j] for r in body[1:50] for j, _ in first if r[j]]
    if len(cells) < 2:
        return False
    if all(map(YEAR.fullmatch, cells)):
        steps = {int(b) - int(a) for a, b in pairwise(cells)}
        return steps == {1} and not all(map(YEAR.fullmatch, below))
    if all(map(MONTH.fullmatch, cells)):
        return len(set(cells)) == len(cells) and not any(map(MONTH.fullmatch, below))
    if all(map(day_in, cells)):
        of_days = sum(1 for cell in below if day_in(cell))
        return len(set(cells)) == len(cells) and of_days < len(below) / 2
    return len(cells) >= MONTHS and cells == [str(n) for n in range(1, len(cells) + 1)]


def _looks_like_names(body: Body) -> bool:
    """In a table of words alone.

    The first record is a header when its words do not come again below.
    """
    names = body[0]
    filled = [n for n in names if n]
    if len(body) < 2:
        return True
    different = len(set(filled))
    doubtful = different < len(filled) or len(filled) < 0.5 * len(names)
    if doubtful and (len(filled) < 2 or different <= 0.5 * len(filled)):
        return False
    return not _again(body)


def _again(body: Body) -> bool:
    return any(n and any(r[j] == n for r in body[1:]) for j, n in enumerate(body[0]))


def _name_score(record: Sequence[str]) -> tuple[int, int, int]:
    words = {c for c in record if is_filled(c)}
    return len(words), sum(1 for w in words if len(w) > 1), sum(map(len, words))


def _joined(body: Body, best: int, block: int) -> tuple[str, ...]:
    """The names; where they repeat, or stand below groups, those are put before them."""
    rows, names = list(body[:block]), body[best]
    for i in range(block - 1):
        both = _with_groups(rows[i], rows[i + 1])
        if _are_groups(rows[i], rows[i + 1]) or _reach_down(rows[i], rows[i + 1]):
            rows[i + 1] = both
            names = both if i + 1 == best else names
        if _different(both) > _different(names):
            names = both
    return names


def _are_groups(above: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a row has several groups of the names below it, and none in the first column."""
    groups = [j for j, cell in enumerate(above) if cell]
    return len(groups) > 1 and not above[0] and all(below[j] for j in groups)


def _reach_down(above: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a row has groups of the names below it, and names of columns that have none there.

    A cell merged over both rows has its name in the first.
    """
    pairs = list(zip(above, below, strict=True))
    named = any(over and not name for over, name in pairs)
    return named and any(over and name for over, name in pairs)


def _with_groups(above: Sequence[str], below: Sequence[str]) -> tuple[str, ...]:
    """Names with the group above them; a group goes on until the next begins."""
    group, names = "", []
    for over, name in zip(above, below, strict=True):
        group = over or group
        names.append(f"{group} {name}".strip() if name else over)
    return tuple(names)


def _different(names: Sequence[str]) -> int:
    return len({name for name in names if name})


def begins_another(record: Sequence[str], below: Sequence[str], columns: Sequence[int]) -> bool:
    """Whether a record below a blank line is the header of another table, told by the next one.

    There are words over all columns of numbers, and as many cells below, numbers among them.
    """
    names, cells = ([cell.strip() for cell in r] for r in (record, below))
    over = [names[j] for j in columns if j < len(names) and is_filled(names[j])]
    if not over or any(map(typed, names)) or len(names) != len(cells):
        return False
    several = sum(map(bool, names)) > 1
    return several and list(map(bool, names)) == list(map(bool, cells)) and any(map(typed, cells))


def cells_of(line: str, sep: str) -> Record:
    """The cells of one record, quotes understood.

    A record that breaks the rules of quoting is cut at every separator.
    """
    try:
        return next(csv.reader(io.StringIO(line, newline=""), delimiter=sep), [])
    except csv.Error:
        bare = line.replace("\r", " ").replace("\n", " ")
        return [c.strip().strip('"') for c in bare.split(sep)]
