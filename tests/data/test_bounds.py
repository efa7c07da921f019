"""What is read has bounds, and an option that moves each."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

import shoal
from shoal.errors import InputError, OptionError

ROWS = "id,spent\n" + "".join(f"K{i},{i}.5\n" for i in range(500))


def test_archives_unpack_to_so_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = tmp_path / "table.csv.gz"
    packed.write_bytes(gzip.compress(ROWS.encode()))
    zipped = tmp_path / "table.zip"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", ROWS)
    for path in (packed, zipped):
        with pytest.raises(InputError, match='max_unpacked="50GB"'):
            shoal.read(path, max_unpacked="1KB")
        assert shoal.read(path, max_unpacked="1MB").to_arrow().num_rows == 500
    monkeypatch.setattr("shoal.data.csv.encoding.LEAST_UNPACKED", 100)
    monkeypatch.setattr("shoal.data.csv.encoding.TIMES_UNPACKED", 2)
    with pytest.raises(InputError, match="unpacks to more than"):
        shoal.read(packed)


def test_lines_and_columns(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(ROWS + "K" * 5000 + ",1.5\n")
    with pytest.raises(InputError, match="max_line") as caught:
        shoal.read(path, max_line="4KB")
    assert "KKKK" not in str(caught.value)
    assert shoal.read(path, max_line="6KB").to_arrow().num_rows == 501
    with pytest.raises(InputError, match=r"has 2 columns.*max_columns=2"):
        shoal.read(path, max_columns=1)
    with pytest.raises(OptionError, match='max_line="huge" is no size'):
        shoal.read(path, max_line="huge")
