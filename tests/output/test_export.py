"""What is written joins with what was read.

Ids and the user's own cells come back byte for byte.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import shoal
from shoal.output.labels import write_batches, write_customers

ODD = ["+49/171", "-k", "=A1", "@ann", "'+1", "+x-", 'a"b', "c,d", "-y", "ü"]


def customers() -> pd.DataFrame:
    group = np.arange(300) % 3
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "phone": [*ODD, *(f"+49/170/{i:05d}" for i in range(290))],
            "visits": np.array([3.0, 20.0, 40.0])[group] + rng.normal(0, 1, 300),
            "spend": np.array([900.0, 90.0, 300.0])[group] + rng.normal(0, 9, 300),
        }
    )


def column(path: Path, name: str) -> list[str]:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)[name].tolist()
    with open(path, encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


@pytest.mark.parametrize("source", ["csv", "parquet"])
def test_ids_come_back_byte_for_byte(source: str, tmp_path: Path) -> None:
    frame = customers()
    path = tmp_path / f"customers.{source}"
    if source == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path)
    kept = shoal.read(path).to_arrow()["phone"].to_pylist()
    study = shoal.segment(path, id="phone", k=3)
    study.write(tmp_path / "out")
    written = tmp_path / "out" / path.name
    assert column(written, "phone") == kept == study.customers["phone"].tolist()
    assert kept[:4] == ODD[:4]


@pytest.mark.parametrize("source", ["csv", "parquet"])
def test_telephone_numbers_join_with_their_table(source: str, tmp_path: Path) -> None:
    phones = [f"+4917{i:07d}" for i in range(300)]
    frame = customers().assign(phone=phones)
    path = tmp_path / f"customers.{source}"
    if source == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path)
    study = shoal.segment(path, id="phone", k=3, out=tmp_path / "out")
    assert study.customers["phone"].tolist() == phones
    assert column(tmp_path / "out" / path.name, "phone") == phones


def test_numbers_with_a_plus_are_numbers() -> None:
    signed = [f"{'+' if i % 4 else '-'}{i}0000000" for i in range(1, 60)]
    assert shoal.read(pa.table({"change": signed})).schema.field("change").type == pa.int64()


def test_ids_of_those_set_aside_come_back_byte_for_byte(tmp_path: Path) -> None:
    frame = customers()
    frame.loc[:3, ["visits", "spend"]] = np.nan
    shoal.segment(frame, id="phone", k=3, out=tmp_path / "out")
    assert column(tmp_path / "out" / "set_aside.csv", "phone") == ODD[:4]
    assert column(tmp_path / "out" / "set_aside.csv", "row") == ["1", "2", "3", "4"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_summed_up_customers_come_back_byte_for_byte(ending: str, tmp_path: Path) -> None:
    table = shoal.read(pa.table({"phone": ["+a", "-b", "=c"], "@land": ["-x", "+x", "@x"]}))
    out = tmp_path / f"customers.{ending}"
    write_customers(table, out, classes=("=cmd|' /C calc'!A0", "Champions", "+1"))
    assert column(out, "phone") == ["+a", "-b", "=c"]
    assert column(out, "@land") == ["-x", "+x", "@x"]
    own = ["=cmd|' /C calc'!A0", "Champions", "+1"]
    harmless = ["'=cmd|' /C calc'!A0", "Champions", "'+1"]
    assert column(out, "rfm_class") == (own if ending == "parquet" else harmless)


def test_names_of_segments_are_never_run_as_formulas(tmp_path: Path) -> None:
    batch = pa.record_batch({"+id": ["=1"], "name": ["=High spend"], "runner_up": ["-Low"]})
    write_batches(iter([batch]), tmp_path / "x.csv")
    written = (tmp_path / "x.csv").read_text().splitlines()
    assert written == ['"+id","name","runner_up"', '"=1","\'=High spend","\'-Low"']


def test_sentences_about_segments_are_never_run_as_formulas(tmp_path: Path) -> None:
    frame = customers().rename(columns={"spend": "=spend", "visits": "+visits"})
    shoal.segment(frame, id="phone", k=3, out=tmp_path / "out")
    with open(tmp_path / "out" / "segments.csv", encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.DictReader(file) for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "@")]


def test_customers_and_segments_have_their_columns_in_the_same_order_always(tmp_path: Path) -> None:
    study = shoal.segment(customers().rename(columns={"spend": "minutes"}), k=3, out=tmp_path / "o")
    written = pd.read_csv(tmp_path / "o" / "segments.csv")
    assert list(written) == ["id", *study.segments.columns]
