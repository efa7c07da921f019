"""Every shared file is read as its manifest says, or refused for the stated reason."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from shoal.data.read import read
from shoal.engine.table import Table
from shoal.errors import InputError
from shoal.findings.reading import CODES

SHARED = Path(__file__).parents[3] / "shared" / "data"
DIRTY = SHARED / "dirty"
MANIFEST = (
    json.loads((DIRTY / "manifest_shared.json").read_text())
    if (DIRTY / "manifest_shared.json").exists()
    else {}
)
pytestmark = pytest.mark.skipif(not MANIFEST, reason="the shared tables are not there")

SAID = {  # what a good reader must say, file by file
    "mall_812_question_marks.csv": {"gap-words"},
    "mall_no_header_semicolon.csv": {"no-header"},
    "mall_index_column.csv": {"index-column-dropped"},
    "ifood_tab_ddmmyyyy.csv": {"date-order"},
    "ifood_dollar_thousands.csv": {"currency"},
    "ibm_seg_excel_mangled.csv": {"damaged-numbers"},
    "telco_mixed_delimiters.csv": {"separator-mixed"},
    "shoppers_thousand_dots_mangled.csv": {"damaged-numbers"},
    "churners_pipe.csv": {"index-column-dropped"},
    "adventureworks_3_header_rows_latin1.csv": {"header-several-rows", "encoding"},
    "superstore_3_sheets.xls": {"sheet-chosen"},
    "wholesale_notes_beside_table.csv": {"notes-beside-table", "encoding"},
    "xlsx_named.csv": {"other-format"},
    "pflege_umsatz_eur.csv": {"months", "currency"},
    "cdnow_fixed_width.txt": {"no-header"},
}
DAMAGED = {
    "ibm_seg_excel_mangled.csv": {"Card Debt", "Other Debt", "DebtIncomeRatio"},
    "shoppers_thousand_dots_mangled.csv": {
        "Administrative_Duration",
        "Informational_Duration",
        "ProductRelated_Duration",
        "PageValues",
    },
}
EXACT = {
    ("cdnow_fixed_width.txt", 0),
    ("superstore_3_sheets.xls", 11),
}  # zero-padded codes stay text; their sum is checked all the same
BLANK = {
    ("telco_mixed_delimiters.csv", "TotalCharges"): 11
}  # cells of one blank, which the manifest's reader took for text


def whole(table: Table) -> pa.Table:
    return pa.Table.from_batches(list(table.batches()), table.schema)


@pytest.mark.parametrize("name", sorted(n for n in MANIFEST if n != "mall_merge_conflict.csv"))
def test_dirty_file_is_read_as_wanted(name: str) -> None:
    wanted = MANIFEST[name]
    table = read(DIRTY / name)
    rows = whole(table)
    assert f"{rows.num_rows}x{rows.num_columns}" == wanted["right_shape"]
    if table.read_as.header_row:
        assert rows.column_names == wanted["columns"]
    for column, total in wanted["column_sums"].items():
        at = wanted["columns"].index(column)
        values = rows.column(at)
        if pa.types.is_date(values.type):
            values = pc.cast(pc.strftime(values, "%Y%m%d"), pa.int64())
        elif (name, at) in EXACT:
            values = pc.cast(values, pa.int64())
        assert pc.sum(values).as_py() == pytest.approx(total, rel=1e-6), column
    for at, column in enumerate(wanted["columns"]):
        assert rows.column(at).null_count == BLANK.get(
            (name, column), wanted["missing"].get(column, 0)
        ), column
    codes = {f.code for f in table.findings}
    assert codes >= SAID.get(name, set())
    assert codes <= set(CODES)
    assert {f.column for f in table.findings if f.code == "damaged-numbers"} == DAMAGED.get(
        name, set()
    )
    assert all(table.schema.field(c).type == pa.string() for c in DAMAGED.get(name, set()))


def test_merge_conflict_is_refused() -> None:
    with pytest.raises(InputError, match="2 merge-conflict markers"):
        read(DIRTY / "mall_merge_conflict.csv")


def test_dates_are_dates() -> None:
    assert str(whole(read(DIRTY / "flo_semicolon_dmy.csv"))["first_order_date"][0]) == "2020-10-30"
    assert str(whole(read(DIRTY / "transactions_pipe.csv"))["TRANSACTION DATE"][-1]) == "2015-12-31"
    assert (
        str(whole(read(DIRTY / "adventureworks_3_header_rows_latin1.csv"))["BirthDate"][1])
        == "1965-05-14"
    )
    assert str(whole(read(DIRTY / "pflege_umsatz_eur.csv"))["MONAT"][0]) == "2020-08-01"


@pytest.mark.parametrize(
    "name",
    [
        "mall_customers",
        "wholesale_customers",
        "uci_bank_4521",
        "segmentation_365",
        "mcdonalds",
        "volunteers",
    ],
)
def test_clean_csv_agrees_with_pandas(name: str) -> None:
    import pandas as pd

    path = SHARED / name / f"{name}.csv"
    with open(path) as file:
        sep = ";" if file.readline().count(";") else ","
    ours, theirs = whole(read(path)), pd.read_csv(path, sep=sep, keep_default_na=False)
    assert ours.column_names == list(theirs.columns)
    for column in ours.column_names:
        assert [("" if v is None else v) for v in ours[column].to_pylist()] == theirs[
            column
        ].tolist(), column


def test_parquet_text_that_is_an_identifier_stays_text() -> None:
    table = read(SHARED / "online_retail" / "online_retail.parquet")
    assert (
        str(table.schema.field("InvoiceNo").type)
        == str(table.schema.field("StockCode").type)
        == "string"
    )
    assert sum(b.num_rows for b in table.batches(["Quantity"])) == 541_909
