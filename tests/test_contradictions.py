"""No two statements of one study contradict each other, on tables whose structure is known.

On the shared tables that is asked in `test_true_sentences.py`, where they are segmented once.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import shoal
from contradiction_kit import contradictions

MADE = 90  # customers of a made table
MOST = 6  # segments that are tried
SLOW = "300 columns"  # and little else than what 100 show


@cache
def kinds_of(folder: Path) -> dict[str, Callable[[], pd.DataFrame]]:
    """Noise, groups and threads by name, each a function that makes the table."""
    path = folder.parent / "bench" / "structure.py"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    spec = importlib.util.spec_from_file_location("structure", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {
        name: lambda make=make, at=at: _frame(make(np.random.default_rng((1, at)), MADE))
        for kinds in (module.NOISE, module.WIDE, module.GROUPS, module.THREADS)
        for at, (name, make) in enumerate(kinds.items())
        if SLOW not in name
    }


def _frame(made: Any) -> pd.DataFrame:
    x = np.asarray(made[0] if isinstance(made, tuple) else made, dtype=float)
    return pd.DataFrame(x, columns=[f"v{i}" for i in range(x.shape[1])])


def test_no_statements_of_made_tables_contradict_each_other(shared):
    found = {}
    for name, make in kinds_of(shared).items():
        table = make()
        found[name] = contradictions(shoal.segment(table, by=list(table.columns), k_max=MOST))
    assert not {name: said for name, said in found.items() if said}
