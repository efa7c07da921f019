"""Tables of very many columns."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from shoal.data.names import unique_names
from shoal.data.read import read
from shoal.engine.scan import Source

CELLS = (
    [str(17 * i % 99) for i in range(20)],
    [f"{i / 8}" for i in range(20)],
    ["red", "blue", "N/A", "green"] * 5,
    [f"{i + 1:02}/{i % 12 + 1:02}/2024" for i in range(20)],
    [f"${i}.50" for i in range(20)],
)


def columns(number: int) -> dict[str, list[str]]:
    return {f"col{j}": CELLS[j % 5] for j in range(number)}


def put(folder: Path, number: int, names: list[str] | None = None) -> Path:
    path = folder / f"{number}.csv"
    cells = columns(number)
    lines = [",".join(names or cells), *map(",".join, zip(*cells.values(), strict=True))]
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    rows = Source.rows

    def noted(source: Source, query: str) -> list[tuple[object, ...]]:
        asked.append(query)
        return rows(source, query)

    monkeypatch.setattr(Source, "rows", noted)
    return asked


@pytest.mark.parametrize("as_frame", [False, True])
def test_no_query_grows_with_the_number_of_columns(
    as_frame: bool, queries: list[str], tmp_path: Path
) -> None:
    longest, asked = [], []
    for number in (80, 320):
        queries.clear()
        source = pd.DataFrame(columns(number)) if as_frame else put(tmp_path, number)
        table = read(source)
        assert len(table.schema) == number
        assert [str(t) for t in table.schema.types[:5]] == [
            *("int64", "double", "string", "date32[day]", "double")
        ]
        longest.append(max(map(len, queries)))
        asked.append(len(queries))
    assert longest[1] < 1.2 * longest[0]
    assert asked[1] <= 4 * asked[0]  # four times the columns


def test_rows_of_a_wide_table_come_whole_and_in_order(tmp_path: Path) -> None:
    wide = read(pd.DataFrame(columns(200)))
    narrow = read(pd.DataFrame(columns(5)))
    (rows,) = wide.batches()
    (expected,) = narrow.batches()
    assert rows.schema.names == [f"col{j}" for j in range(200)]
    for j in range(200):
        assert rows.column(j).equals(expected.column(j % 5))
    (some,) = wide.batches(["col199", "col0"])
    assert some.to_pydict() == {
        "col199": expected.column(4).to_pylist(),
        "col0": expected.column(0).to_pylist(),
    }


def test_the_same_name_on_every_column(tmp_path: Path) -> None:
    names = unique_names(["x"] * 5000)
    assert names == ["x", *(f"x ({number})" for number in range(2, 5001))]
    table = read(put(tmp_path, 100, ["x"] * 100))
    assert table.schema.names == names[:100]
