"""Which play fits a segment, the numbers that led to it, what is at stake, and how to test it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shoal.errors import OptionError, did_you_mean
from shoal.interpret.context import Context
from shoal.interpret.effects import tiny
from shoal.interpret.facts import Known4All, SegmentFacts, met_more_often, segment_facts
from shoal.interpret.money import Money, Stake, lost, moved_up
from shoal.interpret.outcomes import Outcome
from shoal.interpret.playbook import Assumptions, Bounds, Condition, Play, Playbook, Said, fits
from shoal.interpret.trial import size_for_means, size_for_rates
from shoal.sentences import say
from shoal.sentences.plays import Figure, Sentence
from shoal.text.units import per_year
from shoal.types import NOTHING, Action, Statement, Trust

LEAST = 30  # customers in a group, below which the formulas of sizes do not hold


def action(all_: Known4All, trust: Trust, segment: int) -> Action:
    """The first play of the playbook that fits a segment (counted from 0), with its reasons."""
    book, facts = all_.context.playbook, segment_facts(all_, segment)
    if tiny(all_.context)[segment]:
        few = say("few", least=all_.context.least)
        return Action(book.otherwise.key, book.otherwise.title, few, NOTHING)
    play, condition = _first_that_fits(book, facts)
    reason = _no_play(all_.context, facts) if condition is None else _why(facts, condition)
    advice = _advice(play, facts, trust, segment)
    return _made(all_, facts, play, (advice, reason), condition, segment)


def choices(all_: Known4All, trust: Trust, segment: int) -> tuple[Action, ...]:
    """Every play as it would be for a segment (counted from 0): those that fit come first."""
    facts = segment_facts(all_, segment)
    plays = all_.context.playbook.plays
    each = [_as_chosen(all_, facts, trust, play, segment) for play in plays]
    return tuple(sorted(each, key=lambda made: not made.fits))


def chosen(all_: Known4All, trust: Trust, segment: int, key: str) -> Action:
    """The play that a person chose for a segment (counted from 0), by its key.

    Its sentences are said only where it fits: elsewhere they would not be true.

    Raises OptionError for a key that no play has.
    """
    play = _play_of(all_.context.playbook, key)
    return _as_chosen(all_, segment_facts(all_, segment), trust, play, segment)


def _as_chosen(
    all_: Known4All, facts: SegmentFacts, trust: Trust, play: Play, segment: int
) -> Action:
    condition = next((each for each in play.when if _holds(each, facts)), None)
    if condition is None:
        said = say("play-unfit"), say("play-chosen-unfit")
        return replace(_made(all_, facts, play, said, None, segment), fits=False)
    reason = say("play-chosen", why=_why(facts, condition).text)
    advice = _advice(play, facts, trust, segment)
    return _made(all_, facts, play, (advice, reason), condition, segment)


def _play_of(book: Playbook, key: str) -> Play:
    plays = {play.key: play for play in book.plays}
    if key not in plays:
        raise OptionError(f'No play has the key "{key}". {did_you_mean(key, plays)}')
    return plays[key]


def _made(
    all_: Known4All,
    facts: SegmentFacts,
    play: Play,
    said: tuple[Statement, Statement],
    condition: Condition | None,
    segment: int,
) -> Action:
    """The action with this advice and reason, what is at stake and how to test it."""
    advice, reason = said
    stake, words = _stake(play, all_.worth(segment), all_.assumed, segment)
    return Action(
        play=play.key,
        title=play.title,
        advice=advice,
        reason=reason,
        at_stake=None if stake is None else stake.amount,
        at_stake_low=None if stake is None else stake.low,
        at_stake_high=None if stake is None else stake.high,
        stake=words,
        test=_trial(all_, facts, condition or {}, segment),
    )


def _first_that_fits(book: Playbook, facts: SegmentFacts) -> tuple[Play, Condition | None]:
    """The play, and its condition that holds; None where no play fits."""
    for play in book.plays:
        for condition in play.when:
            if _holds(condition, facts):
                return play, condition
    return book.otherwise, None


def _holds(condition: Condition, facts: SegmentFacts) -> bool:
    """Whether all of it holds; what is not known does not."""
    return all(_is(name, wanted, facts) for name, wanted in condition.items())


def _is(name: str, wanted: object, facts: SegmentFacts) -> bool:
    if isinstance(wanted, Bounds):
        return name in facts.figures and wanted.hold(facts.figures[name].value)
    if isinstance(wanted, tuple):
        return name in facts.topics and fits(facts.topics[name].level, wanted)
    return name in facts.lists


def _advice(play: Play, facts: SegmentFacts, trust: Trust, segment: int) -> Statement:
    """The sentences whose numbers are known and whose own conditions hold."""
    words = facts.words
    said = [each for each in play.text if _can_be_said(each, facts)]
    sentences = tuple(Sentence(s.say, {word: words[word] for word in s.words}) for s in said)
    examined = trust.segments[segment : segment + 1]  # none, where nothing was examined
    doubtful = any(each.verdict == "do not rely on it" for each in examined)
    return say("play", sentences=sentences, tried_first=doubtful)


def _can_be_said(sentence: Said, facts: SegmentFacts) -> bool:
    return set(sentence.words) <= facts.words.keys() and _holds(sentence.when, facts)


def _why(facts: SegmentFacts, condition: Condition) -> Statement:
    known = [facts.topics[name] for name in condition if name in facts.topics]
    figures = {name: facts.figures[name] for name in condition if name in facts.figures}
    lists = {name: facts.lists[name] for name in condition if name in facts.lists}
    return say("play-fits", known=tuple(known), figures=figures, lists=lists)


def _no_play(context: Context, facts: SegmentFacts) -> Statement:
    unknown = [v.column for v in context.basis if v.confidence == "none"]
    told = {name: known.level for name, known in facts.topics.items()}
    return say("no-play", levels=told, unknown=tuple(unknown))


# --- what is at stake -----------------------------------------------------------------------------


def _stake(
    play: Play, money: Money | None, assumed: Assumptions, segment: int
) -> tuple[Stake | None, Statement]:
    """The scenario in money, and in words with its assumption; nothing where there is none."""
    if money is None or play.stake == "none":
        return None, NOTHING
    times = per_year(money.view.column) if money.view.aspect == "period" else None
    keeps = play.stake == "keep"
    share = assumed.lost if keeps else assumed.raised
    found = (lost if keeps else moved_up)(money, segment, share)
    if found is None:
        return None, NOTHING
    stake = found.times(times or 1)
    values = {
        "share": share,
        "customers": stake.customers,
        "amount": stake.amount,
        "low": stake.low,
        "high": stake.high,
        "value": money.view.called,
        "a_year": times is not None,
        "unit": money.view.unit,
    }
    if stake.better is None:
        return stake, say("stake-keep", **values)
    medians = float(money.medians[segment]), float(money.medians[stake.better])
    better = {"median": medians[0], "median_above": medians[1], "better": stake.better + 1}
    return stake, say("stake-raise", **values, **better)


# --- how to test it -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Change:
    """What a test shall see."""

    what: str
    base: Figure
    changed: Figure
    per_arm: int


def _trial(all_: Known4All, facts: SegmentFacts, condition: Condition, segment: int) -> Statement:
    """How to find out whether a play works on this segment."""
    size, assumed = int(facts.figures["size"].value), all_.assumed
    change = _change(all_, condition, segment)
    if size == 0 or change is None:
        return NOTHING
    return say(
        "trial",
        what=change.what,
        base=change.base,
        changed=change.changed,
        per_arm=change.per_arm,
        size=size,
        hold_out=max(assumed.hold_out, change.per_arm / size),
        power=assumed.power,
    )


def _change(all_: Known4All, condition: Condition, segment: int) -> _Change | None:
    """Of the outcome that decided or is the main one, else of the mean value, else assumed."""
    assumed, money = all_.assumed, all_.worth(segment)
    outcome = _outcome_to_change(all_, condition, segment)
    change = None if outcome is None else _of_outcome(outcome, assumed, segment)
    if change is not None:
        return change
    if money is not None and money.means[segment] > 0 and money.deviations[segment] > 0:
        return _of_value(money, assumed, segment)
    rate = "a rate of reaction, which is assumed,"
    return _of_rate(rate, assumed.base_rate, 1 + assumed.lift, assumed.power)


def _outcome_to_change(all_: Known4All, condition: Condition, segment: int) -> Outcome | None:
    """The outcome that a play rests on, else the main one where its direction is known."""
    for direction in ("bad", "good"):
        if any(name.startswith(f"{direction}_outcome") for name in condition):
            return met_more_often(all_.outcomes, direction, segment)
    main = (o for o in all_.outcomes if o.main and o.direction in ("good", "bad"))
    return next(main, None)


def _of_outcome(outcome: Outcome, assumed: Assumptions, segment: int) -> _Change | None:
    rate = outcome.rate(segment)
    times = 1 + assumed.lift if outcome.direction == "good" else 1 - assumed.lift
    if rate is None or not 0 < rate.rate < 1 or rate.rate * times >= 1:
        return None
    return _of_rate(f'{rate.column} "{rate.event}"', rate.rate, times, assumed.power)


def _of_rate(what: str, base: float, times: float, power: float) -> _Change:
    changed = base * times
    per_arm = max(LEAST, size_for_rates(base, changed, power))
    return _Change(what, Figure(base, "change"), Figure(changed, "change"), per_arm)


def _of_value(money: Money, assumed: Assumptions, segment: int) -> _Change:
    mean, unit = float(money.means[segment]), money.view.unit
    difference = assumed.lift_of_value * mean
    found = size_for_means(float(money.deviations[segment]), difference, assumed.power)
    per_arm = max(LEAST, found)
    changed = Figure(mean + difference, "amount", unit)
    return _Change(f"mean {money.view.called}", Figure(mean, "amount", unit), changed, per_arm)
