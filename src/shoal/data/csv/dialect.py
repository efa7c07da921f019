"""A table in another writing than comma separated text, written again as such.

What a database's command line prints, rows that stand in quotes as a whole, quotes inside cells
that are escaped with a backslash. Lines keep their numbers: what goes leaves an empty one.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shoal.data.csv.encoding import Utf8Text
from shoal.data.csv.layout import find_sep, is_fixed
from shoal.data.csv.prints import NUMBERED, bare_frame, is_frame, names_in_a_box
from shoal.findings import finding

MOST = 0.9  # of the lines must be in quotes as a whole
JOINED = 25  # lines of one record
RULER = re.compile(r"[\s|+:=\-\u2500-\u257f]++")
LONG = ("--", "==", "──", "━━", "══")  # what every ruler holds
PLAIN_RULER = re.compile(r"\s*-+\s*")  # of a table of one column, or a line below a title
CUT_RULER = re.compile(r"(?=.*---)-+(?:[,;]-+)+")  # below the names, cut as they are
COUNT = re.compile(
    r"\s*(?:\(\d[\d,]* rows?.*\)|\d[\d,]* rows? (?:in set|returned|selected|affected).*"
    r"|time: .*|empty set.*)\s*",
    re.IGNORECASE,
)
TYPES = re.compile(
    r"varchar|(?:u?(?:big|small|tiny))?int(?:eger|\d+)?|double|float\d*|bool(?:ean)?|date|str"
    r"|timestamp|datetime|[iuf]\d+|decimal(?:\(.*\))?|text|object"
)
ROW = re.compile(r"\*{5,} *\d+\. row \*{5,}\s*|-\[ RECORD \d+ \][-+]*\s*")  # of an upright print
WHOLE_ROW = re.compile(r'\s*"((?:[^"]|"")*+)"[;,\t]*+\s*+')

Rewrite = Callable[[Iterable[str]], Iterator[str]]


@dataclass(frozen=True)
class Writing:
    """How a text is to be written again, and the finding that says so."""

    code: str
    rewrite: Rewrite


def rewritten(text: Utf8Text, lines: Sequence[str], folder: Path) -> Utf8Text:
    """The text as plain separated cells; as it is where it is that already."""
    writing = (
        _upright(lines)
        or _print(lines)
        or _frame(lines)
        or _ruled(lines)
        or _wrapped(lines)
        or _blanks_and_quotes(lines)
        or _other_quotes(lines)
        or _single_quotes(lines)
        or _backslashes(lines)
    )
    if writing is None:
        return text
    out = folder / f"plain-{text.path.name}"
    with (
        open(text.path, encoding="utf-8-sig", newline="") as source,
        open(out, "w", encoding="utf-8", newline="") as target,
    ):
        target.writelines(writing.rewrite(source))
    return replace(text, path=out, findings=(*text.findings, finding(writing.code)))


def _upright(lines: Sequence[str]) -> Writing | None:
    """What psql prints with \\x and mysql with \\G: a line for each cell, a ruler for each row."""
    begins = [i for i, line in enumerate(lines[:200]) if ROW.fullmatch(line)]
    if not begins:
        return None
    first = itertools.takewhile(lambda line: not ROW.fullmatch(line), lines[begins[0] + 1 :])
    names = [cell[0] for line in first if (cell := _cell(line))]
    return Writing("database-print", lambda text: _laid_down(text, names)) if names else None


def _cell(line: str) -> tuple[str, str] | None:
    """The name and the text of one cell."""
    name, *rest = re.split(r"[:|]", line, maxsplit=1)
    return (name.strip(), rest[0].strip()) if rest and not COUNT.fullmatch(line) else None


def _laid_down(lines: Iterable[str], names: Sequence[str]) -> Iterator[str]:
    yield _row(names)
    row: dict[str, str] = {}
    for line in lines:
        if ROW.fullmatch(line) and row:
            yield _row([row.get(name, "") for name in names])
            row = {}
        elif cell := _cell(line):
            row[cell[0]] = cell[1]
    if row:
        yield _row([row.get(name, "") for name in names])


def _row(cells: Sequence[str], sep: str = ",") -> str:
    return sep.join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"


def _frame(lines: Sequence[str]) -> Writing | None:
    """What R and pandas print of a data frame; the numbers of its rows have no name."""
    if not is_frame(lines):
        return None
    names, *rows = [line.split() for line in bare_frame(lines) if line.strip()] or [[]]
    if not names or any(len(row) != len(names) + 1 for row in rows):
        return Writing("database-print", bare_frame)
    return Writing("database-print", lambda text: _numbered_rows(text, len(names)))


def _numbered_rows(lines: Iterable[str], width: int) -> Iterator[str]:
    for line in bare_frame(lines):
        cells = line.split()
        yield _row([""] * (width + 1 - len(cells)) + cells) if cells else "\n"


def _print(lines: Sequence[str]) -> Writing | None:
    """What psql, mysql, sqlite3, duckdb or Markdown print: columns between bars, and rulers."""
    if any(map(names_in_a_box, lines[:5])):
        return Writing("database-print", _without_rulers)
    rulers = [i for i, line in enumerate(lines[:200]) if _is_ruler(line)]
    if not rulers:
        return None
    near = lines[rulers[0] + 1 : rulers[0] + 3]
    return Writing("database-print", _without_rulers) if any(map(_is_row, near)) else None


def _ruled(lines: Sequence[str]) -> Writing | None:
    """What sqlcmd prints with a separator: a ruler below the names, cut as they are."""
    if len(lines) < 3 or not CUT_RULER.fullmatch(lines[1].strip()):
        return None
    return Writing("database-print", _without_second)


def _without_second(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield "\n" if number == 1 or COUNT.fullmatch(line) else line


def _is_ruler(line: str) -> bool:
    drawn = any(each in line for each in LONG) and RULER.fullmatch(line) is not None
    return drawn and not PLAIN_RULER.fullmatch(line)


def _is_row(line: str) -> bool:
    return bool(line.strip()) and not _is_ruler(line)


def _without_rulers(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if _is_ruler(line) or COUNT.fullmatch(line):
            yield "\n"
            continue
        if names := names_in_a_box(line):
            yield "|".join(names) + "\n"
            continue
        bare = re.sub(r"[│┃║┆]", "|", NUMBERED.sub("", line)).strip()
        if bare.startswith("|") and bare.endswith("|") and len(bare) > 1:
            bare = bare[1:-1]
        cells = [cell.strip() for cell in bare.split("|")]
        of_types = len(cells) > 1 and all(map(TYPES.fullmatch, cells))
        yield "\n" if of_types else "|".join(cells) + "\n"


def _wrapped(lines: Sequence[str]) -> Writing | None:
    """Rows that stand in quotes as a whole, all or some of them: "K0,0.5,3"."""
    full = [line for line in lines if line.strip()]
    rows = [_inside(line) for line in full]
    if len(full) < 2 or not any(rows):
        return None
    sep, width = find_sep([inside or line for inside, line in zip(rows, full, strict=True)])
    if width < 2 or is_fixed(sep):
        return None
    fit = [_width(row, sep, None) == width for row in rows if row]
    if _width(rows[0] or full[0], sep, None) != width or sum(fit) < MOST * len(fit):
        return None
    return Writing("rows-in-quotes", lambda text: _unwrapped(text, sep, width))


def _inside(line: str) -> str | None:
    found = WHOLE_ROW.fullmatch(line)
    return None if found is None else found[1].replace('""', '"')


def _unwrapped(lines: Iterable[str], sep: str, width: int) -> Iterator[str]:
    for line in lines:
        inside = _inside(line)
        yield inside + "\n" if inside and _width(inside, sep, None) == width else line


def _blanks_and_quotes(lines: Sequence[str]) -> Writing | None:
    """Cells set apart by blanks, words among them in quotes, as R's write.table has it.

    Where rows have names, the header has none for them.
    """
    full = [line for line in lines[:300] if line.strip()]
    if len(full) < 3 or sum('"' in line for line in full) < MOST * len(full):
        return None
    widths = [_width(line.strip(), " ", None) for line in full]
    width, first = widths[1], widths[0]
    if width is None or width < 2 or first not in (width, width - 1):
        return None
    if widths[1:].count(width) < MOST * len(widths[1:]) or find_sep(full)[1] >= width - 1:
        return None
    before = [""] * (width - first)
    return Writing("other-quotes", lambda text: _of_blanks(text, before))


def _of_blanks(lines: Iterable[str], before: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        cells = next(csv.reader([line.strip()], delimiter=" "), [])
        yield _row([*before, *cells] if number == 0 else cells) if cells else "\n"


def _other_quotes(lines: Sequence[str]) -> Writing | None:
    """Quotes with blanks around them ("K0", "Bonn"), quotes in quotes, or such as “K0”."""
    full = [line for line in lines[:300] if line.strip()]
    sep, width = find_sep(full)
    if width < 2 or is_fixed(sep) or not any(mark in full[0] for mark in '"“”„'):
        return None
    apart = sum(f'{sep} "' in line or f'" {sep}' in line for line in full)
    typed_so = sum("“" in line or "„" in line for line in full)
    twice = full[0].startswith('"""')
    if max(apart, typed_so) < MOST * len(full) and not twice:
        return None
    if sum(len(_bare_cells(line, sep)) == width for line in full) < MOST * len(full):
        return None
    return Writing("other-quotes", lambda text: _with_plain_quotes(text, sep))


def _with_plain_quotes(lines: Iterable[str], sep: str) -> Iterator[str]:
    for record in _records(lines):
        cells = _bare_cells(record, sep)
        yield _row(cells, sep) if any(cells) else "\n"


def _bare_cells(record: str, sep: str) -> list[str]:
    """The cells of a record, whatever kind of quotes stands around them."""
    plain = re.sub("[“”„‟]", '"', record) if '"' not in record else record
    reader = csv.reader(io.StringIO(plain, newline=""), delimiter=sep, skipinitialspace=True)
    return [_without_quotes(cell.strip()) for cell in next(reader, [])]


def _without_quotes(cell: str) -> str:
    inside = cell[1:-1]
    return inside if cell == f'"{inside}"' and '"' not in inside else cell


def _single_quotes(lines: Sequence[str]) -> Writing | None:
    """Cells in single quotes: 'K0','Neil, John'."""
    full = [line for line in lines[:300] if line.strip()]
    with_quotes = sum("'" in line for line in full[1:])
    if with_quotes < MOST * len(full[1:]) or not any("'" in line for line in full):
        return None
    sep, _ = find_sep(full)
    if is_fixed(sep):
        return None
    cell = re.compile(
        rf"(?:^|(?<={re.escape(sep)}))'(?P<cell>(?:[^'\\]|''|\\.)*+)'"
        rf"(?={re.escape(sep)}|\s*$)"
    )
    quoted = sum(1 for line in full[1:] if cell.search(line))
    if quoted < MOST * len(full[1:]):
        return None

    def plain(found: re.Match[str]) -> str:
        text = found["cell"].replace("''", "'").replace("\\'", "'")
        return '"' + text.replace('"', '""') + '"'

    return Writing("single-quotes", lambda text: (cell.sub(plain, line) for line in text))


def _backslashes(lines: Sequence[str]) -> Writing | None:
    r"""Quotes inside cells written as \", or separators as \, where this makes the rows fit."""
    if not any("\\" in line for line in lines):
        return None
    records = list(_records(lines))  # a quote may be open where a line ends
    sep, width = find_sep([_flat(record) for record in records])
    if width < 2 or is_fixed(sep):
        return None
    telling = [record for record in records if '\\"' in record or "\\" + sep in record]
    votes = 0
    for line in telling[:300]:
        escaped, plain = (_width(line, sep, escape) == width for escape in ("\\", None))
        votes += int(escaped) - int(plain)
    if votes <= 0:
        return None
    return Writing("backslash-quotes", lambda text: _doubled(text, sep))


def _flat(record: str) -> str:
    """A record without what is escaped in it, in one line."""
    return re.sub(r"\\.", "", record).rstrip("\r\n").replace("\n", " ")


def _width(line: str, sep: str, escape: str | None) -> int | None:
    """How many cells a line has by the strict rules of quoting; None where it breaks them."""
    try:
        return len(next(csv.reader([line], delimiter=sep, escapechar=escape, strict=True), []))
    except csv.Error:
        return None


def _doubled(lines: Iterable[str], sep: str) -> Iterator[str]:
    r"""Cells whose quotes are doubled, where they were written as \"."""
    by, no = re.escape(sep), rf'[^{re.escape(sep)}"\\\r\n]'
    cell = re.compile(
        r'"(?P<quoted>(?:[^"\\]|\\.|"")*+)"'
        rf"|(?:^|(?<={by}))(?P<bare>(?:{no}|\\[^{by}])*+(?:\\{by}(?:{no}|\\[^{by}])*+)++)",
        re.DOTALL,
    )

    def plain(found: re.Match[str]) -> str:
        if found["quoted"] is None:
            return '"' + found["bare"].replace("\\" + sep, sep) + '"'
        return '"' + re.sub(r'\\(["\\\n])', _letter, found["quoted"]) + '"'

    for record in _records(lines):
        yield cell.sub(plain, record) if "\\" in record else record


def _letter(found: re.Match[str]) -> str:
    return '""' if found[1] == '"' else found[1]


def _records(lines: Iterable[str]) -> Iterator[str]:
    """Lines, put together while a quote is open; a quote behind a backslash does not count."""
    waiting: list[str] = []
    quotes = 0
    for line in lines:
        waiting.append(line)
        quotes += re.sub(r"\\.", "", line).count('"')
        if quotes % 2 == 0 or len(waiting) > JOINED:
            yield "".join(waiting)
            waiting, quotes = [], 0
    yield "".join(waiting)
