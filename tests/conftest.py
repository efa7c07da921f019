"""What tests share.

Real tables beside the project (skipped with a reason where they are absent), and a generated one.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shoal.cli import demo_data as demo

SHARED = Path(__file__).parents[2] / "shared"
# Some hundred processes are started: each would compile the package for itself.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real tables."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real tables (../shared/data) are not here")
    return SHARED / "data"


@pytest.fixture(scope="session")
def planted(shared: Path) -> Callable[[int, int], tuple[pd.DataFrame, np.ndarray]]:
    """Gives a planted table of a seed, by its number from 1, and the group of each row."""
    path = shared.parent / "bench" / "planted.py"
    spec = importlib.util.spec_from_file_location("planted", path)
    if spec is None or spec.loader is None or not path.exists():
        pytest.skip("the planted tables (../shared/bench) are not here")
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)

    def table_of(seed: int, number: int) -> tuple[pd.DataFrame, np.ndarray]:
        rng = np.random.default_rng(seed)
        table, group, _ = [bench.plant(rng) for _ in range(number)][-1]
        return table, group

    return table_of


@pytest.fixture(scope="session")
def mall(shared: Path) -> Path:
    return shared / "mall_customers" / "mall_customers.csv"


@pytest.fixture
def sample_table() -> pd.DataFrame:
    """The generated sample as a frame: 400 customers in five planted groups."""
    return pd.DataFrame(
        demo.rows(),
        columns=["CustomerID", "Gender", "Age", "Annual Income (k$)", "Spending Score (1-100)"],
    )


@pytest.fixture
def sample_file(tmp_path: Path) -> Path:
    return demo.write(tmp_path / "sample_customers.csv")
