"""Meanings against labels that were written by hand: real tables and single headers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LABELS = Path(__file__).parents[4] / "shared" / "meaning"


@pytest.mark.parametrize("file", ["shared_tables.tsv", "shared_headers.tsv"])
def test_columns_are_understood_as_people_understand_them(file: str) -> None:
    if not LABELS.is_dir():
        pytest.skip("../shared/meaning is not there")
    command = [sys.executable, str(LABELS / "score_meaning.py"), str(LABELS / file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["right"] >= 0.92
    assert found["right_where_harm_high"] >= 0.92
    assert found["harmful"] == 0
    assert found["formed_wrongly"] == 0
    assert found["value_right_where_due"] >= 0.95
    assert found["outcome_right"] >= 0.95
