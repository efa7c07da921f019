"""Which columns of a table are columns, and what they are called: row numbers, empty and note columns are left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shoal.engine.scan import Source
from shoal.text.sql import quoted
from shoal.types import Finding

INDEX = re.compile(r"__index_level_\d+__")
UNNAMED = re.compile(r"(unnamed: ?\d+(\.\d+|_level_\d+)?|__index_level_\d+__|)", re.IGNORECASE)


@dataclass(frozen=True)
class Named:
    """The columns that stay, as (name in the source, name in the table), and what is to be said."""

    columns: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]


def unique_names(names: Sequence[str]) -> list[str]:
    """Every name once: repeats get " (2)", " (3)"…, empty ones their position.

    >>> unique_names(["a", "a", " ", "a"])
    ['a', 'a (2)', 'column_3', 'a (3)']
    """
    taken = {n.strip() for n in names}
    used: set[str] = set()
    out = []
    for position, raw in enumerate(names, 1):
        name, again = raw.strip() or f"column_{position}", 2
        base = name
        while name in used or (name != base and name in taken):
            name, again = f"{base} ({again})", again + 1
        used.add(name)
        out.append(name)
    return out


def named_columns(
    source: Source, names: Sequence[str], columns: Sequence[str] | None = None
) -> Named:
    """Drop what is no column of the table, and give every other a name of its own; `columns` are their names in the source."""
    columns = columns or [f"c{j}" for j in range(len(names))]
    bare = [re.sub(r"\s+", " ", n).strip() for n in names]
    nameless = [j for j, n in enumerate(bare) if UNNAMED.fullmatch(n)]
    findings: list[Finding] = []
    dropped: set[int] = set()
    if nameless and len(nameless) < len(bare):
        rows, fill = _filled(source, [columns[j] for j in nameless])
        shares = dict(zip(nameless, fill, strict=True))
        dropped |= _index(source, columns, bare, nameless, rows, shares, findings)
        dropped |= _empty([j for j in nameless if not shares[j]], findings)
        dropped |= _notes(
            [j for j in nameless if 0 < shares[j] <= 0.3 * rows], shares, rows, len(bare), findings
        )
    kept = [j for j in range(len(bare)) if j not in dropped]
    plain = ["" if j in nameless else bare[j] for j in kept]
    unique = [
        n if p else f"column_{j + 1}"
        for j, p, n in zip(kept, plain, unique_names(plain), strict=True)
    ]
    _say_names(plain, unique, len(nameless) < len(bare), findings)
    return Named(tuple((columns[j], n) for j, n in zip(kept, unique, strict=True)), tuple(findings))


def _filled(source: Source, columns: Sequence[str]) -> tuple[int, list[int]]:
    parts = ", ".join(
        f"count(*) FILTER (trim(CAST({quoted(c)} AS VARCHAR), ' \t\u00a0') <> '')" for c in columns
    )
    row = source.rows(f"SELECT count(*), {parts} FROM {{src}}")[0]
    return int(row[0]), [int(n) for n in row[1:]]


def _index(
    source: Source,
    columns: Sequence[str],
    names: list[str],
    nameless: list[int],
    rows: int,
    shares: dict[int, int],
    findings: list[Finding],
) -> set[int]:
    """Nameless columns at the left that number the rows, as dataframes write them."""
    out: set[int] = set()
    for j in nameless:
        if (j != len(out) and not INDEX.fullmatch(names[j])) or shares[j] != rows:
            break
        number = f"TRY_CAST({quoted(columns[j])} AS BIGINT)"
        text = quoted(columns[j])
        low, high, different, dotted = source.rows(
            f"SELECT min({number}), max({number}), count(DISTINCT {number}), count(*) FILTER (contains(CAST({text} AS VARCHAR), '.')) FROM {{src}}"
        )[0]
        if low is None or different != rows or dotted or low < 0 or high > 5 * rows + 10:
            break
        out.add(j)
        text = f"Column {j + 1} has no name and numbers the rows ({low} to {high}), as dataframes write it; it was left out."
        findings.append(Finding("index-column-dropped", "info", text))
    return out


def _empty(empty: list[int], findings: list[Finding]) -> set[int]:
    if empty:
        one = len(empty) == 1
        text = f"{len(empty)} column{'' if one else 's'} without name and content {'was' if one else 'were'} left out."
        findings.append(Finding("empty-columns-dropped", "info", text))
    return set(empty)


def _notes(
    notes: list[int], shares: dict[int, int], rows: int, width: int, findings: list[Finding]
) -> set[int]:
    """Columns without a name in which only a few rows say something: notes beside the table."""
    notes = [j for j in notes if j > 0]
    if notes:
        cells = sum(shares[j] for j in notes)
        text = (
            f"{len(notes)} column{'s' if len(notes) > 1 else ''} without a name hold{'' if len(notes) > 1 else 's'} {cells:,} cells in {rows:,} rows, "
            "notes beside the table; left out."
        )
        findings.append(Finding("notes-beside-table", "warning", text))
    return set(notes)


def _say_names(plain: list[str], unique: list[str], header: bool, findings: list[Finding]) -> None:
    if header and (missing := [u for p, u in zip(plain, unique, strict=True) if not p]):
        text = f"{len(missing)} column{'s have' if len(missing) > 1 else ' has'} no name in the header; called {', '.join(missing[:5])}."
        findings.append(Finding("unnamed-columns", "info", text))
    if repeated := [u for p, u in zip(plain, unique, strict=True) if p and p != u]:
        text = f"Column names come more than once; called {', '.join(repeated[:5])}."
        findings.append(Finding("duplicate-names", "warning", text))
