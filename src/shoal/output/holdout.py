"""Who is held out of a campaign, so that it can be told what it did."""

from __future__ import annotations

import hashlib

import pyarrow as pa

_TOP = 2.0**64


def keys_of(ids: pa.Array) -> list[str]:
    """Ids as texts, the same whatever kind of column holds them: 12 and 12.0 are one."""
    if pa.types.is_floating(ids.type):
        return [
            "" if x is None else f"{x:.0f}" if x == int(x) else repr(x) for x in ids.to_pylist()
        ]
    return ["" if x is None else str(x).strip() for x in ids.to_pylist()]


def hash_of(key: str, seed: int) -> int:
    """A whole number below 2^64 that hangs on an id and the seed alone."""
    digest = hashlib.blake2b(f"{seed}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def is_held_out(key: str, share: float, seed: int) -> bool:
    """Whether a customer is held out: told by the id and the seed alone, wherever they stand.

    >>> sum(is_held_out(str(i), 0.1, 0) for i in range(10_000))
    949
    """
    return hash_of(key, seed) / _TOP < share
