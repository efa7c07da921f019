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


class Odd(http.server.BaseHTTPRequestHandler):
    """Gives half of what it promises, or a table to those who know the password."""

    def do_GET(self) -> None:
        table = b"id,spent\n" + b"".join(b"%d,%d\n" % (i, i % 7) for i in range(300))
        known = self.headers.get("Authorization") == "Basic YW5uOnAvc0B3"  # ann:p/s@w
        self.send_response(200 if known or "half" in self.path else 401)
        self.send_header("Content-Length", str(len(table)))
        self.end_headers()
        self.wfile.write(table[:900] if "half" in self.path else table)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def odd() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{found.server_port}"
        found.shutdown()


def test_a_download_that_ends_early_is_no_table(odd: str) -> None:
    with pytest.raises(shoal.InputError, match=r"ended early: 900 of [\d,]+ bytes arrived"):
        shoal.read(f"http://{odd}/half.csv")


def test_a_password_in_an_address_lets_in_and_is_never_shown(odd: str) -> None:
    assert shoal.read(f"http://ann:p%2Fs%40w@{odd}/t.csv").to_arrow().num_rows == 300
    for address in (
        f"http://ann:hunter2@{odd}/t.csv",
        "http://ann:hunter2@127.0.0.1:1/t.csv?key=hunter2",
        "http://ann:hunter2@host:port/t.csv",
        "http://ann:hunter2@[::1/t.csv",
        "s3://ann:hunter2@bucket/t.csv",
        "https://ann:hunter2@no host/t.csv",
    ):
        with pytest.raises(shoal.InputError) as refused:
            shoal.read(address)
        assert "hunter2" not in str(refused.value)
