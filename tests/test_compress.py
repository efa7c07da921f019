"""The sample: uniform, mergeable, the same for any order and split of rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from shoal.compress import SamplePass
from shoal.hashing import hash_column, hash_rows


def table(n: int = 5_000, repeat: int = 1) -> pa.Table:
    ids = np.repeat(np.arange(n), repeat)
    return pa.table({"id": ids, "spent": np.sqrt(ids)})


def sampled(rows: pa.Table, key: list[str], repeats: bool, batch: int = 700) -> SamplePass:
    found = SamplePass(key, repeats=repeats, size=500)
    start = 0
    for part in rows.to_batches(max_chunksize=batch):
        found.absorb(part, start)
        start += part.num_rows
    return found


@pytest.mark.parametrize(("key", "repeats"), [(["id"], False), (["id", "spent"], True)])
def test_any_order_and_any_split(key: list[str], repeats: bool) -> None:
    rows = table()
    shuffled = rows.take(pa.array(np.random.default_rng(1).permutation(len(rows))))
    first = sampled(rows, key, repeats).sample()
    second = sampled(shuffled, key, repeats, batch=91).sample()
    assert first.rows["id"].to_pylist() == second.rows["id"].to_pylist()
    assert len(first.index) == 500
    assert first.total == 5_000
    assert not first.whole
    assert rows["id"].take(pa.array(first.index)).to_pylist() == first.rows["id"].to_pylist()


def test_two_workers_merged_are_one() -> None:
    rows = table()
    left, right = sampled(rows.slice(0, 3_210), ["id"], False), sampled(rows.slice(3_210), ["id"], False)
    left.merge(right)
    assert left.sample().rows["id"].to_pylist() == sampled(rows, ["id"], False).sample().rows["id"].to_pylist()


def test_it_is_uniform() -> None:
    ids = np.array(sampled(table(50_000), ["id"], False).sample().rows["id"])
    counts = np.histogram(ids, bins=10, range=(0, 50_000))[0]
    assert counts.min() > 25  # 50 expected in each tenth; 25 is 3.7 standard deviations away
    assert counts.max() < 80


def test_repeated_rows_are_sampled_in_their_proportion() -> None:
    # 20 distinct rows, 500 times each: without an occurrence number only a few of them would be drawn.
    drawn = sampled(table(20, repeat=500), ["id", "spent"], True).sample().rows["id"]
    counts = np.bincount(np.array(drawn), minlength=20)
    assert counts.min() >= 8
    assert counts.max() <= 50


def test_hashes_do_not_depend_on_type_or_column_order() -> None:
    assert (hash_column(pa.array([1, 2, None], pa.int64())) == hash_column(pa.array([1.0, 2.0, None]))).all()
    assert (hash_column(pa.array([0.0])) == hash_column(pa.array([-0.0]))).all()
    batch = pa.record_batch({"a": [1, 2], "b": ["x", "y"]})
    assert (hash_rows(batch, ["a", "b"]) == hash_rows(batch, ["b", "a"])).all()
    words = hash_column(pa.array(["ab", "ba", "a", "", "é", None]))
    assert len(set(words.tolist())) == 6
    sliced = pa.array(["skip", "ab", "ba"]).slice(1)
    assert (hash_column(sliced) == words[:2]).all()
