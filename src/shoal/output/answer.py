"""The answer in a few lines: what was found, what to do first, which column is the money.

Terminal, page and workbook show the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, get_args

from shoal.sentences import say
from shoal.sentences.reliability import STEADY
from shoal.text.nouns import speaking_of
from shoal.text.numbers import money, percent
from shoal.types import (
    NOTHING,
    Column,
    Facts,
    OutcomeRate,
    SegmentProfile,
    SegmentTrust,
    Statement,
    Structure,
    Verdict,
)

NO_PLAY = "otherwise"  # the key of the action where none fits
SIGNS = ("$", "€", "£", "¥")  # that stand before an amount
FIRST = 2  # segments that are spoken of before all others


@dataclass(frozen=True)
class Everybody:
    """All customers together: the last row of the table of segments."""

    size: int
    value_sum: float | None
    value_mean: float | None
    rate: float | None  # of the main outcome


@dataclass(frozen=True)
class Answer:
    """The first lines of every output."""

    facts: Facts

    @cached_property
    def found(self) -> Statement:
        """What was found, in one sentence."""
        known = self.facts.reliability
        said: dict[str, Any] = {"n": self.facts.rows_labelled, "k": known.k}
        if known.kind is Structure.reproducible:
            said |= {"low": known.lowest, "high": known.highest}
        return self._say(f"found-{known.kind.value}", **said)

    @cached_property
    def basis(self) -> Statement:
        """What the answer rests on, and what may not be said of it."""
        known = self.facts.reliability
        columns = self.facts.profile
        basis = tuple(called(columns.column(name)) for name in self.facts.segmentation.basis)
        said: dict[str, Any] = {"basis": basis}
        said["near_border"] = known.near_border
        return self._say(f"basis-{known.kind.value}", **said)

    @cached_property
    def cuts(self) -> Statement:
        """What it means where slices come back; nothing where they are groups, or do not."""
        known = self.facts.reliability
        if known.kind or not known.highest >= STEADY:
            return NOTHING
        return self._say("cuts-return", low=known.lowest, high=known.highest)

    @cached_property
    def verdicts(self) -> Statement:
        """How many segments can be acted on; nothing where that was not examined."""
        known = self.facts.reliability
        if not known.segments:
            return NOTHING
        act, care, leave = map(known.of, get_args(Verdict))
        return self._say("verdict-counts", act=act, care=care, leave=leave)

    @cached_property
    def reruns(self) -> Statement:
        """How sure k itself is; nothing where that was not tried."""
        reruns = self.facts.reliability.reruns
        if not reruns:
            return NOTHING
        sample, of = self.facts.sample, sum(times for _, times in reruns)
        sampled = 0 if sample.whole else len(sample.index)
        return self._say("k-reruns", reruns=reruns, of=of, sampled=sampled)

    @cached_property
    def sure(self) -> tuple[Statement, ...]:
        """How far to believe each segment, in few words; nothing where it was not examined."""
        known = self.facts.reliability.segments
        if not known:
            return (NOTHING,) * len(self.facts.portraits)
        return tuple(self._say("sure", verdict=s.verdict, found_again=s.found_again) for s in known)

    def _say(self, code: str, **values: Any) -> Statement:
        with speaking_of(self.facts.noun):
            return say(code, **values)

    @cached_property
    def first(self) -> tuple[Statement, ...]:
        """What to do first: one sentence for each of the two segments that matter most."""
        facts = self.facts
        pairs = list(zip(facts.portraits, facts.trust.segments, strict=False))
        able = [p for p, t in pairs if p.action.play != NO_PLAY and _holds(t)]
        ranked = sorted(able or facts.portraits, key=partial(_urgency, facts), reverse=True)
        with speaking_of(facts.noun):
            return tuple(_do_first(facts, p) for p in ranked[:FIRST])

    @cached_property
    def value(self) -> Statement:
        """Which column is the value, and why; nothing where there is none."""
        column = value_column(self.facts)
        if column is None:
            return NOTHING
        return say("value-column", column=called(column), reason=column.why_meaning)

    @cached_property
    def everybody(self) -> Everybody:
        """The totals."""
        facts = self.facts
        outcome = next((main_outcome(p) for p in facts.portraits if p.outcomes), None)
        return Everybody(
            size=facts.rows_labelled,
            value_sum=_sum_of_value(facts),
            value_mean=_mean_value(facts),
            rate=outcome.everybody if outcome else None,
        )

    @cached_property
    def outcome(self) -> str:
        """The column of the outcome that is reported for each segment; "" where there is none."""
        met = (main_outcome(p) for p in self.facts.portraits)
        return next((rate.column for rate in met if rate is not None), "")

    @cached_property
    def table(self) -> tuple[tuple[str, ...], ...]:
        """The segments in a few columns of words: a row of heads, one a segment, and everybody."""
        facts, column = self.facts, value_column(self.facts)
        heads = ["", "Segment", facts.noun.many.capitalize()]
        heads += [f"Of {called(column)}"] if column is not None else []
        heads += [self.outcome] if self.outcome else []
        rows = [self._row(*pair) for pair in zip(facts.portraits, self.sure, strict=True)]
        return (*heads, "Do this", "How sure"), *rows, self._last_row()

    def _row(self, portrait: SegmentProfile, sure: Statement) -> tuple[str, ...]:
        cells = [str(portrait.segment), portrait.name, percent(portrait.share)]
        if self.facts.value is not None:
            cells.append(worth(portrait))
        if self.outcome:
            cells.append(met(main_outcome(portrait)))
        return (*cells, portrait.action.title, sure.text)

    def _last_row(self) -> tuple[str, ...]:
        every = self.everybody
        cells = ["", "Everybody", f"{every.size:,}"]
        if self.facts.value is not None:
            cells.append("" if every.value_sum is None else f"{money(every.value_sum)} in all")
        if self.outcome:
            cells.append("" if every.rate is None else percent(every.rate))
        return (*cells, "", "")

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it in sentences: what was found, what to do first, the value."""
        every = (self.found, *self.first, self.value)
        return tuple(each.text for each in every if each.text)


def value_column(facts: Facts) -> Column | None:
    """The facts of the money column; None where there is none."""
    return next((c for c in facts.profile.columns if c.name == facts.value), None)


def called(column: Column) -> str:
    """What people call a column."""
    return column.label or column.name


def amount(value: float | None, column: Column) -> str:
    """A sum of money rounded to three digits, with its unit.

    >>> from types import SimpleNamespace
    >>> amount(12345.6, SimpleNamespace(unit="$")), amount(12345.6, SimpleNamespace(unit="EUR"))
    ('$12,300', '12,300 EUR')
    """
    written, unit = money(value), column.unit
    if value is None or not unit:
        return written
    return f"{unit}{written}" if unit in SIGNS else f"{written} {unit}"


def main_outcome(portrait: SegmentProfile) -> OutcomeRate | None:
    """How often the table's one outcome was met in a segment; None where there is none."""
    return next((rate for rate in portrait.outcomes if rate.main), None)


def worth(portrait: SegmentProfile) -> str:
    """A segment's share of the value and its index, in few letters."""
    share, index = portrait.value_share, portrait.value_index
    said = "" if share is None else percent(share)
    if index is None:
        return said
    return f"{said} (index {index:.0f})".lstrip()


def met(outcome: OutcomeRate | None) -> str:
    """How often an outcome was met, in few letters; in brackets where chance may explain it."""
    if outcome is None:
        return "–"
    said = percent(outcome.rate)
    return said if outcome.beyond_chance else f"({said}: may be chance)"


def _holds(trust: SegmentTrust) -> bool:
    return trust.verdict != "do not rely on it"


def _sum_of_value(facts: Facts) -> float | None:
    """Of everybody, those included of whose segments nothing is shown."""
    told = [p.value_sum for p in facts.portraits if p.value_sum is not None]
    if facts.value is None or not told:
        return None
    counted = len(told) < len(facts.portraits)
    return float(sum(facts.groups.of(facts.value)[1].tolist() if counted else told))


def _mean_value(facts: Facts) -> float | None:
    """Of everybody with a value, over all customers."""
    groups = facts.groups
    if facts.value is None or facts.value not in groups.columns:
        return None
    counts, sums, _ = groups.of(facts.value)
    return float(sums.sum() / max(counts.sum(), 1))


def _urgency(facts: Facts, portrait: SegmentProfile) -> tuple[float, float, float]:
    """What is at stake, then what is brought or met, then how many they are."""
    stake = portrait.action.at_stake or 0.0
    outcome = main_outcome(portrait)
    matters = portrait.value_share or 0.0
    if facts.value is None and outcome is not None and outcome.beyond_chance:
        matters = abs(outcome.rate - outcome.everybody) * portrait.share
    return stake, matters, portrait.share


def _do_first(facts: Facts, portrait: SegmentProfile) -> Statement:
    column, outcome = value_column(facts), main_outcome(portrait)
    said = {
        "segment": portrait.segment,
        "name": portrait.name,
        "share": portrait.share,
        "action": "" if portrait.action.play == NO_PLAY else portrait.action.title,
    }
    if column is not None and portrait.value_share is not None:
        said |= {"value": called(column), "value_share": portrait.value_share}
    if outcome is not None and outcome.beyond_chance:
        said |= {"outcome": outcome.column, "rate": outcome.rate, "everybody": outcome.everybody}
    return say("do-first", **said)
