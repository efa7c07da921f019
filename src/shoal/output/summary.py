"""The result for machines: segments as rows, and as plain JSON types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa

from shoal.analysis.assign import PlaceAccumulator
from shoal.output.identity import model_id
from shoal.output.rule_list import rule_list
from shoal.text.headers import unaccented
from shoal.types import (
    Column,
    Facts,
    Finding,
    Noun,
    OrderLines,
    OutcomeRate,
    Segmentation,
    SegmentProfile,
)
from shoal.types.plain_json import as_json

SEGMENTS = pa.schema(
    {
        "id": pa.int64(),
        "name": pa.string(),
        "who": pa.string(),
        "size": pa.int64(),
        "share": pa.float64(),
        "value_share": pa.float64(),
        "value_sum": pa.float64(),
        "value_mean": pa.float64(),
        "value_median": pa.float64(),
        "value_index": pa.float64(),
        "stability": pa.float64(),
        "found_again": pa.float64(),
        "near_border": pa.float64(),
        "verdict": pa.string(),
        "rule": pa.string(),
        "rule_precision": pa.float64(),
        "rule_precision_low": pa.float64(),
        "rule_precision_high": pa.float64(),
        "rule_coverage": pa.float64(),
        "rule_held_out": pa.int64(),
        "action": pa.string(),
        "action_text": pa.string(),
        "at_stake": pa.float64(),
        "at_stake_low": pa.float64(),
        "at_stake_high": pa.float64(),
        "at_stake_text": pa.string(),
        "test": pa.string(),
        "unlike_anyone": pa.int64(),
    }
)
FIT_OPTIONS = ("k", "k_max", "min_share", "scale", "fill", "seed")  # a refresh takes them over
NOT_KNOWN = (None, None)  # the interval of what was not measured on others
SENTENCES = tuple(f.name for f in SEGMENTS if f.type == pa.string())


def segments_batch(facts: Facts) -> pa.RecordBatch:
    """One row a segment, in id order: numbers are numbers even where none is known."""
    names = _outcome_names(facts)
    schema = pa.schema([*SEGMENTS, *((name, pa.float64()) for name in names.values())])
    return pa.RecordBatch.from_pylist(segment_rows(facts), schema=schema)


def _outcome_names(facts: Facts) -> dict[str, str]:
    """The columns of the main outcome, by what they hold: such as rate → churn_rate."""
    main = facts.profile.outcome
    if not any(o.main for p in facts.portraits for o in p.outcomes) or main is None:
        return {}
    stem = re.sub(r"[^a-z0-9]+", "_", unaccented(main).lower()).strip("_")
    names = {what: f"{stem}_{what}" for what in ("rate", "low", "high", "index")}
    taken = stem == "" or any(name in SEGMENTS.names for name in names.values())
    return {what: f"outcome_{what}" for what in names} if taken else names


def _main_outcome(p: SegmentProfile, names: dict[str, str]) -> dict[str, float]:
    found = next((o for o in p.outcomes if o.main), None)
    return {name: getattr(found, what) for what, name in names.items()} if found else {}


def segment_rows(facts: Facts) -> list[dict[str, Any]]:
    """One dict a segment, in id order: the columns of `study.segments` and of segments.csv."""
    outcome = _outcome_names(facts)
    return [
        {
            "id": p.segment,
            "name": p.name,
            "who": p.who.text,
            "size": p.size,
            "share": p.share,
            "value_share": p.value_share,
            "value_sum": p.value_sum,
            "value_mean": p.value_mean,
            "value_median": p.value_median,
            "value_index": p.value_index,
            "stability": t.jaccard,
            "found_again": as_json(t.found_again),
            "near_border": t.border_share,
            "verdict": t.verdict,
            "rule": p.rule.text,
            "rule_precision": p.rule.precision,
            "rule_precision_low": (p.rule.precision_range or NOT_KNOWN)[0],
            "rule_precision_high": (p.rule.precision_range or NOT_KNOWN)[1],
            "rule_coverage": p.rule.coverage,
            "rule_held_out": p.rule.held_out,
            "action": p.action.title,
            "action_text": p.action.text,
            "at_stake": p.action.at_stake,
            "at_stake_low": p.action.at_stake_low,
            "at_stake_high": p.action.at_stake_high,
            "at_stake_text": p.action.at_stake_words,
            "test": p.action.test_words,
            "unlike_anyone": p.unlike_anyone,
            **_main_outcome(p, outcome),
        }
        for p, t in zip(facts.portraits, facts.trust.segments, strict=True)
    ]


def centre_in_units(facts: Facts, segment: int) -> dict[str, float | None]:
    """Mean of each numeric basis column over a segment's customers, in original units.

    `segment` is its id.
    """
    groups, row = facts.groups, facts.segmentation.ids.index(segment)
    untold = facts.portraits[row].not_shown
    means = {}
    for name in facts.segmentation.basis:
        if name in groups.columns:
            counts, sums, _ = groups.of(name)
            told = counts[row] and name not in untold
            means[name] = float(sums[row] / counts[row]) if told else None
    return means


def summary(facts: Facts) -> dict[str, Any]:
    """The result as plain JSON types."""
    keep = (
        "id",
        "name",
        "size",
        "share",
        "value_share",
        "value_mean",
        "value_median",
        "value_index",
        "stability",
        "found_again",
        "near_border",
        "verdict",
        "rule",
        "rule_precision",
        "rule_precision_low",
        "rule_precision_high",
        "rule_coverage",
        "rule_held_out",
        "action",
        "action_text",
        "at_stake",
        "at_stake_low",
        "at_stake_high",
        "at_stake_text",
        "test",
    )
    segments = [
        {key: row[key] for key in keep}
        | {"outcomes": [_outcome(o) for o in portrait.outcomes]}
        | {"centre": centre_in_units(facts, row["id"])}
        for row, portrait in zip(segment_rows(facts), facts.portraits, strict=True)
    ]
    choice = facts.choice
    body = {
        "model_id": model_id(facts.segmentation),
        "k": facts.segmentation.k,
        "structure": choice.structure.value,
        "reliability": as_json(facts.reliability),
        "reason": choice.reason,
        "runner_up": choice.runner_up,
        "inertia": facts.segmentation.inertia,
        "silhouette": facts.segmentation.silhouette,
        "rows_read": facts.rows_read,
        "rows_labelled": facts.rows_labelled,
        "rows_set_aside": facts.rows_set_aside,
        "noun": facts.noun.many,
        "order_lines": None if facts.lines is None else _lines(facts.lines),
        "sample_size": len(facts.sample.index),
        "basis": list(facts.segmentation.basis),
        "id": facts.segmentation.id_column,
        "value": facts.value,
        "outcome": facts.profile.outcome,
        "segments": segments,
        "choice": [as_json(e.row) for e in choice.evidence],
        "findings": [as_json(f) for f in facts.findings],
    }
    return dict(as_json(body))


def _outcome(o: OutcomeRate) -> dict[str, Any]:
    """All that is known of how often an outcome was met."""
    return {field.name: getattr(o, field.name) for field in fields(o)} | {"index": o.index}


def _lines(lines: OrderLines) -> dict[str, Any]:
    """What became of the lines of orders: read = purchases + returns + set aside."""
    counts = {"read": lines.read, "purchases": lines.purchases, "returns": lines.returns}
    return counts | {"set_aside": lines.aside, "reasons": dict(lines.set_aside)}


def _told(column: Column) -> dict[str, str]:
    """What a column was taken to be, as far as there is something to say."""
    said = {
        "role": column.role,
        "meaning": column.meaning,
        "direction": column.direction,
        "label": column.label,
        "unit": column.unit,
        "part_of": column.part_of or "",
    }
    return {name: word for name, word in said.items() if word}


def about(facts: Facts) -> dict[str, Any]:
    """What the model file notes for people: no customer's row, nothing that placing needs."""
    return {
        "table": facts.name,
        "options": _fit_options(facts),
        "last_id": max(
            facts.succession.last_id if facts.succession else 0, *facts.segmentation.ids
        ),
        "structure": facts.choice.structure.value,
        "reason": facts.choice.reason,
        "value": facts.value,
        "columns": {c.name: _told(c) for c in facts.profile.columns},
        "noun": f"{facts.noun.one}/{facts.noun.many}",
        "segments": [
            {k: v for k, v in row.items() if not k.startswith("rule_")}
            for row in segment_rows(facts)
        ],
        "rules": rule_list(facts),
        "recipe": [feature.words for feature in facts.segmentation.recipe.features],
        "versions": facts.versions,
    }


def _fit_options(facts: Facts) -> dict[str, Any]:
    """What a refresh takes over; a k that was asked for, where evidence would take another one."""
    told = {name: facts.options.get(name) for name in FIT_OPTIONS}
    return told | {"k": None if facts.choice.unasked == told["k"] else told["k"]}


def placed_summary(
    model: Segmentation,
    noun: Noun,
    placing: PlaceAccumulator,
    notes: Sequence[Finding],
    out: Path | None,
) -> dict[str, Any]:
    """What is told of placed customers, as plain JSON types."""
    sizes = placing.sizes.tolist()
    labelled = sum(sizes)
    segments = [
        {"id": number, "name": name, "size": size, "share": size / max(labelled, 1)}
        for number, name, size in zip(model.ids, model.names, sizes, strict=True)
    ]
    return {
        "model_id": model_id(model),
        "rows_read": labelled + placing.aside,
        "rows_labelled": labelled,
        "rows_set_aside": placing.aside,
        "noun": noun.many,
        "segments": segments,
        "unlike_anyone": int(placing.unlike.sum()),
        "expected_unlike": model.far_rate * labelled,
        "findings": as_json(notes),
        "out": str(out) if out is not None else None,
    }
