"""Texts in older encodings, told by their letters."""

from __future__ import annotations

from pathlib import Path

import pytest

import shoal

TOWNS = {
    "cp1251": ["Москва", "Казань", "Самара"],
    "cp1253": ["Αθήνα", "Πάτρα", "Βόλος"],
    "cp932": ["東京", "さいたま", "横浜市"],
    "cp949": ["서울", "부산", "대구"],
    "gb18030": ["北京市", "上海", "广州"],
    "cp1252": ["Köln", "Zürich", "São João da Ação"],
}


@pytest.mark.parametrize("encoding", TOWNS)
def test_an_older_encoding_is_told_by_its_letters(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = "".join(f"K{i},{i}.5,{TOWNS[encoding][i % 3]}\n" for i in range(12))
    path.write_bytes(("id,spent,town\n" + rows).encode(encoding))
    table = shoal.read(path)
    assert table.to_arrow()["town"].to_pylist()[:3] == TOWNS[encoding]
    assert [f.code for f in table.findings] == ["encoding"]
