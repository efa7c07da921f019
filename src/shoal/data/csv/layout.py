"""How a delimited text is laid out: separator, width, where the header is, where the data begin, what stands around them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from shoal.data.cells.dates import day_in
from shoal.data.cells.infer import NUMBER_GAPS
from shoal.data.cells.numbers import number_in
from shoal.errors import OptionError
from shoal.types import Finding

SEPS = (",", ";", "\t", "|")
RARE = (":", "^", "~", "\x01", "\x1f", "§", "¦")
BLANKS = "blanks"  # columns set apart by runs of blanks: a fixed-width file
FIXED = "fixed:"  # followed by where each column begins
TOTAL = re.compile(
    r"(grand |sub)?totals?\b.*|sum|summe|gesamt(summe)?|insgesamt|suma|somme|totale|totaal|average|mean|mittelwert|durchschnitt",
    re.I,
)
Record = list[str]


@dataclass(frozen=True)
class Layout:
    """How a text is laid out; record numbers count from 0 among the records of the file."""

    sep: str
    width: int
    names: tuple[str, ...]  # as they stand; empty where there is none
    header: int | None  # the record with the names
    first: int  # the first record of data
    findings: tuple[Finding, ...] = ()
    blocks: tuple[int, ...] = field(default=(), repr=False)


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
    if best[0] >= 0.5:
        return best[1], best[2]
    width = _blank_width(full)
    if width > 1:
        return BLANKS, width
    if cuts := _cuts(full):
        return f"{FIXED}{','.join(map(str, cuts))}", len(cuts)
    return (best[1], best[2]) if best[0] > 0.3 else (",", 1)


def _score(records: list[Record], sep: str) -> tuple[float, int]:
    """Share of the records that have the usual width, less what other separators are left inside cells."""
    widths = Counter(len(r) for r in records if any(c.strip() for c in r))
    if not widths:
        return 0.0, 1
    width, often = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width == 1 and len(widths) > 1:  # title lines before a small table
        width, often = max(
            ((w, n) for w, n in widths.items() if w > 1), key=lambda item: (item[1], item[0])
        )
    cells = [c for r in records[:300] if len(r) == width for c in r if c]
    left = sum(
        1 for c in cells if any(o in c for o in SEPS if o != sep) and not number_in(c)
    ) / max(1, len(cells))
    typed = sum(1 for c in cells if number_in(c) or day_in(c)) / max(1, len(cells))
    return often / sum(widths.values()) - 0.5 * left + 0.05 * typed + 0.01 * min(width, 10), width


def _blank_width(lines: list[str]) -> int:
    widths = Counter(len(line.split()) for line in lines)
    if not widths or '"' in "".join(lines[:50]):
        return 1
    width, often = widths.most_common(1)[0]
    return width if often >= 0.98 * len(lines) and len(lines) >= 2 else 1


def _cuts(lines: list[str]) -> list[int]:
    """Where the columns of a fixed-width text begin: after places that are blank in every line."""
    if len(lines) < 3 or any("\t" in line for line in lines[:50]):
        return []
    wide = max(map(len, lines))
    filled = [any(i < len(line) and not line[i].isspace() for line in lines) for i in range(wide)]
    starts = [i for i in range(wide) if filled[i] and (i == 0 or not filled[i - 1])]
    ends = [*starts[1:], wide]
    often = [
        sum(1 for line in lines if line[a:b].strip()) >= 0.5 * len(lines)
        for a, b in zip(starts, ends, strict=True)
    ]
    starts = [
        a for a, keep in zip(starts, often, strict=True) if keep or a == starts[0]
    ]  # a word in few lines is no column
    return starts if len(starts) > 1 and sum(map(len, lines)) > 0.5 * wide * len(lines) else []


def blank_cells(line: str, sep: str) -> Record:
    """The cells of a line of fixed-width text."""
    if sep == BLANKS:
        return line.split()
    starts = [int(n) for n in sep.removeprefix(FIXED).split(",")]
    bare = line.rstrip("\r\n")
    return (
        [bare[a:b].strip() for a, b in zip(starts, [*starts[1:], len(bare) + 1], strict=True)]
        if bare.strip()
        else []
    )


def is_fixed(sep: str) -> bool:
    """Whether columns are set apart by blanks rather than by a separator."""
    return sep == BLANKS or sep.startswith(FIXED)


def lay_out(records: list[Record], sep: str, width: int, header: int | None) -> Layout:
    """Find the header among the first records of a table of this width."""
    findings: list[Finding] = []
    start = _skip_titles(records, width)
    if header == 0:
        return Layout(sep, width, ("",) * width, None, start)
    if header is not None:
        at = header - 1
        if at >= len(records):
            raise OptionError(
                f"--header {header} lies beyond the first {len(records):,} rows. Say the row that holds the names, or leave it out."
            )
        names = padded(records[at] if at < len(records) else [], width)
        return Layout(sep, width, names, at, at + 1)
    body = [padded(r, width) for r in records[start : start + 300]]
    typed = typed_columns(body)
    block = _header_block(body, typed)
    if not block:
        findings.append(_no_header(body))
        return Layout(sep, width, ("",) * width, None, start, tuple(findings))
    best = max(range(block), key=lambda i: _name_score(body[i]))
    names = _joined(body, best, block)
    if len(records[start + best]) == width - 1 and any(r[-1] for r in body[block:]):
        names = ("", *names[:-1])  # row names stand first and have no name, as R writes them
    if block > 1:
        findings.append(_several(body, best, block, start))
    elif any(c.strip() for r in records[:start] for c in r):
        findings.append(_titles(records, start))
    return Layout(sep, width, names, start + best, start + block, tuple(findings))


def padded(record: Sequence[str], width: int) -> tuple[str, ...]:
    """A record without blanks round its cells, as wide as the table."""
    return tuple([c.strip() for c in record[:width]] + [""] * (width - len(record)))


def _skip_titles(records: list[Record], width: int) -> int:
    """How many records stand above the table: blank ones, titles, comments."""
    for i, record in enumerate(records):
        filled = sum(1 for c in record if c.strip())
        comment = record and record[0].lstrip().startswith("#") and filled < width
        if len(record) >= max(1, width - 1) and filled >= max(1, (width + 1) // 2) and not comment:
            return i
        if len(record) == width and filled and i + 1 < len(records) and _has_typed(record):
            return i
    return 0


def _has_typed(record: Sequence[str]) -> bool:
    return sum(1 for c in record if typed(c)) >= 2


def typed(cell: str) -> bool:
    """Whether a cell is a number or a date."""
    bare = cell.strip()
    return bool(bare) and (number_in(bare) is not None or day_in(bare) is not None)


def typed_columns(body: Sequence[tuple[str, ...]]) -> list[int]:
    """Columns that hold numbers or dates below the header."""
    rest = body[3:] if len(body) > 8 else body[1:]
    out = []
    for j in range(len(body[0]) if body else 0):
        cells = [r[j] for r in rest if r[j] and r[j].lower() not in NUMBER_GAPS]
        if cells and sum(1 for c in cells if typed(c)) >= 0.8 * len(cells):
            out.append(j)
    return out


def _header_block(body: Sequence[tuple[str, ...]], columns: list[int]) -> int:
    """How many records from the first are header rather than data."""
    if not body:
        return 0
    if not columns:
        return 1 if _looks_like_names(body) else 0
    if _years(body, columns):
        return 1
    words = [i for i in range(1, min(len(body) - 1, 5)) if _more_header(body, i, columns)]
    if any(typed(body[0][j]) for j in columns) and not words:
        return 0
    size = max(words, default=0) + 1  # rows of words over columns of numbers, and all above them
    while size < min(len(body) - 1, 8) and _more_header(body, size, columns):
        size += 1
    return size


def _more_header(body: Sequence[tuple[str, ...]], i: int, columns: list[int]) -> bool:
    row = body[i]
    if any(typed(row[j]) for j in columns):
        return False
    words = [j for j in columns if row[j] and row[j].lower() not in NUMBER_GAPS]
    return len(words) >= min(2, len(columns)) and len(columns) >= 2


def _years(body: Sequence[tuple[str, ...]], columns: list[int]) -> bool:
    """Column names that are years: 2019, 2020, 2021 over numbers that are none."""
    first = [(j, body[0][j]) for j in columns if typed(body[0][j])]
    if len(first) < 2 or not all(re.fullmatch(r"(19|20)\d\d", c) for _, c in first):
        return False
    steps = [int(b) - int(a) for (_, a), (_, b) in pairwise(first)]
    below = [r[j] for r in body[1:50] for j, _ in first]
    return set(steps) == {1} and not all(re.fullmatch(r"(19|20)\d\d", c) for c in below if c)


def _looks_like_names(body: Sequence[tuple[str, ...]]) -> bool:
    """In a table of words alone: the first record is a header when its words do not come again below."""
    names = body[0]
    filled = [n for n in names if n]
    if len(body) < 2:
        return True
    if len(set(filled)) < len(filled) or len(filled) < 0.5 * len(names):
        return len(filled) > 1 and len(set(filled)) > 0.5 * len(filled) and not _again(body)
    return not _again(body)


def _again(body: Sequence[tuple[str, ...]]) -> bool:
    return any(n and any(r[j] == n for r in body[1:]) for j, n in enumerate(body[0]))


def _name_score(record: Sequence[str]) -> tuple[int, int, int]:
    words = {c for c in record if c and c.lower() not in NUMBER_GAPS}
    return len(words), sum(1 for w in words if len(w) > 1), sum(map(len, words))


def _joined(body: Sequence[tuple[str, ...]], best: int, block: int) -> tuple[str, ...]:
    """The names; where they repeat, the group names of a record above are put before them."""
    names = body[best]
    for i in range(1, block):
        above, group = [], ""
        for cell in body[i - 1]:
            group = cell or group
            above.append(group)
        both = tuple(
            u if not n else f"{a} {n}".strip()
            for u, a, n in zip(body[i - 1], above, body[i], strict=True)
        )
        if len(set(filter(None, both))) > len(set(filter(None, names))):
            names = both
    return names


def _no_header(body: Sequence[tuple[str, ...]]) -> Finding:
    cell = ", ".join(body[0][:4]) if body else ""
    text = f"The first row ({cell}…) is data, so there is no header; the columns were named column_1, column_2… Say --header 1 if it is one."
    return Finding("no-header", "warning", text)


def _several(body: Sequence[tuple[str, ...]], best: int, block: int, start: int) -> Finding:
    text = f"There are {block} rows above the data; row {start + best + 1} ({', '.join(body[best][:4])}…) was taken for the header. Say --header N for another."
    return Finding("header-several-rows", "warning", text)


def _titles(records: list[Record], start: int) -> Finding:
    words = next((c.strip() for r in records[:start] for c in r if c.strip()), "")
    text = f"{start} line{'s' if start > 1 else ''} above the header ({words[:60]}…) {'were' if start > 1 else 'was'} left out."
    return Finding("title-lines", "info", text)


def footer_size(tail: Sequence[Sequence[str]], width: int) -> int:
    """How many of the last records are no rows of the table: notes, totals, empty lines."""
    size = 0
    for back, record in enumerate(reversed(tail), 1):
        cells = [c.strip() for c in record]
        filled = [c for c in cells if c]
        if not filled:
            continue
        note = (
            width > 2
            and len(filled) <= max(1, width // 4)
            and not typed(filled[0])
            and len(filled[0]) > 3
            and _note_like(filled)
        )
        if note or _total_like(cells, filled, width):
            size = back
        else:
            break
    return size


def _note_like(filled: list[str]) -> bool:
    return len(filled) == 1 or all(not typed(c) for c in filled)


def _total_like(cells: list[str], filled: list[str], width: int) -> bool:
    """A row that says total and sums what stands above it."""
    words = [c for c in cells[: max(2, width // 2)] if c and not typed(c)]
    return (
        bool(words)
        and bool(TOTAL.fullmatch(words[0].rstrip(": ")))
        and any(typed(c) for c in filled)
        and width > 1
    )


def cells_of(line: str, sep: str) -> Record:
    """The cells of one record, quotes understood; a record that breaks the rules of quoting is cut at every separator."""
    try:
        return next(csv.reader(io.StringIO(line, newline=""), delimiter=sep), [])
    except csv.Error:
        return [c.strip().strip('"') for c in line.replace("\r", " ").replace("\n", " ").split(sep)]
