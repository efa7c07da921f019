"""Whether a name that somebody proposes for a segment is true of it, by the portrait's figures."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shoal.interpret.context import Context
from shoal.interpret.effects import ColumnEffects, column_effects, word_counts
from shoal.interpret.name_words import Claimed, Target, Targets, claimed
from shoal.interpret.outcomes import Outcome, outcomes
from shoal.interpret.phrases import (
    AGES,
    GENDER,
    MEN,
    SPEND,
    WOMEN,
    extreme,
    household,
    is_birth,
    tone_of,
)
from shoal.sentences import say
from shoal.stats.intervals import wilson_of
from shoal.text.headers import plain, tokens
from shoal.types import NameCheck, NameClaim, Profile, Way

LIKE = 0.75  # share of the shorter word that two words must begin alike, to be the same
FEWEST = 3  # letters of a word that is looked for in headers
UP: tuple[Way, ...] = ("higher", "high", "highest")
TURN: dict[Way, Way] = {
    "highest": "lowest",
    "high": "low",
    "higher": "lower",
    "middle": "middle",
    "lower": "higher",
    "low": "high",
    "lowest": "highest",
}
LOYALTY = ("tenure", "activity")
SUMS = ("total", "period")


def check_name(
    context: Context, profile: Profile, basis: tuple[str, ...], place: int, id: int, name: str
) -> NameCheck:
    """What a name claims of a segment (`place` counts from 0), and whether its figures say so."""
    table = _Table(context, profile, basis)
    told, unchecked = claimed(name, table.of_topic, table.of_word)
    claims = [claim for each in told for claim in table.measured(each, place)]
    return NameCheck(id, name, tuple(claims), tuple(dict.fromkeys(unchecked)))


@dataclass(frozen=True)
class _Table:
    """What can be spoken of, and its figures."""

    context: Context
    profile: Profile
    basis: tuple[str, ...]

    @cached_property
    def effects(self) -> dict[str, ColumnEffects]:
        return {each.view.column: each for each in column_effects(self.context)}

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        found = outcomes(self.profile, self.context.totals, self.basis, self.context.least)
        return {each.column: each for each in found}

    # --- what words speak of

    def of_topic(self, topic: str) -> Targets:
        """The columns of a topic; none where the table has none."""
        if topic in ("women", "men"):
            return self._gender(WOMEN if topic == "women" else MEN)
        if topic in ("value", "spend"):
            return self._money()
        views = [one.view for one in self.effects.values()]
        if topic == "kids":
            return tuple(Target(v.column) for v in views if household(v) == "kids")
        if topic == "age":
            aged = (v for v in views if v.meaning == "who")
            return tuple(
                Target(v.column)
                for v in aged
                if any(map(AGES.fullmatch, tokens(v.column))) or is_birth(v)
            )
        meanings = LOYALTY if topic == "loyalty" else (topic,)
        return tuple(Target(v.column) for v in views if v.meaning in meanings)

    def _money(self) -> Targets:
        """The value; where there is none, sums of money that customers bring."""
        value = self.context.value
        if value in self.effects:
            return (Target(str(value)),)
        views = [one.view for one in self.effects.values() if one.view.kind == "number"]
        money = [v for v in views if v.meaning == "money_in" and v.aspect in SUMS]
        found = money or [v for v in views if any(map(SPEND.fullmatch, tokens(v.column)))]
        return tuple(Target(v.column) for v in found)

    def _gender(self, pattern: re.Pattern[str]) -> Targets:
        found = []
        for one in self.effects.values():
            if any(map(GENDER.fullmatch, tokens(one.view.column))):
                words = [w for w in one.view.words if pattern.fullmatch(plain(w))]
                found += [Target(one.view.column, word) for word in words]
        return tuple(found)

    def of_word(self, word: str) -> Targets:
        """The columns, words of columns and outcomes that are called so."""
        if len(word) < FEWEST or not word.isalpha():
            return ()
        found: list[Target] = []
        for one in self.effects.values():
            view = one.view
            called = {*tokens(view.column), *tokens(view.label)}
            if any(_same(word, each) for each in called):
                found.append(Target(view.column))
            elif view.kind == "category":
                words = (w for w in view.words if any(_same(word, t) for t in tokens(w)))
                found += [Target(view.column, w) for w in words]
        for outcome in self.outcomes.values():
            if any(_same(word, each) for each in tokens(outcome.column)):
                found.append(Target(outcome.column, outcome.event))
        return tuple(dict.fromkeys(found))

    # --- their figures

    def measured(self, claim: Claimed, segment: int) -> Iterable[NameClaim]:
        """A claim beside the figures: what bears it out or, where nothing does, what speaks against
        it.
        """
        made = [self._claim(claim, target, segment) for target in claim.targets]
        found = [each for each in made if each is not None]
        against = [each for each in found if not each.holds]
        return against or found

    def _claim(self, claim: Claimed, target: Target, segment: int) -> NameClaim | None:
        if target.column in self.outcomes and target.column not in self.effects:
            return self._of_outcome(claim, target, segment)
        one = self.effects[target.column]
        if one.view.kind == "number":
            return _of_number(claim, one, segment)
        return self._of_words(claim, one, target, segment)

    def _of_outcome(self, claim: Claimed, target: Target, s: int) -> NameClaim | None:
        rate = self.outcomes[target.column].rate(s)
        if rate is None:
            return None
        return _of_share(claim, target, (rate.rate, rate.low, rate.high), rate.everybody)

    def _of_words(
        self, claim: Claimed, one: ColumnEffects, target: Target, s: int
    ) -> NameClaim | None:
        counts, sizes = word_counts(self.context, one.view)
        words = one.view.words if one.view.kind == "category" else one.view.words[1:]
        if target.word and target.word not in words:
            return None
        if one.view.kind == "category" and not target.word:
            return None  # a header of words has no direction
        if sizes[s] <= 0:
            return None
        at = words.index(target.word) if target.word else 0  # a flag has one word alone
        share = float(counts[s, at] / sizes[s])
        low, high = wilson_of(share, float(sizes[s]))
        everybody = float(counts[:, at].sum() / max(sizes.sum(), 1.0))
        return _of_share(claim, Target(target.column, words[at]), (share, low, high), everybody)


def _same(one: str, other: str) -> bool:
    """Whether two words begin alike far enough: "spenders" and "spend", "shoppers" and "shop"."""
    shorter = min(len(one), len(other))
    if shorter < FEWEST:
        return False
    alike = 0
    while alike < shorter and one[alike] == other[alike]:
        alike += 1
    return alike >= max(FEWEST, LIKE * shorter) and (shorter > FEWEST or one == other)


def _of_share(
    claim: Claimed, target: Target, share: tuple[float, float, float], everybody: float
) -> NameClaim:
    """A claim about how many there are of a kind: more or fewer than everywhere, beyond chance."""
    value, low, high = share
    beyond = {"more": low > everybody, "fewer": high < everybody}
    up = claim.way in UP
    holds = beyond["more"] if up else beyond["fewer"]
    if claim.way == "middle":
        holds = not any(beyond.values())
    sd = float(np.sqrt(max(everybody * (1 - everybody), 1e-12)))
    said = say(
        "claim-share",
        said=claim.said,
        column=target.column,
        word=target.word,
        way=claim.way,
        holds=holds,
        value=value,
        everybody=everybody,
    )
    return NameClaim(
        said=claim.said,
        column=target.column,
        word=target.word,
        way=claim.way,
        holds=holds,
        segment_value=value,
        everybody_value=everybody,
        effect=(value - everybody) / sd,
        statement=said,
    )


def _of_number(claim: Claimed, one: ColumnEffects, s: int) -> NameClaim | None:
    difference = one.difference(s)
    if not np.isfinite(difference.value):
        return None
    way = TURN[claim.way] if is_birth(one.view) else claim.way
    holds = _number_is(one, s, way)
    clear = tone_of(one, s) in ("high", "low")
    told = {"way": way, "holds": holds, "difference": difference, "clear": clear}
    said = say("claim-number", said=claim.said, **told)
    return NameClaim(
        said=claim.said,
        column=one.view.column,
        word="",
        way=way,
        holds=holds,
        segment_value=difference.value,
        everybody_value=difference.everybody,
        effect=float(one.effect[s]),
        statement=said,
    )


def _number_is(one: ColumnEffects, s: int, way: Way) -> bool:
    """Whether a segment lies there: as its own names say it, and by the figures that are shown."""
    tone = tone_of(one, s)
    if way == "middle":
        return tone not in ("high", "low")
    if way in ("highest", "lowest"):
        return extreme(one, s) == way and one.shows(s)
    if way in ("high", "low"):
        return tone == way and one.shows(s)
    return one.shows(s) and bool(one.low[s] > 0 if way == "higher" else one.high[s] < 0)
