"""Money that customers bring: which column is the value, which are its parts, and what adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from shoal.analysis.meaning.header import read_header
from shoal.stats.distribution import numbers
from shoal.text.headers import tokens
from shoal.types import Column, Floats, MadeColumn, Sample

TOTAL = "total spending"  # the name of a made column
FEWEST = 2  # parts
SHORTEST = 5  # letters of the halves of a compound
OFF = 0.01  # share by which a total may differ from the sum of its parts …
IN_MOST = 0.95  # … in such a share of the rows
HALF = 0.5  # of the rows
# What is preferred as the value, the best first.
PREFERRED = ("total", "part", "lifetime", "period", "margin")
MONEY_WORDS = ("money", "spend", "revenue", "charge", "purchase", "total", "person", "lifetime")
TOTAL_WORDS = tuple(word for word in MONEY_WORDS if word != "charge")
NEVER_A_PART = (
    *("total", "average", "extreme", "first", "last", "period", "share"),
    *("revenue", "margin", "lifetime", "stated"),  # sales_eur, profit_eur; gross, net
)
WINDOW = ("d", "w", "m", "y")  # behind a number: the last so many days, weeks, months, years
YEAR = 4  # digits of a year, whose money adds up
NEVER_VALUE = ("average", "one purchase", "unit price")


@dataclass(frozen=True)
class Money:
    """The value column, and the total that must be made for it."""

    columns: tuple[Column, ...]
    value: str | None = None
    made: MadeColumn | None = None


def find_value(columns: tuple[Column, ...], sample: Sample, *, make: bool = True) -> Money:
    """Which column says what a customer brings.

    A total that is there already comes before one that is made; of several that remain equally
    good none is chosen.
    """
    columns = tuple(_with_aspect(c) for c in columns)
    money = [c for c in columns if c.meaning == "money_in" and c.role != "ignore"]
    whole = _sum_of_others(money, sample)
    if whole is not None:
        name, summed = whole
        return Money(_parts_of(columns, name, summed), name)
    parts = _parts(money)
    alone = [c for c in money if c.name not in {p.name for p in parts}]
    better = [c for c in alone if c.aspect == "total" and _may_be_all(c, parts, sample)]
    if parts and make and not better:
        made = MadeColumn(_free(TOTAL, columns), "total", tuple(p.name for p in parts))
        return Money(_parts_of(columns, made.name, made.columns), made.name, made)
    return Money(columns, _best(money, sample))


def _may_be_all(column: Column, parts: Sequence[Column], sample: Sample) -> bool:
    """Whether it may be a total of these: named as one, or not less than their sum.

    As fees are, beside what was bought in each month.
    """
    header = read_header(column.name)
    if not parts or header.says("total") or header.only(*TOTAL_WORDS):
        return True
    summed = np.nansum([numbers(sample.rows[part.name]) for part in parts], axis=0)
    amounts = numbers(sample.rows[column.name])
    known = np.isfinite(amounts)
    return bool((amounts[known] >= summed[known]).mean() > HALF) if known.any() else False


def _with_aspect(column: Column) -> Column:
    """How much of what: told by the words beside the money."""
    if column.meaning != "money_in" or column.aspect:
        return column
    header = read_header(column.name)
    aspect = "total"
    if header.says("period") and not header.says("total"):
        aspect = "period"
    elif header.says("average"):
        aspect = "average"
    return replace(column, aspect=aspect)


def _free(name: str, columns: Sequence[Column]) -> str:
    taken = {c.name for c in columns}
    while name in taken:
        name += " made"
    return name


def _parts_of(columns: tuple[Column, ...], total: str, parts: Sequence[str]) -> tuple[Column, ...]:
    return tuple(
        replace(c, part_of=total, aspect="part") if c.name in parts else c for c in columns
    )


def _parts(money: Sequence[Column]) -> list[Column]:
    """Columns of money that differ in one word of their headers.

    Or that are parts of one basket.
    """
    able = [c for c in money if c.aspect in PREFERRED and _is_a_part(c)]
    basket = [c for c in able if c.aspect == "part"]
    if len(basket) >= FEWEST:
        return basket
    groups: dict[tuple[str, ...], list[Column]] = {}
    for column in able:
        for stem in _stems(column.name):
            groups.setdefault((column.aspect, *stem), []).append(column)
    best = max(groups.values(), key=len, default=[])
    return best if len(best) >= FEWEST else []


def _is_a_part(column: Column) -> bool:
    return isinstance(column.min, float) and column.min >= 0


def _stems(name: str) -> set[tuple[str, ...]]:
    """The words of a header without one or two that follow each other: what parts have in common.

    What is left must say that it is money.
    """
    words = tuple(part for word in tokens(name) for part in _without_money(word))
    found = set()
    for size in (1, 2):
        for start in range(len(words) - size + 1):
            left = (*words[:start], "…", *words[start + size :])
            if len(left) > 1 and _says_money(left) and not _overlaps(words, start, size):
                found.add(left)
    return found


def _without_money(word: str) -> tuple[str, ...]:
    """A compound that ends with a word for money as its halves: Logisumsatz, no Jahresumsatz."""
    for size in range(len(word) - SHORTEST, SHORTEST - 1, -1):
        first, money = word[:size].removesuffix("s"), read_header(word[size:])
        if money.only("revenue", "spend") and not read_header(first).says("unit_of_time"):
            return first, word[size:]
    return (word,)


def _overlaps(words: Sequence[str], start: int, size: int) -> bool:
    """Whether columns that differ in these words hold the same money more than once.

    As the largest gift and all gifts do, or the last 3 and the last 12 months.
    """
    places = range(start, start + size)
    if read_header(" ".join(words[start : start + size])).says(*NEVER_A_PART):
        return True
    return any(words[i].isdigit() and len(words[i]) < YEAR and _of_time(words, i) for i in places)


def _of_time(words: Sequence[str], place: int) -> bool:
    """Whether a unit of time follows: 12 months, 30d; the first month is followed by none."""
    after = words[place + 1 : place + 2]
    return any(w in WINDOW or read_header(w).says("unit_of_time") for w in after)


def _says_money(words: Sequence[str]) -> bool:
    header = read_header(" ".join(words))
    return header.says("money", "spend", "revenue", "charge", "purchase", "donation")


def _sum_of_others(money: Sequence[Column], sample: Sample) -> tuple[str, tuple[str, ...]] | None:
    """A column of money that equals the sum of all others, and these."""
    able = [c for c in money if c.aspect not in NEVER_VALUE and c.kind == "number"]
    if len(able) <= FEWEST:
        return None
    cells = {c.name: numbers(sample.rows[c.name]) for c in able}
    everything = np.nansum(list(cells.values()), axis=0)
    for name, whole in cells.items():
        if _same(whole, everything - np.nan_to_num(whole)):
            return name, tuple(other for other in cells if other != name)
    return None


def _same(whole: Floats, total: Floats) -> bool:
    """Whether a column (m,) is the sum of others (m,) in nearly all rows where it is known."""
    known = np.isfinite(whole)
    near = np.abs(total - whole) <= OFF * np.maximum(np.abs(whole), 1.0)
    return bool(known.any()) and float(near[known].mean()) >= IN_MOST


def _best(money: Sequence[Column], sample: Sample) -> str | None:
    """The one column of the best aspect; None where two are equally good."""
    for aspect in PREFERRED:
        found = _earned(
            [c for c in money if c.aspect == aspect and not _exceeded(c, money, sample)]
        )
        if found:
            return _one_of(found, money, sample)
    return None


def _one_of(found: Sequence[Column], money: Sequence[Column], sample: Sample) -> str | None:
    if len(found) > 1:
        return _by_name(found) or _largest(found, sample)
    return None if _may_be_some(found[0], money) else found[0].name


def _may_be_some(column: Column, money: Sequence[Column]) -> bool:
    """Whether money under a word that nobody knows may be less than all, beside regular fees."""
    header = read_header(column.name)
    strange = any(not found and not word.isdigit() for word, found in header.pairs())
    told = column.aspect != "total" or header.says("total") or not strange
    return not told and any(c.aspect == "period" for c in money)


def _earned(found: list[Column]) -> list[Column]:
    """Without what was paid in (deposits, stakes), where something else is known."""
    earned = [c for c in found if not read_header(c.name).says("deposit")]
    return earned or found


def _exceeded(column: Column, money: Sequence[Column], sample: Sample) -> bool:
    """Whether what is called no total is hardly ever more than the money of a period beside it."""
    if column.aspect != "total" or read_header(column.name).says("total"):
        return False
    amounts = numbers(sample.rows[column.name])
    others = [numbers(sample.rows[c.name]) for c in money if c.aspect == "period"]
    return any(_never_more(amounts, other) for other in others)


def _never_more(amounts: Floats, others: Floats) -> bool:
    known = np.isfinite(amounts) & np.isfinite(others)
    return bool(known.any()) and float((amounts <= others)[known].mean()) >= IN_MOST


def _by_name(found: Sequence[Column]) -> str | None:
    """The one whose header says nothing but money, or the only one that is called a total."""
    plain = [c for c in found if read_header(c.name).only(*MONEY_WORDS)]
    total = [c for c in found if read_header(c.name).says("total")]
    for few in (plain, total):
        if len(few) == 1:
            return few[0].name
    return None


def _largest(found: Sequence[Column], sample: Sample) -> str | None:
    """The one that is never less than the others, as all revenue is beside some of it."""
    cells = {c.name: numbers(sample.rows[c.name]) for c in found}
    most = np.nanmax(np.vstack(list(cells.values())), axis=0)
    largest = [name for name, amounts in cells.items() if _same(most, amounts)]
    return largest[0] if len(largest) == 1 else None
