"""JSON: an array of records, one record a line, or records inside of something else.

DuckDB reads records; a file of another shape (an answer of a web service, one of the orients of
pandas) is written again as records first.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.data.cells.ids import is_id
from shoal.data.csv.encoding import refuse_many_columns, utf8_text
from shoal.data.frames import from_source, kept_in_parquet, written
from shoal.data.json_values import is_page, is_page_at, of_page, plain_value
from shoal.data.names import named_columns
from shoal.engine.scan import Source
from shoal.engine.table import Table
from shoal.errors import InputError
from shoal.findings import finding
from shoal.options import ReadingOptions as Asked
from shoal.text.paths import printable
from shoal.text.sql import file_literal, literal, quoted
from shoal.types import Finding, ReadAs, Severity

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType

MOST_BYTES = 1 << 29  # of a file that is one object and not records
DEPTH = 4  # of objects around the records, and inside them
LIMITS = "maximum_object_size=67108864, sample_size=-1"
AS_WORDS = ("DATE", "TIME", "UUID", "JSON", "HUGEINT", "UBIGINT", "UHUGEINT")
AGAIN = re.compile(r"(.+)_\d+")  # a name that DuckDB gives to one that comes twice
PHPMYADMIN = '{"type":"header"'  # at the top of what it exports
RIGHT = "A table is an array of records, [{…}, {…}], or one record a line."

Records = list[dict[str, Any]]


@dataclass
class _Reading:
    """One JSON file on its way to a Table."""

    path: Path  # UTF-8
    shown: Path  # as the user knows it
    folder: Path
    findings: list[Finding]
    keep: tuple[Any, ...]
    names: dict[str, str] = field(default_factory=dict)  # by what DuckDB calls a column


def read_json(
    plain: Path, shown: Path, asked: Asked, findings: Sequence[Finding], folder: Any
) -> Table:
    """The Table of a JSON file; raises InputError where there are no records in it."""
    inside = Path(folder.name)
    text = utf8_text(plain, asked.encoding, inside)
    path = _without_mark(text.path, inside)
    reading = _Reading(path, shown, inside, [*findings, *text.findings], (folder,))
    if _in_another_shape(path):
        _as_records(reading)
    source = _source(reading, asked)
    source, columns = _flat(reading, source)
    named = named_columns(source, [reading.names.get(c, c) for c in columns], columns)
    said = [*reading.findings, *named.findings]
    clues = written(asked.ids)
    return from_source(
        source, Path(printable(shown)).stem, ReadAs("json"), said, named.columns, clues=clues
    )


def _without_mark(path: Path, folder: Path) -> Path:
    """The file without the byte order mark that some programs put before it."""
    with open(path, encoding="utf-8") as file:
        if file.read(1) != "\ufeff":
            return path
        out = folder / f"unmarked-{path.name}"
        with open(out, "w", encoding="utf-8") as target:
            while piece := file.read(1 << 22):
                target.write(piece)
    return out


def _in_another_shape(path: Path) -> bool:
    """Whether the file is neither an array of objects nor one object a line."""
    with open(path, encoding="utf-8") as file:
        start = file.read(4096).lstrip()
        if not start.startswith("{"):
            odd = PHPMYADMIN in re.sub(r"\s", "", start) or _ends_in_a_comma(path)
            return odd or re.match(r"\[\s*\{", start) is None or is_page_at(start[1:])
        file.seek(0)
        lines = (line for line in file if line.strip())
        first = list(itertools.islice(lines, 2))
    if len(first) < 2:
        return True
    with suppress(ValueError):
        values = [json.loads(line) for line in first]
        return not all(isinstance(value, dict) and not is_page(value) for value in values)
    return True


def _ends_in_a_comma(path: Path) -> bool:
    """Whether a comma stands behind the last record of an array."""
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - 200))
        return re.search(rb",\s*\]\s*$", file.read()) is not None


def _as_records(reading: _Reading) -> None:
    """Write what was found in the file as records, one a line."""
    if reading.path.stat().st_size > MOST_BYTES:
        raise InputError(f'"{reading.shown}" is one large JSON value and not records. {RIGHT}')
    value = _parsed(reading)
    records, where = _records(value, "")
    if not records:
        keys = ", ".join(f'"{key[:30]}"' for key in list(value)[:5]) if value else "nothing"
        raise InputError(
            f'"{reading.shown}" is JSON without records in it: it holds {keys}. {RIGHT}'
        )
    if where:
        beside = _beside(value, records)
        severity: Severity = "warning" if beside else "info"
        rows = len(records)
        said = finding("records-inside", severity=severity, where=where, rows=rows, beside=beside)
        reading.findings.append(said)
    _write(reading, records)


def _beside(value: Any, records: Records) -> int:
    """How many records with the same names stand in other lists of an object."""
    lists = [each for each in value.values() if isinstance(each, list)] if _is_object(value) else []
    found = [_of_list(each) for each in lists]
    alike = [rows for rows in found if rows and rows != records and [*rows[0]] == [*records[0]]]
    return sum(map(len, alike))


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _parsed(reading: _Reading) -> Any:
    text = reading.path.read_text("utf-8")
    try:
        return json.loads(text)
    except ValueError as wrong:
        with suppress(ValueError):
            inside = re.fullmatch(r"\s*\[(.*),\s*\]\s*", text, re.DOTALL)
            return _one_after_the_other(inside[1] if inside else text)
        place = ""
        if isinstance(wrong, json.JSONDecodeError):
            place = f" in line {wrong.lineno:,}, letter {wrong.colno:,}: {wrong.msg.lower()}"
        raise InputError(
            f'"{reading.shown}" is no sound JSON{place}. It may be cut short: fetch the file again.'
        ) from None


def _one_after_the_other(text: str) -> list[Any]:
    """Values one after the other, with or without commas between them."""
    decoder = json.JSONDecoder()
    found = []
    at = 0
    while (at := _next(text, at)) < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


def _next(text: str, at: int) -> int:
    """Where the next value begins."""
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def _records(value: Any, where: str) -> tuple[Records, str]:
    """The records in a value, and where they were found; none where there are none."""
    if isinstance(value, list):
        return _of_phpmyadmin(value) or (_of_list(value), where)
    if not isinstance(value, dict) or where.count(".") >= DEPTH:
        return [], ""
    if found := _of_pandas(value) or _of_service(value) or _of_columns(value):
        return found, where
    inside = [_records(each, f"{where}.{key}".lstrip(".")) for key, each in value.items()]
    best = max(inside, key=lambda found: len(found[0]), default=([], ""))
    if not best[0] and not where and value and not any(map(_nested, value.values())):
        return [value], ""  # one customer
    return best


def _of_phpmyadmin(rows: list[Any]) -> tuple[Records, str] | None:
    """The largest of the tables that phpMyAdmin wrote, and its name."""
    tables = [row for row in rows if isinstance(row, dict) and row.get("type") == "table"]
    found = {str(row.get("name")): _of_list(row["data"]) for row in tables if row.get("data")}
    name = max(found, key=lambda each: len(found[each]), default=None)
    return None if name is None else (found[name], name)


def _nested(value: Any) -> bool:
    return isinstance(value, (dict, list))


def _of_list(rows: list[Any]) -> Records:
    """Records, or rows of cells of which the first may hold the names."""
    if rows and all(isinstance(row, dict) for row in rows):
        if all(list(row) == ["Data"] and isinstance(row["Data"], list) for row in rows):
            return _of_list([[plain_value(cell) for cell in row["Data"]] for row in rows])
        if all(map(is_page, rows)):
            return [record for page in rows for record in _of_list(of_page(page))]
        return [_bare(row) for row in rows]
    if len(rows) < 2 or not all(isinstance(row, list) for row in rows):
        return []
    first, *rest = rows
    if all(isinstance(cell, str) for cell in first) and len(set(first)) == len(first):
        return [dict(zip(first, row, strict=False)) for row in rest]
    names = [f"column_{j}" for j in range(1, max(map(len, rows)) + 1)]
    return [dict(zip(names, row, strict=False)) for row in rows]


def _bare(record: dict[str, Any]) -> dict[str, Any]:
    """A record without what a search engine or a map wraps it in."""
    for around, mark in (("_source", "_id"), ("properties", "geometry")):
        inner = record.get(around)
        if isinstance(inner, dict) and mark in record:
            return ({mark: record[mark]} if mark == "_id" else {}) | inner
    return {name: plain_value(value) for name, value in record.items()}


def _of_pandas(value: dict[str, Any]) -> Records:
    """What DataFrame.to_json writes: orient split, table, columns or index."""
    names, data = value.get("columns"), value.get("data")
    lists = isinstance(data, list) and all(isinstance(row, list) for row in data)
    if isinstance(names, list) and isinstance(data, list) and lists:
        rows = [dict(zip(map(str, names), row, strict=False)) for row in data]
        return _labelled(rows, value.get("index"))
    if "schema" in value and isinstance(data, list):
        return _of_list(data)
    inner = list(value.values())
    if len(inner) < 2 or not all(isinstance(each, dict) and each for each in inner):
        return []
    keys = list(inner[0])
    if any(any(map(_nested, each.values())) for each in inner):
        return []
    same = all(list(each) == keys for each in inner)
    if not same and not all(set(each) & set(keys) for each in inner):
        return []
    if same and _of_columns_orient(value, keys):
        rows = [{name: each[key] for name, each in value.items()} for key in keys]
        return _labelled(rows, keys)
    return _labelled([dict(each) for each in inner], list(value))


def _of_columns_orient(value: dict[str, Any], keys: list[str]) -> bool:
    """Whether the outer names are those of columns: their cells are alike, the rows' are not."""
    if keys == [str(i) for i in range(len(keys))]:
        return True
    if list(value) == [str(i) for i in range(len(value))]:
        return False
    of_columns = sum(_alike(list(each.values())) for each in value.values())
    of_rows = sum(_alike([each[key] for each in value.values()]) for key in keys)
    columns, rows = of_columns * len(keys), of_rows * len(value)
    return len(keys) > len(value) if columns == rows else columns > rows


def _alike(cells: list[Any]) -> bool:
    return len({isinstance(cell, str) for cell in cells if cell is not None}) <= 1


def _labelled(rows: Records, labels: Any) -> Records:
    """Rows with the labels of an index, where it is more than a count."""
    if not isinstance(labels, list) or len(labels) != len(rows):
        return rows
    if [str(each) for each in labels] == [str(i) for i in range(len(labels))]:
        return rows
    return [{"index": label} | row for label, row in zip(labels, rows, strict=True)]


def _of_service(value: dict[str, Any]) -> Records:
    """Rows of cells with their names beside them, as web services give them."""
    schema = value.get("schema")
    fields = schema.get("fields") if isinstance(schema, dict) else None
    for names in (fields, *(value.get(key) for key in ("fields", "header", "headers", "cols"))):
        rows = next((value[k] for k in ("rows", "values") if isinstance(value.get(k), list)), None)
        if isinstance(names, list) and rows:
            called = [str(n.get("name") if isinstance(n, dict) else n) for n in names]
            return [dict(zip(called, _cells(row), strict=False)) for row in rows]
    return []


def _cells(row: Any) -> list[Any]:
    """The cells of a row: BigQuery's are {"f": [{"v": …}]}."""
    if isinstance(row, dict) and isinstance(row.get("f"), list):
        row = row["f"]
    cells = row if isinstance(row, list) else [row]
    return [cell["v"] if isinstance(cell, dict) and list(cell) == ["v"] else cell for cell in cells]


def _of_columns(value: dict[str, Any]) -> Records:
    """Columns with their cells: {"id": [1, 2], "spent": [5, 6]}."""
    columns = {k: v for k, v in value.items() if isinstance(v, list)}
    lengths = {len(v) for v in columns.values()}
    if len(columns) < 2 or len(columns) < len(value) or len(lengths) != 1:
        return []
    if any(_nested(cell) for cells in columns.values() for cell in cells[:5]):
        return []
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _write(reading: _Reading, records: Records) -> None:
    """Write the records, with names of their own where theirs differ in case alone."""
    keys = list(dict.fromkeys(itertools.chain.from_iterable(records)))
    if len({key.lower() for key in keys}) < len(keys):
        reading.names = {f"c{j}": key for j, key in enumerate(keys)}
    own = {key: name for name, key in reading.names.items()}
    reading.path = reading.folder / "records.json"
    with open(reading.path, "w", encoding="utf-8") as out:
        for record in records:
            named = {own.get(key, key): _finite(each) for key, each in record.items()}
            out.write(json.dumps(named) + "\n")


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _source(reading: _Reading, asked: Asked) -> Source:
    """The records; days, ids and what is of several kinds as text, to be looked at as such."""
    found = _described(reading)
    refuse_many_columns(reading.shown, len(found), asked.max_columns)
    if _names_again(found):
        _write(reading, [r for r in _all_records(reading) if isinstance(r, dict)])
        found = _described(reading)
    kinds = {
        name: "VARCHAR" if _is_words(reading.names.get(name, name), kind, asked) else kind
        for name, kind in found
    }
    columns = ", ".join(f"{quoted(name)}: {literal(kind)}" for name, kind in kinds.items())
    path = file_literal(reading.path)
    sql = f"read_json({path}, {LIMITS}, columns={{{columns}}})"
    source = Source(sql, keep=reading.keep)
    # Read once: threads of DuckDB may hand over the last lines first, so that two readings of one
    # file, such as of ids and of values, would come in different orders.
    return kept_in_parquet(source)


def _described(reading: _Reading) -> list[tuple[str, str]]:
    path = file_literal(reading.path)
    rows = Source("").rows(f"DESCRIBE SELECT * FROM read_json({path}, {LIMITS})")
    return [(str(row[0]), str(row[1])) for row in rows]


def _names_again(columns: Sequence[tuple[str, str]]) -> bool:
    """Whether DuckDB took names that differ in case for the same."""
    names = {name.lower() for name, _ in columns}
    found = (AGAIN.fullmatch(name) for name, _ in columns)
    return any(each and each[1].lower() in names for each in found)


def _all_records(reading: _Reading) -> Iterator[Any]:
    value = _parsed(reading)
    yield from value if isinstance(value, list) else [value]


def _is_words(name: str, kind: str, asked: Asked) -> bool:
    plain = kind in AS_WORDS or kind.startswith("TIMESTAMP")
    return plain or (kind == "DOUBLE" and is_id(name, asked.ids))


def _flat(reading: _Reading, source: Source) -> tuple[Source, list[str]]:
    """The source with objects inside records as columns of their own: address.city."""
    con = source.connect()
    try:
        relation = con.sql(f"SELECT * FROM {source.sql}")
        pairs = list(zip(relation.columns, relation.types, strict=True))
    finally:
        con.close()
    if not any(kind.id == "struct" for _, kind in pairs):
        return source, [name for name, _ in pairs]
    parts = [
        part
        for name, kind in pairs
        for part in _parts(quoted(name), reading.names.get(name, name), kind)
    ]
    names = [f"c{j}" for j in range(len(parts))]
    reading.names = dict(zip(names, (name for _, name in parts), strict=True))
    chosen = ", ".join(f"{sql} AS {c}" for c, (sql, _) in zip(names, parts, strict=True))
    flat = Source(f"(SELECT {chosen} FROM {source.sql})", source.objects, source.keep)
    return flat, names


def _parts(sql: str, name: str, kind: DuckDBPyType) -> Iterator[tuple[str, str]]:
    """The columns that an object becomes: SQL and name of each."""
    if kind.id != "struct" or name.count(".") >= DEPTH:
        json_text = kind.id == "json"
        yield (f"({sql} ->> '$')" if json_text else sql), name
        return
    for key, inner in kind.children:
        longer = name if key.startswith("$") else f"{name}.{key}"  # {"$oid": …} of MongoDB
        yield from _parts(f"{sql}[{literal(key)}]", longer, inner)
