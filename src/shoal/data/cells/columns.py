"""Text columns of a source become typed fields.

Look at all cells, decide, check that every cell fits, and say what was done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from shoal.data.cells.dates import day_in
from shoal.data.cells.findings import Checked, column_findings
from shoal.data.cells.ids import is_id, keeps_its_letters
from shoal.data.cells.infer import (
    KEPT_AS_ID,
    NO_DAY,
    NUMBER_GAPS,
    TEXT_GAPS,
    Clues,
    Meaning,
    all_different,
    bare_sql,
    gap_test,
    is_open,
    meaning_of,
    text_sql,
)
from shoal.data.cells.measures import measures
from shoal.data.cells.numbers import BLANK, TELEPHONE, Mark, Number, number_in
from shoal.data.typed import as_number, as_text, as_whole
from shoal.engine.scan import Field, Source, in_groups
from shoal.errors import OptionError
from shoal.text.options import option
from shoal.text.sql import quoted
from shoal.types import Finding

HEAD = 1000  # rows looked at to tell plain text from the rest
AT_ONCE = 32  # columns looked at by one SELECT
FEW_WORDS = 50  # different words of the first rows up to which each word of a column is looked at
VALUES = 50_000  # distinct cells looked at in one column
FIRST_ROWS = 400_000  # of a large source, where distinct cells are looked for
SHOWS_MARK = ("dot", "comma", "us_both", "eu_both")
AS_TYPE = {"BIGINT": as_whole, "DOUBLE": as_number, "VARCHAR": as_text}

Values = Mapping[str, list[tuple[str, int]]]  # distinct cells and their number, by column


@dataclass(frozen=True)
class TextFields:
    """The fields of the text columns by their name in the source, and what was found."""

    fields: dict[str, Field]
    findings: list[Finding]
    decimal: Mark | None  # the decimal mark of the table; None where columns have several


@dataclass(frozen=True)
class Column:
    """A text column, with the filled cells of its first rows."""

    source: Source  # holds this column and a few others
    name: str  # in the source
    label: str  # in the table
    head: list[str]
    promised: str | None  # its type, by the first cells
    is_id: bool = False

    @property
    def sql(self) -> str:
        """The column in SQL."""
        return quoted(self.name)

    def rows(self, what: str, condition: str, after: str = "") -> list[tuple[Any, ...]]:
        """What is asked for of the rows for which the condition holds."""
        return self.source.rows(f"SELECT {what} FROM {self.source.sql} WHERE {condition} {after}")

    def field(self, kind: str) -> Field:
        """The column as it stands, in one of the types of `AS_TYPE`."""
        return Field(self.label, self.name, kind, AS_TYPE[kind])


def text_fields(
    source: Source,
    columns: Sequence[tuple[str, str]],
    clues: Clues,
    *,
    large: bool = False,
    known: Mapping[str, str] = MappingProxyType({}),
) -> TextFields:
    """The fields of the text columns, given as (name in the source, name in the table).

    Of a `large` source, distinct cells are looked for in the first rows only. `known` are the types
    of columns that were looked at already and are to be taken as they stand.
    """
    fields = {c: Field(n, c, known[c]) for c, n in columns if c in known}
    unknown = [(c, n) for c, n in columns if c not in known]
    groups = [_looked_at(source, group, clues) for group in in_groups(unknown, AT_ONCE)]
    for group in groups:
        fields |= _as_they_stand(group)
    if any(f.type == "DOUBLE" for f in fields.values()):
        clues = replace(clues, shown=".")
    rest = [[x for x in group if x.name not in fields] for group in groups]
    found = _decided(rest, clues, large)
    return replace(found, fields=fields | found.fields)


def _looked_at(source: Source, columns: Sequence[tuple[str, str]], clues: Clues) -> list[Column]:
    """The columns with their first cells."""
    few = source.texts([c for c, _ in columns])
    rows = few.rows(f"SELECT * FROM {few.sql} LIMIT {HEAD}")
    found = []
    for j, (name, label) in enumerate(columns):
        head = bare_cells(row[j] for row in rows)
        an_id = is_id(label, clues.ids)
        promised = promise(head, clues.asked, an_id)[0]
        found.append(Column(few, name, label, head, promised, an_id))
    return found


def _decided(groups: Sequence[Sequence[Column]], clues: Clues, large: bool) -> TextFields:
    """The fields of columns that do not stay as they are, and what is to be said of them."""
    columns = [x for group in groups for x in group]
    words = {x.name: Meaning("text", gaps=_word_gaps(x.head)) for x in columns}
    values: dict[str, list[tuple[str, int]]] = {}
    for group in groups:
        values |= _values([x for x in group if x.promised != "VARCHAR"], large)
    ids = {x.name for x in columns if x.is_id}
    meanings, decimal = _meanings(values, clues, ids)
    meanings = words | meanings
    fields, findings = _checked(groups, meanings)
    late = [x for x in columns if large and _did_not_fit(x, findings)]
    if late:  # the first rows did not show all: decide once more, with the cells that did not fit
        values |= {x.name: values.get(x.name, []) + _misfits(x, meanings[x.name]) for x in late}
        again, decimal = _meanings(values, clues, ids)
        fields, findings = _checked(groups, meanings | again)
    return TextFields(fields, findings, clues.asked or decimal)


def bare_cells(cells: Iterable[str | None]) -> list[str]:
    """The filled cells, without blanks around them."""
    bare = [cell.strip(BLANK) for cell in cells if cell]
    return [cell for cell in bare if cell]


def promise(
    head: list[str], asked: Mark | None, is_id: bool = False
) -> tuple[str | None, tuple[str, ...]]:
    """What the first cells promise of a column, and the gap words that it must not hold.

    BIGINT and DOUBLE are plain numbers; VARCHAR are words, and only they have gap words to look
    for. None: more cells must be looked at.
    """
    if is_id and head and not keeps_its_letters(head) and any(map(number_in, head)):
        return None, ()
    if any(cell.startswith('="') for cell in head):
        return None, ()
    numbers = [number_in(cell) for cell in head]
    pairs = list(zip(head, numbers, strict=True))
    if measures(head):
        return None, ()
    likes = sum(1 for v, x in pairs if x or day_in(v) or v.lower() in NUMBER_GAPS or is_open(v))
    if likes < 0.5 * len(head):
        return "VARCHAR", _word_gaps(head)
    plain = [x for x in numbers if x and x.plain]
    if not head or len(plain) < len(head) or all(day_in(v) or NO_DAY.fullmatch(v) for v in head):
        return None, ()
    if all(x.power for x in plain):
        return None, ()
    if any(x.shape == "int" and _is_code(v) for v, x in zip(head, plain, strict=True)):
        return None, ()
    return _number_type(plain, asked), ()


def _is_code(cell: str) -> bool:
    """Whether a number would lose its zeros, such as 007, or its plus, as telephone numbers."""
    padded = len(cell) > 1 and cell.lstrip("+").startswith("0")
    return padded or TELEPHONE.fullmatch(cell) is not None


def _number_type(numbers: list[Number], asked: Mark | None) -> str | None:
    shapes = {x.shape for x in numbers}
    if shapes == {"int"}:
        return "BIGINT"
    points = "dot" in shapes and shapes <= {"dot", "dot3", "int"}
    return "DOUBLE" if points and asked != "," else None


def _as_they_stand(group: Sequence[Column]) -> dict[str, Field]:
    """The columns that keep what their first cells promise in every row."""
    fields: dict[str, Field] = {}
    counted: list[tuple[Column, str, list[str]]] = []
    for column in group:
        kind = column.promised
        if kind == "VARCHAR" and len(set(column.head)) <= FEW_WORDS:
            if not _words_changed(column):
                fields[column.name] = column.field(kind)
        elif kind:
            counted.append((column, kind, _counts_sql(column, kind)))
    for column, kind in _that_keep(counted):
        fields[column.name] = column.field(kind)
    return fields


def _that_keep(counted: Sequence[tuple[Column, str, list[str]]]) -> Iterator[tuple[Column, str]]:
    """The columns of which all cells are as promised, told by one look at all cells."""
    if not counted:
        return
    source = counted[0][0].source
    parts = ", ".join(part for _, _, parts in counted for part in parts)
    row = iter(source.rows(f"SELECT {parts} FROM {source.sql}")[0])
    for column, kind, parts_of_it in counted:
        if _keeps(kind, [next(row) for _ in parts_of_it]):
            yield column, kind


def _words_changed(column: Column) -> bool:
    """Whether a word of a column of few words has blanks or is a gap: each is looked at once."""
    (changed,) = _counts_sql(column, "VARCHAR")
    words = f"(SELECT DISTINCT {column.sql} FROM {column.source.sql})"
    return bool(column.source.rows(f"SELECT {changed} FROM {words}")[0][0])


def _counts_sql(column: Column, kind: str) -> list[str]:
    """What is to be counted to see whether a column keeps its promise."""
    col = column.sql
    if kind == "VARCHAR":
        word = text_sql(col, _word_gaps(column.head))
        return [f"count(*) FILTER ({word} IS DISTINCT FROM {col})"]
    fit = f"count(TRY_CAST({col} AS {kind}))"
    # 007 would lose its zeros, +49170 its plus
    padded = f"count(*) FILTER ({col} >= '00' AND {col} < '0:' OR {col} >= '+' AND {col} < ',')"
    if column.is_id:
        return [f"count({col})", fit, _letters_lost(col, kind)]
    if kind == "DOUBLE":
        return [f"count({col})", fit, padded]
    dotted = f"count(*) FILTER (contains({col}, '.'))"  # 1.5 would be rounded
    return [f"count({col})", fit, dotted, padded]


def _letters_lost(col: str, kind: str) -> str:
    """SQL of the number of cells that are not what their number is written like."""
    return f"count(*) FILTER (CAST(TRY_CAST({col} AS {kind}) AS VARCHAR) <> {bare_sql(col)})"


def _keeps(kind: str, counts: Sequence[int]) -> bool:
    if kind == "VARCHAR":
        return not counts[0]
    filled, fit, *others = counts
    return filled == fit > 0 and not any(others)


def _values(group: Sequence[Column], large: bool) -> dict[str, list[tuple[str, int]]]:
    """Distinct cells of columns of one source, and how often each occurs, told by one query.

    They stand in an order that does not depend on the rows'.
    """
    found: dict[str, list[tuple[str, int]]] = {column.name: [] for column in group}
    # One query for many columns holds the distinct cells of all of them; one for each costs its
    # plan and little else where columns are few.
    for some in in_groups(group, AT_ONCE if len(group) == AT_ONCE and not large else 1):
        source, names = some[0].source, ", ".join(column.sql for column in some)
        rows = f"(SELECT {names} FROM {source.sql} LIMIT {FIRST_ROWS})" if large else source.sql
        cells = f"SELECT unnest(range({len(some)})) AS place, unnest([{names}]) AS cell FROM {rows}"
        for place, cell, often in source.rows(
            f"SELECT place, cell, count(*) FROM ({cells}) WHERE trim(cell) <> '' "
            "GROUP BY place, cell QUALIFY row_number() OVER "
            f"(PARTITION BY place ORDER BY hash(cell)) <= {VALUES} ORDER BY place, hash(cell)"
        ):
            found[some[place].name].append((cell, often))
    return found


def _misfits(column: Column, meaning: Meaning) -> list[tuple[str, int]]:
    """Cells of the whole column that do not fit what its first rows promised."""
    col = column.sql
    misfit = f"({meaning.sql(col)}) IS NULL AND NOT ({gap_test(col, meaning.gaps)})"
    return column.rows(
        f"{col}, count(*)",
        f"trim({col}) <> '' AND {misfit}",
        f"GROUP BY {col} ORDER BY hash({col}) LIMIT {VALUES}",
    )


def _meanings(
    values: Values, clues: Clues, ids: Collection[str]
) -> tuple[dict[str, Meaning], Mark | None]:
    """What columns are, and the decimal mark they agree on: a point where none shows any.

    Columns that show their decimal mark speak for those that do not.
    """
    alone = {c: meaning_of(v, clues, c in ids) for c, v in values.items()}
    marks = {m.marks.decimal for m in alone.values() if m.kind == "number" and not m.is_id}
    marks = (marks | {clues.shown}) - {None}
    agreed = next(iter(marks)) if len(marks) == 1 else None
    told = agreed if marks else "."
    if clues.asked:
        _refuse_wrong_mark(values, clues.asked)
    hint = agreed or clues.spare
    if not hint:
        return alone, told
    clues = replace(clues, hint=hint)
    others = {c: v for c, v in values.items() if alone[c].marks.decimal != hint}
    return alone | {c: meaning_of(v, clues, c in ids) for c, v in others.items()}, told


def _refuse_wrong_mark(values: Values, asked: Mark) -> None:
    """An asked decimal mark that a column plainly contradicts."""
    for cells in values.values():
        free = meaning_of(cells, Clues())
        mark = free.marks.decimal
        if free.kind != "number" or not free.marks.fractions or mark in (None, asked):
            continue
        bare = [cell.strip(BLANK) for cell, _ in cells]
        shown = next((v for v in bare if (x := number_in(v)) and x.shape in SHOWS_MARK), "")
        raise OptionError(
            f'{option("decimal", asked)} does not fit numbers such as "{shown}". '
            f"Leave {option('decimal')} out, or say {option('decimal', mark)}"
        )


def _word_gaps(head: list[str]) -> tuple[str, ...]:
    """Gap words to look for in a column of words: all but NA, where it may be a code."""
    words = set(head)
    if all_different(head):
        return ()
    codes = sum(1 for v in words if len(v) == 2 and v.isupper())
    has_codes = codes > 0.5 * max(1, len(words))
    return tuple(gap for gap in TEXT_GAPS if gap != "NA" or not has_codes)


def _checked(
    groups: Sequence[Sequence[Column]], meanings: Mapping[str, Meaning]
) -> tuple[dict[str, Field], list[Finding]]:
    """Count, over all rows, what does not fit; settle what each column is, and say so."""
    fields: dict[str, Field] = {}
    findings: list[Finding] = []
    for group in filter(None, groups):
        parts = [part for x in group for part in _check_sql(x.sql, meanings[x.name])]
        source = group[0].source
        row = source.rows(f"SELECT {', '.join(parts)} FROM {source.sql}")[0]
        for i, column in enumerate(group):
            counts = row[4 * i : 4 * i + 4]
            fields[column.name], about = _settled(column, meanings[column.name], *counts)
            findings += about
    return fields, findings


def _check_sql(col: str, meaning: Meaning) -> tuple[str, str, str, str]:
    """SQL of the numbers of filled cells, of those that fit, of gap words, and of odd ones.

    Odd is text that is not to stay as it stands, or a fraction among whole numbers.
    """
    filled = f"count(*) FILTER ({bare_sql(col)} <> '')"
    gaps = f"count(*) FILTER ({gap_test(col, meaning.gaps)})"
    value = meaning.sql(col)
    if meaning.kind == "text":
        return filled, "0", gaps, f"count(*) FILTER ({value} IS DISTINCT FROM {col})"
    if meaning.is_id:  # a number
        return filled, f"count({value})", gaps, _letters_lost(col, meaning.type)
    if meaning.kind == "whole":
        value = replace(meaning, kind="number").sql(col)
        odd = f"count(*) FILTER (({value}) <> floor({value}) OR abs({value}) > 9e18)"
        return filled, f"count({value})", gaps, odd
    return filled, f"count({value})", gaps, "0"


def _settled(
    column: Column, meaning: Meaning, filled: int, fit: int, gaps: int, odd: int
) -> tuple[Field, list[Finding]]:
    """The field of a column whose cells were counted, and what is to be said of it."""
    as_it_stands = meaning.kind == "text" and not odd
    if meaning.is_id and meaning.kind != "text" and (odd or fit < filled - gaps):
        # a GUEST far down is kept as well
        meaning = replace(meaning, kind="text", trouble="codes", why=KEPT_AS_ID)
    if meaning.kind == "whole" and odd:
        meaning = replace(meaning, kind="number")
    if meaning.kind != "text" and fit < 0.5 * (filled - gaps):
        meaning = Meaning("text", trouble="mostly-numbers")  # the first rows promised otherwise
    bad = 0 if meaning.kind == "text" else filled - gaps - fit
    checked = Checked(
        filled,
        gaps,
        _gaps_met(column, meaning) if gaps else (),
        bad,
        _first_bad(column, meaning) if bad else None,
    )
    field = column.field("VARCHAR")
    if not as_it_stands:
        field = replace(field, type=meaning.type, cast=meaning.sql, plain=False)
    return field, column_findings(column.label, meaning, checked)


def _gaps_met(column: Column, meaning: Meaning) -> tuple[str, ...]:
    word = f"DISTINCT {bare_sql(column.sql)}"
    rows = column.rows(word, gap_test(column.sql, meaning.gaps), "ORDER BY 1")
    return tuple(str(row[0]) for row in rows)


def _first_bad(column: Column, meaning: Meaning) -> tuple[str, int] | None:
    """The first cell that does not fit, with its row number (the first below the header is 1)."""
    cells = f"SELECT {column.sql} AS cell, row_number() OVER () AS row FROM {column.source.sql}"
    misfit = f"({meaning.sql('cell')}) IS NULL AND NOT ({gap_test('cell', meaning.gaps)})"
    rows = column.source.rows(
        f"SELECT cell, row FROM ({cells}) WHERE {bare_sql('cell')} <> '' AND {misfit} "
        "ORDER BY row LIMIT 1"
    )
    return (str(rows[0][0]), int(rows[0][1])) if rows else None


def _did_not_fit(column: Column, findings: Sequence[Finding]) -> bool:
    codes = ("bad-cells", "mostly-numbers")
    return any(f.column == column.label and f.code in codes for f in findings)
