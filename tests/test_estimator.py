"""The estimator keeps scikit-learn's own contract."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import check_estimator

import shoal


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_scikit_learns_own_checks() -> None:
    failed = [
        c["check_name"]
        for c in check_estimator(shoal.Segmenter(), on_fail=None)
        if c["status"] == "failed"
    ]
    assert failed == []


def test_an_unknown_scale_is_refused() -> None:
    with pytest.raises(ValueError, match='scale="log" is unknown'):
        shoal.Segmenter(scale="log").fit([[1.0], [2.0], [9.0]])  # type: ignore[arg-type]
