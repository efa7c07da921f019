"""One hash for a value, the same on every engine, machine and day."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from shoal.stats.hashing import hash_column, hash_rows


def test_hashes_do_not_depend_on_type_or_column_order() -> None:
    assert (
        hash_column(pa.array([1, 2, None], pa.int64())) == hash_column(pa.array([1.0, 2.0, None]))
    ).all()
    assert (hash_column(pa.array([0.0])) == hash_column(pa.array([-0.0]))).all()
    batch = pa.record_batch({"a": [1, 2], "b": ["x", "y"]})
    assert (hash_rows(batch, ["a", "b"]) == hash_rows(batch, ["b", "a"])).all()
    words = hash_column(pa.array(["ab", "ba", "a", "", "é", None]))
    assert len(set(words.tolist())) == 6
    sliced = pa.array(["skip", "ab", "ba"]).slice(1)
    assert (hash_column(sliced) == words[:2]).all()


def test_hashes_are_what_they_were_when_models_were_saved() -> None:
    # Worked out in Python's whole numbers: the sum of (byte + 1) · p**(place from 1) and the
    # length, then SplitMix64.
    def splitmix(z: int) -> int:
        z = (z + 0x9E3779B97F4A7C15) % 2**64
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        return z ^ z >> 31

    powers = [pow(0x100000001B3, min(i, 4096), 2**64) for i in range(1, 5001)]

    def word(text: str) -> int:
        raw = text.encode()
        return splitmix(
            (sum((b + 1) * p for b, p in zip(raw, powers, strict=False)) + len(raw)) % 2**64
        )

    texts = ["", "a", "Zoë", "x" * 5000, "ab" * 2000] + [
        f"town {i}" * (i % 20) for i in range(3000)
    ]
    for kind in (pa.string(), pa.large_string()):
        assert hash_column(pa.array(texts, kind)).tolist() == [word(t) for t in texts]
    assert (
        hash_column(pa.array(["b", "a", None] * 3000)).tolist()
        == [word("b"), word("a"), 0x9E3779B97F4A7C15] * 3000
    )
    assert hash_column(pa.array([-3.0, 0.0])).tolist() == [splitmix(2**64 - 3), splitmix(0)]
    half = int(np.float64(0.5).view(np.uint64))
    assert hash_column(pa.array([0.5])).tolist() == [splitmix(half)]
