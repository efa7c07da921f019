"""Who is held out of a campaign, so that it can be told what it did."""

from __future__ import annotations

import hashlib
import math

import pyarrow as pa
import pyarrow.compute as pc

_TOP = 2.0**64


def keys_of(ids: pa.Array) -> list[str]:
    """Ids as texts, the same whatever kind of column holds them: 12 and 12.0 are one."""
    return list(key_array(ids).to_pylist())


def key_array(ids: pa.Array) -> pa.Array:
    """The same as an Arrow array of strings; missing ids are empty.

    >>> key_array(pa.array([12.0, 12.5, None])).to_pylist()
    ['12', '12.5', '']
    >>> key_array(pa.array([" a7", None])).to_pylist(), key_array(pa.array([7])).to_pylist()
    (['a7', ''], ['7'])
    """
    kind = ids.type
    if pa.types.is_floating(kind):
        return pa.array(map(_of_fraction, ids.to_pylist()), pa.string())
    if pa.types.is_integer(kind):
        return pc.fill_null(ids.cast(pa.string()), "")
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        ids = pa.array(["" if x is None else str(x) for x in ids.to_pylist()], pa.string())
    return pc.fill_null(pc.utf8_trim_whitespace(ids.cast(pa.string())), "")


def _of_fraction(x: float | None) -> str:
    if x is None or not math.isfinite(x):
        return ""
    return f"{x:.0f}" if x == math.floor(x) else repr(x)


def hash_of(key: str, seed: int) -> int:
    """A whole number below 2^64 that depends on an id and the seed alone."""
    digest = hashlib.blake2b(f"{seed}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def is_held_out(key: str, share: float, seed: int) -> bool:
    """Whether a customer is held out: told by the id and the seed alone, wherever they stand.

    >>> sum(is_held_out(str(i), 0.1, 0) for i in range(10_000))
    949
    """
    return hash_of(key, seed) / _TOP < share
