"""A bounded number of damaged tables: never a fault, never a row lost in silence.

bench/fuzz.py and bench/hostile.py do thousands.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from shoal.cli import demo_data as demo


def bench(name: str) -> ModuleType:
    path = Path(__file__).parents[2] / "bench" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


fuzz, hostile = bench("fuzz"), bench("hostile")


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


@pytest.mark.parametrize(
    ("kind", "cases"),
    [("doors", 40), ("workbooks", 8), ("json", 8), ("frames", 8), ("orders", 6)],
)
def test_hostile_input_through_every_door(kind: str, cases: int) -> None:
    found = {number: hostile.case(kind, number) for number in range(cases)}
    assert {n: what for n, what in found.items() if what not in ("done", "refused")} == {}
