"""Files that live elsewhere: a server on the loopback, and what is said when there is none."""

from __future__ import annotations

import functools
import gc
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import shoal
from shoal.data import open_table
from shoal.options import ReadingOptions


@pytest.fixture
def server(sample_file: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(sample_file.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{found.server_port}"
        found.shutdown()


def test_a_table_on_the_web(server: str) -> None:
    profile = shoal.inspect(f"{server}/sample_customers.csv")
    assert profile.rows == 400
    assert profile.name == "sample_customers"


def test_a_download_goes_with_its_table(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{server}/sample_customers.csv"
    open_table(address, ReadingOptions())  # the process has its DuckDB from here on
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    table = open_table(address, ReadingOptions())
    assert [each.name for each in place.rglob("*.csv")] == ["sample_customers.csv"]
    assert sum(batch.num_rows for batch in table.batches()) == 400
    del table
    gc.collect()
    assert list(place.iterdir()) == []


def test_what_is_not_there_is_said_without_the_signature(server: str) -> None:
    with pytest.raises(
        shoal.InputError, match=r"/nothing\.csv cannot be read: .*[Nn]ot found"
    ) as refused:
        shoal.inspect(f"{server}/nothing.csv?signature=secret")
    assert "secret" not in str(refused.value)


def test_a_store_without_its_driver_names_it() -> None:
    with pytest.raises(
        shoal.InputError, match=r"s3://bucket/customers\.parquet .*pip install fsspec s3fs"
    ):
        shoal.inspect("s3://bucket/customers.parquet")
