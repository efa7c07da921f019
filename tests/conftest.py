"""What tests share.

Real tables beside the project (skipped with a reason where they are absent), and a generated one.
"""

from __future__ import annotations

import os
from pathlib import Path

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
