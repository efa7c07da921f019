"""Text columns of a source become typed fields: look at all cells, decide, check that every cell fits, say what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from shoal.data.cells.dates import day_in
from shoal.data.cells.findings import told
from shoal.data.cells.infer import NUMBER_GAPS, TEXT_GAPS, Clues, Meaning, meaning_of, text_sql
from shoal.data.cells.numbers import BLANK, Mark, number_in
from shoal.engine.scan import Field, Source
from shoal.errors import OptionError
from shoal.text.sql import literal, quoted
from shoal.types import Finding

HEAD = 1000  # rows looked at to tell plain text from the rest
FEW_WORDS = 50  # different words among the first rows up to which the rest is counted word by word
VALUES = 50_000  # distinct cells looked at in one column
FIRST_ROWS = 400_000  # of a large source, where distinct cells are looked for


def text_fields(
    source: Source,
    columns: Sequence[tuple[str, str]],
    asked: Mark | None,
    sep: str | None,
    large: bool = False,
    spare: Mark | None = None,
    known: Mapping[str, str] = MappingProxyType({}),
) -> tuple[dict[str, Field], list[Finding], Mark | None]:
    """The fields of the text columns (source name, name in the table), what is to be said, and the decimal mark of the table.

    `spare` is the mark to take when no column shows one: "." for cells that a program wrote. `known` are the types of
    columns that were looked at already and are to be taken as they stand.
    """
    fields = {c: Field(n, quoted(c), known[c]) for c, n in columns if c in known}
    columns = [(c, n) for c, n in columns if c not in known]
    point: Mark | None = "." if "DOUBLE" in known.values() else None
    if not columns:
        return fields, [], asked or point
    head = _head(source, [c for c, _ in columns])
    guesses = {c: promise(cells, asked)[0] for c, cells in head.items()}
    plain, bare = _quick(source, guesses, head)
    values = {
        c: _values(source, c, large)
        for c, kind in guesses.items()
        if c not in plain and kind != "VARCHAR"
    }
    point = "." if "DOUBLE" in plain.values() else point
    meanings, hint = _meanings(values, Clues(sep, asked), point, spare)
    rest = [(c, n) for c, n in columns if c not in plain and c not in bare]
    for column, _ in rest:
        meanings.setdefault(column, Meaning("text", gaps=_word_gaps(head[column])))
    fields |= {
        c: Field(n, _plain_sql(quoted(c), plain[c]), plain[c]) for c, n in columns if c in plain
    }
    fields |= {c: Field(n, quoted(c), "VARCHAR") for c, n in columns if c in bare}
    found, findings = _checked(source, rest, meanings)
    late = [
        c
        for c, n in rest
        if large
        and any(f.column == n and f.code in ("bad-cells", "mostly-numbers") for f in findings)
    ]
    if (
        late
    ):  # the first rows did not show all: decide once more, with what did not fit among the cells
        values |= {c: values.get(c, []) + _misfits(source, c, meanings[c]) for c in late}
        again, hint = _meanings(values, Clues(sep, asked), point, spare)
        found, findings = _checked(source, rest, meanings | again)
    return fields | found, findings, asked or hint


def promise(head: list[str], asked: Mark | None) -> tuple[str | None, tuple[str, ...]]:
    """What the first cells promise of a column, and the gap words that it must not hold if it is one of words."""
    kind = _guess(head, asked)
    return kind, _word_gaps(head) if kind == "VARCHAR" else ()


def _guess(head: list[str], asked: Mark | None) -> str | None:
    """What the first cells promise: plain numbers, or words alone; None where more must be looked at."""
    numbers = [x for x in map(number_in, head) if x]
    likes = len(numbers) + sum(
        1 for v in head if number_in(v) is None and (day_in(v) or v.lower() in NUMBER_GAPS)
    )
    if head and likes < 0.5 * len(head):
        return "VARCHAR"
    if not head or len(numbers) < len(head) or any(x.currency or x.percent for x in numbers):
        return None
    shapes = {x.shape for x in numbers}
    if all(map(day_in, head)) or any(
        len(v) > 1 and v.lstrip("+-")[:1] == "0" and x.shape == "int"
        for v, x in zip(head, numbers, strict=True)
    ):
        return None
    if shapes == {"int"}:
        return "BIGINT"
    return (
        "DOUBLE" if asked != "," and "dot" in shapes and shapes <= {"dot", "dot3", "int"} else None
    )


def _quick(
    source: Source, guesses: dict[str, str | None], head: dict[str, list[str]]
) -> tuple[dict[str, str], set[str]]:
    """One look at all cells: the columns that keep the promise of plain numbers, and the columns of words that stay as they are."""
    few = {c for c, kind in guesses.items() if kind == "VARCHAR" and len(set(head[c])) <= FEW_WORDS}
    asked = {
        c: _quick_sql(quoted(c), kind, head[c])
        for c, kind in guesses.items()
        if kind and c not in few
    }
    parts = [part for group in asked.values() for part in group] or ["count(*)"]
    row = list(source.rows(f"SELECT {', '.join(parts)} FROM {{src}}")[0])
    plain: dict[str, str] = {}
    bare = {c for c in few if _keeps_its_words(source, quoted(c), head[c])}
    for column, group in asked.items():
        facts, row = row[: len(group)], row[len(group) :]
        kind = guesses[column]
        if kind == "VARCHAR":
            bare |= set() if facts[0] else {column}
        elif facts[0] == facts[1] > 0 and not any(facts[2:]):
            plain[column] = str(kind)
    return plain, bare


def _keeps_its_words(source: Source, col: str, head: list[str]) -> bool:
    """Whether a column of few words can stay as it is: each of them is looked at once."""
    (changed,) = _quick_sql(col, "VARCHAR", head)
    return not source.rows(f"SELECT {changed} FROM (SELECT DISTINCT {col} FROM {{src}})")[0][0]


def _quick_sql(col: str, kind: str | None, head: list[str]) -> list[str]:
    padded = f"count(*) FILTER ({col} >= '00' AND {col} < '0:')"
    if kind == "BIGINT":  # 1.5 would be rounded, and 007 lose its zeros: both must not be there
        return [
            f"count({col})",
            f"count(TRY_CAST({col} AS BIGINT))",
            f"count(*) FILTER (contains({col}, '.'))",
            padded,
        ]
    if kind == "DOUBLE":
        return [f"count({col})", f"count(TRY_CAST({col} AS DOUBLE))", padded]
    return [f"count(*) FILTER ({text_sql(col, _word_gaps(head))} IS DISTINCT FROM {col})"]


def _head(source: Source, columns: Sequence[str]) -> dict[str, list[str]]:
    rows = source.rows(f"SELECT {', '.join(map(quoted, columns))} FROM {{src}} LIMIT {HEAD}")
    return {
        c: [row[i].strip(BLANK) for row in rows if row[i] and row[i].strip(BLANK)]
        for i, c in enumerate(columns)
    }


def native_types(fields: dict[str, Field]) -> dict[str, str]:
    """The columns that DuckDB may type while it reads: nothing but plain numbers in them."""
    return {
        c: f.type
        for c, f in fields.items()
        if f.type in ("BIGINT", "DOUBLE") and f.sql == _plain_sql(quoted(c), f.type)
    }


def _plain_sql(col: str, kind: str) -> str:
    cast = f"CAST({col} AS {kind})"
    return cast if kind == "BIGINT" else f"CASE WHEN isnan({cast}) THEN NULL ELSE {cast} END"


def _values(source: Source, column: str, large: bool) -> list[tuple[str, int]]:
    col = quoted(column)
    rows = f"(SELECT {col} FROM {{src}} LIMIT {FIRST_ROWS})" if large else "{src}"
    return [
        (str(v), int(n))
        for v, n in source.rows(
            f"SELECT {col}, count(*) FROM {rows} WHERE trim({col}) <> '' GROUP BY {col} ORDER BY hash({col}) LIMIT {VALUES}"
        )
    ]


def _misfits(source: Source, column: str, meaning: Meaning) -> list[tuple[str, int]]:
    """Cells of the whole column that do not fit what its first rows promised."""
    col = quoted(column)
    rows = source.rows(
        f"SELECT {col}, count(*) FROM {{src}} WHERE trim({col}) <> '' AND ({meaning.sql(col)}) IS NULL AND NOT ({_gap_test(col, meaning)}) "
        f"GROUP BY {col} ORDER BY hash({col}) LIMIT {VALUES}"
    )
    return [(str(v), int(n)) for v, n in rows]


def _meanings(
    values: dict[str, list[tuple[str, int]]], clues: Clues, hint: Mark | None, spare: Mark | None
) -> tuple[dict[str, Meaning], Mark | None]:
    """Columns that show their decimal mark speak for those that do not."""
    first = {c: meaning_of(v, replace(clues, hint=None)) for c, v in values.items()}
    shown = {m.marks.decimal for m in first.values() if m.kind == "number" and m.marks.decimal}
    shown |= {hint} if hint else set()
    agreed: Mark | None = shown.pop() if len(shown) == 1 else None
    if clues.asked:
        _refuse_wrong_mark(values, clues.asked)
    given = replace(clues, hint=agreed or spare)
    return {c: meaning_of(v, given) if given.hint else first[c] for c, v in values.items()}, agreed


def _refuse_wrong_mark(values: dict[str, list[tuple[str, int]]], asked: Mark) -> None:
    """An asked decimal mark that a column plainly contradicts."""
    for cells in values.values():
        free = meaning_of(cells, Clues())
        if (
            free.kind == "number"
            and free.marks.fractions
            and free.marks.decimal not in (None, asked)
        ):
            shown = next(
                (
                    v
                    for v, _ in cells
                    if (x := number_in(v.strip(BLANK)))
                    and x.shape in ("dot", "comma", "us_both", "eu_both")
                ),
                "",
            )
            raise OptionError(
                f'--decimal {asked} does not fit numbers such as "{shown.strip(BLANK)}". Leave --decimal out, or say --decimal {free.marks.decimal}'
            )


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
        if meaning.kind != "text" and fit < 0.5 * (
            filled - gaps
        ):  # the first rows promised something else than the rest
            meaning = Meaning("text", trouble="mostly-numbers")
            fit = filled - gaps
        as_it_stands = meanings[column].kind == "text" and not odd
        fields[column] = Field(
            name, quoted(column) if as_it_stands else meaning.sql(quoted(column)), meaning.type
        )
        bad = filled - gaps - fit if meaning.kind != "text" else 0
        example = _bad_example(source, column, meaning) if bad else None
        findings += told(
            name,
            meaning,
            filled,
            gaps,
            _gap_words(source, column, meaning) if gaps else (),
            bad,
            example,
        )
    return fields, findings


def _check_sql(col: str, meaning: Meaning) -> list[str]:
    filled = f"count(*) FILTER (trim({col}, {literal(BLANK)}) <> '')"
    gaps = f"count(*) FILTER ({_gap_test(col, meaning)})"
    if meaning.kind == "text":
        return [filled, "0", gaps, f"count(*) FILTER ({meaning.sql(col)} IS DISTINCT FROM {col})"]
    if meaning.kind == "whole":
        value = replace(meaning, kind="number").sql(col)
        return [
            filled,
            f"count({value})",
            gaps,
            f"count(*) FILTER (({value}) <> floor({value}) OR abs({value}) > 9e18)",
        ]
    return [filled, f"count({meaning.sql(col)})", gaps, "0"]


def _gap_test(col: str, meaning: Meaning) -> str:
    words = ", ".join(literal(w) for w in meaning.gaps) or "NULL"
    return f"coalesce(trim({col}, {literal(BLANK)}) IN ({words}), FALSE)"


def _gap_words(source: Source, column: str, meaning: Meaning) -> tuple[str, ...]:
    col = quoted(column)
    rows = source.rows(
        f"SELECT DISTINCT trim({col}, {literal(BLANK)}) FROM {{src}} WHERE {_gap_test(col, meaning)} ORDER BY 1"
    )
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
