"""Rows beyond the budget are kept on disk, where the results will be."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from shoal.engine.spill import SpillStore


def test_rows_go_beside_results_whose_folder_is_not_there_yet(tmp_path: Path) -> None:
    store = SpillStore(0, tmp_path / "new" / "results")
    store.put(0, np.arange(5))
    assert store.get(0).tolist() == [0, 1, 2, 3, 4]
    assert list(tmp_path.iterdir()) == [], "a file without a name"
