"""What the columns beside a column say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from shoal.analysis.meaning.header import Header, read_header
from shoal.analysis.meaning.values import counts, few_whole, sums
from shoal.sentences import say
from shoal.stats.distribution import numbers
from shoal.types import Column, Direction, Floats, Meaning, Sample

SURVEY = 4  # questions that make a survey …
HALF = 0.5  # … together with at least such a share of the columns
BASKET = 3  # parts of a basket
LARGEST_SCALE = 11  # points of a scale
LIKE_A_QUESTION = ("activity", "quantity", "who", "product_category")
NO_QUESTION = ("number", "counting", "total", "unit_of_time", "period", "frequency", "who_code")
CARD_WORDS = ("limit", "cash_advance")  # beside these a balance is owed on a card
MONTHS = 3  # statements of a card, at least, whose headers differ in a month
LOANS = 2  # columns of debts that make a table one of loans
BROUGHT = (
    "money_in",
    "activity",
    "quantity",
    "recency",
    "tenure",
)  # what customers bring, and when
THINGS = 3  # yes-or-no columns that each say of a thing whether it was bought
LETTERS: Mapping[str, tuple[Meaning, Direction]] = {
    "r": ("recency", "bad"),
    "f": ("activity", "good"),
    "m": ("money_in", "good"),
}

Columns = tuple[Column, ...]


def beside_each_other(columns: Columns, sample: Sample) -> Columns:
    """The columns, with what is understood only from the others."""
    for step in (
        _amounts_of_one_kind,
        _survey,
        _scale_of_questions,
        _basket,
        _owed_on_a_card,
        _statements,
        _among_loans,
        _receipts,
        _bought_things,
        _rfm_scores,
        _rfm_values,
    ):
        columns = step(columns)
    return _first_to_last(columns, sample)


def _said(
    column: Column,
    meaning: Meaning,
    code: str,
    *,
    aspect: str = "",
    direction: Direction = "unknown",
    **shown: object,
) -> Column:
    """The column with a meaning that its neighbours tell; `shown` are the values of the reason."""
    return replace(
        column,
        meaning=meaning,
        aspect=aspect,
        direction=direction,
        confidence="likely",
        meaning_reason=say(code, **shown),
    )


def _survey(columns: Columns) -> Columns:
    """Many yes-or-no columns that no rule knows are the questions of a survey."""
    flags = [c for c in columns if c.kind == "flag"]
    open_ = [
        c
        for c in flags
        if c.meaning in ("unknown", "product_category", "code", "who", "activity", "outcome")
    ]
    unknown = [c for c in flags if c.meaning == "unknown"]
    amounts = any(c.meaning in ("money_in", "money_out", "debt", "tenure") for c in columns)
    if amounts or len(unknown) < SURVEY or len(flags) < HALF * len(columns):
        return columns
    mostly_unknown = len(unknown) > HALF * len(flags)
    asked = {c.name for c in open_ if c.confidence != "sure" or mostly_unknown}
    return tuple(
        _said(c, "opinion", "meaning-survey", questions=len(asked)) if c.name in asked else c
        for c in columns
    )


def _scale_of_questions(columns: Columns) -> Columns:
    """Columns that no rule knows, with the points of one scale."""
    open_ = [c for c in columns if c.kind == "number" and c.meaning in ("unknown", "opinion")]
    scaled = [c for c in open_ if few_whole(c) and _points(c) <= LARGEST_SCALE]
    ends = [c.max for c in scaled if isinstance(c.max, float)]
    common = max(ends, key=ends.count, default=0.0)
    asked = {c.name for c in scaled if c.max == common}
    if len(asked) < SURVEY:
        return columns
    asked |= _asked_likewise(columns, [c for c in scaled if c.name in asked])
    return tuple(
        _said(c, "opinion", "meaning-scale", questions=len(asked), top=common)
        if c.name in asked and c.meaning != "opinion"
        else c
        for c in columns
    )


def _asked_likewise(columns: Columns, questions: Sequence[Column]) -> set[str]:
    """Columns whose header would say what they hold, were their points not those of questions.

    As "Checkin service" among the questions of passengers; never more than the questions. Where
    questions are numbered alike, as v1_price … v9_service, a number says that it is one of them.
    """
    scales = {(c.min, c.max) for c in questions}
    able = [c for c in columns if c.kind == "number" and (c.min, c.max) in scales and few_whole(c)]
    begun = [_numbered_by(c) for c in questions]
    numbered = {c.name for c in able if begun.count(_numbered_by(c) or "-") > HALF * len(begun)}
    asked = {c.name for c in able if c.meaning in LIKE_A_QUESTION and _asks(c)}
    return numbered | asked if len(numbered | asked) < len(questions) else numbered


def _asks(column: Column) -> bool:
    return not read_header(column.name).says(*NO_QUESTION)


def _numbered_by(column: Column) -> str:
    """What stands before the number that a header begins with, if something follows it: v of
    v2_price; "" of any other.
    """
    words = read_header(column.name).words
    return words[0] if len(words) > 2 and words[1].isdigit() and not words[2].isdigit() else ""


def _points(column: Column) -> float:
    low, high = column.min, column.max
    if not isinstance(low, float) or not isinstance(high, float) or low not in (0.0, 1.0):
        return float("inf")
    return high - low + 1


def _amounts_of_one_kind(columns: Columns) -> Columns:
    """Several amounts of which each says what it was spent on: MntWines, MntToys, MntX."""
    open_ = [c for c in columns if c.kind == "number" and not few_whole(c)]
    mixed = [c for c in open_ if c.meaning in ("unknown", "money_in") and _names_an_amount(c)]
    if len(mixed) < BASKET or not any(c.meaning == "money_in" for c in mixed):
        return columns
    names = {c.name for c in mixed if c.meaning == "unknown"}
    return tuple(
        _said(c, "money_in", "meaning-basket", direction="good", goods=len(mixed))
        if c.name in names
        else c
        for c in columns
    )


def _names_an_amount(column: Column) -> bool:
    """Whether the header begins with a word for money, and nothing else is known of it."""
    header = read_header(column.name)
    first = header.each[0] if header.each else frozenset()
    return "money" in first and header.concepts <= {"money", "product", "filler"}


def _basket(columns: Columns) -> Columns:
    """Amounts whose headers name goods, several of them: what was spent on each."""
    goods = [c for c in columns if _may_be_spent_on(c, read_header(c.name))]
    named = [c for c in goods if read_header(c.name).says("product")]
    if len(named) < BASKET or len(named) < HALF * len(goods):
        return columns
    money = sum(sums(c) for c in goods) > HALF * len(goods)
    names = {c.name for c in goods}
    meaning: Meaning = "money_in" if money else "quantity"
    return tuple(
        _said(
            c,
            meaning,
            "meaning-basket",
            direction="good",
            aspect="part" if money else "",
            goods=len(names),
        )
        if c.name in names
        else c
        for c in columns
    )


def _may_be_spent_on(column: Column, header: Header) -> bool:
    low = column.min
    whole_of_it = column.kind == "number" and isinstance(low, float) and low >= 0
    return (
        whole_of_it
        and column.meaning in ("unknown", "quantity")
        and not few_whole(column)
        and (header.only("product", "number") or not header.concepts)
    )


def _owed_on_a_card(columns: Columns) -> Columns:
    """A balance beside a limit and cash advances is owed.

    Beside nothing of the kind it is owned.
    """
    headers = [read_header(c.name) for c in columns]
    if not any(h.says(*CARD_WORDS) for h in headers):
        return columns
    drawn = any(h.says("cash_advance") for h in headers)
    owed = {
        c.name
        for c, header in zip(columns, headers, strict=True)
        if c.meaning == "means"
        and c.aspect == "balance"
        and header.only("wealth", "average", "total", "period")
        and not (header.says("own_balance") and (header.says("average") or not drawn))
    }
    return _owed(columns, owed)


def _owed(columns: Columns, names: set[str]) -> Columns:
    return tuple(
        _said(c, "debt", "meaning-owed-on-a-card", direction="bad") if c.name in names else c
        for c in columns
    )


def _statements(columns: Columns) -> Columns:
    """What month after month stands on the statement of a card is the same debt again.

    It is told by a credit limit beside it: what is billed without one is what customers pay.
    """
    headers = {c.name: read_header(c.name) for c in columns}
    if not any(h.says("limit") for h in headers.values()):
        return columns
    billed = [c for c in columns if c.meaning == "money_in" and headers[c.name].says("statement")]
    stems = [_without_numbers(headers[c.name]) for c in billed]
    months = {c.name for c, stem in zip(billed, stems, strict=True) if stems.count(stem) >= MONTHS}
    return _owed(columns, months)


def _without_numbers(header: Header) -> tuple[str, ...]:
    return tuple(word for word in header.words if not word.isdigit())


def _among_loans(columns: Columns) -> Columns:
    """Of loans alone nobody knows what a bare amount is; and what is paid is paid back."""
    debts = [c for c in columns if c.meaning == "debt" and c.kind == "number"]
    paid = {c.name for c in columns if c.meaning == "money_in" and _says_paid(c)}
    bare = {
        c.name for c in columns if c.meaning == "money_in" and read_header(c.name).only("money")
    }
    others = {c.name for c in columns if c.meaning in BROUGHT} - paid - bare
    if len(debts) < LOANS or others:
        return columns
    unknown = tuple(_not_known(c) if c.name in bare else c for c in columns)
    return tuple(
        _said(c, "transfer", "meaning-paid-back", direction="none") if c.name in paid else c
        for c in unknown
    )


def _says_paid(column: Column) -> bool:
    """Whether nothing but its being paid makes it money that customers bring."""
    header = read_header(column.name)
    return "spend" in header.phrases and not any("spend" in found for found in header.each)


def _not_known(column: Column) -> Column:
    return replace(_said(column, "unknown", "meaning-unknown"), confidence="none")


def _receipts(columns: Columns) -> Columns:
    """Tickets are receipts where money is told by the ticket, and complaints elsewhere."""
    money = [c for c in columns if c.meaning == "money_in" and "ticket" in _words(c)]
    if not money:
        return columns
    return tuple(
        _said(c, "activity", "meaning-receipts", direction="good", money=money[0].name)
        if c.meaning == "trouble" and _counts_tickets(c)
        else c
        for c in columns
    )


def _words(column: Column) -> tuple[str, ...]:
    return read_header(column.name).words


def _counts_tickets(column: Column) -> bool:
    """Whether a header says that tickets are counted, and no more."""
    header = read_header(column.name)
    others = [w for w, found in header.pairs() if found.isdisjoint(("number", "total", "counting"))]
    return others in (["tickets"], ["ticket"])


def _bought_things(columns: Columns) -> Columns:
    """Of several things that were bought, or not, none is what happened after all."""
    flags = [c for c in columns if c.kind == "flag" and c.meaning == "outcome"]
    bought = {c.name for c in flags if read_header(c.name).says("bought")}
    if len(bought) < THINGS:
        return columns
    return tuple(
        _said(c, "product_category", "meaning-basket", goods=len(bought)) if c.name in bought else c
        for c in columns
    )


def _rfm_scores(columns: Columns) -> Columns:
    """R, F and M with the points of a scale are scores or classes of an earlier RFM analysis."""
    scores = {c.name: _rfm_letter(c.name) for c in columns if c.kind == "number" and few_whole(c)}
    found = {name for name, letter in scores.items() if letter}
    if len({scores[name] for name in found}) < 2:
        return columns
    return tuple(
        _said(c, "old_label", "meaning-rfm-scores") if c.name in found else c for c in columns
    )


def _rfm_values(columns: Columns) -> Columns:
    """R, F and M beside each other, which are no scores, are what the letters stand for."""
    known = {c.name.strip().lower(): c.name for c in columns if c.kind == "number"}
    if not set(LETTERS) <= set(known):
        return columns
    meant = {known[letter]: meaning for letter, meaning in LETTERS.items()}
    if any(c.meaning == "old_label" for c in columns if c.name in meant):
        return columns
    return tuple(
        _said(c, meant[c.name][0], "meaning-rfm-values", direction=meant[c.name][1])
        if c.name in meant
        else c
        for c in columns
    )


def _rfm_letter(name: str) -> str:
    """The letter of a header such as R, F_score or MScore; "" where it is another one."""
    header = read_header(name)
    letters = [word for word in header.words if word in ("r", "f", "m")]
    others = [found for word, found in header.pairs() if word not in letters]
    scored = all(not found.isdisjoint(("score", "rank", "coded")) for found in others)
    return letters[0] if len(letters) == 1 and scored else ""


def _first_to_last(columns: Columns, sample: Sample) -> Columns:
    """BG/NBD's recency: from the first to the last purchase, so that more of it is better.

    It is never longer than the time since the first purchase, and nothing exactly where nobody
    bought again (Fader, Hardie & Lee 2005).
    """
    recency = [c for c in columns if c.meaning == "recency" and c.kind == "number"]
    again = [c for c in columns if c.meaning == "activity" and counts(c) and c.min == 0.0]
    if len(recency) != 1 or not again:
        return columns
    since = numbers(sample.rows[recency[0].name])
    bought_once = numbers(sample.rows[again[0].name]) == 0
    age = _never_shorter(columns, sample, since, recency[0].name)
    if age is None or not np.array_equal(since == 0, bought_once) or not bought_once.any():
        return columns
    made: dict[str, tuple[str, Direction]] = {
        recency[0].name: ("first to last", "good"),
        age: ("since the first", "none"),
    }
    return tuple(
        _said(
            c,
            "tenure",
            "meaning-first-to-last",
            aspect=made[c.name][0],
            direction=made[c.name][1],
            age=age,
        )
        if c.name in made
        else c
        for c in columns
    )


def _never_shorter(
    columns: Sequence[Column], sample: Sample, since: Floats, name: str
) -> str | None:
    """A column of time that is nowhere less than this one."""
    for column in columns:
        able = column.meaning in ("unknown", "tenure") and column.kind == "number"
        if able and column.name != name and np.all(numbers(sample.rows[column.name]) >= since):
            return column.name
    return None
