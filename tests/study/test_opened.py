"""Tables that are read once, under a name; runs that are watched and stopped."""

from __future__ import annotations

import gc
import pickle
import tempfile
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal

N = 180


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    spent = np.concatenate([rng.normal(m, 1, 60) for m in (10, 30, 50)])
    ids = [f"c{i}" for i in range(N)]
    return pd.DataFrame(
        {"customer_id": ids, "spent": spent.round(3), "visits": (spent * 2).round() + 1}
    )


@pytest.fixture
def upload(frame: pd.DataFrame, tmp_path: Path) -> Path:
    frame.to_csv(tmp_path / "upload-3f9a.part", index=False)
    return tmp_path / "upload-3f9a.part"


def test_an_opened_table_is_parsed_once_and_called_by_its_name(upload, monkeypatch, tmp_path):
    table = shoal.open(upload, name="C:\\fakepath\\<b>März&.csv")
    columns = {"visits": {"role": "describe"}}
    alone = shoal.segment(upload, columns=columns, k=3, k_max=3)
    monkeypatch.setattr("shoal.data.files.read_file", None)
    assert (table.name, table.rows) == ("<b>März&", 180)
    assert table.columns == ("customer_id", "spent", "visits")
    assert table.profile.column("visits").role == "ignore"  # it repeats what was spent
    assert (
        table.inspect(columns={"visits": {"role": "describe"}}).column("visits").role == "describe"
    )
    study = table.segment(columns=columns, k=3, k_max=3)
    assert (study.labels == alone.labels).all()
    assert study.model.segmentation.basis == ("spent",)
    study.report(tmp_path / "r.html")
    assert "upload-3f9a" not in (tmp_path / "r.html").read_text("utf-8")


def broken(text: str | bytes, folder: Path) -> Path:
    path = folder / "tmp-77.part"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", '"March.csv" is empty. Give a file with a header and rows.'),
        (b"%PDF-1.4 x", '"March.csv" is a PDF.'),
        (b"PK\x03\x04broken", "March.csv"),
        (b"PAR1broken", "March.csv"),
        ("a,b\n1,2\n<<<<<<< HEAD\n3,4\n=======\n5,6\n>>>>>>> x\n", "March.csv"),
        (b"SQLite format 3\x00", '"March.csv" is a SQLite database.'),
    ],
)
def test_messages_speak_of_the_name(tmp_path, content, says):
    with pytest.raises(shoal.InputError) as refused:
        shoal.open(broken(content, tmp_path), name="March.csv")
    assert says in str(refused.value)
    told = str(refused.value).replace("sqlite:///", "")
    assert "/" not in told
    assert "tmp-77" not in told


def test_a_table_that_changes_is_called_by_its_name(upload):
    table = shoal.open(upload, name="March.csv")
    upload.write_text("customer_id,spent\n1,2\n")
    with pytest.raises(shoal.InputError) as refused:
        table.segment()
    assert refused.value.message == (
        '"March.csv" changed while it was read, so that its rows do not belong together. '
        "Wait until nothing writes to it."
    )
    assert refused.value.hint == "Try it again."
    assert str(refused.value) == f"{refused.value.message} {refused.value.hint}"
    again = pickle.loads(pickle.dumps(refused.value))
    assert (type(again), again.message, again.hint) == (
        shoal.InputError,
        refused.value.message,
        refused.value.hint,
    )


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda f: shoal.open(f, name=" / "), 'name=" / " is empty.'),
        (lambda f: shoal.open(f, name="x").segment(sep=";"), "sep says how a table is read"),
        (lambda f: shoal.open(f, k=3), 'open() has no argument "k".'),
        (lambda f: shoal.open(f, name="x").segment(kk=3), 'segment() has no argument "kk".'),
    ],
)
def test_options_in_the_wrong_place_are_refused(frame, call, says):
    with pytest.raises(shoal.OptionError) as refused:
        call(frame)
    assert says in str(refused.value)


# --- progress and stop ----------------------------------------------------------------------------


def folders() -> set[Path]:
    gc.collect()
    return set(Path(tempfile.gettempdir()).glob("shoal-*/files/*"))


def test_every_step_is_told_and_any_of_them_can_be_stopped(upload, tmp_path, monkeypatch):
    """Stopped at the first word of each step, and in the middle of those that count rounds."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    told: list[tuple[str, int, int | None]] = []
    out = tmp_path / "out"
    shoal.segment(upload, progress=lambda *words: told.append(words), reruns=1, out=out)
    steps = list(dict.fromkeys(step for step, _, _ in told))
    assert steps == [
        *("reading", "choosing k", "choosing k anew", "examining", "placing", "interpreting"),
        "writing",
    ]
    assert ("examining", 20, 20) in told
    choosing = [(done, total) for step, done, total in told if step == "choosing k"]
    assert choosing[-1][0] == choosing[-1][1] >= 10
    before = folders()
    for stop in [(step, 0) for step in steps] + [("choosing k", 3), ("examining", 7)]:

        def progress(step, done, total, stop=stop):
            if step == stop[0] and done >= stop[1]:
                raise shoal.Stopped("enough")

        with pytest.raises(shoal.Stopped, match="enough"):
            shoal.segment(upload, progress=progress, reruns=1, k_max=4, out=tmp_path / "never")
        assert not (tmp_path / "never").exists()
        assert folders() == before, stop


def test_long_steps_give_signs_of_life(monkeypatch):
    """With no pause between pulses, every step of k-means is one."""
    monkeypatch.setattr("shoal.engine.progress.PAUSE", 0.0)
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.normal(size=(300, 3)), columns=["a", "b", "c"])
    told: list[str] = []
    shoal.segment(table, k=3, progress=lambda step, done, total: told.append(step))
    assert told.count("choosing k") > 200
    assert told.count("examining") > 200


def test_two_runs_in_threads_hear_their_own_progress(frame):
    heard: dict[str, set[int]] = {"a": set(), "b": set()}

    def go(name: str) -> None:
        ident = heard[name]
        progress = lambda *_: ident.add(threading.get_ident())  # noqa: E731
        shoal.segment(frame, k=3, progress=progress)

    threads = [threading.Thread(target=go, args=(name,)) for name in heard]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard["a"]
    assert heard["b"]
    assert heard["a"].isdisjoint(heard["b"])
