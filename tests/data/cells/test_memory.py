"""Cells are remembered while a table is read, and forgotten then."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from shoal.data.cells import dates, memory, numbers
from shoal.data.read import read
from shoal.errors import InputError


def kept() -> int:
    return sum(each.cache_info().currsize for each in memory._memories)


@pytest.mark.parametrize("as_frame", [False, True])
def test_no_cell_is_kept_after_reading(as_frame: bool, tmp_path: Path) -> None:
    cells = pd.DataFrame({"telephone": ["+49 170 1234567", "0171 7654321"], "paid": ["$5", "$6"]})
    cells.to_csv(tmp_path / "t.csv", index=False)
    read(cells if as_frame else tmp_path / "t.csv")
    assert len(memory._memories) == 2
    assert kept() == 0


def test_nor_after_a_refusal(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 40 + "1,2,x,y,z\n" * 20)
    with pytest.raises(InputError):
        read(path)
    assert kept() == 0


def test_a_cell_is_looked_at_once() -> None:
    with memory.one_reading():
        assert numbers.number_in("1,5") is numbers.number_in("1,5")
        assert dates.day_in("31/12/2024") is dates.day_in("31/12/2024")
        assert kept() == 2
    assert kept() == 0
