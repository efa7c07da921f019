"""What a process tells the server of a table and its segments: plain data for the screens."""

from __future__ import annotations

import dataclasses
from typing import Any

from shoal import Study, percent

Told = dict[str, Any]


ASKED = "looks-like-orders"  # what the page asks about, in its own words
CAUSES = "causes-not-told"  # what it says of labels in its own words
MOST_CSV = 1_000_000  # customers beyond which Parquet is written


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
        "undecided": any(f.code == ASKED for f in profile.findings),
        "basis": list(profile.named("basis")),
    }


def _shown_column(profile: Any, column: Any) -> Told:
    told = [f for f in profile.findings if f.column == column.name and f.code != ASKED]
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
    low, high = (_short(v, column.role == "date") for v in (column.min, column.max))
    return low if low == high else f"{low} to {high}"


def _short(value: float | str | None, year: bool) -> str:
    if isinstance(value, str):
        return value if len(value) <= 24 else value[:23] + "…"
    if value is None:
        return ""
    return f"{value:.6g}" if year else f"{value:,.6g}"


def _bars(column: Any) -> list[float]:
    """Heights of a histogram, 0 to 1."""
    counts = column.histogram.counts if column.histogram else ()
    most = max(counts, default=0)
    return [round(n / most, 3) for n in counts] if most else []


def shown_study(study: Study) -> Told:
    """The segments as their screens show them."""
    facts, answer, choice = study.facts, study.answer, study.choice
    parts = dataclasses.asdict(study.parts(show_ids=True))
    return {
        "k": study.k,
        "found": answer.found.text,
        "kind": choice.structure.value,
        "basis": answer.basis.text,
        "reason": choice.reason,
        "runner_up": choice.runner_up,
        "runner_up_reason": choice.runner_up_reason,
        "table": [list(row) for row in answer.table],
        "one": facts.noun.one,
        "many": facts.noun.many,
        "rows": facts.rows_labelled,
        "aside": facts.rows_set_aside,
        "parquet": facts.rows_read > MOST_CSV,
        "id": facts.segmentation.id_column or "",
        "tried": [_shown_k(each) for each in choice.evidence],
        "segments": [_shown_segment(study, p) for p in study.portraits],
        "parts": parts,
    }


def _shown_segment(study: Study, portrait: Any) -> Told:
    place = study.model.ids.index(portrait.segment)
    trust = study.trust.segments
    return {
        "no": portrait.segment,
        "name": portrait.name,
        "size": portrait.size,
        "share": portrait.share,
        "colour": study.model.colours[place],
        "play": portrait.action.play,
        "action": portrait.action.title,
        "verdict": trust[place].verdict if trust else "",
    }


def _shown_k(evidence: Any) -> Told:
    return {
        "k": evidence.k,
        "allowed": evidence.allowed,
        "note": evidence.note,
        "silhouette": evidence.silhouette,
        "smallest": evidence.smallest_share,
    }


def shown_members(frame: Any) -> Told:
    """Customers as a table of texts; the first column tells them apart."""
    names = [str(name) for name in frame.columns]
    told = frame.itertuples(index=False)
    rows = [[_beside(name, cell) for name, cell in zip(names, row, strict=True)] for row in told]
    return {"columns": names, "rows": rows}


def _beside(name: str, cell: Any) -> str:
    """A cell of a customer; how far they stand from a border is no finer than elsewhere."""
    return f"{cell:.2f}" if name == "margin" and isinstance(cell, float) else written(cell)


def shown_customer(explanation: Any) -> Told:
    """Why a customer is in their segment."""
    widest = max((abs(pull.pull) for pull in explanation.pulls), default=0.0) or 1.0
    return {
        "id": str(explanation.id),
        "segment": explanation.segment,
        "name": explanation.name,
        "runner_up": explanation.runner_up,
        "runner_up_name": explanation.runner_up_name,
        "margin": explanation.margin,
        "unlike_anyone": explanation.unlike_anyone,
        "pulls": [
            {
                "column": pull.column,
                "value": written(pull.value),
                "text": pull.text,
                "pull": pull.pull / widest,
            }
            for pull in explanation.pulls
        ],
    }


def shown_drift(drift: Any) -> Told:
    """How far these customers are from those of an earlier model."""
    return {
        "verdict": drift.verdict,
        "segments": [
            (f"{s.id} {s.name}", percent(s.share_before), percent(s.share_after))
            for s in drift.segments
        ],
        "columns": [(c.name, _index(c.psi), _index(c.usual.psi)) for c in drift.columns],
        "noticed": [_shown_finding(finding) for finding in drift.findings],
    }


def _index(psi: float | None) -> str:
    return "–" if psi is None else f"{psi:.3f}"


def shown_moves(moves: Any) -> Told:
    """Who moved since customers were labelled earlier."""
    heads = ["From", "To", moves.noun.many.capitalize()]
    if moves.value is not None:
        heads += [f"{moves.value} before", "After", "Change"]
    return {
        "said": [said.text for said in moves.summary],
        "worries": [said.text for said in moves.worries],
        "heads": heads,
        "rows": [(flow.start, flow.end, flow.customers, *flow.money) for flow in moves.told],
        "noticed": [_shown_finding(f) for f in moves.findings if f.code != CAUSES],
    }


def written(cell: Any) -> str:
    """A cell as people read it.

    >>> written(1234.5), written(True), written(None), written(float("nan"))
    ('1,234.5', 'yes', '–', '–')
    """
    if cell is None or cell != cell:
        return "–"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:,.6g}"
    return str(cell)
