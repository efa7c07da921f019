"""How sure k is: chosen anew on parts of the customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.errors import OptionError


def test_groups_far_apart_are_chosen_every_time_and_noise_is_not() -> None:
    rng = np.random.default_rng(5)
    middles = np.array([[0, 0], [9, 0], [0, 9]])
    groups = np.repeat(middles, 60, axis=0) + rng.normal(size=(180, 2))
    table = pd.DataFrame(groups + 50, columns=["spend", "visits"])
    study = shoal.segment(table, k_max=4, reruns=3)
    assert study.choice.reruns == ((3, 3),)
    said = "Re-runs, each on nine tenths of the customers, chose 3 segments in 3 of 3."
    assert study.answer.reruns.text == said
    assert study.reliability.reruns == ((3, 3),)
    assert shoal.segment(table, k=2, k_max=4, reruns=2).choice.reruns == (
        (3, 2),
    )  # what would be chosen
    noise = pd.DataFrame(rng.normal(50, 9, size=(180, 3)), columns=["a", "b", "c"])
    unsure = shoal.segment(noise, k_max=4, reruns=4).choice.reruns
    assert sum(times for _, times in unsure) == 4
    assert [times for _, times in unsure] == sorted((t for _, t in unsure), reverse=True)


def test_parts_in_which_all_are_the_same_are_left_out() -> None:
    table = pd.DataFrame({"spend": [20.0] * 39 + [90.0], "visits": [2] * 39 + [9]})
    assert sum(times for _, times in shoal.segment(table, reruns=4).choice.reruns) <= 4


def test_how_often_is_checked_at_the_door() -> None:
    with pytest.raises(OptionError, match=r"reruns=-1 must lie from 0 to 1000, as reruns=20"):
        shoal.segment(pd.DataFrame({"a": [1, 2]}), reruns=-1)
