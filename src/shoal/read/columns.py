"""Text columns of a source become typed fields: look at all cells, decide, check that every cell fits, say what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from shoal.nouns import Finding
from shoal.read.cells import TEXT_GAPS, Clues, Meaning, meaning_of
from shoal.read.dates import day_in
from shoal.read.numbers import BLANK, Mark, number_in
from shoal.read.plan import Field, Source, literal, quoted
from shoal.read.tell import told

HEAD = 1000  # rows looked at to tell plain text from the rest
VALUES = 50_000  # distinct cells looked at in one column
FIRST_ROWS = 400_000  # of a large source, where distinct cells are looked for
FACTS = 7


@dataclass(frozen=True)
class Counts:
    """What one look at all cells of a text column counts."""

    filled: int
    whole: int  # cells that DuckDB reads as BIGINT (1.5 is among them)
    number: int  # as DOUBLE
    dots: int
    padded: int  # 0 followed by another digit
    longest: int
    cells: int  # cells that are not NULL, blank ones among them


def text_fields(
    source: Source,
    columns: Sequence[tuple[str, str]],
    asked: Mark | None,
    sep: str | None,
    large: bool = False,
    spare: Mark | None = None,
) -> tuple[dict[str, Field], list[Finding], Mark | None]:
    """The fields of the text columns (source name, name in the table), what is to be said, and the decimal mark of the table.

    `spare` is the mark to take when no column shows one: "." for cells that a program wrote.
    """
    if not columns:
        return {}, [], None
    counts = _counts(source, [c for c, _ in columns])
    head = _head(source, [c for c, _ in columns])
    plain = {c: kind for c, _ in columns if (kind := _plain(counts[c], head[c], asked))}
    values = {c: _values(source, c, large) for c, _ in columns if c not in plain and _worth(counts[c], head[c])}
    dotted = any(kind == "DOUBLE" for kind in plain.values())
    meanings, hint = _meanings(values, Clues(sep, asked), "." if dotted else None, spare)
    rest = [(c, n) for c, n in columns if c not in plain]
    for column, _ in rest:
        meanings.setdefault(column, Meaning("text", gaps=_word_gaps(head[column])))
    fields = {c: Field(n, _plain_sql(quoted(c), plain[c]), plain[c]) for c, n in columns if c in plain}
    found, findings = _checked(source, rest, meanings)
    return fields | found, findings, asked or hint


def _counts(source: Source, columns: Sequence[str]) -> dict[str, Counts]:
    parts = []
    for col in map(quoted, columns):
        parts += [
            f"count(*) FILTER (trim({col}) <> '')",
            f"count(TRY_CAST({col} AS BIGINT))",
            f"count(TRY_CAST({col} AS DOUBLE))",
            f"count(*) FILTER (contains({col}, '.'))",
            f"count(*) FILTER ({col} >= '00' AND {col} < '0:')",
            f"coalesce(max(length({col})), 0)",
            f"count({col})",
        ]
    row = source.rows(f"SELECT {', '.join(parts)} FROM {{src}}")[0]
    return {c: Counts(*row[i * FACTS : (i + 1) * FACTS]) for i, c in enumerate(columns)}


def _head(source: Source, columns: Sequence[str]) -> dict[str, list[str]]:
    rows = source.rows(f"SELECT {', '.join(map(quoted, columns))} FROM {{src}} LIMIT {HEAD}")
    return {c: [row[i].strip(BLANK) for row in rows if row[i] and row[i].strip(BLANK)] for i, c in enumerate(columns)}


def _plain(count: Counts, head: list[str], asked: Mark | None) -> str | None:
    """The type of a column that holds nothing but plain numbers; None where more must be looked at."""
    if (
        not count.filled
        or count.cells != count.filled
        or count.whole != count.filled
        or count.number != count.filled
        or count.padded
    ):
        return None
    if not count.dots:
        return None if count.longest == 8 and all(len(v) == 8 for v in head) else "BIGINT"
    shapes = {x.shape for x in map(number_in, head) if x}
    telling = "dot" in shapes and not shapes - {"dot", "dot3", "int", "zero"}
    return "DOUBLE" if asked != "," and telling and not all(map(day_in, head)) else None


def native_types(fields: dict[str, Field]) -> dict[str, str]:
    """The columns that DuckDB may type while it reads: nothing but plain numbers in them."""
    return {c: f.type for c, f in fields.items() if f.type in ("BIGINT", "DOUBLE") and f.sql == _plain_sql(quoted(c), f.type)}


def _plain_sql(col: str, kind: str) -> str:
    cast = f"CAST({col} AS {kind})"
    return cast if kind == "BIGINT" else f"CASE WHEN isnan({cast}) THEN NULL ELSE {cast} END"


def _worth(count: Counts, head: list[str]) -> bool:
    """Whether a column may be other than text: half of its first cells look like numbers or dates."""
    if not count.filled:
        return False
    if not head:
        return True
    like = sum(1 for v in head if number_in(v) or day_in(v))
    words = sum(1 for v in head if v.lower() in _GAP_WORDS)
    return like + words >= 0.5 * len(head)


_GAP_WORDS = frozenset(w.lower() for w in TEXT_GAPS)


def _values(source: Source, column: str, large: bool) -> list[tuple[str, int]]:
    col = quoted(column)
    rows = f"(SELECT {col} FROM {{src}} LIMIT {FIRST_ROWS})" if large else "{src}"
    return [
        (str(v), int(n))
        for v, n in source.rows(
            f"SELECT {col}, count(*) FROM {rows} WHERE trim({col}) <> '' GROUP BY {col} ORDER BY hash({col}) LIMIT {VALUES}"
        )
    ]


def _meanings(
    values: dict[str, list[tuple[str, int]]], clues: Clues, hint: Mark | None, spare: Mark | None
) -> tuple[dict[str, Meaning], Mark | None]:
    """Columns that show their decimal mark speak for those that do not."""
    first = {c: meaning_of(v, replace(clues, hint=None)) for c, v in values.items()}
    shown = {m.marks.decimal for m in first.values() if m.kind == "number" and m.marks.decimal}
    shown |= {hint} if hint else set()
    agreed: Mark | None = shown.pop() if len(shown) == 1 else None
    given = replace(clues, hint=agreed or spare)
    return {c: meaning_of(v, given) if given.hint else first[c] for c, v in values.items()}, agreed


def _word_gaps(head: list[str]) -> tuple[str, ...]:
    """Gap words to look for in a column of words, all of them but those that may be codes there."""
    codes = sum(1 for v in set(head) if len(v) == 2 and v.isupper())
    return tuple(g for g in TEXT_GAPS if not (g == "NA" and codes > 0.5 * max(1, len(set(head)))))


def _checked(
    source: Source, columns: Sequence[tuple[str, str]], meanings: dict[str, Meaning]
) -> tuple[dict[str, Field], list[Finding]]:
    """Count, over all rows, what does not fit; a column of whole numbers with a fraction in it becomes one of numbers."""
    if not columns:
        return {}, []
    parts: list[str] = []
    for column, _ in columns:
        parts += _check_sql(quoted(column), meanings[column])
    row = source.rows(f"SELECT {', '.join(parts)} FROM {{src}}")[0]
    fields, findings = {}, []
    for i, (column, name) in enumerate(columns):
        filled, fit, gaps, odd = row[i * 4 : i * 4 + 4]
        meaning = meanings[column]
        if meaning.kind == "whole" and odd:
            meaning = replace(meaning, kind="number")
        if meaning.kind != "text" and fit < 0.5 * (filled - gaps):  # the first rows promised something else than the rest
            meaning = Meaning("text", trouble="mostly-numbers")
            fit = filled - gaps
        fields[column] = Field(name, meaning.sql(quoted(column)), meaning.type)
        bad = filled - gaps - fit if meaning.kind != "text" else 0
        example = _bad_example(source, column, meaning) if bad else None
        findings += told(name, meaning, filled, gaps, _gap_words(source, column, meaning) if gaps else (), bad, example)
    return fields, findings


def _check_sql(col: str, meaning: Meaning) -> list[str]:
    filled = f"count(*) FILTER (trim({col}, {literal(BLANK)}) <> '')"
    gaps = f"count(*) FILTER ({_gap_test(col, meaning)})"
    if meaning.kind == "text":
        return [filled, "0", gaps, "0"]
    if meaning.kind == "whole":
        value = replace(meaning, kind="number").sql(col)
        return [filled, f"count({value})", gaps, f"count(*) FILTER (({value}) <> floor({value}) OR abs({value}) > 9e18)"]
    return [filled, f"count({meaning.sql(col)})", gaps, "0"]


def _gap_test(col: str, meaning: Meaning) -> str:
    words = ", ".join(literal(w) for w in meaning.gaps) or "NULL"
    return f"coalesce(trim({col}, {literal(BLANK)}) IN ({words}), FALSE)"


def _gap_words(source: Source, column: str, meaning: Meaning) -> tuple[str, ...]:
    col = quoted(column)
    rows = source.rows(f"SELECT DISTINCT trim({col}, {literal(BLANK)}) FROM {{src}} WHERE {_gap_test(col, meaning)} ORDER BY 1")
    return tuple(str(r[0]) for r in rows)


def _bad_example(source: Source, column: str, meaning: Meaning) -> tuple[str, int] | None:
    """The first cell that does not fit, with its row number (the first row below the header is 1)."""
    col = quoted(column)
    rows: list[tuple[Any, ...]] = source.rows(
        f"SELECT cell, row FROM (SELECT {col} AS cell, row_number() OVER () AS row FROM {{src}}) "
        f"WHERE trim(cell, {literal(BLANK)}) <> '' AND ({meaning.sql('cell')}) IS NULL AND NOT ({_gap_test('cell', meaning)}) "
        "ORDER BY row LIMIT 1"
    )
    return (str(rows[0][0]), int(rows[0][1])) if rows else None
