"""Findings of the data analysis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from shoal.findings.code import Code
from shoal.text.nouns import many, one
from shoal.text.numbers import named, number, percent, spelled
from shoal.text.options import option


def _gaps(
    column: str,
    missing: int,
    rows: int,
    forms: bool = True,
    is_id: bool = False,
    taken_as: str | None = None,
) -> str:
    """`taken_as` is what stands in for missing values of new customers."""
    whose = f'"{column}" is missing for {missing:,} of {rows:,} rows'
    if taken_as is not None:
        whose = f'"{column}" is missing for every row' if missing == rows else whose
        return f"{whose}; taken as {taken_as}, as when the model was made."
    if is_id:
        return f"{whose}."
    return (
        f"{whose}; {'the gaps are filled and counted' if forms else 'its figures leave them out'}."
    )


def _doubles(column: str, earlier: str, r: float) -> str:
    return (
        f'"{column}" doubles "{earlier}" (Spearman {r:.3f}); it is left out. '
        f"To use it: {option('by')}."
    )


def _strongly_correlated(column: str, others: Sequence[str], r: Sequence[float]) -> str:
    """`r` are the Spearman correlations of those pairs that go together closely."""
    low, high = f"{min(r, key=abs):.2f}", f"{max(r, key=abs):.2f}"
    how = low if low == high else f"{low} to {high}"
    if len(others) == 1:
        return (
            f'"{column}" and "{others[0]}" go together closely (Spearman {how}): '
            "together they weigh almost double. Consider leaving one out."
        )
    return (
        f"{named((column, *others), SHOWN)} go together closely (Spearman {how} from one to the "
        f"next): together they weigh up to {spelled(len(others) + 1)} times. "
        "Consider keeping one of them."
    )


def _unknown_meaning(column: str, columns: Sequence[str]) -> str:
    shown = named(columns[:SHOWN])
    more = f" and {len(columns) - SHOWN} more" if len(columns) > SHOWN else ""
    verb = "stands" if len(columns) == 1 else "stand"
    it = "it" if len(columns) == 1 else "them"
    return (
        f"What {shown}{more} {verb} for is not known, so nothing is read into {it}. "
        f"Say it with {option('columns', 'columns.toml')}."
    )


def _already_segmented(column: str, distinct: int) -> str:
    return (
        f'"{column}" looks like the result of an earlier analysis ({distinct} values); '
        f"it is left out. To use it: {option('describe', column)}."
    )


def _heavy_tail(column: str, median: float, highest: float, zeros: float) -> str:
    """`zeros` is the share of those who have 0; below zero is nobody."""
    middle = f"the median is {number(median, 4)}"
    if zeros >= HALF:
        middle = f"{percent(zeros)} of {many()} have 0"
    return (
        f'"{column}" has a heavy tail: {middle}, '
        f"the highest value is {number(highest, 4)}. "
        f"Its logarithm is used unless {option('scale')} says otherwise."
    )


def _far_out(
    column: str,
    values: Sequence[float],
    others: float,
    all_seen: bool,
    side: Literal["high", "low"],
) -> str:
    shown = ", ".join(number(value, 4) for value in values)
    whose = "all others" if all_seen else "nearly all others"
    bound = "most" if side == "high" else "least"
    return (
        f'"{column}" reaches {shown} while {whose} are at {bound} {number(others, 4)}: '
        "a typing error? Kept, but it cannot pull a segment towards it; "
        f"a {one()} with such a value is marked as unlike anyone."
    )


def _duplicate_rows(
    column: None, duplicates: int, rows: int, pasted: bool, sampled: bool = False
) -> str:
    """`rows` are those that were compared: all, or the sampled ones."""
    tail = " Was the table pasted several times?" if pasted else ""
    of = f"the {rows:,} sampled rows" if sampled else f"{rows:,} rows"
    return f"{duplicates:,} of {of} repeat an earlier row exactly; all are kept and labelled.{tail}"


def _duplicate_ids(column: str, repeats: int, rows: int, exact: bool) -> str:
    about = "" if exact else "about "
    return (
        f'"{column}" is no unique id: {about}{repeats:,} of {rows:,} rows repeat an id. '
        "Every row is labelled as it stands."
    )


def _looks_like_orders(column: str) -> str:
    return (
        f'"{column}" repeats and the table has dates: its rows look like orders, not customers. '
        f"Sum them up to one row a customer: {option('orders', True)}; if every row is a customer: "
        f"{option('one_row_a_customer', True)}."
    )


def _impossible(column: str, kind: str, value: float, rows: int = 0) -> str:
    if kind == "negative":
        return (
            f'"{column}" is negative on {rows:,} rows (lowest {value:,g}), which cannot be; '
            "the values are kept as they are. Correct them at the source."
        )
    if kind == "age":
        return f'"{column}" reaches {value:,g}, which is no age; the values are kept as they are.'
    return (
        f'"{column}" goes back to {value:.0f}, '
        "which is no birth year of a living customer; kept as it is."
    )


def _sentinel(column: str, value: float, share: float, gap: bool) -> str:
    done = "In a span of time it is taken as a gap." if gap else "It is kept as a number."
    return (
        f'"{column}" is {number(value, 15)} for {percent(share)} of {many()} and never near it '
        f'otherwise: it seems to stand for "never" or "unknown". {done}'
    )


_HELD = {
    "dates": "",
    "years": ", which holds years",
    "written": ", which holds dates as 20241201",
    "serials": ", which holds days as a spreadsheet counts them",
    "s": ", which holds seconds since 1970",
    "ms": ", which holds milliseconds since 1970",
    "us": ", which holds microseconds since 1970",
    "ns": ", which holds nanoseconds since 1970",
}


def _time_counted(
    column: None, day: str, made: Sequence[tuple[str, str, str]], stated: bool
) -> str:
    """`made` are names, the columns they are made of, and how those hold dates."""
    shown = "; ".join(f'{name} from "{of}"{_HELD[held]}' for name, of, held in made)
    why = "as you said" if stated else "the latest of these dates"
    return f"Time is counted to {day} ({why}; to change it: {option('date')}): {shown}."


SHOWN = 5  # columns that are named where more are meant
HALF = 0.5

CODES = {
    "unknown-meaning": Code(
        "info",
        "what columns stand for is not known, so nothing is read into them",
        _unknown_meaning,
    ),
    "id-column": Code(
        "info",
        "a column tells customers apart; it is kept and never clustered on",
        '"{column}" is taken as the id of each {one} ({why}); it never forms segments.',
    ),
    "duplicate-ids": Code("warning", "the same id stands on several rows", _duplicate_ids),
    "id-rounded": Code(
        "warning",
        "ids are floating-point numbers with more digits than such numbers keep",
        '"{column}" holds its ids as floating-point numbers, which do not keep so many digits: '
        "ids that differed may be the same by now. Give them as text or as whole numbers, from "
        "where they come.",
    ),
    "duplicate-rows": Code("warning", "whole rows are repeated", _duplicate_rows),
    "looks-like-orders": Code(
        "warning",
        "ids repeat so often that rows look like orders, not customers",
        _looks_like_orders,
    ),
    "time-counted": Code(
        "info",
        "the day to which days and years are counted from dates, and how those are held",
        _time_counted,
    ),
    "constant": Code(
        "info",
        "a column has one value only",
        '"{column}" has the same value everywhere; it is left out.',
    ),
    "nearly-empty": Code(
        "warning",
        "most of a column is missing",
        '"{column}" is missing for {missing:,} of {rows:,} rows; it is left out.',
    ),
    "gaps": Code("warning", "values are missing from a column that segments are formed on", _gaps),
    "row-number": Code(
        "info",
        "a column merely counts the rows",
        '"{column}" counts the rows one by one; it never forms segments.',
    ),
    "already-segmented": Code(
        "warning", "a column holds the labels of an earlier segmentation", _already_segmented
    ),
    "doubles": Code("warning", "a column says the same as another one", _doubles),
    "strongly-correlated": Code(
        "info",
        "columns that form segments go together closely, and weigh as much as each of them",
        _strongly_correlated,
    ),
    "heavy-tail": Code("info", "a few customers hold most of a column", _heavy_tail),
    "far-out": Code("warning", "single values lie far outside everything else", _far_out),
    "infinite": Code(
        "warning",
        "a column holds infinite numbers, or ones beyond 1e60; they are treated as gaps",
        '"{column}" holds {infinite:,} values that are infinite, or larger than anything that is '
        "counted or measured (beyond 1e60); they are treated as gaps.",
    ),
    "impossible": Code("warning", "values that cannot be, such as a negative age", _impossible),
    "sentinel": Code(
        "warning",
        "a number that seems to stand for 'never' or 'unknown'; a gap in spans of time",
        _sentinel,
    ),
    "role-set": Code(
        "warning",
        "a column was given a role that its values speak against",
        '"{column}" forms segments as you asked, although {why}.',
    ),
}
