"""A text that DuckDB cannot read as it stands, written out as plain CSV, line by line, with everything that was mended counted."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from shoal.data.csv.layout import (
    SEPS,
    Layout,
    Record,
    blank_cells,
    cells_of,
    footer_size,
    is_fixed,
    typed,
)
from shoal.errors import InputError
from shoal.types import Finding

JOIN_LINES = 25  # a quoted cell longer than this is a quote that never closes
TAIL = 30


@dataclass
class Mended:
    """What was mended, counted; `where` holds the first row number and text of each kind."""

    rows: int = 0
    mixed: int = 0
    short: int = 0
    long: int = 0
    joined: int = 0
    stray: int = 0
    comments: int = 0
    headers: int = 0
    quotes: int = 0
    footers: int = 0
    empties: int = 0
    where: dict[str, str] = field(default_factory=dict)

    def note(self, kind: str, line: int, text: str) -> None:
        """Remember the first of a kind."""
        self.where.setdefault(kind, f"line {line:,}: “{text.strip()[:60]}”")


def tidy(path: Path, layout: Layout, out: Path, columns: list[int]) -> Mended:
    """Write the rows of the table as plain comma separated UTF-8 without a header; `columns` are those that hold numbers or dates."""
    seen = Mended()
    held: deque[tuple[int, Record]] = deque()
    with (
        open(path, encoding="utf-8-sig", newline="") as source,
        open(out, "w", encoding="utf-8", newline="") as target,
    ):
        writer = csv.writer(target, lineterminator="\n")
        for line, record in _kept(numbered(source, layout, seen), layout, seen):
            held.append((line, record))
            if len(held) > TAIL:
                seen.rows += _write(writer, *held.popleft(), layout, columns, seen)
        seen.footers = footer_size([r for _, r in held], layout.width)
        for _ in range(seen.footers):
            line, record = held.pop()
            seen.where["footer"] = f"line {line:,}: “{layout_text(record)}”"
        for line, record in held:
            seen.rows += _write(writer, line, record, layout, columns, seen)
    return seen


def layout_text(record: Record) -> str:
    """A record in a few letters."""
    return " ".join(c.strip() for c in record if c.strip())[:60]


def numbered(source: Iterable[str], layout: Layout, seen: Mended) -> Iterator[tuple[int, Record]]:
    """Records with the number of the line they begin on, from 1; cells with line breaks are put together."""
    waiting: list[str] = []
    at = 1
    for number, line in enumerate(source, 1):
        if not waiting and (is_fixed(layout.sep) or line.count('"') % 2 == 0):
            yield number, _split(line, layout)
            continue
        if not waiting and not _opens(line, layout.sep):
            yield number, line.rstrip("\r\n").split(layout.sep)
            continue
        at = at if waiting else number
        waiting.append(line)
        if "".join(waiting).count('"') % 2 == 0:
            whole = _split("".join(waiting), layout)
            if len(whole) == layout.width or len(waiting) <= 1:
                yield at, whole
            else:
                yield from _unquoted(waiting, at, layout, seen)
            waiting = []
        elif len(waiting) > JOIN_LINES:
            yield from _unquoted(waiting, at, layout, seen)
            waiting = []
    if waiting:
        yield from _unquoted(waiting, at, layout, seen)


def _opens(line: str, sep: str) -> bool:
    """Whether a cell of the line begins with a quote; inches and other quotes inside a word do not count."""
    return line.lstrip().startswith('"') or f'{sep}"' in line


def _unquoted(
    lines: list[str], at: int, layout: Layout, seen: Mended
) -> Iterator[tuple[int, Record]]:
    """Lines with a quote that never closes, taken one by one."""
    for offset, line in enumerate(lines):
        if line.count('"') % 2 == 0:
            yield at + offset, _split(line, layout)
            continue
        seen.quotes += 1
        seen.note("quotes", at + offset, line)
        yield at + offset, [c.strip().strip('"') for c in line.rstrip("\r\n").split(layout.sep)]


def _split(line: str, layout: Layout) -> Record:
    if is_fixed(layout.sep):
        return blank_cells(line, layout.sep)
    bare = line.rstrip("\r\n")
    if '"' not in bare:
        return bare.split(layout.sep) if bare else []
    return cells_of(bare, layout.sep)


def _kept(
    records: Iterator[tuple[int, Record]], layout: Layout, seen: Mended
) -> Iterator[tuple[int, Record]]:
    """The records of the table: no blank lines, comments, header repeated further down."""
    header = [n for n in layout.names if n]
    for position, (line, record) in enumerate(records):
        if position < layout.first:
            continue
        filled = [c.strip() for c in record if c.strip()]
        if not filled and (layout.width > 1 or not record):
            if len(record) > 1:  # separators alone; a blank line is nothing to speak of
                seen.empties += 1
                seen.where.setdefault("empties", f"line {line:,}")
            continue
        if record[0].lstrip().startswith("#") and len(record) != layout.width:
            seen.comments += 1
            seen.note("comments", line, layout_text(record))
        elif header and len(filled) > 1 and filled == header:
            seen.headers += 1
            seen.note("headers", line, layout_text(record))
        else:
            yield line, record


def _write(
    writer: object, line: int, record: Record, layout: Layout, columns: list[int], seen: Mended
) -> int:
    row = _fitted(line, record, layout, columns, seen)
    if row is None:
        return 0
    writer.writerow(row)  # type: ignore[attr-defined]
    return 1


def _fitted(
    line: int, record: Record, layout: Layout, columns: list[int], seen: Mended
) -> Record | None:
    """A record brought to the width of the table."""
    width = layout.width
    if len(record) == width:
        return record
    if len(record) == 1 and width >= 4 and not any(s in record[0] for s in SEPS):
        seen.stray += 1
        seen.note("stray", line, record[0])
        return None
    if other := other_sep(record, layout.sep, layout.width):
        seen.mixed += 1
        seen.note("mixed", line, layout_text(record))
        return other
    if len(record) < width:
        seen.short += 1
        seen.note("short", line, layout_text(record))
        return record + [""] * (width - len(record))
    if not any(c.strip() for c in record[width:]):
        return record[:width]
    if joined := _joined(record, width, columns, layout.sep):
        seen.joined += 1
        seen.note("joined", line, layout_text(record))
        return joined
    seen.long += 1
    seen.note("long", line, layout_text(record))
    return record[:width]


def other_sep(record: Record, sep: str, width: int) -> Record | None:
    """The same line cut by another separator, if that gives the width of the table."""
    if width < 2 or is_fixed(sep):
        return None
    line = sep.join(record)
    for other in SEPS:
        if other != sep and other in line:
            cells = cells_of(line, other)
            if len(cells) == width:
                return cells
    for other in SEPS:  # the separator changes in the middle of the line
        if other != sep and other in line and len(record) < width:
            cells = cells_of(line.replace(other, sep), sep)
            if len(cells) == width:
                return cells
    return None


def _joined(record: Record, width: int, columns: list[int], sep: str) -> Record | None:
    """A separator that stood inside a cell: put the two halves together where only one place makes the numbers fit."""
    extra = len(record) - width
    if extra > 3 or not columns or is_fixed(sep):
        return None
    fits = []
    for at in range(width):
        row = [*record[:at], sep.join(record[at : at + extra + 1]), *record[at + extra + 1 :]]
        words = not any(typed(c) for c in record[at : at + extra + 1])
        if words and all(not row[j].strip() or typed(row[j]) for j in columns):
            fits.append(row)
    return fits[0] if len(fits) == 1 else None


def mended_findings(seen: Mended, path: Path) -> list[Finding]:
    """What was mended, in words; refuses a text in which too much did not fit."""
    if seen.long > max(5, 0.02 * seen.rows):
        raise InputError(
            f'"{path}" is no regular table: {seen.long:,} of {seen.rows:,} rows have more cells than the header, '
            f"first in {seen.where['long']}. A separator inside a cell needs quotes round it; export the table again, or name --sep."
        )
    words = (
        (
            "separator-mixed",
            "warning",
            seen.mixed,
            "mixed",
            "Rows with another separator than the rest",
            "read with theirs",
        ),
        (
            "ragged-rows",
            "warning",
            seen.short,
            "short",
            "Rows with too few cells",
            "the missing ones at the end were read as gaps",
        ),
        (
            "ragged-rows",
            "warning",
            seen.long,
            "long",
            "Rows with too many cells",
            "those beyond the last column were cut off, so look at them",
        ),
        (
            "ragged-rows",
            "warning",
            seen.joined,
            "joined",
            "Rows with a separator inside a cell",
            "the halves of the cell were put together",
        ),
        (
            "quotes-unbalanced",
            "warning",
            seen.quotes,
            "quotes",
            "Lines with a quote that never closes",
            "it was taken off",
        ),
        (
            "stray-lines",
            "warning",
            seen.stray,
            "stray",
            "Lines with a single text inside the table",
            "left out",
        ),
        ("empty-rows", "info", seen.empties, "empties", "Rows without any value", "left out"),
        ("comment-lines", "info", seen.comments, "comments", "Comment lines", "left out"),
        (
            "footer-dropped",
            "warning",
            seen.footers,
            "footer",
            "Lines below the table (notes or totals)",
            "left out",
        ),
        (
            "header-repeated",
            "warning",
            seen.headers,
            "headers",
            "Lines that repeat the header further down",
            "left out",
        ),
    )
    out = [
        Finding(c, s, f"{what}: {n:,}, the first in {seen.where[k]}; {done}.")  # type: ignore[arg-type]
        for c, s, n, k, what, done in words
        if n
    ]
    return out
