"""The sample: uniform, mergeable, the same for any order and split of rows."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pyarrow as pa
import pytest

from shoal.analysis.profile import sample as compress
from shoal.analysis.profile.sample import SampleAccumulator
from shoal.types import Sample


def table(n: int = 5_000, repeat: int = 1) -> pa.Table:
    ids = np.repeat(np.arange(n), repeat)
    return pa.table({"id": ids, "spent": np.sqrt(ids)})


def sampled(rows: pa.Table, key: list[str], repeats: bool, batch: int = 700) -> SampleAccumulator:
    found = SampleAccumulator(key, repeats=repeats, size=500)
    start = 0
    for part in rows.to_batches(max_chunksize=batch):
        found.update(part, start)
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
    left, right = (
        sampled(rows.slice(0, 3_210), ["id"], False),
        sampled(rows.slice(3_210), ["id"], False),
    )
    left.merge(right)
    assert (
        left.sample().rows["id"].to_pylist()
        == sampled(rows, ["id"], False).sample().rows["id"].to_pylist()
    )


def test_it_is_uniform() -> None:
    ids = np.array(sampled(table(50_000), ["id"], False).sample().rows["id"])
    counts = np.histogram(ids, bins=10, range=(0, 50_000))[0]
    assert counts.min() > 25  # 50 expected in each tenth; 25 is 3.7 standard deviations away
    assert counts.max() < 80


def test_repeated_rows_are_sampled_in_their_proportion() -> None:
    # 20 distinct rows, 500 times each: without an occurrence number only a few of them would be
    # drawn.
    drawn = sampled(table(20, repeat=500), ["id", "spent"], True).sample().rows["id"]
    counts = np.bincount(np.array(drawn), minlength=20)
    assert counts.min() >= 8
    assert counts.max() <= 50


N = 200_000
WITHOUT_ID = {
    "few distinct rows": lambda r: {"income": r.integers(0, 30, N), "score": r.integers(0, 40, N)},
    "more distinct rows than are counted": lambda r: {
        "income": r.integers(0, 300, N),
        "score": r.integers(0, 400, N),
    },
    "all distinct": lambda r: {"spent": r.normal(size=N)},
    "a third are nothing at all": lambda r: {
        "spent": np.where(r.random(N) < 1 / 3, 0.0, r.normal(size=N))
    },
}


def drawn_by(workers: int, rows: pa.Table, batch: int) -> pa.Table:
    """The sample of workers that are dealt the batches in turn, sent elsewhere and merged."""
    empty = SampleAccumulator(rows.schema.names, repeats=True, size=500)
    passes = [copy.deepcopy(empty) for _ in range(workers)]
    start = 0
    for i, part in enumerate(rows.to_batches(max_chunksize=batch)):
        passes[i % workers].update(part, start)
        start += part.num_rows
    first, *others = (pickle.loads(pickle.dumps(each)) for each in passes)
    for other in others:
        first.merge(other)
    sample = first.sample()
    assert sample.total == len(rows)
    assert rows.take(pa.array(sample.index)).equals(sample.rows)
    return sample.rows


@pytest.mark.parametrize("kind", WITHOUT_ID)
def test_without_an_id_any_order_and_any_split(kind: str) -> None:
    rng = np.random.default_rng(5)
    rows = pa.table(WITHOUT_ID[kind](rng))
    first = drawn_by(1, rows, 131_072)
    assert drawn_by(3, rows, 20_000).equals(first)
    assert drawn_by(2, rows.take(pa.array(rng.permutation(N))), 5_000).equals(first)
    assert drawn_by(40, rows.sort_by(rows.schema.names[0]), 5_000).equals(first)


def test_without_an_id_rows_are_drawn_in_their_proportion() -> None:
    # 20 % zeros, 30 % the whole numbers below 60, 20 % those below 9000, 30 % like no other: in 20
    # tables of 100,000 rows
    shares = []
    for seed in range(20):
        r = np.random.default_rng(seed)
        parts = [
            np.zeros(20_000),
            r.integers(1, 60, 30_000),
            r.integers(60, 9_000, 20_000),
            r.normal(size=30_000) + 1e6,
        ]
        x = np.array(
            drawn_by(
                1, pa.table({"x": r.permutation(np.concatenate(parts)) + 1e-9 * seed}), 131_072
            )["x"]
        )
        shares.append(np.histogram(x, bins=[-1, 0.5, 59.5, 1e4, 1e7])[0] / 500)
    # the standard error of a share of 0.2 in 10,000 rows drawn is 0.004; twice that, as equal rows
    # come together
    assert np.mean(shares, axis=0) == pytest.approx([0.2, 0.3, 0.2, 0.3], abs=0.025)


def test_whole_numbers_close_together_are_counted_as_if_row_by_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    n = 200_000
    income, score = rng.integers(-40, 60, n), np.minimum(rng.geometric(0.1, n), 90)
    batches = pa.table({"score": score, "income": income}).to_batches(max_chunksize=30_000)

    def drawn(size: int) -> Sample:
        one, two = (
            SampleAccumulator(["income", "score"], repeats=True, size=size) for _ in range(2)
        )
        for number, batch in enumerate(batches):
            (two if number % 3 else one).update(batch, number * 30_000)
        one.merge(two)
        return one.sample()

    for size in (
        100,
        20_000,
    ):  # many more distinct rows than can be tracked, and few enough for all
        folded = drawn(size)
        with monkeypatch.context() as patch:
            patch.setattr(compress, "_folded", lambda batch, key: None)
            plain = drawn(size)
        assert folded.total == plain.total == n
        assert folded.rows.equals(plain.rows)
        assert (
            pa.Table.from_batches(batches)
            .take(pa.array(folded.index))
            .combine_chunks()
            .equals(folded.rows)
        )


def test_only_whole_numbers_close_together_are_folded() -> None:
    near = pa.record_batch({"a": [3, 1, 3, 1, 3, 3] * 2, "b": [7, 7, 7, 7, 7, 8] * 2})
    found = compress._folded(near, ["b", "a"])
    assert found is not None
    rows, at, times = found
    assert rows.to_pylist() == [{"a": 1, "b": 7}, {"a": 3, "b": 7}, {"a": 3, "b": 8}]
    assert at.tolist() == [1, 0, 5]
    assert times.tolist() == [4, 6, 2]
    for odd in (
        {"a": [1, 10**9] * 3},
        {"a": [1.0, 2.0] * 3},
        {"a": [1, None] * 3},
        {"a": ["x"] * 6},
    ):
        assert compress._folded(pa.record_batch(odd), ["a"]) is None
    assert compress._folded(near, ["a"]) is None
