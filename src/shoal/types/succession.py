"""How the segments of one run follow those of the run before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from shoal.types.plain_json import as_json
from shoal.types.profile import NOTHING, Statement
from shoal.types.shown import Shown

Fate = Literal["kept", "moved", "split", "merged", "born", "gone"]


@dataclass(frozen=True)
class SegmentFate:
    """What became of a segment, or where a new one comes from."""

    id: int
    name: str
    fate: Fate
    came_from: tuple[int, ...]  # ids that were there before; empty for one that was born
    why: Statement


@dataclass(frozen=True)
class Crossing:
    """Customers who were in one segment and are in another, or in the same."""

    before: int | None  # None: they were in none
    before_name: str
    after: int | None  # None: the segment is gone
    after_name: str
    customers: int  # of those that were compared
    share_of_before: float | None
    share_of_after: float | None
    fate: Fate | None  # None: customers who moved between segments that others follow
    why: Statement = NOTHING

    @property
    def row(self) -> dict[str, Any]:
        """All of it by name: a row of tables and files."""
        return {
            "from": self.before,
            "from_name": self.before_name,
            "to": self.after,
            "to_name": self.after_name,
            "customers": self.customers,
            "share_of_from": self.share_of_before,
            "share_of_to": self.share_of_after,
            "fate": self.fate,
            "why": self.why.text,
        }


@dataclass(frozen=True)
class Service:
    """How well the old segments serve new customers, beside what a new fit would find."""

    serves: bool
    k_before: int
    k_now: int  # what would be taken now
    # Share by which squared distances are larger to the old centroids than to those of a new fit …
    loss: float
    most_loss: float  # … and the most that may be
    weakest: float  # least Jaccard similarity of an old segment with the one a new fit finds
    least_weakest: float  # and the least that may be
    unlike_anyone: float  # share of customers
    expected_unlike: float  # the same of those who formed the old segments


@dataclass(frozen=True)
class Succession:
    """How segments follow those of the model before."""

    refitted: bool
    why: Statement  # whether it was necessary to fit again, with the numbers
    service: Service
    segments: tuple[SegmentFate, ...]  # in the order of ids, those that are gone among them
    crosswalk: tuple[Crossing, ...]
    compared: int  # customers that were compared: everybody, or the sample
    by_ids: bool  # by the ids that both tables share; else the old model placed the new customers
    last_id: int  # the largest id that was ever given: none is given twice
    table_before: str = ""
    model_before: str = ""

    @property
    def unchanged(self) -> bool:
        """Whether every segment was kept."""
        return all(each.fate == "kept" for each in self.segments)

    def named(self, names: Mapping[int, str]) -> Succession:
        """The same with what segments are called now, by their ids."""
        segments = (replace(each, name=names.get(each.id, each.name)) for each in self.segments)
        crosswalk = (
            replace(each, after_name="" if each.after is None else names[each.after])
            for each in self.crosswalk
        )
        return replace(self, segments=tuple(segments), crosswalk=tuple(crosswalk))

    def to_json(self) -> dict[str, Any]:
        """All of it as plain JSON types."""
        return {
            "refitted": self.refitted,
            "verdict": self.why.text,
            "segments": [
                {
                    "id": each.id,
                    "name": each.name,
                    "fate": each.fate,
                    "from": list(each.came_from),
                    "why": each.why.text,
                }
                for each in self.segments
            ],
            "crosswalk": [each.row for each in self.crosswalk],
            "customers_compared": self.compared,
            "by_ids": self.by_ids,
            "service": as_json(self.service),
            "previous_table": self.table_before,
            "previous_model_id": self.model_before,
        }


@dataclass(frozen=True)
class Refresh(Shown):
    """What a refresh found: whether it fitted again, what became of each segment, and the study.

    `.segments` tells the fate of each (kept, moved, split, merged, born, gone), `.crosswalk` how
    many customers went from which to which, `.study` is the study of the new customers.
    """

    succession: Succession
    study: Any  # the Study of the new customers

    def __repr__(self) -> str:
        done = "fitted again" if self.refitted else "no need to refit"
        told = ", ".join(f"{each.id} {each.fate}" for each in self.segments)
        return f"<shoal.Refresh, {done}: {told}>"

    @property
    def refitted(self) -> bool:
        """Whether segments were fitted again; else the old model placed everybody."""
        return self.succession.refitted

    @property
    def verdict(self) -> str:
        """Whether it was necessary to fit again, in words with the numbers."""
        return self.succession.why.text

    @property
    def segments(self) -> tuple[SegmentFate, ...]:
        """The fate of each segment: id, name, fate, came_from, why."""
        return self.succession.segments

    @property
    def outlived(self) -> dict[int, Statement]:
        """Names of before that segments keep although something else sets them apart now, by id.

        Only of segments that are not what they were: a name that a person gave says what it says.
        """
        changed = {each.id for each in self.segments if each.fate != "kept"}
        kept = {p.segment: p.evidence[0] for p in self.study.portraits if p.evidence}
        return {id: s for id, s in kept.items() if id in changed and s.code == "name-kept"}

    @property
    def crosswalk(self) -> Any:
        """Who went from which segment to which, as a pandas DataFrame."""
        import pandas as pd

        return pd.DataFrame([each.row for each in self.succession.crosswalk])

    @property
    def model(self) -> Any:
        """The model that places customers from now on."""
        return self.study.model

    def to_json(self) -> dict[str, Any]:
        """What `shoal refresh --json` prints."""
        study = self.study
        told = {
            "model_id": study.model.id,
            "rows_read": study.facts.rows_read,
            "rows_labelled": study.facts.rows_labelled,
            "rows_set_aside": study.facts.rows_set_aside,
            "findings": study.summary()["findings"],
            "outputs": study.outputs,
        }
        return self.succession.to_json() | told
