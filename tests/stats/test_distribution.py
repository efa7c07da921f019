"""When a logarithm is due, and what counts as far out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import shoal
from shoal.stats.distribution import clip_limits, fences, log_offset, numbers, skewness

RNG = np.random.default_rng(4)


def test_a_lognormal_column_is_logged_without_offset() -> None:
    assert log_offset(np.exp(RNG.normal(5, 1, 2000))) == 0.0


def test_zeros_need_an_offset_in_the_columns_own_unit() -> None:
    spent = np.exp(RNG.normal(5, 1, 2000))
    spent[::4] = 0
    offset = log_offset(spent)
    assert offset is not None
    assert offset > 0
    assert log_offset(spent * 100) == pytest.approx(100 * offset)


@pytest.mark.parametrize(
    "x",
    [
        RNG.normal(50, 10, 500),
        -np.exp(RNG.normal(0, 1, 500)),
        RNG.integers(1, 6, 500) ** 2.0,
        np.concatenate(
            [RNG.normal(150, 3, 1800), RNG.normal(500, 3, 200)]
        ),  # two groups apart: skewed, yet no tail
    ],
    ids=["symmetric", "negative", "few values", "two groups"],
)
def test_no_logarithm_is_due(x: np.ndarray) -> None:
    assert log_offset(x) is None


def test_one_typing_error_does_not_call_for_a_logarithm() -> None:
    assert log_offset(np.append(np.linspace(15, 137, 199), 137e6)) is None


def test_fences_by_hand() -> None:
    assert fences(np.array([1.0, 2, 3, 4, 5])) == (-4.0, 10.0)  # quartiles 2 and 4, reach 6
    assert fences(np.array([0.0, 0, 0, 0, 9])) is None
    assert skewness(np.array([0.0, 0, 0, 4])) == pytest.approx(
        1.1547, abs=1e-4
    )  # deviations -1 -1 -1 3: 6 / 3 ** 1.5


def test_a_far_group_is_not_drawn_in_but_a_lonely_value_is() -> None:
    middle = np.linspace(0, 1, 900)
    assert clip_limits(np.append(middle, np.full(100, 50.0)))[1] == 50.0
    assert clip_limits(np.append(middle, 50.0))[1] < 5


def test_whole_numbers_beyond_2_to_53_are_rounded_and_form_segments() -> None:
    """A column of account numbers that somebody names with --by is a column of numbers."""
    assert numbers(pa.array([2**60, None])).tolist()[0] == 1152921504606846976.0
    large = pd.DataFrame(
        {
            "a": [10**17 + i for i in range(40)] + [9 * 10**17 + i for i in range(40)],
            "b": list(range(80)),
        }
    )
    assert shoal.segment(large, by=["a", "b"], k=2).k == 2


@pytest.mark.parametrize(
    ("seed", "draw"),
    [
        (3, lambda rng: rng.gamma(1.2, 40, 1500)),  # a plain logarithm leaves just too much
        (3, lambda rng: rng.gamma(3, 40, 1500)),  # hardly due
        (2, lambda rng: rng.negative_binomial(1, 0.02, 1500) * 1.0),  # zeros, between two offsets
        (0, lambda rng: rng.negative_binomial(0.6, 0.02, 1500) * 1.0),
    ],
    ids=["even", "hardly due", "zeros", "many zeros"],
)
def test_nine_tenths_of_the_rows_learn_practically_the_same_logarithm(
    seed: int, draw: Callable[[np.random.Generator], np.ndarray]
) -> None:
    rng = np.random.default_rng(seed)
    x = draw(rng)

    def taken(rows: np.ndarray) -> np.ndarray:
        offset = log_offset(rows)
        return x if offset is None else np.log(x + offset + 1e-9)

    tenths = [rng.choice(x, 1350, replace=False) for _ in range(20)]
    assert min(np.corrcoef(taken(x), taken(rows))[0, 1] for rows in tenths) > 0.99
