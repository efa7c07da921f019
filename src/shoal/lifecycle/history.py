"""A folder of runs → History: shares, value, stability and moves, month after month."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from shoal.errors import InputError
from shoal.findings import finding
from shoal.output.run_file import FORMAT, NAME
from shoal.text.paths import printable
from shoal.types import Fate, Finding, HistoryFacts, RunThen, SegmentThen

if TYPE_CHECKING:
    import pandas as pd


class _Segment(msgspec.Struct, frozen=True):
    id: int
    name: str
    colour: str
    size: int
    share: float
    value_share: float | None = None
    found_again: float | None = None


class _Run(msgspec.Struct, frozen=True):
    """What is read of a run.json; more may stand there."""

    format: str
    model_id: str
    table: str
    rows_labelled: int
    structure: str
    segments: tuple[_Segment, ...]
    previous_model_id: str | None = None
    refresh: dict[str, Any] | None = None


@dataclass(frozen=True)
class History:
    """Many runs of the same segments: `.table`, `.figure()`, `.html(path)`, `.to_json()`."""

    facts: HistoryFacts

    def __repr__(self) -> str:
        told = f"{len(self.facts.runs)} runs, {len(self.facts.ids)} segments"
        return f"<shoal.History of {self.facts.name}: {told}>"

    def _repr_html_(self) -> str | None:
        return self.facts._repr_html_()

    @property
    def runs(self) -> tuple[RunThen, ...]:
        """The runs, in the order of their folders' names."""
        return self.facts.runs

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a person should know of the folder."""
        return self.facts.findings

    @property
    def table(self) -> pd.DataFrame:
        """One row a run and segment: id, name, size, share, value_share, found_again, fate."""
        import pandas as pd

        return pd.DataFrame(self.facts.rows)

    def figure(self) -> Any:
        """Shares of customers, and of the value, run after run: a Matplotlib Figure."""
        from shoal.output.figures.history import history

        return history(self.facts)

    def html(self, path: str | Path) -> Path:
        """Write figure and table as one HTML file that works offline.

        Returns the path. Raises OutputError when it could not be written.
        """
        from shoal.output.history_page import write_page

        return write_page(self.facts, Path(path))

    def to_json(self) -> dict[str, Any]:
        """All of it as plain JSON types: what `shoal history --json` prints."""
        return self.facts.to_json()


def history(dir: str | Path) -> History:
    """The runs in a folder of results, month after month.

    Each is a folder that `segment(out=…)` or `refresh(out=…)` has written; they are taken in the
    order of their names, numbers in them as such: 2024-9 before 2024-10. Where a name holds no
    number (`jan`, `feb`), they are taken as they were written, and that is said.

    Raises InputError where there is no such folder, or no run in it.

    >>> shoal.history("runs").table                                        # doctest: +SKIP
    """
    folder = Path(dir)
    if not folder.is_dir():
        raise InputError(
            f"There is no folder {printable(folder)}. Give the one in which the folders of your "
            "runs are, such as runs, with runs/2024-01 and runs/2024-02 in it."
        )
    places = [record.parent for record in folder.glob(f"*/{NAME}")]
    runs: list[RunThen] = []
    notes = [] if _are_numbered(places) else [finding("runs-as-written")]
    places = _in_order(places)
    if (folder / NAME).is_file():
        places.insert(0, folder)
    for place in places:
        read = _read(place)
        if read is None:
            notes.append(finding("run-not-read", name=printable(place / NAME)))
        else:
            runs.append(read)
    if not runs:
        raise InputError(
            f"There are no runs in {printable(folder)}: none of its folders holds a {NAME} that "
            "can be read. `shoal segment FILE --out DIR` and `shoal refresh` write them."
        )
    return History(HistoryFacts(printable(folder), tuple(runs), (*notes, *_strangers(runs))))


def _are_numbered(places: Sequence[Path]) -> bool:
    """Whether names tell the order of runs: of one there is none to tell."""
    return len(places) < 2 or all(re.search(r"\d", place.name) for place in places)


def _in_order(places: Sequence[Path]) -> list[Path]:
    """Runs by their names; as they were written where names hold no numbers."""
    named = sorted(places, key=lambda place: _natural(place.name))
    if _are_numbered(places):
        return named
    return sorted(named, key=lambda place: (place / NAME).stat().st_mtime_ns)


def _natural(name: str) -> list[tuple[int, int, str]]:
    """What names are sorted by: numbers in them as numbers."""
    parts = re.split(r"(\d+)", name)
    return [(1, int(p), "") if p.isdecimal() else (0, 0, p.casefold()) for p in parts]


def _read(place: Path) -> RunThen | None:
    """A run; None where its record cannot be read, or is none."""
    try:
        run = msgspec.json.decode((place / NAME).read_bytes(), type=_Run)
    except (OSError, ValueError, msgspec.MsgspecError):
        return None
    if run.format != FORMAT:
        return None
    refresh = run.refresh or {}
    fates = {each["id"]: each["fate"] for each in refresh.get("segments", ())}
    return RunThen(
        name=printable(Path(place.name)),
        table=run.table,
        model_id=run.model_id,
        previous_model_id=run.previous_model_id,
        refitted=refresh.get("refitted"),
        customers=run.rows_labelled,
        structure=run.structure,
        stayed=_stayed(refresh),
        segments=tuple(_then(each, fates) for each in run.segments),
    )


def _then(each: _Segment, fates: Mapping[int, Fate]) -> SegmentThen:
    return SegmentThen(
        each.id,
        each.name,
        each.colour,
        each.size,
        each.share,
        each.value_share,
        each.found_again,
        fates.get(each.id),
    )


def _stayed(refresh: Mapping[str, Any]) -> float | None:
    """The share of customers in the same segment as before, of those who are known by their ids."""
    if not refresh.get("by_ids"):
        return None
    known = [row for row in refresh["crosswalk"] if row["from"] is not None and row["customers"]]
    same = sum(row["customers"] for row in known if row["from"] == row["to"])
    every = sum(row["customers"] for row in known)
    return same / every if every else None


def _strangers(runs: list[RunThen]) -> list[Finding]:
    """Runs whose segments follow none of the run before: their numbers mean something else."""
    found = []
    for i in range(1, len(runs)):
        before, run = runs[i - 1], runs[i]
        line = {before.model_id, *(each.model_id for each in runs[:i])}
        if run.model_id not in line and run.previous_model_id not in line:
            found.append(finding("run-follows-none", name=run.name, before=before.name))
    return found
