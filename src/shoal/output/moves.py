"""Moves for people, without figures of too few; and whole, for programs: rows, JSON types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shoal.text.nouns import told_count
from shoal.text.numbers import exact
from shoal.types import NO_MONEY, Amounts, Flow, MoveCause, MoveFacts
from shoal.types.plain_json import as_json

KINDS = ("stayed", "moved", "arrived", "departed")
CAUSES: dict[MoveCause, str] = {
    "customer": "customer_changed",
    "model": "model_changed",
    "border": "border",
}
NOT_SHOWN = "–"


def written(facts: MoveFacts) -> Callable[[Decimal], str]:
    """How the amounts of all flows are written, so that they can stand below each other."""
    return exact(amounts(facts))


def amounts(facts: MoveFacts) -> list[Decimal]:
    """What every flow brought before and after."""
    return [
        m for each in facts.flows for m in (each.amounts.money_before, each.amounts.money_after)
    ]


@dataclass(frozen=True)
class ToldFlow:
    """A flow as people are told of it: without the figures of too few."""

    start: str
    end: str
    customers: str
    money: tuple[str, ...]  # before, after, change; none where no money is known
    causes: tuple[str, ...]


def told_flows(facts: MoveFacts) -> list[ToldFlow]:
    """One for each flow, those that take most value away first."""
    why = facts.why or {}
    return [
        _told(facts, flow.start_name, flow.end_name, flow.amounts, _causes(flow, why))
        for flow in facts.flows
    ]


def told_together(facts: MoveFacts) -> ToldFlow:
    """All flows together."""
    return _told(facts, "Together", "", facts.everybody, tuple((facts.why or {}).values()))


def _causes(flow: Flow, why: Mapping[MoveCause, Amounts]) -> tuple[Amounts | None, ...]:
    found = flow.causes if flow.kind == "moved" else None
    return tuple(found[cause] if found else None for cause in why)


def _told(
    facts: MoveFacts, start: str, end: str, amounts: Amounts, causes: Sequence[Amounts | None]
) -> ToldFlow:
    few = facts.are_few(amounts)
    money: tuple[str, ...] = ()
    if facts.value is not None:
        figures = (amounts.money_before, amounts.money_after, amounts.change)
        money = tuple(NOT_SHOWN if few else written(facts)(each) for each in figures)
    own = tuple(NOT_SHOWN if each and few else _count(facts, each) for each in causes)
    return ToldFlow(start, end, _count(facts, amounts), money, own)


def _count(facts: MoveFacts, amounts: Amounts | None) -> str:
    return "" if amounts is None else told_count(amounts.customers, facts.least)


def rows(facts: MoveFacts) -> list[dict[str, Any]]:
    """One mapping a flow, those that take most value away first; money as decimals.

    `from` and `to` are ids of segments: 0 for who could not be placed, None for who was not there.
    Causes count those who moved, with the change of what they brought (`…_money`).
    """
    return [_row(facts, flow) for flow in facts.flows]


def _row(facts: MoveFacts, flow: Flow) -> dict[str, Any]:
    amounts = flow.amounts
    told: dict[str, Any] = {
        "from": flow.start,
        "to": flow.end,
        "from_name": flow.start_name,
        "to_name": flow.end_name,
        "kind": flow.kind,
        "customers": amounts.customers,
        "money": _money(facts, flow.money),
        "money_before": _money(facts, amounts.money_before),
        "money_after": _money(facts, amounts.money_after),
    }
    for cause, key in CAUSES.items():
        found = (flow.causes or {}).get(cause)
        told[key] = None if found is None else found.customers
        told[f"{key}_money"] = None if found is None else _money(facts, found.change)
    return told


def _money(facts: MoveFacts, amount: Decimal) -> Decimal | None:
    return None if facts.value is None else amount


def summary(facts: MoveFacts) -> dict[str, Any]:
    """All of it as plain JSON types."""
    whole = facts.everybody
    money = {
        "money": sum((flow.money for flow in facts.flows), NO_MONEY),
        "money_before": whole.money_before,
        "money_after": whole.money_after,
    }
    body = {
        "customers": whole.customers,
        **{name: _money(facts, amount) for name, amount in money.items()},
        "value": facts.value,
        "noun": facts.noun.many,
        "min_cell": facts.least,
        **{kind: facts.of_kind(kind).customers for kind in KINDS},
        "same_model": facts.same_model,
        "model_ids": facts.models,
        "summary": [said.text for said in facts.summary],
        "worries": [said.text for said in facts.worries],
        "flows": rows(facts),
        "segments_before": facts.segments_before,
        "segments_after": facts.segments_after,
        "rows_before": facts.before,
        "rows_after": facts.after,
        "findings": facts.findings,
    }
    return dict(as_json(body))
