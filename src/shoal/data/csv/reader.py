"""Delimited and fixed-width text: from a path to a Table."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shoal.data.cells.columns import bare_cells, promise, text_fields
from shoal.data.cells.ids import is_id
from shoal.data.cells.infer import Clues
from shoal.data.csv.around import footer_size, is_bare_sum
from shoal.data.csv.dialect import rewritten
from shoal.data.csv.encoding import Utf8Text, refuse_long_lines, refuse_many_columns, utf8_text
from shoal.data.csv.fast import NUMBERS, Parsed, Text, parse
from shoal.data.csv.layout import (
    BLANKS,
    Layout,
    Record,
    begins_another,
    cells_of,
    find_sep,
    is_fixed,
    lay_out,
    padded,
    records_of,
    typed_columns,
)
from shoal.data.csv.repair import other_sep, repair, repair_findings
from shoal.data.names import named_columns
from shoal.engine.cache import from_cache
from shoal.engine.scan import MOST_COLUMNS, Source, table
from shoal.engine.table import Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError, OptionError
from shoal.options import ReadingOptions as Asked
from shoal.text.options import option
from shoal.text.persons import headed
from shoal.text.sql import file_literal, literal
from shoal.types import Finding, ReadAs

HEAD_BYTES = 1 << 20
HEAD_LINES = 3000
TAIL_BYTES = 1 << 15
LARGE = 200_000_000  # bytes above which distinct cells are looked for in the first rows only
PARSE_ONCE = 8_000_000  # bytes above which a text is parsed once, rather than by every pass
ALL_TEXT: Mapping[str, str] = MappingProxyType({})
WORDS = {
    "tab": "\t",
    "\\t": "\t",
    "comma": ",",
    "semicolon": ";",
    "pipe": "|",
    "space": BLANKS,
    " ": BLANKS,
}


@dataclass(frozen=True)
class _Reading:
    """One text on its way to a Table, and what was found so far."""

    path: Path  # as the user knows it
    name: str
    asked: Asked
    text: Utf8Text
    lines: list[str]  # the first
    layout: Layout
    keep: tuple[Any, ...]  # temporary folders
    findings: list[Finding]

    @cached_property
    def typed(self) -> list[int]:
        """The columns that hold numbers or dates, by the first rows."""
        records = records_of(self.lines, self.layout.sep)[self.layout.first :][:300]
        return typed_columns([padded(record, self.layout.width) for record in records])

    @property
    def folder(self) -> Path:
        """The temporary folder of this reading."""
        return Path(self.keep[0].name)


def read_text(
    path: Path, asked: Asked, name: str, keep: tuple[Any, ...] = (), said: Sequence[Finding] = ()
) -> Table:
    """The Table of a text file; `keep` are temporary folders that must live as long as it."""
    import duckdb

    if asked.sheet is not None:
        raise OptionError(
            f'"{path}" is a text file and has no sheets. Leave {option("sheet")} out.'
        )
    folder = new_folder()
    if path.stat().st_size > asked.max_line:
        refuse_long_lines(path, asked.max_line)
    text = utf8_text(path, asked.encoding, Path(folder.name))
    lines, whole = head_lines(text.path)
    plain = rewritten(text, lines, Path(folder.name))
    if plain is not text:
        text = plain
        lines, whole = head_lines(text.path)
    layout = _layout(lines, whole, asked, path)
    findings = [*said, *text.findings, *layout.findings]
    reading = _Reading(path, name, asked, text, lines, layout, (folder, *keep), findings)
    if _regular(layout, lines) and not _ends_in_notes(reading):
        try:
            return _table(reading, Text(text.path, layout.width, layout.sep, layout.first))
        except duckdb.Error:
            pass  # somewhere below the first lines the file is not regular
    return _mended(reading)


def head_lines(path: Path) -> tuple[list[str], bool]:
    """The first lines of a UTF-8 file, and whether that is all of it."""
    with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
        lines, size = [], 0
        for line in itertools.islice(file, HEAD_LINES):
            lines.append(line)
            size += len(line)
            if size > HEAD_BYTES:
                return lines, False
        return lines, next(file, None) is None


def _layout(lines: list[str], whole: bool, asked: Asked, path: Path) -> Layout:
    """The layout of a text with these first lines; refuses one without rows."""
    # Excel writes a line such as sep=; above the table
    skipped = 1 if lines and lines[0].lower().startswith("sep=") else 0
    sep, width = _sep_of(lines[skipped:], asked, path)
    refuse_many_columns(path, width, asked.max_columns)
    records = records_of(lines[skipped:], sep)
    if not whole and len(records) > 2:
        records.pop()  # it may be cut short
    records = [r if len(r) == width else other_sep(r, sep, width) or r for r in records]
    records = [[]] * skipped + records
    layout = lay_out(records, sep, width, asked.header)
    if not any(cell.strip() for record in records[layout.first :] for cell in record):
        names = headed(layout.names)
        raise InputError(f'"{path}" has a header ({names}) but no rows below it.')
    return layout


def _sep_of(lines: list[str], asked: Asked, path: Path) -> tuple[str, int]:
    """Separator and width of a text with these first lines."""
    found, width = find_sep(lines)
    if asked.sep is None:
        return found, width
    sep = WORDS.get(asked.sep, asked.sep)
    if len(sep) != 1 and sep != BLANKS:
        raise OptionError(
            f'{option("sep")} is one character, or the word tab or space; not "{asked.sep}".'
        )
    widths = sorted(len(record) for record in records_of(lines, sep) if record)
    width_asked = widths[len(widths) // 2] if widths else 1
    if width_asked < 2 and width >= 2:
        raise OptionError(
            f'"{path}" is not separated by "{asked.sep}". {_shown(found)} gives {width} columns: '
            f"leave {option('sep')} out, or name it."
        )
    return sep, width_asked


def _shown(sep: str) -> str:
    if is_fixed(sep):
        return "Cutting at blanks"
    return "A tab" if sep == "\t" else f'"{sep}"'


def _mended(reading: _Reading) -> Table:
    """The Table of a text that is rewritten as a regular CSV, separated by commas."""
    layout, path = reading.layout, reading.path
    out = reading.folder / "regular.csv"
    done = repair(reading.text.path, layout, out, reading.typed)
    if not done.rows:
        raise InputError(f'"{path}" holds no rows below its header.')
    reading.findings.extend(repair_findings(done, path))
    return _table(reading, Text(out, layout.width, ",", 0))


def csv_source(text: Text, types: Mapping[str, str] = ALL_TEXT) -> Source:
    """A regular CSV without header words; columns are text unless a type is given."""
    columns = ", ".join(f"'{c}': '{types.get(c, 'VARCHAR')}'" for c in text.names)
    return Source(
        f"read_csv({file_literal(text.path)}, auto_detect=false, columns={{{columns}}}, "
        f"delim={literal(text.sep)}, quote='\"', escape='\"', header=false, skip={text.skip}, "
        "max_line_size=20000000)"
    )


def _regular(layout: Layout, lines: list[str]) -> bool:
    """Whether the first lines are what DuckDB reads by itself."""
    if is_fixed(layout.sep):
        return False
    records = records_of(lines, layout.sep)
    above = lines[: layout.first + 1]
    if len(records) != len(lines) and any('"' in line for line in above):
        return False  # a line break inside the header: lines and records no longer agree
    if any(line.count('"') % 2 for line in lines[: layout.first]):
        return False
    if len({line.endswith("\r\n") for line in above}) > 1:
        return False  # rows would be lost where lines above them end in another way
    rows = records[layout.first :]
    if any(record and len(record) != layout.width for record in rows[:-1]):
        return False
    if layout.width > 1 and any(map(_is_blank, rows)):
        return False  # separators alone, as spreadsheets write blank rows
    if not all(rows[:-1]) and _several_tables(rows):
        return False
    header = [name for name in layout.names if name]
    return not header or all(header != [c.strip() for c in r if c.strip()] for r in rows)


def _is_blank(record: Record) -> bool:
    return bool(record) and not any(cell.strip() for cell in record)


def _several_tables(rows: list[Record]) -> bool:
    """Whether another table begins below a blank line."""
    width = max(map(len, rows))
    columns = typed_columns([padded(row, width) for row in rows if row])
    threes = zip(rows, rows[1:], rows[2:], strict=False)
    return any(not a and begins_another(b, c, columns) for a, b, c in threes)


def _ends_in_notes(reading: _Reading) -> bool:
    """Whether the last records are no rows of the table."""
    layout = reading.layout
    tail = _tail(reading.text.path, layout)
    blank = layout.width > 1 and any(map(_is_blank, tail))
    sums = bool(tail) and is_bare_sum(tail[-1], reading.typed)
    return blank or sums or footer_size(tail, layout.width, reading.typed) > 0


def _tail(path: Path, layout: Layout) -> list[Record]:
    """The last records of a text."""
    with open(path, "rb") as file:
        file.seek(0, 2)
        start = max(0, file.tell() - TAIL_BYTES)
        file.seek(start)
        lines = file.read().decode("utf-8", "replace").splitlines()
    lines = lines[1:] if start else lines[layout.first :]
    return [cells_of(line, layout.sep) for line in lines[-30:]]


def _parsed(text: Text, reading: _Reading) -> Parsed:
    """A regular CSV: parsed once and for all where it is large or wide, else by every pass."""
    parsed = None
    asked = reading.asked
    if text.path.stat().st_size > PARSE_ONCE or text.width > MOST_COLUMNS:
        ids = {
            column: is_id(name, asked.ids)
            for column, name in zip(text.names, reading.layout.names, strict=True)
        }
        parsed = parse(
            text,
            reading.folder,
            lambda column, cells: promise(bare_cells(cells), asked.decimal, ids[column]),
        )
    parsed = parsed or Parsed(csv_source(text))
    return replace(parsed, source=replace(parsed.source, keep=reading.keep))


def _table(reading: _Reading, text: Text) -> Table:
    layout, asked = reading.layout, reading.asked
    parsed = _parsed(text, reading)
    source = parsed.source
    named = named_columns(source, layout.names)
    found = text_fields(
        source,
        named.columns,
        Clues(layout.sep, asked.decimal, ids=asked.ids),
        large=reading.text.path.stat().st_size > LARGE,
        known=parsed.known,
    )
    fields = [found.fields[c] for c, _ in named.columns]
    if parsed.cache is None:
        # DuckDB may read columns of nothing but plain numbers as such
        types = {f.column: f.type for f in fields if f.plain and f.type in NUMBERS}
        source = replace(source, sql=csv_source(text, types).sql)
    read_as = _read_as(layout, reading.text.encoding, found.decimal)
    findings = [*reading.findings, *named.findings, *found.findings]
    made = table(reading.name, source, fields, read_as, findings)
    if parsed.cache is None:
        return made
    return from_cache(made, source, fields, parsed.cache, reading.folder)


def _read_as(layout: Layout, encoding: str, decimal: str | None) -> ReadAs:
    row = None if layout.header is None else layout.header + 1
    if is_fixed(layout.sep):
        return ReadAs("fixed-width", None, decimal, encoding, row)
    sep = layout.sep if layout.width > 1 else None
    return ReadAs("csv", sep, decimal, encoding, row)
