"""What the process of a table can be asked: to look, to find, to show, to write."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shoal
from shoal import InputError, Study
from shoal.web.page.settings import MOST_CELLS, MOST_COLUMNS

Told = dict[str, Any]
Progress = Callable[[str, int, int | None], None]
KEPT = "study.pickle"
# What a process loads while it waits for its first table.
LOADED = ("pandas", "pyarrow.csv", "scipy.stats", "sklearn.metrics", "duckdb")


class Desk:
    """A table, what is known of it, and the segments."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.folder = Path()
        self.source = self.name = ""
        self.settings: Told = {}
        self.max_unpacked = 0
        self._study: Study | None = None

    def do(self, asked: Told) -> Any:
        """The answer to one question; its name is that of a method below."""
        questions: dict[str, Callable[..., Any]] = {
            "begin": self.begin,
            "look": self.look,
            "find": self.find,
        }
        given = {name: value for name, value in asked.items() if name != "do"}
        return questions[asked["do"]](**given)

    def begin(self, folder: str, source: str, name: str, settings: Told, max_unpacked: int) -> None:
        """What is worked on; temporary files stand in its folder, and go with it."""
        self.folder, self.source, self.name = Path(folder), source, name
        self.settings, self.max_unpacked = settings, max_unpacked
        tempfile.tempdir = folder
        os.chdir(folder)  # messages name a file that was sent without its folder

    def look(self, settings: Told) -> Told:
        """What the table was understood to be."""
        self.settings = settings
        self.progress("reading", 0, None)
        file = self.folder / "columns.toml"
        profile = shoal.inspect(
            self.source, write_columns=file, progress=self.progress, **self._said()
        )
        if profile.rows * len(profile.columns) > MOST_CELLS:
            raise InputError(
                f"{profile.rows:,} rows of {len(profile.columns):,} columns are more than the page "
                "takes. Use the command line, which has no such bound."
            )
        return shown_profile(profile) | {"toml": file.read_text("utf-8")}

    def find(self, settings: Told) -> Told:
        """The segments."""
        self.settings = settings
        self._study = shoal.segment(self.source, progress=self.progress, **self._said(True))
        (self.folder / KEPT).write_bytes(pickle.dumps(self._study))
        return shown_study(self._study)

    def _said(self, finding: bool = False) -> Told:
        said: Told = {"columns": self.settings["columns"]}
        if "://" not in self.source:
            said |= {"max_columns": MOST_COLUMNS, "max_unpacked": self.max_unpacked}
        rows = {"orders": "orders", "customers": "one_row_a_customer"}.get(self.settings["rows"])
        return said | {rows: True} if finding and rows else said


def shown_profile(profile: Any) -> Told:
    """The facts of a table as its screen shows them."""
    alone = [f for f in profile.findings if f.column is None]
    return {
        "name": profile.name,
        "rows": profile.rows,
        "format": profile.read_as.format,
        "noun": profile.noun.many,
        "columns": [_shown_column(profile, c) for c in profile.columns],
        "findings": _of_a_kind(alone),
        "undecided": any(f.code == "looks-like-orders" for f in profile.findings),
        "basis": list(profile.named("basis")),
    }


def _shown_column(profile: Any, column: Any) -> Told:
    told = [f for f in profile.findings if f.column == column.name]
    return {
        "name": column.name,
        "kind": column.kind,
        "role": column.role,
        "role_reason": column.role_reason,
        "meaning": column.meaning,
        "aspect": column.aspect,
        "direction": column.direction,
        "why": column.why_meaning,
        "made": column.made is not None,
        "missing": column.missing,
        "share": column.missing / column.rows if column.rows else 0.0,
        "distinct": column.distinct,
        "exact": column.distinct_exact,
        "values": _values(column),
        "bars": _bars(column),
        "findings": [_shown_finding(f) for f in told],
    }


def _shown_finding(finding: Any) -> Told:
    return {"code": finding.code, "severity": finding.severity, "message": finding.message}


def _of_a_kind(findings: list[Any]) -> list[Told]:
    """One line a kind: the first of it, and the others folded."""
    kinds: dict[str, list[Any]] = {}
    for each in findings:
        kinds.setdefault(each.code, []).append(each)
    order = ("error", "warning", "info")
    ranked = sorted(kinds.values(), key=lambda alike: order.index(alike[0].severity))
    return [
        _shown_finding(alike[0]) | {"more": [each.message for each in alike[1:]]}
        for alike in ranked
    ]


def _values(column: Any) -> str:
    """What stands in a column, in few words."""
    if column.top:
        return ", ".join(word for word, _ in column.top[:3])
    if column.min is None:
        return ""
    low, high = (_short(v) for v in (column.min, column.max))
    return low if low == high else f"{low} to {high}"


def _short(value: float | str | None) -> str:
    if isinstance(value, str):
        return value if len(value) <= 24 else value[:23] + "…"
    return "" if value is None else f"{value:,.6g}"


def _bars(column: Any) -> list[float]:
    """Heights of a histogram, 0 to 1."""
    counts = column.histogram.counts if column.histogram else ()
    most = max(counts, default=0)
    return [round(n / most, 3) for n in counts] if most else []


def shown_study(study: Study) -> Told:
    """The segments as their screens show them."""
    answer = study.answer
    return {
        "k": study.k,
        "found": answer.found.text,
        "first": [each.text for each in answer.first],
        "value": answer.value.text,
        "table": [list(row) for row in answer.table],
        "noun": study.facts.noun.many,
    }
