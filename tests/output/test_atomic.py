"""Results arrive whole or not at all, whatever else happens in the folder meanwhile."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

import shoal
import shoal.output.atomic
import shoal.output.exchange
from shoal.engine.tempdir import LockedFolder
from shoal.errors import InputError, OptionError, OutputError
from shoal.output.atomic import replace_file, staged


def write(out: Path, *names: str, text: str = "new") -> None:
    with staged(out, names) as folder:
        for name in names:
            (folder / name).write_text(text)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
def test_a_second_run_leaves_the_first_ones_files_alone(tmp_path: Path, there: bool) -> None:
    out, neighbour = tmp_path / "results", tmp_path / "results-eu"
    for each in (out, neighbour) if there else ():
        each.mkdir()
    with staged(out, ["first"]) as one:
        (one / "first").write_text("of the first")
        with staged(neighbour, ["other"]) as two, staged(out, ["second"]) as three:
            (two / "other").write_text("of the other")
            (three / "second").write_text("of the second")
    assert (out / "first").read_text() == "of the first"
    assert (out / "second").read_text() == "of the second"
    assert names(out) == ["first", "second"]
    assert names(neighbour) == ["other"]
    assert names(tmp_path) == ["results", "results-eu"]


def write_and_lose(out: Path, promised: list[str], lost: str) -> None:
    with staged(out, promised) as folder:
        (folder / "labels").write_text("new")
        if lost == "folder":
            shutil.rmtree(folder)
        else:
            (folder / "labels").unlink()


@pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
@pytest.mark.parametrize("lost", ["folder", "file"])
def test_what_vanished_before_it_was_moved_is_an_error(
    tmp_path: Path, lost: str, there: bool
) -> None:
    out = tmp_path / "results"
    if there:
        write(out, "labels", text="old")
    with pytest.raises(OutputError, match="labels") as told:
        write_and_lose(out, ["labels"], lost)
    assert told.value.exit_code == 1
    assert there == out.exists()
    assert not there or (out / "labels").read_text() == "old"


def test_a_folder_that_vanished_is_an_error_even_where_nothing_was_promised(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="vanished"):
        write_and_lose(tmp_path, [], "folder")


def test_what_the_new_result_replaces_goes_and_the_users_files_stay(tmp_path: Path) -> None:
    write(tmp_path, "customers.csv", "notes.txt", "report.html")
    with staged(tmp_path, ["customers.parquet"], lambda _: ["customers.csv", "report.html"]) as new:
        (new / "customers.parquet").write_text("new")
        (new / "report.html").write_text("newer")
    assert names(tmp_path) == ["customers.parquet", "notes.txt", "report.html"]
    assert (tmp_path / "report.html").read_text() == "newer"


def killed_at(function: str, *runs: tuple[Path, int]) -> None:
    """Runs that die, each before this function is called once more after so many calls.

    They are copies of one small process, which has no threads.
    """
    code = f"""if True:
        import os
        from pathlib import Path
        import shoal.output.atomic as atomic
        import shoal.output.exchange as exchange
        work = {function}
        def run(out, after):
            global {function.partition(".")[0]}
            calls = iter(range(after))
            def dying(*arguments, **options):
                if next(calls, None) is None:
                    os._exit(9)
                return work(*arguments, **options)
            {function} = dying
            with atomic.staged(Path(out), "abc", lambda _: ["stale"]) as folder:
                for name in "abc":
                    (folder / name).write_text("new")
            os._exit(0)
        for out, after in {[(str(out), after) for out, after in runs]!r}:
            child = os.fork()
            if not child:
                run(out, after)
            os.waitpid(child, 0)
    """
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def killed_while_moving(out: Path, after: int) -> None:
    killed_at("atomic._put", (out, after))


def contents(folder: Path) -> list[str]:
    return [(folder / name).read_text() for name in "abc"]


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="folders cannot be exchanged")
@pytest.mark.parametrize("function", ["os.replace", "os.link", "exchange._exchange"])
def test_killed_at_any_moment_a_folder_is_the_old_or_the_new_one(
    tmp_path: Path, function: str
) -> None:
    folders = [tmp_path / f"results{after}" for after in range(10)]
    for out in folders:
        write(out, "a", "b", "c", "stale", "mine", text="old")
        (out / "figures").mkdir()
    killed_at(function, *((out, after) for after, out in enumerate(folders)))
    for out in folders:
        found = contents(out)
        assert found in (["old"] * 3, ["new"] * 3)
        assert (out / "stale").exists() == (found == ["old"] * 3)
        assert (out / "mine").read_text() == "old"
        write(out, "other")
        assert contents(out) == found
        kept = {"a", "b", "c", "figures", "mine", "other"}
        assert set(names(out)) - {"stale"} == kept
    assert found == ["new"] * 3, "the last was not killed"
    assert set(names(tmp_path)) == {out.name for out in folders}


@pytest.mark.parametrize("after", [0, 1, 2])
def test_killed_where_files_move_one_by_one_the_next_run_moves_the_others(
    tmp_path: Path, after: int
) -> None:
    (tmp_path / "other folder" / "inside").mkdir(parents=True)
    write(tmp_path, "a", "b", "c", "stale", "mine", text="old")
    killed_while_moving(tmp_path, after)
    assert contents(tmp_path) == ["new"] * after + ["old"] * (3 - after)
    write(tmp_path, "other")
    assert names(tmp_path) == ["a", "b", "c", "mine", "other", "other folder"]
    assert contents(tmp_path) == ["new", "new", "new"]
    assert (tmp_path / "mine").read_text() == "old"


def test_what_somebody_puts_there_while_folders_change_places_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "results"
    write(out, "a", "b", text="old")
    exchange = shoal.output.exchange._exchange

    def late(one: Path, two: Path) -> None:
        if two == out:
            (out / "late").write_text("of somebody else")
        exchange(one, two)

    monkeypatch.setattr(shoal.output.exchange, "_exchange", late)
    write(out, "a", "b")
    assert (out / "late").read_text() == "of somebody else"
    assert names(out) == ["a", "b", "late"]


def test_interrupted_between_two_moves_everything_is_brought_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other folder" / "inside").mkdir(parents=True)
    write(tmp_path, "a", "b", text="old")
    put = shoal.output.atomic._put

    def stopping(new: Path, goal: Path, aside: Path) -> object:
        if goal.name == "b":
            raise KeyboardInterrupt
        return put(new, goal, aside)

    monkeypatch.setattr(shoal.output.atomic, "_put", stopping)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, "a", "b")
    assert (tmp_path / "a").read_text() == (tmp_path / "b").read_text() == "old"
    assert names(tmp_path) == ["a", "b", "other folder"]


def test_what_cannot_be_brought_back_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where a file that is open in another program can be moved by nobody."""
    (tmp_path / "other folder" / "inside").mkdir(parents=True)
    write(tmp_path, "a", "b", text="old")
    put = shoal.output.atomic._put

    def refusing(new: Path, goal: Path, aside: Path) -> object:
        if goal.name == "b":
            raise PermissionError(errno.EACCES, "Permission denied")
        return put(new, goal, aside)

    def stuck(aside: Path, goal: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(shoal.output.atomic, "_put", refusing)
    monkeypatch.setattr(shoal.output.atomic, "_bring_back", stuck)
    with pytest.raises(OutputError, match="a could not be brought back") as told:
        write(tmp_path, "a", "b")
    assert "No file there was changed" not in str(told.value)
    assert (tmp_path / "a.earlier").read_text() == "old"


def test_a_folder_of_the_users_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "report.html" / "notes").mkdir(parents=True)
    with pytest.raises(OptionError, match="is a folder, and the results have a file of that name"):
        write(tmp_path, "report.html", "a")
    assert names(tmp_path) == ["report.html"]
    assert names(tmp_path / "report.html") == ["notes"]


def test_what_a_killed_run_had_begun_never_comes_over_what_is_newer(tmp_path: Path) -> None:
    write(tmp_path, "a", "b", "c", text="old")
    (tmp_path / "other folder" / "inside").mkdir(parents=True)  # so files move one by one
    with staged(tmp_path, "abc") as folder:  # began before the other was killed
        killed_while_moving(tmp_path, 1)
        for name in "abc":
            (folder / name).write_text("newest")
    write(tmp_path, "other")
    assert [(tmp_path / name).read_text() for name in "abc"] == ["newest"] * 3
    assert names(tmp_path) == ["a", "b", "c", "other", "other folder"]


@pytest.mark.parametrize("out", ["results", "results-eu"])
def test_a_killed_run_that_was_not_done_leaves_the_old_files(tmp_path: Path, out: str) -> None:
    write(tmp_path / "results", "labels", text="old")
    code = f"""if True:
        import os
        from pathlib import Path
        from shoal.output.atomic import staged
        with staged(Path({str(tmp_path / out)!r}), ["labels"]) as folder:
            (folder / "labels").write_text("half")
            os._exit(9)
    """
    assert subprocess.run([sys.executable, "-c", code]).returncode == 9
    write(tmp_path / "results", "more")
    assert (tmp_path / "results" / "labels").read_text() == "old"
    assert names(tmp_path / "results") == ["labels", "more"]
    assert names(tmp_path) == ["results"], "beside it as well"


def test_one_whole_result_wins(tmp_path: Path) -> None:
    letters = [f"{number:02}" for number in range(30)]
    start = threading.Barrier(4)

    def run(text: str) -> None:
        with staged(tmp_path / "out", letters) as folder:
            for name in letters:
                (folder / name).write_text(text)
            start.wait()

    for _ in range(5):  # new at first, then there
        runs = [threading.Thread(target=run, args=(text,)) for text in "wxyz"]
        for each in runs:
            each.start()
        for each in runs:
            each.join()
        assert names(tmp_path / "out") == letters
        assert len({(tmp_path / "out" / name).read_text() for name in letters}) == 1
        assert names(tmp_path) == ["out"]


def test_a_run_that_does_not_let_go_is_waited_for_and_then_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shoal.output.atomic, "PATIENCE", 0.1)
    write(tmp_path, "labels", text="old")
    other = FileLock(tmp_path / shoal.output.atomic.LOCK)
    with other, pytest.raises(OutputError, match="Another run has been moving its results into"):
        write(tmp_path, "labels")
    assert (tmp_path / "labels").read_text() == "old"
    write(tmp_path, "labels")
    assert names(tmp_path) == ["labels"]


def test_an_error_in_the_midst_of_moving_brings_the_old_files_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a", "b", "stale", text="old")
    (tmp_path / "other folder" / "inside").mkdir(parents=True)
    (tmp_path / "part.parquet").mkdir()
    (tmp_path / "part.parquet" / "1.parquet").write_text("old")
    put = shoal.output.atomic._put

    def refusing(new: Path, goal: Path, aside: Path) -> object:
        if goal.name == "z":
            raise PermissionError(errno.EACCES, "Permission denied")
        return put(new, goal, aside)

    monkeypatch.setattr(shoal.output.atomic, "_put", refusing)
    with pytest.raises(OutputError, match=r"Permission denied\. No file there was changed"):
        write(tmp_path, "a", "b", "new", "part.parquet", "z")
    assert names(tmp_path) == ["a", "b", "other folder", "part.parquet", "stale"]
    assert (tmp_path / "a").read_text() == (tmp_path / "b").read_text() == "old"
    assert names(tmp_path / "part.parquet") == ["1.parquet"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    for name in ("there", "new"):
        (tmp_path / name).symlink_to(tmp_path / "disk" / name, target_is_directory=True)
    (tmp_path / "disk" / "there").mkdir()
    for name in ("there", "new"):
        write(tmp_path / name, "labels")
        assert (tmp_path / name).is_symlink()
        assert names(tmp_path / "disk" / name) == ["labels"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="no place is read-only to root")
def test_a_read_only_place_is_one_message(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        write(tmp_path / "results", "labels")
    tmp_path.chmod(0o700)
    assert names(tmp_path) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="no place is read-only to root")
def test_a_folder_in_a_read_only_place_is_written_into(tmp_path: Path) -> None:
    write(tmp_path / "results", "labels", text="old")
    (tmp_path / ".shoal-writing-dead").mkdir()
    tmp_path.chmod(0o500)
    write(tmp_path / "results", "labels")
    tmp_path.chmod(0o700)
    assert (tmp_path / "results" / "labels").read_text() == "new"


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(FileLock, "acquire", missing)


def test_without_locks_results_are_written_and_nothing_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / ".shoal-writing-somebody"
    left.mkdir()
    without_locks(monkeypatch)
    with pytest.warns(UserWarning, match="has no locks: let no two runs write there at a time"):
        write(tmp_path, "labels")
    assert names(tmp_path) == [left.name, "labels"]
    write(tmp_path / "results", "labels")
    assert names(tmp_path / "results") == ["labels"], "a new folder needs no lock"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_files_and_folders_are_as_the_umask_has_them_and_it_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0o027)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(os, "umask", None)
            write(tmp_path / "results", "labels")
            replace_file(tmp_path / "model.json", b"{}")
    finally:
        os.umask(before)
    assert (tmp_path / "results").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "results" / "labels").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "model.json").stat().st_mode & 0o777 == 0o640


def test_a_file_is_replaced_whole_in_a_folder_with_an_odd_name(tmp_path: Path) -> None:
    path = tmp_path / "it's [new] {0}" / "model.json"
    assert replace_file(path, b"one") == path
    assert replace_file(path, b"two").read_bytes() == b"two"
    assert names(path.parent) == ["model.json"]


def test_a_staging_folder_is_held_as_long_as_it_is_written_into(tmp_path: Path) -> None:
    with staged(tmp_path) as folder:
        lock = FileLock(folder.parent / "in-use", timeout=0)
        with pytest.raises(Timeout):
            lock.acquire()
    assert LockedFolder(tmp_path, "x").root.parent == tmp_path


@pytest.mark.parametrize("name", ["a\ud800b", "a\0b"])
def test_what_no_file_can_be_called_names_no_place(name: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="names no place"), staged(tmp_path / name):
        pass
    with pytest.raises(OptionError, match="names no place"):
        replace_file(tmp_path / name, b"{}")
    with pytest.raises(InputError, match="There is no folder"):
        shoal.history(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
