"""Delimited and fixed-width text: from a path to a Table."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from shoal.data.cells.columns import native_types, promise, text_fields
from shoal.data.csv.encoding import Raw, utf8_text
from shoal.data.csv.fast import Parsed, Text, parse
from shoal.data.csv.layout import (
    BLANKS,
    Layout,
    Record,
    cells_of,
    find_sep,
    footer_size,
    is_fixed,
    lay_out,
    padded,
    records_of,
    typed_columns,
)
from shoal.data.csv.repair import mended_findings, other_sep, tidy
from shoal.data.names import named_columns
from shoal.engine.cache import from_cache
from shoal.engine.scan import Source, table
from shoal.engine.table import Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError, OptionError
from shoal.options import ReadingOptions as Asked
from shoal.text.sql import literal
from shoal.types import Finding, ReadAs

HEAD_BYTES = 1 << 20
HEAD_LINES = 3000
TAIL_BYTES = 1 << 15
LARGE = 200_000_000  # bytes above which distinct cells are looked for in the first rows only
PARSE_ONCE = 8_000_000  # bytes above which a text is parsed once and kept, rather than parsed again by every pass
WORDS = {
    "tab": "\t",
    "\\t": "\t",
    "comma": ",",
    "semicolon": ";",
    "pipe": "|",
    "space": BLANKS,
    " ": BLANKS,
}


def read_text(
    path: Path, asked: Asked, name: str, keep: tuple[Any, ...] = (), said: Sequence[Finding] = ()
) -> Table:
    """The Table of a text file."""
    import duckdb

    if asked.sheet is not None:
        raise OptionError(f'"{path}" is a text file and has no sheets. Leave --sheet out.')
    folder = new_folder()
    raw = utf8_text(path, asked.encoding, Path(folder.name))
    lines, whole = head_lines(raw.path)
    sep, width, skipped = _sep_of(lines, asked, path)
    records = records_of(lines[skipped:], sep)
    records = records if whole or len(records) < 3 else records[:-1]
    records = [other_sep(r, sep, width) or r if len(r) != width else r for r in records]
    layout = lay_out([*([[]] * skipped), *records], sep, width, asked.header)
    if not [r for r in [*([[]] * skipped), *records][layout.first :] if any(c.strip() for c in r)]:
        raise InputError(
            f'"{path}" has a header ({", ".join(n for n in layout.names[:6])}) but no rows below it.'
        )
    said = [*said, *raw.findings, *layout.findings]
    large = raw.path.stat().st_size > LARGE
    held = (folder, *keep)
    if _regular(layout, lines) and not footer_size(_tail(raw.path, layout), layout.width):
        try:
            parsed = _parsed(raw.path, layout.width, layout.sep, layout.first, asked, held)
            return _table(name, parsed, layout, raw, asked, said, large)
        except duckdb.Error:
            pass  # somewhere below the first lines the file is not regular
    out, mended = _mended(path, raw, layout, lines, Path(folder.name))
    parsed = _parsed(out, layout.width, ",", 0, asked, held)
    return _table(name, parsed, layout, raw, asked, [*said, *mended], large)


def _parsed(
    path: Path, width: int, sep: str, skip: int, asked: Asked, keep: tuple[Any, ...]
) -> Parsed:
    """A regular CSV without header words: parsed once and for all where it is large, else read anew by every pass."""
    parsed = None
    if path.stat().st_size > PARSE_ONCE:
        parsed = parse(
            Text(path, width, sep, skip),
            Path(keep[0].name),
            lambda cells: promise(cells, asked.decimal),
        )
    parsed = parsed or Parsed(csv_source(path, width, sep, skip))
    return replace(parsed, source=replace(parsed.source, keep=keep))


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


def _sep_of(lines: list[str], asked: Asked, path: Path) -> tuple[str, int, int]:
    """Separator, width, and how many lines at the top only name the separator (as Excel's sep=; does)."""
    skipped = 1 if lines and lines[0].lower().startswith("sep=") else 0
    found, width = find_sep(lines[skipped:])
    if asked.sep is None:
        return found, width, skipped
    sep = WORDS.get(asked.sep, asked.sep)
    if len(sep) != 1 and sep != BLANKS:
        raise OptionError(f'--sep is one character, or the word tab or space; not "{asked.sep}".')
    records = [r for r in records_of(lines[skipped:], sep) if r]
    widths = sorted(len(r) for r in records)
    width_asked = widths[len(widths) // 2] if widths else 1
    if width_asked < 2 and width >= 2:
        raise OptionError(
            f'"{path}" is not separated by "{asked.sep}". {_shown(found)} gives {width} columns: leave --sep out, or name it.'
        )
    return sep, width_asked, skipped


def _shown(sep: str) -> str:
    return "Cutting at blanks" if is_fixed(sep) else "A tab" if sep == "\t" else f'"{sep}"'


def _mended(
    path: Path, raw: Raw, layout: Layout, lines: list[str], folder: Path
) -> tuple[Path, list[Finding]]:
    """The file rewritten as a regular CSV, separated by commas."""
    body = [padded(r, layout.width) for r in records_of(lines, layout.sep)[layout.first :][:300]]
    out = folder / "tidy.csv"
    seen = tidy(raw.path, layout, out, typed_columns(body))
    if not seen.rows:
        raise InputError(f'"{path}" holds no rows below its header.')
    return out, mended_findings(seen, path)


def csv_source(
    path: Path, width: int, sep: str, skip: int, types: dict[str, str] | None = None
) -> Source:
    """A regular CSV without header words: columns c0, c1, …, text unless a type is given."""
    columns = ", ".join(f"'c{j}': '{(types or {}).get(f'c{j}', 'VARCHAR')}'" for j in range(width))
    return Source(
        f"read_csv({literal(str(path))}, auto_detect=false, columns={{{columns}}}, delim={literal(sep)}, quote='\"', escape='\"', "
        f"header=false, skip={skip}, max_line_size=20000000)"
    )


def _regular(layout: Layout, lines: list[str]) -> bool:
    """Whether the first lines are what DuckDB reads by itself."""
    if is_fixed(layout.sep):
        return False
    records = records_of(lines, layout.sep)
    if len(records) != len(lines) and any('"' in line for line in lines[: layout.first + 1]):
        return False  # a line break inside the header: lines and records no longer agree
    odd = any(len(r) != layout.width and r for r in records[layout.first : -1])
    header = [n for n in layout.names if n]
    again = bool(header) and any(
        [c.strip() for c in r if c.strip()] == header for r in records[layout.first :]
    )
    return not odd and not again and not any(line.count('"') % 2 for line in lines[: layout.first])


def _tail(path: Path, layout: Layout) -> list[Record]:
    with open(path, "rb") as file:
        file.seek(0, 2)
        start = max(0, file.tell() - TAIL_BYTES)
        file.seek(start)
        lines = file.read().decode("utf-8", "replace").splitlines()
    lines = lines[1:] if start else lines[layout.first :]
    return [cells_of(line, layout.sep) for line in lines[-30:]]


def _table(
    name: str,
    parsed: Parsed,
    layout: Layout,
    raw: Raw,
    asked: Asked,
    said: Sequence[Finding],
    large: bool,
) -> Table:
    source = parsed.source
    named = named_columns(source, layout.names)
    findings = [*said, *named.findings]
    fields, told, decimal = text_fields(
        source, named.columns, asked.decimal, layout.sep, large, known=parsed.known
    )
    types = native_types(fields)
    if types and source.sql.startswith("read_csv"):
        source = replace(source, sql=_with_types(source.sql, types))
    row = layout.header + 1 if layout.header is not None else None
    form, sep = (
        ("fixed-width", None)
        if is_fixed(layout.sep)
        else ("csv", layout.sep if layout.width > 1 else None)
    )
    read_as = ReadAs(form, sep, asked.decimal or decimal or ".", raw.encoding, row)
    chosen = [fields[c] for c, _ in named.columns]
    made = table(name, source, chosen, read_as, [*findings, *told])
    return (
        made
        if parsed.cache is None
        else from_cache(made, source, chosen, parsed.cache, Path(source.keep[0].name))
    )


def _with_types(sql: str, types: dict[str, str]) -> str:
    for column, kind in types.items():
        sql = sql.replace(f"'{column}': 'VARCHAR'", f"'{column}': '{kind}'", 1)
    return sql
