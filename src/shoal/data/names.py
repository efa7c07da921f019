"""Which columns of a table are columns, and what they are called.

Row numbers, empty columns and notes beside the table are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shoal.engine.scan import Source
from shoal.findings import finding
from shoal.text.sql import quoted
from shoal.types import Finding

INDEX = re.compile(r"__index_level_\d+__")
UNNAMED = re.compile(r"(unnamed: ?\d+(\.\d+|_level_\d+)?|__index_level_\d+__|)", re.IGNORECASE)
MISREAD_MARK = "ï»¿"  # a byte order mark that was read as Windows-1252
UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]")  # what no screen shows
MOST_NOTES = 0.3  # share of the rows up to which a nameless column holds notes


@dataclass(frozen=True)
class Named:
    """The columns that stay, as (name in the source, name in the table), and what was found."""

    columns: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]


def unique_names(names: Sequence[str]) -> list[str]:
    """Every name once: repeats get " (2)", " (3)"…, empty ones their position.

    >>> unique_names(["a", "a", " ", "a"])
    ['a', 'a (2)', 'column_3', 'a (3)']
    """
    taken = set(names)
    used: set[str] = set()
    repeats: Counter[str] = Counter()
    unique = []
    for position, raw in enumerate(names, 1):
        base = raw if raw.strip() else f"column_{position}"
        name = base
        while name in used or (name != base and name in taken):
            repeats[base] += 1
            name = f"{base} ({repeats[base] + 1})"
        used.add(name)
        unique.append(name)
    return unique


def bare_name(name: str) -> str:
    """A name without blanks around it, single ones inside, and without what no screen shows."""
    name = UNSEEN.sub("", name).removeprefix(MISREAD_MARK)
    return re.sub(r"\s+", " ", name).strip()


def named_columns(
    source: Source, names: Sequence[str], columns: Sequence[str] | None = None
) -> Named:
    """Drop what is no column of the table, and give every other a name of its own.

    `columns` are their names in the source: c0, c1, … when not given.
    """
    columns = columns or [f"c{j}" for j in range(len(names))]
    bare = [bare_name(n) for n in names]
    nameless = [j for j, name in enumerate(bare) if UNNAMED.fullmatch(name)]
    has_header = len(nameless) < len(bare)
    dropped: set[int] = set()
    findings: list[Finding] = []
    if nameless and has_header:
        dropped, findings = _left_out(source, columns, bare, nameless)
    for j in nameless:
        bare[j] = ""
    kept = [j for j in range(len(bare)) if j not in dropped]
    unique = unique_names([bare[j] for j in kept])
    final = [name if bare[j] else f"column_{j + 1}" for j, name in zip(kept, unique, strict=True)]
    findings += _about_names([bare[j] for j in kept], final, has_header)
    return Named(tuple((columns[j], n) for j, n in zip(kept, final, strict=True)), tuple(findings))


def _left_out(
    source: Source, columns: Sequence[str], names: Sequence[str], nameless: Sequence[int]
) -> tuple[set[int], list[Finding]]:
    """Which of the nameless columns are no columns of the table."""
    rows, counts = _filled(source, [columns[j] for j in nameless])
    cells = dict(zip(nameless, counts, strict=True))
    index: dict[int, Finding] = {}
    for j in nameless:
        in_place = j == len(index) or INDEX.fullmatch(names[j])
        found = _row_numbers(source, columns[j], j, rows) if in_place and cells[j] == rows else None
        if found is None:
            break
        index[j] = found
    findings = list(index.values())
    empty = [j for j in nameless if not cells[j]]
    if empty:
        findings.append(finding("empty-columns-dropped", columns=len(empty)))
    notes = [j for j in nameless if j > 0 and 0 < cells[j] <= MOST_NOTES * rows]
    if notes:
        written = sum(cells[j] for j in notes)
        about = finding("notes-beside-table", columns=len(notes), cells=written, rows=rows)
        findings.append(about)
    return {*index, *empty, *notes}, findings


def _filled(source: Source, columns: Sequence[str]) -> tuple[int, list[int]]:
    """The number of rows, and of filled cells in each column."""
    parts = [
        f"count(*) FILTER (trim(CAST({quoted(c)} AS VARCHAR), ' \t\u00a0') <> '')" for c in columns
    ]
    row = source.rows(f"SELECT count(*), {', '.join(parts)} FROM {source.sql}")[0]
    return int(row[0]), [int(n) for n in row[1:]]


def _row_numbers(source: Source, column: str, position: int, rows: int) -> Finding | None:
    """What is to be said of a column that numbers the rows, as dataframes write it; else None."""
    text = quoted(column)
    number = f"TRY_CAST({text} AS BIGINT)"
    low, high, different, dotted = source.rows(
        f"SELECT min({number}), max({number}), count(DISTINCT {number}), "
        f"count(*) FILTER (contains(CAST({text} AS VARCHAR), '.')) FROM {source.sql}"
    )[0]
    if low is None or different != rows or dotted or low < 0 or high > 5 * rows + 10:
        return None
    return finding("index-column-dropped", position=position + 1, low=low, high=high)


def _about_names(given: Sequence[str], final: Sequence[str], has_header: bool) -> list[Finding]:
    pairs = list(zip(given, final, strict=True))
    findings = []
    missing = [new for old, new in pairs if not old]
    if has_header and missing:
        findings.append(finding("unnamed-columns", names=missing))
    repeated = [new for old, new in pairs if old and old != new]
    if repeated:
        findings.append(finding("duplicate-names", names=repeated))
    return findings
