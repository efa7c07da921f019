"""What every way of writing shares.

The table's name and columns, and what is said when they do not fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import pyarrow as pa

from shoal.data.databases.types import renamed
from shoal.data.databases.url import Address
from shoal.engine.cache import cast
from shoal.errors import OptionError, OutputError
from shoal.text.options import option
from shoal.text.sql import quoted

IfExists = Literal["replace", "append", "fail"]
STAGING = "_shoal_staging_"
_CATEGORIES = {
    "int64": "N",
    "double": "N",
    "bool": "BN",
    "string": "S",
    "date32[day]": "D",
    "timestamp[us]": "D",
}


def split_name(table: str, default: str) -> tuple[str, str]:
    """A table to be written, as (schema, name); all before the first dot is the schema."""
    schema, dot, name = table.partition(".")
    return (schema, name) if dot and name else (default, table)


def check_if_exists(if_exists: str) -> None:
    """Raises OptionError for a word that is none of the three."""
    if if_exists not in ("replace", "append", "fail"):
        raise OptionError(
            f"{option('if_exists', if_exists)} is unknown. Known: replace, append, fail."
        )


def exists_already(address: Address, table: str) -> OutputError:
    """What is said where a table stands in the way."""
    return OutputError(
        f'{address} has a table "{table}" already. Say {option("if_exists", "replace")} to put '
        f"the labels in its place, {option('if_exists', 'append')} to add them, "
        "or name another table. Nothing was changed."
    )


def column_list(schema: pa.Schema, types: Mapping[str, str], moment: str) -> str:
    """The columns of a CREATE TABLE: each name with its type, `moment` being the type of a time."""
    return ", ".join(
        f"{quoted(field.name)} {types.get(str(field.type), moment)}" for field in schema
    )


def takes(there: Mapping[str, str], schema: pa.Schema) -> bool:
    """Whether a table has just these columns, each of a category that takes its values.

    "S" text, "N" numbers, "B" truth, "D" dates.

    Such a table is emptied when it is replaced, and so keeps its indexes, grants and views; any
    other is made anew.
    """
    return set(there) == set(schema.names) and all(
        there[field.name] in ("S", *_CATEGORIES[str(field.type)]) for field in schema
    )


def check_target(
    address: Address,
    table: str,
    there: Iterable[str],
    wanted: Sequence[str],
    if_exists: IfExists,
) -> None:
    """Raise OutputError where a table with these columns stands in the way of the labels."""
    if there and if_exists == "fail":
        raise exists_already(address, table)
    if there and if_exists == "append":
        check_columns(address, table, there, wanted)


def check_columns(
    address: Address, table: str, there: Iterable[str], wanted: Sequence[str]
) -> None:
    """For appending: each label has its column. Raises OutputError with those that lack one."""
    have = {name.lower() for name in there}
    lacking = [name for name in wanted if name.lower() not in have]
    if lacking:
        names = ", ".join(f'"{name}"' for name in lacking)
        raise OutputError(
            f'Labels cannot be added to "{table}" of {address}: it has no column {names}. Say '
            f"{option('if_exists', 'replace')}, or name another table."
        )


def check_names(
    address: Address, names: Iterable[str], *, most: int, unit: Literal["bytes", "characters"]
) -> None:
    """Names that the database would cut or refuse are told before anything is written."""
    for name in names:
        size = len(name.encode()) if unit == "bytes" else len(name)
        if size > most:
            raise OutputError(
                f'The name "{name}" has {size} {unit}; {address.scheme} allows {most}. Rename it '
                "in the table of customers. Nothing was written."
            )
        if not name.strip() or "\0" in name:
            raise OutputError(
                f"The name {name!r} is not allowed in {address.scheme}. Rename it. Nothing was "
                "written."
            )


def writable(batches: Iterator[pa.RecordBatch]) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The schema of what is to be written, and all batches in it.

    Names that differ without regard to case, plain types.
    """
    first = next(batches, None)
    if first is None:
        raise OutputError("There are no labels to write.")
    taken = {name.lower() for name in first.schema.names[1:]}
    key = first.schema.names[0]
    names = [f"{key} (id)" if key.lower() in taken else key, *first.schema.names[1:]]
    start = renamed(first, names)
    schema = pa.schema(
        [f.with_type(pa.string()) if pa.types.is_null(f.type) else f for f in start.schema]
    )

    def all_batches() -> Iterator[pa.RecordBatch]:
        yield cast(start, schema)
        for batch in batches:
            yield cast(renamed(batch, names), schema)

    return schema, all_batches()
