"""Segment profiles: what sets each segment apart, its name, its rule, what to do about it and what
is at stake.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from shoal.engine.worker import Each, in_turn
from shoal.interpret.actions import action, choices, chosen
from shoal.interpret.claims import check_name as measured_name
from shoal.interpret.context import Context, make_views
from shoal.interpret.effects import ColumnEffects, column_effects, tiny, traits
from shoal.interpret.facts import Known4All, topics
from shoal.interpret.insights import insights
from shoal.interpret.money import money_of
from shoal.interpret.names import Given, Name, names
from shoal.interpret.outcomes import outcomes, rates
from shoal.interpret.phrases import cut
from shoal.interpret.playbook import Playbook, load
from shoal.interpret.rules import rules
from shoal.interpret.spoken import LONGEST
from shoal.interpret.who import who
from shoal.options import check_segment, renamed
from shoal.sentences import say
from shoal.types import (
    NOTHING,
    Action,
    Facts,
    Floats,
    Ints,
    NameCheck,
    Profile,
    Recipe,
    RfmMix,
    Rule,
    Sample,
    SegmentProfile,
    SegmentTotals,
    Statement,
    Trust,
)

__all__ = ["actions", "check_name", "interpret", "load", "with_actions"]

TYPICAL = 3
UNTOLD = Rule((), NOTHING, NOTHING, math.nan, math.nan, 0)  # of too few customers to be told of


def interpret(
    *,
    recipe: Recipe,
    id_column: str | None,
    groups: SegmentTotals,
    unlike_anyone: Ints,
    sample: Sample,
    labels: Ints,
    distances: Floats,
    trust: Trust,
    profile: Profile,
    value: str | None,
    playbook: Playbook | None = None,
    rfm: Sequence[RfmMix] = (),
    asked_names: Mapping[int, str] = MappingProxyType({}),
    kept_names: Mapping[int, str] = MappingProxyType({}),
    ids: Sequence[int] | None = None,
    least: int = 1,
    each: Each = in_turn,
) -> tuple[SegmentProfile, ...]:
    """A profile of each segment, in id order.

    Sizes, value and shares of flags and categories are those of all customers (`groups`); medians,
    quartiles, rules and typical customers are those of the sample, whose `labels` (m,) count
    segments from 0 and whose `distances` (m,) are to the own centroid. `value` is the money column,
    if there is one; `playbook` holds the plays (else the built-in ones); `each` shares rules
    out, where there is somebody to share them with. `unlike_anyone` (k,) are outliers, counted over
    all customers. `ids` (k,) are the segments' numbers, 1 to k when left out; `asked_names` are
    what a person calls some of them, `kept_names` what some were called before. Figures of fewer
    than the `least` customers are not told; names, which hold no figures, rest on them as well.

    Nothing is left to chance: the halves that rules are made and measured on follow the order of
    the sample.
    """
    book = playbook or load(None)
    views = make_views(profile, sample, recipe, value)
    context = Context(views, np.asarray(labels), groups, sample, id_column, book, value, least)
    every = column_effects(context)
    known = _known_to_plays(context, every, profile, recipe)
    numbers = tuple(ids or range(1, context.k + 1))
    steps = _Steps(
        context=context,
        effects=known.effects,
        ids=numbers,
        names=_named(every, rfm, numbers, asked_names, kept_names),
        rules=rules(context, each),
        known=known,
        trust=trust,
        distances=distances,
        unlike_anyone=unlike_anyone,
    )
    return tuple(_segment_profile(steps, s) for s in range(context.k))


def _known_to_plays(
    context: Context, every: Sequence[ColumnEffects], profile: Profile, recipe: Recipe
) -> Known4All:
    effects = tuple(each.told() for each in every)
    return Known4All(
        context=context,
        effects=effects,
        topics=topics(context, effects),
        money=money_of(context),
        outcomes=outcomes(profile, context.totals, recipe.columns, context.least),
        assumed=context.playbook.assumptions,
    )


def actions(facts: Facts, playbook: Playbook, segment: int) -> tuple[Action, ...]:
    """Every play as it would be for one segment (counted from 0): those that fit come first."""
    return choices(_known_of(facts, playbook), facts.trust, segment)


def with_actions(
    facts: Facts, playbook: Playbook, asked: Mapping[int, str]
) -> tuple[SegmentProfile, ...]:
    """The profiles with these plays, by their keys, for these segments, by their ids.

    Raises OptionError for a number that no segment has, and a key that no play has.
    """
    known = _known_of(facts, playbook)
    made = list(facts.portraits)
    for number, key in asked.items():
        place = check_segment(number, facts.segmentation.ids, f' to do "{key}" about')
        chosen_for = chosen(known, facts.trust, place, key)
        made[place] = replace(made[place], action=chosen_for)
    return tuple(made)


def check_name(facts: Facts, playbook: Playbook, segment: int, name: str) -> NameCheck:
    """What a proposed name claims of one segment, by its id, beside its figures.

    Raises OptionError for a number that no segment has, and a name that none may have.
    """
    ids = facts.segmentation.ids
    place = check_segment(segment, ids, f' to be called "{name}"')
    told = renamed([""] * len(ids), {segment: name}, ids)[place]
    context, basis = _context_of(facts, playbook), facts.segmentation.recipe.columns
    return measured_name(context, facts.profile, basis, place, segment, told)


def _known_of(facts: Facts, playbook: Playbook) -> Known4All:
    """What plays ask for, of a run that is over."""
    context = _context_of(facts, playbook)
    effects = column_effects(context)
    return _known_to_plays(context, effects, facts.profile, facts.segmentation.recipe)


def _context_of(facts: Facts, playbook: Playbook) -> Context:
    model = facts.segmentation
    return Context(
        views=make_views(facts.profile, facts.sample, model.recipe, facts.value),
        labels=facts.labels,
        totals=facts.groups,
        sample=facts.sample,
        id_column=model.id_column,
        playbook=playbook,
        value=facts.value,
        least=facts.least,
    )


def _named(
    effects: tuple[ColumnEffects, ...],
    rfm: Sequence[RfmMix],
    ids: Sequence[int],
    asked: Mapping[int, str],
    kept: Mapping[int, str],
) -> tuple[Name, ...]:
    """What segments are called: a person's word comes first, then what they were called before."""
    found = names(effects, [_of_class(mix) for mix in rfm], ids)
    own = _beside(ids, [name.text for name in found], {*kept, *asked}, kept.values())
    named = renamed([kept.get(id, name) for id, name in own.items()], asked, ids)
    return tuple(
        _with_proof(id, text, name, asked, kept)
        for id, text, name in zip(ids, named, found, strict=True)
    )


def _beside(
    ids: Sequence[int], texts: Sequence[str], settled: Collection[int], taken: Collection[str]
) -> dict[int, str]:
    """Names that were found, told apart from those that others keep."""
    used = {name.casefold() for name in taken}
    made = {}
    for id, text in zip(ids, texts, strict=True):
        clashes = text.casefold() in used and id not in settled
        made[id] = f"{cut(text, LONGEST - 1 - len(str(id)))} {id}" if clashes else text
    return made


def _with_proof(
    id: int, text: str, found: Name, asked: Mapping[int, str], kept: Mapping[int, str]
) -> Name:
    if id in asked:
        return Name(text, (say("name-asked", said=text),))
    if text == found.text:
        return found
    if id in kept:
        return Name(text, (say("name-kept", said=text, now=found.text),))
    return Name(text, found.evidence)


def _of_class(mix: RfmMix) -> Given | None:
    if not mix.name:
        return None
    return Given(mix.name, say("name-rfm", said=mix.name, shares=mix.shares, medians=mix.medians))


@dataclass(frozen=True)
class _Steps:
    """What each step found, for all segments."""

    context: Context
    ids: tuple[int, ...]
    effects: tuple[ColumnEffects, ...]
    names: tuple[Name, ...]
    rules: tuple[Rule, ...]
    known: Known4All
    trust: Trust
    distances: Floats
    unlike_anyone: Ints


def _segment_profile(made: _Steps, s: int) -> SegmentProfile:
    context, money = made.context, made.known.worth(s)
    size, total = int(context.totals.sizes[s]), int(context.totals.sizes.sum())
    shares = money.shares if money else None
    few = bool(tiny(context)[s])
    typical = _typical(context, made.distances, s)[: 0 if few else None]
    met = rates(made.known.outcomes, s)
    return SegmentProfile(
        segment=made.ids[s],
        name=made.names[s].text,
        who=who(made.effects, s),
        size=size,
        share=size / max(total, 1),
        value_sum=float(money.sums[s]) if money else None,
        value_share=float(shares[s]) if shares is not None else None,
        value_mean=float(money.means[s]) if money else None,
        value_index=money.index(s) if money else None,
        value_median=_known(money.medians[s]) if money else None,
        outcomes=met,
        traits=traits(made.effects, s),
        evidence=tuple(_told(each, made, s) for each in made.names[s].evidence),
        rule=UNTOLD if few else made.rules[s],
        typical=tuple(map(int, typical)),
        typical_ids=_ids(context, typical),
        statements=insights(context, made.effects, money, met, made.trust, s),
        action=action(made.known, made.trust, s),
        unlike_anyone=int(made.unlike_anyone[s]),
        not_shown=tuple(e.view.column for e in made.known.effects if e.few[s]),
    )


def _told(said: Statement, made: _Steps, s: int) -> Statement:
    """Evidence of a name, without figures where some that it rests on are of too few customers."""
    few = {e.view.column: e.few for e in made.known.effects}
    own = said.values.get("difference")
    cells = [] if own is None else [(own.column, s)]
    cells += [(d.column, made.ids.index(id)) for id, d in said.values.get("others", ())]
    classes = "shares" in said.values and tiny(made.context)[s]
    if classes or any(few[column][place] for column, place in cells):
        return say("name-few", said=said.values["said"], least=made.context.least)
    return said


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _typical(context: Context, distances: Floats, s: int) -> Ints:
    """The rows of the sample that are nearest to the centroid."""
    rows = context.members[s]
    return np.asarray(rows[np.argsort(distances[rows], kind="stable")[:TYPICAL]])


def _ids(context: Context, rows: Ints) -> tuple[str, ...]:
    column = context.id_column
    if column is None or column not in context.sample.rows.column_names:
        return ()
    return tuple(str(x) for x in context.sample.rows[column].take(rows).to_pylist())
