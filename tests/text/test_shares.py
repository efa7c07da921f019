"""Shares are written one way: "4 %", never "4%"."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import shoal

SOURCE = Path(shoal.__file__).parent
FILES = sorted(f for room in ("findings", "sentences") for f in (SOURCE / room).glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_no_sentence_writes_a_share_of_its_own(file: Path) -> None:
    assert re.findall(r"\{[^{}]*:\.\d%\}", file.read_text("utf-8")) == []
