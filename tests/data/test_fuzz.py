"""A bounded number of damaged tables: never a fault, never a row lost in silence.

bench/fuzz.py does thousands.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from shoal.cli import demo_data as demo

_spec = importlib.util.spec_from_file_location(
    "fuzz", Path(__file__).parents[2] / "bench" / "fuzz.py"
)
assert _spec is not None
assert _spec.loader is not None
fuzz = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fuzz)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("fuzz")
    rows = demo.rows(60)
    (folder / "semicolons.csv").write_text(
        "id;größe;Umsatz;Datum\n"
        + "".join(f"{i:05};{a};{b},{s} €;{1 + i % 28:02}.03.2024\n" for i, _, a, b, s in rows)
    )
    (folder / "tabs.csv").write_text(
        "name\tspent\tnote\n" + "".join(f"c{i}\t{a * 1.5}\tn{b % 7}\n" for i, _, a, b, _ in rows)
    )
    return [demo.write(folder / "sample.csv"), folder / "semicolons.csv", folder / "tabs.csv"]


@pytest.mark.parametrize("part", range(4))
def test_damaged_tables(files: list[Path], part: int, tmp_path: Path) -> None:
    found = [
        fuzz.case(files, number, 7, tmp_path) for number in range(part * 100, part * 100 + 100)
    ]
    wrong = [(how, what) for how, what in found if what not in ("read", "refused")]
    assert wrong == []
    assert (
        30 < sum(what == "read" for _, what in found) < 100
    )  # the damage is neither harmless nor total


def test_a_lost_row_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    import shoal

    inspect = shoal.inspect
    path = demo.write(tmp_path / "t.csv")
    monkeypatch.setattr(
        fuzz.shoal, "inspect", lambda p: dataclasses.replace(inspect(p), rows=399), raising=False
    )
    assert fuzz.verdict(path) == "401 lines became 399 rows, and nothing was said"
