"""One hash for a value, the same on every engine, machine and day: what the sample and the counts of distinct values rest on.

Whole numbers hash alike whatever type they were read as; a row's hash does not depend on the order of its columns.
The mixer is the finaliser of SplitMix64 (Steele, Lea & Flood 2014); words are hashed as polynomials of their bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Hashes = npt.NDArray[np.uint64]

_GAP = np.uint64(0x9E3779B97F4A7C15)
_PRIME = np.uint64(0x100000001B3)
_WORD_BYTES = 4096  # longer words are told apart by their first bytes and their length


def mix(values: Hashes) -> Hashes:
    """Scatter 64-bit words so that near values land far apart."""
    z = values + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)), dtype=np.uint64)


def _hash_words(array: pa.Array) -> Hashes:
    """Polynomial hash of UTF-8 bytes modulo 2**64, all words at once."""
    array = pc.fill_null(array, "").cast(pa.large_string())
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    data = array.buffers()[2]
    if data is None or len(array) == 0 or offsets[0] == offsets[-1]:
        return np.zeros(len(array), dtype=np.uint64)
    raw = np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]]
    starts, lengths = offsets[:-1] - offsets[0], np.diff(offsets)
    place = np.minimum(np.arange(len(raw)) - np.repeat(starts, lengths), _WORD_BYTES - 1)
    powers = np.cumprod(np.full(_WORD_BYTES, _PRIME, dtype=np.uint64))
    sums = np.concatenate([[np.uint64(0)], np.cumsum((raw.astype(np.uint64) + np.uint64(1)) * powers[place], dtype=np.uint64)])
    return np.asarray(sums[starts + lengths] - sums[starts] + lengths.astype(np.uint64), dtype=np.uint64)


def _hash_numbers(array: pa.Array) -> Hashes:
    if pa.types.is_floating(array.type):
        x = np.asarray(pc.fill_null(array, 0.0), dtype=np.float64) + 0.0  # -0.0 becomes 0.0
        whole = np.isfinite(x) & (np.abs(x) < 2**53) & (x == np.trunc(x))
        bits = x.view(np.uint64).copy()
        bits[whole] = x[whole].astype(np.int64).view(np.uint64)
        return bits
    if pa.types.is_date32(array.type):
        array = array.cast(pa.int32())
    plain: npt.NDArray[np.int64] = np.asarray(pc.fill_null(array.cast(pa.int64()), 0)).astype(np.int64)
    return np.asarray(plain.view(np.uint64))


def hash_column(array: pa.Array) -> Hashes:
    """One 64-bit hash for each value of an Arrow array; every gap has the same hash.

    >>> hash_column(pa.array([7])) == hash_column(pa.array([7.0]))
    array([ True])
    """
    words = pa.types.is_string(array.type) or pa.types.is_large_string(array.type)
    hashes = mix(_hash_words(array) if words else _hash_numbers(array))
    if array.null_count:
        hashes[np.asarray(pc.is_null(array))] = _GAP
    return hashes


def hash_rows(batch: pa.RecordBatch, columns: Iterable[str]) -> Hashes:
    """One hash a row over these columns, whatever their order."""
    total = np.zeros(batch.num_rows, dtype=np.uint64)
    for name in columns:
        total += mix(hash_column(batch.column(name)) ^ np.uint64(zlib.crc32(name.encode())))
    return mix(total)
