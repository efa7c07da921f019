"""Temporary folders go with what uses them; what a killed process left goes with the next one."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sqlite3
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

import shoal.engine.tempdir
from shoal.engine.tempdir import LOCK, new_folder
from shoal.errors import OutputError


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "it's temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    return place


def there(place: Path) -> list[Path]:
    gc.collect()
    return list(place.iterdir())


def test_folders_of_one_process_share_a_lock_and_go_with_the_last_of_them(place: Path) -> None:
    one, two = new_folder(), new_folder()
    (own,) = there(place)
    assert Path(one.name).parent == Path(two.name).parent == own / "files"
    del one
    assert there(place) == [own]
    assert Path(two.name).is_dir()
    del two
    assert there(place) == []


def test_folders_of_others_are_left_alone(place: Path) -> None:
    mine = place / "shoal-demo"
    mine.mkdir()
    held = place / "shoal-held"
    held.mkdir()
    with FileLock(held / LOCK):
        folder = new_folder()
        assert {mine, held} < set(there(place))
    (place / "shoal-dead").mkdir()
    (place / "shoal-dead" / LOCK).touch()
    del folder
    folder = new_folder()
    assert mine in there(place)
    assert held not in there(place)
    assert place / "shoal-dead" not in there(place)
    del folder


def test_without_locks_there_are_folders_and_nothing_is_swept(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "shoal-other").mkdir()
    (place / "shoal-other" / LOCK).touch()

    def missing(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(FileLock, "acquire", missing)
    folder = new_folder()
    assert Path(folder.name).is_dir()
    assert len(there(place)) == 2
    del folder
    assert there(place) == [place / "shoal-other"]


def test_no_place_for_temporary_files_is_one_message(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(place / "nowhere"))
    with pytest.raises(OutputError, match=r"No temporary folder .*nowhere.*Set TMPDIR"):
        new_folder()


def test_a_folder_that_a_sweeper_took_before_it_was_locked_is_made_anew(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = shoal.engine.tempdir._lock
    calls = []

    def late(folder: Path) -> FileLock | None:
        calls.append(folder)
        return lock(folder) if len(calls) > 1 else None

    monkeypatch.setattr(shoal.engine.tempdir, "_lock", late)
    folder = new_folder()
    assert len(calls) == 2
    assert Path(folder.name).is_relative_to(calls[1])


SOURCES = {
    "text": "table = read('big.csv')",
    "database": "table = read_database('sqlite:///shop.db?table=customers')",
    # A connection of one's own draws its progress on stdout where it is slow.
    "frame that can be had once": (
        "duckdb.sql('SET enable_progress_bar = false'); "
        "table = read(duckdb.sql('SELECT * FROM range(9)'))"
    ),
    "orders": "orders.IN_MEMORY = 0; table = shoal.orders('orders.csv')",
    "download": "folder = new_folder()",
    "spilled rows": "store = SpillStore(0); store.put(0, numpy.zeros(100_000))",
}
IMPORTS = """
import duckdb, numpy
import shoal
import shoal.rfm.customers as orders
from shoal.data.databases import read_database
from shoal.data.read import read
from shoal.engine.spill import SpillStore
from shoal.engine.tempdir import new_folder
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shop = tmp_path_factory.mktemp("shop")
    lines = (f"{i},{i % 100},{i / 4}" for i in range(600_000))
    (shop / "big.csv").write_text("\n".join(["id,visits,spend", *lines]))
    orders = {"customer": [1, 1, 2], "date": ["2024-01-01"] * 3, "amount": [1.0, 2.0, 3.0]}
    pd.DataFrame(orders).to_csv(shop / "orders.csv", index=False)
    with sqlite3.connect(shop / "shop.db") as base:
        base.execute("CREATE TABLE customers AS SELECT 1 AS id, 9.5 AS spend")
    return shop


def start(code: str, shop: Path, place: Path) -> subprocess.Popen[bytes]:
    """A process that holds the source until it gets a line."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{IMPORTS}\n{code}\nprint('read', flush=True); input()"],
        cwd=shop,
        env=os.environ | {"TMPDIR": str(place), "TEMP": str(place), "TMP": str(place)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


@pytest.mark.parametrize("code", SOURCES.values(), ids=SOURCES)
def test_what_a_killed_run_left_is_swept_for_every_source(
    code: str, shop: Path, place: Path
) -> None:
    living, killed = start(code, shop, place), start(code, shop, place)
    for run in (living, killed):
        assert run.stdout is not None
        assert run.stdout.readline().strip() == b"read"
    kept = there(place)
    killed.kill()
    killed.communicate()
    new_folder()
    left = there(place)
    assert len(left) == len(kept) // 2, "that of the living one"
    assert all(any((folder / "files").rglob("*")) for folder in left)
    living.communicate(b"\n")
    assert there(place) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_run_that_fails_leaves_nothing(shop: Path, place: Path) -> None:
    run = start(f"{SOURCES['text']}\n1 / 0", shop, place)
    run.communicate()
    assert run.returncode == 1
    assert there(place) == []
    stopped = start(SOURCES["text"], shop, place)
    assert stopped.stdout is not None
    stopped.stdout.readline()
    stopped.send_signal(signal.SIGINT)
    stopped.communicate()
    assert there(place) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs locks that end with the process")
def test_what_a_killed_run_left_is_swept(tmp_path: Path) -> None:
    path, place = tmp_path / "shop.csv", tmp_path / "temporary"
    place.mkdir()
    path.write_text("id,visits,spend,region\n" + "1,2,2.50,word\n" * 400)
    code = f"from shoal.data.read import read; table = read({str(path)!r}); print('read', flush=True); "
    there = os.environ | {"TMPDIR": str(place)}
    living = subprocess.Popen(
        [sys.executable, "-c", code + "input()"], env=there, stdin=-1, stdout=subprocess.PIPE
    )
    assert living.stdout is not None
    living.stdout.readline()
    (own,) = place.iterdir()
    subprocess.run(
        [sys.executable, "-c", code + "raise SystemExit(0)"], env=there, check=True, stdout=-1
    )
    assert list(place.iterdir()) == [own], (
        "what a living process uses stays, what the other made is gone"
    )
    living.send_signal(signal.SIGKILL)
    living.communicate()
    assert list(place.iterdir()) == [own]
    failed = subprocess.run([sys.executable, "-c", code + "1 / 0"], env=there, capture_output=True)
    assert b"ZeroDivisionError" in failed.stderr
    assert list(place.iterdir()) == []


@pytest.mark.skipif(
    tuple(map(int, version("filelock").split(".")[:3])) < (4, 2, 2),
    reason="an older filelock keeps the marker of a process that is dead",
)
def test_without_fcntl_a_marker_with_the_number_of_the_process_is_the_lock(place: Path) -> None:
    code = f"""if True:
        import os, sys, tempfile, warnings
        warnings.simplefilter("ignore")  # only soft file lock is available
        sys.modules["fcntl"] = None
        tempfile.tempdir = {str(place)!r}
        from pathlib import Path
        from shoal.engine.tempdir import new_folder
        from shoal.output.atomic import staged
        mine = new_folder()
        for text in ("old", "new"):
            with staged(Path("results"), ["labels"]) as folder:
                (folder / "labels").write_text(text)
        print(mine.name, flush=True)
    """
    dead = subprocess.run(
        [sys.executable, "-c", f"{code}    os._exit(9)"], cwd=place, capture_output=True, text=True
    )
    assert dead.returncode == 9, dead.stderr
    left = Path(dead.stdout.strip())
    assert left.is_dir()
    subprocess.run([sys.executable, "-c", code], cwd=place, check=True, stdout=subprocess.DEVNULL)
    assert [path.name for path in there(place)] == ["results"]
    assert [path.name for path in (place / "results").iterdir()] == ["labels"]
