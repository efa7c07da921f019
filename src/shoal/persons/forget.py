"""Somebody asks to be forgotten: their rows go from a folder of results or of audiences."""

from __future__ import annotations

import csv
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from shoal.errors import InputError, OptionError, ShoalError
from shoal.output.atomic import staged
from shoal.output.labels import LABELS
from shoal.output.model_file import is_model, load
from shoal.persons.forgotten import (
    Belongs,
    csv_rows,
    has_customers,
    is_workbook,
    lines_of,
    parquet_names,
    without_csv,
    without_parquet,
    without_sheets,
)
from shoal.persons.members import ASIDE, MEMBERS
from shoal.text.options import option
from shoal.text.paths import printable

MODEL, REPORT, LINES = "model.json", "report.html", "set_aside_lines.csv"
ENDS = (".csv", ".parquet", ".xlsx")
_PLATFORM = re.compile(r"audience-(\d+)-(?:google|meta)\.csv")
_BLOCK = re.compile(r'<script type="application/json" id="facts">(.*?)</script>', re.DOTALL)
_TYPICAL = re.compile(r'<p class="quiet">Typical [^:<]+: ([^<]*)\.</p>')


@dataclass(frozen=True)
class _Kept:
    """A file that has customers' rows, and which of its columns holds their ids."""

    path: Path
    kind: str
    key: int = 0


def forget(id: str | int, folder: str | Path) -> dict[str, Any]:
    """Take one customer out of a folder of results, of audiences, and the folders in it.

    Their rows go from labelled files (CSV, Parquet), the workbook's sheets of customers, lists of
    who was set aside, and audiences, also those that are hashed; all other rows stay as they are.
    Files that are not shoal's are left alone, so is the table itself. Counts, figures and the model
    keep the customer's part in sums: segment anew where that has to go as well.

    Args:
        id: as it stands in the files, to the letter; a row's number where there were no ids.
        folder: what `out=` was.

    Returns:
        `rows_removed`; `files`, each with its kind and how many rows went; `make_anew`, reports
        that show the id and have to be made anew, or deleted; `folder`.

    Raises:
        InputError: nothing there holds this id, or a file cannot be read; nothing was changed.
        OptionError: there is no such folder, or no id was given.
        OutputError: the files could not be written; all are as they were.

    >>> shoal.forget("C-00417", "results")["rows_removed"]               # doctest: +SKIP
    2
    """
    place, key = Path(folder), str(id)
    if not key:
        raise OptionError('The id is empty. Type it as it stands in the files: "C-00417".')
    if not place.is_dir():
        raise OptionError(
            f"{printable(place)} is no folder. Give the one that {option('out')} named."
        )
    try:
        kept = list(_kept_in(place))
        shown = [path for path in sorted(place.rglob(REPORT)) if _shows(path, key)]
        removed = _removed(kept, key, place, found_before=bool(shown))
    except ShoalError:
        raise
    except (OSError, ValueError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "a file there is not whole"
        raise InputError(
            f"The files in {printable(place)} cannot be read: {reason}. Nothing was changed."
        ) from None
    return {
        "rows_removed": sum(removed.values()),
        "files": [
            {"file": str(each.path), "kind": each.kind, "rows": removed[each.path]}
            for each in kept
            if removed[each.path]
        ],
        "make_anew": [str(path) for path in shown],
        "folder": str(place),
    }


def _kept_in(place: Path) -> Iterator[_Kept]:
    """All files with rows of customers, in the order of their names."""
    for path in sorted(place.rglob("*")):
        inner = path.relative_to(place).parts
        hidden = any(part.startswith(".") for part in inner)
        inside = any(part.endswith(".parquet") for part in inner[:-1])
        if path.suffix in ENDS and not hidden and not inside:
            found = _told(path)
            if found is not None:
                yield found


def _told(path: Path) -> _Kept | None:
    """What a file is, told by its columns; None where it is no file of shoal's with customers."""
    if path.suffix == ".xlsx":
        return _Kept(path, "workbook") if is_workbook(path) else None
    if path.suffix == ".parquet":
        return _Kept(path, "customers") if _is_labelled(parquet_names(path)) else None
    if path.is_dir():
        return None
    platform = _PLATFORM.fullmatch(path.name) and (path.parent / MEMBERS).is_file()
    return _Kept(path, "platform") if platform else _told_by(path, next(csv_rows(path), []))


def _told_by(path: Path, names: list[str]) -> _Kept | None:
    if _is_labelled(names):
        return _Kept(path, "customers")
    if names[1:4] == ["segment", "name", "is_holdout"]:
        return _Kept(path, "audience")
    if path.name == MEMBERS and names[1:3] == ["segment", "is_holdout"]:
        return _Kept(path, "members")
    if path.name == ASIDE and names[1:] == ["segment", "reason"]:
        return _Kept(path, "set aside")
    if path.name == ASIDE and names[0] == "row" and names[2:] == ["reason"]:
        return _Kept(path, "set aside", 1)
    model = path.with_name(MODEL)
    if path.name == LINES and is_model(model):
        customer = load(model)[0].id_column
        return _Kept(path, "order lines", names.index(customer)) if customer in names else None
    return None


def _is_labelled(names: list[str]) -> bool:
    return names[1 : 1 + len(LABELS)] == [name for name, _ in LABELS]


def _removed(kept: list[_Kept], key: str, place: Path, *, found_before: bool) -> dict[Path, int]:
    """Take the rows out, of all files or of none; returns how many of each."""
    with staged(place) as staging:
        gone: dict[Path, int] = {}
        for each in kept:
            goal = staging / each.path.relative_to(place)
            goal.parent.mkdir(parents=True, exist_ok=True)
            gone[each.path] = _without(each, key, goal)
            if not gone[each.path]:
                _drop(goal)
        _check_workbooks(kept, gone)
        if not any(gone.values()) and not found_before:
            raise InputError(_nowhere(kept, place))
    return gone


def _drop(goal: Path) -> None:
    """A file that did not change keeps its place."""
    if goal.is_dir():
        for part in goal.iterdir():
            part.unlink()
        goal.rmdir()
    else:
        goal.unlink()


def _without(each: _Kept, key: str, goal: Path) -> int:
    if each.kind == "workbook":
        gone = without_sheets(each.path, goal, key)
        if gone is None:
            raise InputError(_rewritten(each.path))
        return gone
    if each.path.suffix == ".parquet":
        return without_parquet(each.path, goal, key)
    belongs = _by_line(each.path, key) if each.kind == "platform" else _by_key(each.key, key)
    return without_csv(each.path, goal, belongs)


def _by_key(at: int, key: str) -> Belongs:
    return lambda cells: len(cells) > at and cells[at] == key


def _by_line(path: Path, key: str) -> Belongs:
    """Lines of a platform's file hold no ids: members.csv tells whose each is."""
    members = path.with_name(MEMBERS)
    segment = _PLATFORM.fullmatch(path.name)[1]  # type: ignore[index]
    lines = lines_of(members, key).get(segment, set())
    numbers = count(1)
    return lambda cells: next(numbers) in lines


def _check_workbooks(kept: Sequence[_Kept], gone: Mapping[Path, int]) -> None:
    """Raise where a workbook's sheets have not the rows that the labelled file beside it has."""
    for book in kept:
        if book.kind == "workbook" and has_customers(book.path):
            beside = [gone[k.path] for k in kept if _is_beside(k, book)]
            if beside and gone[book.path] != sum(beside):
                raise InputError(_rewritten(book.path))


def _is_beside(each: _Kept, book: _Kept) -> bool:
    named = each.path.name in ("customers.csv", "customers.parquet")
    return named and each.kind == "customers" and each.path.parent == book.path.parent


def _rewritten(path: Path) -> str:
    return (
        f"{printable(path)} was changed by another program, so that it cannot be told whose its "
        "rows are. Delete it, or segment anew. Nothing was changed."
    )


def _nowhere(kept: list[_Kept], place: Path) -> str:
    if not kept:
        return (
            f"{printable(place)} holds no files of shoal's with customers in them: no labelled "
            "customers, no workbook, no audience. Give the folder that "
            f"{option('out')} named."
        )
    names = ", ".join(dict.fromkeys(each.path.name for each in kept))
    return (
        f"Nothing in {printable(place)} holds this id. Looked at: {names}. Ids are compared to the "
        "letter: type it as it stands there, zeros in front, capitals and blanks as well."
    )


def _shows(report: Path, key: str) -> bool:
    """Whether a report shows ids, and this one among them."""
    text = report.read_text("utf-8", errors="replace")
    typical = {html.unescape(name) for line in _TYPICAL.findall(text) for name in line.split(", ")}
    blocks = [json.loads(block) for block in _BLOCK.findall(text)]
    maps = [block["map"] for block in blocks if block.get("map")]
    return key in typical or any(key in ids for each in maps for ids in each.get("ids", []))
