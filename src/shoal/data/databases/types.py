"""What each type of a database becomes in a Table.

Int64, double, bool, string, date32 or timestamp[us]; a gap is null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

MOMENT = pa.timestamp("us")
DAY_US = 86_400_000_000


def plain(array: pa.Array) -> pa.Array:
    """An array as one of the six types; `null` stays where nothing is known of the type yet.

    >>> plain(pa.array([1.5, float("nan")])).to_pylist()
    [1.5, None]
    """
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return _extension(array)
    if pa.types.is_dictionary(kind):
        return plain(array.dictionary_decode())
    if pa.types.is_decimal(kind):
        return numbers(array.cast(pa.string()), whole=kind.scale <= 0)
    if pa.types.is_floating(kind):
        wide = array.cast(pa.float64())
        return pc.if_else(pc.is_nan(wide), pa.scalar(None, pa.float64()), wide)
    if pa.types.is_integer(kind):
        return _whole(array)
    if pa.types.is_timestamp(kind):
        return _moment(array)
    if pa.types.is_date(kind):
        return array.cast(pa.date32())
    if pa.types.is_duration(kind):
        return pc.divide(
            array.cast(pa.duration("us"), safe=False).cast(pa.int64()).cast(pa.float64()),
            float(DAY_US),
        )
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return array
    return _text(array)


def numbers(texts: pa.Array, *, whole: bool = False) -> pa.Array:
    """Exact numbers in writing.

    Int64 where all are whole and fit, so that no digit of a long id is lost; else double, or text
    where a type of `whole` numbers promises ids of more digits.

    >>> numbers(pa.array(["9007199254740993", None])).to_pylist()
    [9007199254740993, None]
    >>> numbers(pa.array(["1.50"])).to_pylist()
    [1.5]
    >>> numbers(pa.array(["1234567890123456789012"]), whole=True).to_pylist()
    ['1234567890123456789012']
    """
    try:
        return texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return texts if whole else plain(texts.cast(pa.float64()))


def objects(values: Sequence[Any]) -> pa.Array:
    """Python objects of one column, as a driver without Arrow gives them, as one of the six types.

    >>> objects([1, None, 2.5]).to_pylist(), objects([1, "a"]).to_pylist()
    ([1.0, None, 2.5], ['1', 'a'])
    """
    if {datetime, date} <= set(map(type, values)):  # Arrow would cut the times off
        values = [datetime.combine(v, time()) if type(v) is date else v for v in values]
    try:
        return plain(pa.array(values))
    except (
        pa.ArrowInvalid,
        pa.ArrowTypeError,
        pa.ArrowNotImplementedError,
        OverflowError,
    ):  # no one type of Arrow's fits them all
        return _mixed(values)


def streamed(reader: pa.RecordBatchReader, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The batches of a reader, each column made plain, under these names.

    The first has no rows: it tells the types where there are no others.
    """
    nothing = [pa.array([], kind) for kind in reader.schema.types]
    yield renamed(pa.RecordBatch.from_arrays(nothing, schema=reader.schema), names)
    for batch in reader:
        yield renamed(batch, names)


def renamed(batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
    """The batch with each column made plain, under these names."""
    return pa.RecordBatch.from_arrays(
        [plain(column) for column in batch.columns], names=list(names)
    )


def _whole(array: pa.Array) -> pa.Array:
    try:
        return array.cast(pa.int64())
    except pa.ArrowInvalid:
        return array.cast(pa.string())  # beyond 64 bits: kept digit by digit


def _moment(array: pa.Array) -> pa.Array:
    return array.cast(pa.timestamp("us", array.type.tz), safe=False).cast(MOMENT)


def _text(array: pa.Array) -> pa.Array:
    try:
        return array.cast(pa.string())
    except (
        pa.ArrowInvalid,
        pa.ArrowNotImplementedError,
    ):  # Arrow has no words for this type: each value's own
        return pa.array([_word(value) for value in array.to_pylist()], pa.string())


def _extension(array: pa.Array) -> pa.Array:
    """A type with a name of its own (uuid, JSON, PostgreSQL's numeric), by what it is stored as."""
    name = str(getattr(array.type, "type_name", "") or array.type)
    if "uuid" in name:
        return pa.array([None if v is None else str(v) for v in array.to_pylist()], pa.string())
    return (
        numbers(array.storage)
        if name == "numeric" and pa.types.is_string(array.storage.type)
        else plain(array.storage)
    )


def _mixed(values: Sequence[Any]) -> pa.Array:
    kinds = {type(v).__name__ for v in values if v is not None}
    if kinds <= {"int", "float", "Decimal", "bool"} and all(
        v is None or abs(v) < 2**63 for v in values
    ):
        return plain(pa.array([None if v is None else float(v) for v in values], pa.float64()))
    return pa.array([_word(v) for v in values], pa.string())


def _word(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        raw = bytes(value)
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return raw.hex()
    return (
        json.dumps(value, ensure_ascii=False, default=str)
        if isinstance(value, dict | list | tuple)
        else str(value)
    )
