"""One hash for a value, the same on every engine, machine and day.

What the sample and the counts of distinct values rest on.

Whole numbers hash alike whatever type they were read as; a row's hash does not depend on the order
of its columns. The mixer is the finaliser of SplitMix64 (Steele, Lea & Flood 2014); words are
hashed as polynomials of their bytes. Everything is worked out in blocks that stay in the
processor's cache.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Hashes = npt.NDArray[np.uint64]

BLOCK = 16_384  # values worked on at a time: with two spare blocks they fit a second-level cache
_GAP = np.uint64(0x9E3779B97F4A7C15)
_PRIME = 0x100000001B3
_WORD_BYTES = 4096  # longer words are told apart by their first bytes and the sum of the others
_TEXT_BYTES = 65_536  # bytes of words worked on at a time
_PEEK = 4096  # values looked at to tell whether a column has few different words


def _powers(base: int, count: int) -> Hashes:
    powers = np.full(count, base, dtype=np.uint64)
    powers[0] = 1
    powers = np.cumprod(powers, dtype=np.uint64)
    powers.setflags(write=False)
    return powers


_POWERS = _powers(_PRIME, _TEXT_BYTES + 1)
_INVERSE = _powers(
    pow(_PRIME, -1, 2**64), _TEXT_BYTES + 1
)  # an odd number has an inverse modulo 2**64


def blocks(length: int, size: int = BLOCK) -> Iterator[slice]:
    """The slices that cut so many values into blocks."""
    return (slice(start, min(start + size, length)) for start in range(0, length, size))


def _mix_block(z: Hashes, spare: Hashes) -> None:
    z += np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        np.right_shift(z, np.uint64(shift), out=spare)
        np.bitwise_xor(z, spare, out=z)
        if factor != 1:
            z *= np.uint64(factor)


def _mix_in_place(values: Hashes) -> Hashes:
    spare = np.empty(min(BLOCK, len(values)), dtype=np.uint64)
    for part in blocks(len(values)):
        block = values[part]
        _mix_block(block, spare[: len(block)])
    return values


def mix(values: Hashes) -> Hashes:
    """Scatter 64-bit words so that near values land far apart."""
    return _mix_in_place(np.array(values, dtype=np.uint64))


def scatter(bits: Hashes, out: Hashes, spare: Hashes) -> None:
    """A cheaper mixer for counting different values: its high bits are even, its low bits are not.

    Different values stay different.
    """
    np.multiply(bits, np.uint64(0xBF58476D1CE4E5B9), out=out)
    np.right_shift(out, np.uint64(32), out=spare)
    np.bitwise_xor(out, spare, out=out)
    np.multiply(out, np.uint64(0x94D049BB133111EB), out=out)


def is_words(kind: pa.DataType) -> bool:
    """Whether a column holds text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def few_words(array: pa.Array) -> bool:
    """Whether a text column repeats itself so much that only different words are hashed."""
    head = array.slice(0, _PEEK)
    return len(pc.unique(head)) * 4 <= len(head)


def _bytes(array: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The bytes of all words in a row, and where each word starts (and the last ends)."""
    width = np.int64 if pa.types.is_large_string(array.type) else np.int32
    offsets = np.frombuffer(array.buffers()[1], dtype=width)[
        array.offset : array.offset + len(array) + 1
    ].astype(np.int64)
    data = array.buffers()[2]
    raw = np.zeros(0, dtype=np.uint8) if data is None else np.frombuffer(data, dtype=np.uint8)
    return raw[offsets[0] : offsets[-1]], offsets - offsets[0]


def _hash_words(array: pa.Array) -> Hashes:
    """Polynomial hash of UTF-8 bytes modulo 2**64.

    One running sum over many words, each then divided by its first power.
    """
    if len(array) == 0:
        return np.zeros(0, dtype=np.uint64)
    raw, starts = _bytes(array)
    lengths = np.diff(starts)
    hashes = lengths.astype(np.uint64)
    if len(raw) and lengths.max() > _WORD_BYTES:
        long = lengths > _WORD_BYTES
        hashes[~long] = _hash_words(array.filter(pa.array(~long)))
        hashes[long] += np.array(
            [_hash_long(raw[starts[i] : starts[i + 1]]) for i in np.flatnonzero(long)],
            dtype=np.uint64,
        )
        return hashes
    sums = np.zeros(_TEXT_BYTES + 1, dtype=np.uint64)
    first = 0
    while first < len(array):
        last = int(np.searchsorted(starts, starts[first] + _TEXT_BYTES, side="right")) - 1
        part = raw[starts[first] : starts[last]]
        running = sums[1 : len(part) + 1]
        np.add(part, np.uint64(1), out=running)
        running *= _POWERS[1 : len(part) + 1]
        np.cumsum(running, out=running)
        at = starts[first : last + 1] - starts[first]
        hashes[first:last] += np.diff(sums[at]) * _INVERSE[at[:-1]]
        first = last
    return hashes


def _hash_long(raw: npt.NDArray[np.uint8]) -> np.uint64:
    terms = raw.astype(np.uint64) + np.uint64(1)
    powers = _POWERS[np.minimum(np.arange(1, len(raw) + 1), _WORD_BYTES)]
    return np.uint64(np.sum(terms * powers, dtype=np.uint64))


def _hash_floats(x: npt.NDArray[np.float64]) -> Hashes:
    bits = np.empty(len(x), dtype=np.uint64)
    for part in blocks(len(x)):
        block = x[part] + 0.0  # -0.0 becomes 0.0
        whole = np.abs(block) < 2**53
        whole &= np.trunc(block) == block
        bits[part] = block.view(np.uint64)
        np.copyto(bits[part].view(np.int64), block, where=whole, casting="unsafe")
    return bits


def values_of(array: pa.Array) -> npt.NDArray[np.int64] | npt.NDArray[np.float64]:
    """The numbers of an Arrow array, dates and times as whole numbers; gaps hold anything.

    Without a copy where that can be.
    """
    kind = array.type
    if pa.types.is_boolean(kind):
        return np.asarray(pc.fill_null(array, False)).astype(np.int64)
    if pa.types.is_floating(kind):
        array, dtype = (array if pa.types.is_float64(kind) else array.cast(pa.float64())), "f8"
    elif pa.types.is_date32(kind):
        return np.frombuffer(array.buffers()[1], dtype=np.int32)[
            array.offset : array.offset + len(array)
        ].astype(np.int64)
    else:
        array, dtype = (array if kind.bit_width == 64 else array.cast(pa.int64())), "i8"
    data = array.buffers()[1]
    return (
        np.frombuffer(data, dtype=dtype)[array.offset : array.offset + len(array)]
        if len(array)
        else np.zeros(0, dtype=dtype)
    )


def _hash_values(array: pa.Array) -> Hashes:
    """The hash of each value, to be written over at will; gaps get anything."""
    if is_words(array.type):
        if few_words(array):
            coded = array.dictionary_encode()
            return np.take(
                _mix_in_place(_hash_words(coded.dictionary)), np.asarray(coded.indices.fill_null(0))
            )
        return _mix_in_place(_hash_words(array))
    values = values_of(array)
    if values.dtype == np.float64:
        return _mix_in_place(_hash_floats(np.asarray(values, dtype=np.float64)))
    return mix(values.view(np.uint64))


def hash_column(array: pa.Array) -> Hashes:
    """One 64-bit hash for each value of an Arrow array; every gap has the same hash.

    >>> hash_column(pa.array([7])) == hash_column(pa.array([7.0]))
    array([ True])
    """
    if len(array) == array.null_count:
        return np.full(len(array), _GAP)
    hashes = _hash_values(array)
    if array.null_count:
        hashes[np.asarray(pc.is_null(array))] = _GAP
    return hashes


def hash_rows(batch: pa.RecordBatch, columns: Iterable[str]) -> Hashes:
    """One hash a row over these columns, whatever their order."""
    total = np.zeros(batch.num_rows, dtype=np.uint64)
    for name in columns:
        hashes = hash_column(batch.column(name))
        hashes ^= np.uint64(zlib.crc32(name.encode()))
        total += _mix_in_place(hashes)
    return _mix_in_place(total)
