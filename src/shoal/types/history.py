"""Many runs of the same segments, month after month."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from shoal.types.plain_json import as_json
from shoal.types.profile import Finding
from shoal.types.shown import Shown
from shoal.types.succession import Fate


@dataclass(frozen=True)
class SegmentThen:
    """A segment in one run."""

    id: int
    name: str
    colour: str
    size: int
    share: float
    value_share: float | None  # of the value of all
    found_again: float | None  # share of other tables of this size in which it returns
    fate: Fate | None  # None: the run follows no other


@dataclass(frozen=True)
class RunThen:
    """One run: a folder of results."""

    name: str  # of its folder
    table: str
    model_id: str
    previous_model_id: str | None
    refitted: bool | None  # None: the run follows no other
    customers: int
    structure: str
    stayed: float | None  # share of customers known by id who are in the same segment as before
    segments: tuple[SegmentThen, ...]


@dataclass(frozen=True)
class HistoryFacts(Shown):
    """All runs of a folder, in the order of their names."""

    name: str
    runs: tuple[RunThen, ...]
    findings: tuple[Finding, ...]  # runs that could not be read, or follow none of the others

    @property
    def ids(self) -> tuple[int, ...]:
        """Every segment that there was, by its id."""
        return tuple(sorted({each.id for run in self.runs for each in run.segments}))

    @property
    def valued(self) -> bool:
        """Whether any run knows what segments are worth."""
        return any(each.value_share is not None for run in self.runs for each in run.segments)

    def of(self, id: int) -> tuple[SegmentThen | None, ...]:
        """A segment in each run; None where it was not there."""
        return tuple(next((s for s in r.segments if s.id == id), None) for r in self.runs)

    def latest(self, id: int) -> SegmentThen:
        """What a segment was like when it was last there."""
        return [each for each in self.of(id) if each is not None][-1]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row a run and segment."""
        return [
            {"run": run.name, "model_id": run.model_id}
            | {f.name: getattr(each, f.name) for f in fields(each) if f.name != "colour"}
            for run in self.runs
            for each in run.segments
        ]

    def to_json(self) -> dict[str, Any]:
        """All of it as plain JSON types: what `shoal history --json` prints."""
        told: dict[str, Any] = as_json(self)
        return told
