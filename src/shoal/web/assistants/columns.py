"""Columns as an assistant is told of them: facts of all rows, no row, nothing of persons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shoal import as_json

MOST_WORDS = 4  # of a category
MOST_NAMED = 12  # columns in one sentence
HELD_BACK = ("id", "order_id", "contact", "text", "row_number")


def column_facts(column: Any) -> dict[str, Any]:
    """What is known of one column."""
    told = {
        "name": column.name,
        "kind": column.kind,
        "role": column.role,
        "meaning": column.meaning,
        "confidence": column.confidence,
        "direction": column.direction,
        "why": column.why_meaning or column.role_reason,
        "missing": column.missing,
    }
    if column.label:
        told["label"] = column.label
    if column.private or column.role == "id" or column.meaning in HELD_BACK:
        return told
    if column.kind == "number":
        told |= {"min": column.min, "median": _median(column), "mean": column.mean}
        told["max"] = column.max
    if column.kind in ("category", "flag"):
        told["words"] = [word for word, _ in column.top[:MOST_WORDS]]
        told["distinct"] = column.distinct
    return dict(as_json(told))


def _median(column: Any) -> float | None:
    return None if column.quantiles is None else float(column.quantiles[3])


def not_told(profile: Any) -> list[str]:
    """Which columns are held back, and why."""
    private = [column.name for column in profile.columns if column.private]
    if not private:
        return []
    names = listed([f'"{name}"' for name in private])
    return [f"What stands in {names} is not told: it may name persons or how to reach them."]


def listed(names: Sequence[str]) -> str:
    """The first of many names, and how many more there are."""
    more = "" if len(names) <= MOST_NAMED else f" and {len(names) - MOST_NAMED} more"
    return f"{', '.join(names[:MOST_NAMED])}{more}"
